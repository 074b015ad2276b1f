import JSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The built `gonogo`, run as a user runs it, in its own folder.
struct GatewayProcess: Sendable {
  /// The working directory with the configuration.
  let folder: String
  /// The value of `GONOGO_DATABASE_URL`; nil for SQLite.
  var databaseURL: String?

  /// The result of a run.
  struct Outcome: Sendable {
    var status: Int32
    var output: String
    var errors: String

    /// The output as JSON.
    func json() throws -> JSONValue { try JSONValue(parsing: Array(output.utf8)) }
  }

  /// Runs a command and waits until it exits.
  @discardableResult
  func run(_ words: String...) async throws -> Outcome { try await run(words) }

  /// Runs a command on behalf of a person.
  @discardableResult
  func run(as person: String, _ words: String...) async throws -> Outcome {
    try await run(words + ["--on-behalf-of", person])
  }

  /// Runs a command and expects success.
  @discardableResult
  func succeed(as person: String? = nil, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation)
    async throws -> Outcome
  {
    let outcome = try await run(words + (person.map { ["--on-behalf-of", $0] } ?? []))
    #expect(
      outcome.status == 0, "gonogo \(words.joined(separator: " ")): \(outcome.errors)", sourceLocation: sourceLocation)
    return outcome
  }

  /// Runs a command given as an array of words.
  @discardableResult
  func run(words: [String]) async throws -> Outcome { try await run(words) }

  private func run(_ words: [String]) async throws -> Outcome {
    // The time-out allows for a busy machine.
    try await run("gonogo", words.contains("--timeout") ? words : words + ["--timeout", "60"])
  }

  /// Runs a command given as an array of words, and writes its output to a file.
  func run(words: [String], into path: String) async throws -> Outcome {
    try await run("gonogo", words, into: path)
  }

  /// Runs one of the executables, and writes its output to a file.
  func run(_ executable: String, _ words: [String], into path: String) async throws -> Outcome {
    let file = try FileDescriptor.open(FilePath(path), .writeOnly)
    let result = try await Subprocess.run(
      .path(FilePath(BuiltProducts.executable(executable))), arguments: Arguments(words), environment: environment,
      workingDirectory: FilePath(folder), output: .fileDescriptor(file, closeAfterSpawningProcess: true),
      error: .string(limit: 1 << 22))
    guard case .exited(let status) = result.terminationStatus else {
      Issue.record("\(executable) \(words.joined(separator: " ")) was terminated by \(result.terminationStatus)")
      return Outcome(status: -1, output: "", errors: result.standardError)
    }
    return Outcome(status: status, output: "", errors: result.standardError)
  }

  private var environment: Environment {
    let cleared = ["GONOGO_RUN", "GONOGO_DATA", "GONOGO_CONFIG", "GONOGO_CLOCK", "GONOGO_KEYS", "NO_COLOR"]
    let set = cleared.map { ($0, nil as String?) } + [("GONOGO_DATABASE_URL", databaseURL)]
    let variables = set.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } }
    return .inherit.updating(Dictionary(variables, uniquingKeysWith: { first, _ in first }))
  }

  /// Runs another of the executables.
  @discardableResult
  func run(_ executable: String, _ words: [String]) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path(FilePath(BuiltProducts.executable(executable))), arguments: Arguments(words), environment: environment,
      workingDirectory: FilePath(folder), output: .string(limit: 1 << 24), error: .string(limit: 1 << 22))
    guard case .exited(let status) = result.terminationStatus else {
      Issue.record("\(executable) \(words.joined(separator: " ")) was terminated by \(result.terminationStatus)")
      return Outcome(status: -1, output: result.standardOutput, errors: result.standardError)
    }
    return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
  }
}

/// Runs the body with the sample configuration in its own folder, and stops all its processes afterwards.
///
/// - Parameter engine: The engine of the stores; the engine of the service tests by default.
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
