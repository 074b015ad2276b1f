import Foundation
import Subprocess
import SystemPackage

/// The programs that come with a PostgreSQL server: `GONOGO_TEST_POSTGRES_BIN`, or those on the PATH.
struct PostgreSQLPrograms {
  /// Nil for the PATH.
  static let folder = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES_BIN"]

  /// Runs a client program.
  ///
  /// - Throws: `ProcessError` with what it says where it fails.
  static func run(_ name: String, _ arguments: [String]) async throws {
    try await run(folder.map { .path(FilePath("\($0)/\(name)")) } ?? .name(name), arguments, as: name)
  }

  /// Runs a program of the server, which refuses to be root: then as the user `postgres`.
  static func runServer(_ name: String, _ arguments: [String]) async throws {
    guard geteuid() == 0 else { return try await run(name, arguments) }
    let program = folder.map { "\($0)/\(name)" } ?? name
    try await run(.name("runuser"), ["-u", "postgres", "--", program] + arguments, as: name)
  }

  /// Gives a folder to the user that runs the server.
  static func give(_ folder: String, to user: String) async throws {
    try await run(.name("chown"), [user, folder], as: "chown")
  }

  private static func run(_ executable: Executable, _ arguments: [String], as name: String) async throws {
    let result = try await Subprocess.run(
      executable, arguments: Arguments(arguments), workingDirectory: "/", output: .discarded,
      error: .string(limit: 65_536))
    guard result.terminationStatus.isSuccess else {
      throw ProcessError(message: "\(name): \(result.terminationStatus) \(result.standardError)")
    }
  }
}
