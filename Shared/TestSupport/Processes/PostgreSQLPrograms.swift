import Foundation
import Subprocess
import SystemPackage

/// The programs of a PostgreSQL installation: those in `GONOGO_TEST_POSTGRES_BIN`, or else on the PATH.
struct PostgreSQLPrograms {
  /// The folder of the programs; nil for the PATH.
  static let folder = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES_BIN"]

  /// Runs a client program.
  ///
  /// - Throws: `ProcessError` with its standard error if it fails.
  static func run(_ name: String, _ arguments: [String]) async throws {
    try await run(folder.map { .path(FilePath("\($0)/\(name)")) } ?? .name(name), arguments, as: name)
  }

  /// Runs a server program. As root, runs it as the user `postgres`, because it refuses to run as root.
  static func runServer(_ name: String, _ arguments: [String]) async throws {
    guard geteuid() == 0 else { return try await run(name, arguments) }
    let program = folder.map { "\($0)/\(name)" } ?? name
    try await run(.name("runuser"), ["-u", "postgres", "--", program] + arguments, as: name)
  }

  /// Changes the owner of a folder.
  static func changeOwner(of folder: String, to user: String) async throws {
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
