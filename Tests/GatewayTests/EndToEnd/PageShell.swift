import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// The output of a page's examples, standard error included.
struct PageTranscript {
  /// The outputs of the first examples, as far as the shell finished them.
  var outputs: [String]
  /// What the shell printed after them.
  var rest: String

  /// Splits the output of a shell that prints the marker as a line after each example.
  init(_ text: String, marker: String) {
    outputs = text.split(separator: "\(marker)\n", omittingEmptySubsequences: false).map(String.init)
    rest = outputs.popLast() ?? ""
  }
}

extension DocumentationPage {
  /// The repository that the tests belong to.
  static let repository = URL(filePath: #filePath).appending(path: "../../../..").standardized

  /// Reads a page of the repository.
  init(_ path: String) throws {
    self.init(path: path, text: try String(contentsOf: Self.repository.appending(path: path), encoding: .utf8))
  }

  /// Runs the examples as a reader does: in one shell that starts in a clone, with a release build and an empty home.
  ///
  /// - Parameters:
  ///   - databaseURL: the value of `GONOGO_DATABASE_URL`; nil for SQLite.
  ///   - limit: the time after which the shell is terminated.
  func run(databaseURL: String? = nil, limit: Duration = .seconds(600)) async throws -> PageTranscript {
    try await withTemporaryFolder { folder in
      let files = FileManager.default
      try files.createDirectory(atPath: "\(folder)/home", withIntermediateDirectories: false)
      try Self.link(cloneTo: URL(filePath: "\(folder)/clone"))
      let marker = "end of example \(UInt64.random(in: .min ... .max))"
      try Data(script(marker: marker).utf8).write(to: URL(filePath: "\(folder)/script"))
      // A file rather than a pipe, because the detached processes may hold it open.
      let output = try FileDescriptor.open(
        FilePath("\(folder)/output"), .writeOnly, options: [.create, .append, .closeOnExec],
        permissions: [.ownerReadWrite])
      _ = try await Subprocess.run(
        .name("timeout"),
        arguments: ["--kill-after=60", "\(limit.components.seconds)", "bash", "\(folder)/script"],
        environment: Self.environment(home: "\(folder)/home", databaseURL: databaseURL),
        workingDirectory: FilePath("\(folder)/clone"), input: .none,
        output: .fileDescriptor(output, closeAfterSpawningProcess: true), error: .combinedWithOutput)
      return PageTranscript(try String(contentsOfFile: "\(folder)/output", encoding: .utf8), marker: marker)
    }
  }

  /// Makes a folder with the files of the repository in which `.build-release/release` is the build under test, so that
  /// neither an earlier release build is run nor the repository written to.
  private static func link(cloneTo clone: URL) throws {
    let files = FileManager.default
    try files.createDirectory(at: clone.appending(path: ".build-release"), withIntermediateDirectories: true)
    try files.createSymbolicLink(
      at: clone.appending(path: ".build-release/release"), withDestinationURL: URL(filePath: BuiltProducts.folder))
    for name in try files.contentsOfDirectory(atPath: repository.path) where !name.hasPrefix(".") {
      try files.createSymbolicLink(
        at: clone.appending(path: name), withDestinationURL: repository.appending(path: name))
    }
  }

  private func script(marker: String) -> String {
    // The function raises the time-out of calls, for a busy machine.
    let start = """
      trap 'gonogo down >/dev/null 2>&1' EXIT
      gonogo() { command gonogo "$@" --timeout 60; }

      """
    return examples.reduce(into: start) { script, example in
      script += example.commands.joined(separator: "\n") + "\nprintf '%s\\n' '\(marker)'\n"
    }
  }

  private static func environment(home: String, databaseURL: String?) -> Environment {
    let inherited = ProcessInfo.processInfo.environment
    var variables: [Environment.Key: String?] = [:]
    for name in inherited.keys where name.hasPrefix("GONOGO_") {
      if let key = Environment.Key(rawValue: name) { variables[key] = .some(nil) }
    }
    variables["GONOGO_DATABASE_URL"] = .some(databaseURL)
    variables["NO_COLOR"] = "1"
    variables["PATH"] = "\(BuiltProducts.folder):\(inherited["PATH", default: "/usr/bin:/bin"])"
    variables["HOME"] = home
    // Python finds a pyzmq that was installed for the user by the home folder.
    variables["PYTHONUSERBASE"] = inherited["PYTHONUSERBASE"] ?? "\(NSHomeDirectory())/.local"
    return .inherit.updating(variables)
  }
}
