import JSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The built `gonogo`, run as a user runs it, in a folder of its own.
struct GatewayProcess: Sendable {
  /// The folder that it is started in, with the configuration.
  let folder: String
  /// What `GONOGO_DATABASE_URL` is; nil for SQLite.
  var databaseURL: String?

  /// What a run of it came to.
  struct Outcome: Sendable {
    var status: Int32
    var output: String
    var errors: String

    /// The output as JSON.
    func json() throws -> JSONValue { try JSONValue(parsing: Array(output.utf8)) }
  }

  /// Runs it and returns when it has ended.
  @discardableResult
  func run(_ words: String...) async throws -> Outcome { try await run(words) }

  /// Runs it for a person.
  @discardableResult
  func run(as person: String, _ words: String...) async throws -> Outcome {
    try await run(words + ["--on-behalf-of", person])
  }

  /// Runs it and expects success.
  @discardableResult
  func succeed(as person: String? = nil, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
    async throws -> Outcome
  {
    let outcome = try await run(words + (person.map { ["--on-behalf-of", $0] } ?? []))
    #expect(
      outcome.status == 0, "gonogo \(words.joined(separator: " ")): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs it with words that a test has put together.
  @discardableResult
  func run(words: [String]) async throws -> Outcome { try await run(words) }

  private func run(_ words: [String]) async throws -> Outcome {
    // The time-out is that of a busy machine, not of the gateway.
    try await run("gonogo", words.contains("--timeout") ? words : words + ["--timeout", "60"])
  }

  /// Runs another of the executables.
  @discardableResult
  func run(_ executable: String, _ words: [String]) async throws -> Outcome {
    let cleared = ["GONOGO_RUN", "GONOGO_DATA", "GONOGO_CONFIG", "GONOGO_CLOCK", "GONOGO_KEYS", "NO_COLOR"]
    let set = cleared.map { ($0, nil as String?) } + [("GONOGO_DATABASE_URL", databaseURL)]
    let variables = set.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } }
    let result = try await Subprocess.run(
      .path(FilePath(BuiltProducts.executable(executable))), arguments: Arguments(words),
      environment: .inherit.updating(Dictionary(variables, uniquingKeysWith: { first, _ in first })),
      workingDirectory: FilePath(folder), output: .string(limit: 1 << 24), error: .string(limit: 1 << 22))
    guard case .exited(let status) = result.terminationStatus else {
      Issue.record("\(executable) \(words.joined(separator: " ")) ended by \(result.terminationStatus)")
      return Outcome(status: -1, output: result.standardOutput, errors: result.standardError)
    }
    return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
  }
}

/// Runs the body with the sample configuration in a folder of its own, and stops what is up there afterwards.
///
/// - Parameter engine: where the stores are; by default where those of tested services are.
func withSampleInstallation(
  on engine: StorageEngine = .standard, databaseURL: String? = nil, _ body: (GatewayProcess) async throws -> Void
) async throws {
  guard databaseURL != nil || engine == .sqlite else {
    return try await withPostgreSQLDatabase { try await withSampleInstallation(databaseURL: $0, body) }
  }
  try await withTemporaryFolder { folder in
    let gonogo = GatewayProcess(folder: folder, databaseURL: databaseURL)
    try await gonogo.succeed("init", "--sample")
    do {
      try await body(gonogo)
    } catch {
      try await gonogo.run("down")
      throw error
    }
    try await gonogo.succeed("down")
  }
}
