import Foundation

/// A private PostgreSQL server for tests that stop it or change its settings, which a shared server does not allow.
public struct PostgreSQLServer: Sendable {
  /// The URL, which uses the server's Unix socket and no password.
  public let url: String
  private let folder: String

  /// Whether the programs to create one are configured; for `.enabled(if:)`.
  public static var isAvailable: Bool { PostgreSQLPrograms.folder != nil }

  fileprivate init(in folder: String) async throws {
    self.folder = folder
    url = "postgres:///postgres?user=gonogo&host=\(folder)"
    if geteuid() == 0 { try await PostgreSQLPrograms.changeOwner(of: folder, to: "postgres") }
    try await PostgreSQLPrograms.runServer(
      "initdb",
      [
        "--pgdata=\(folder)/data", "--username=gonogo", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
        "--no-sync",
      ])
  }

  /// Starts the server and waits until it accepts connections.
  public func start() async throws {
    let options = "-c listen_addresses='' -c unix_socket_directories=\(folder)"
    try await control("start", ["--wait", "--log=\(folder)/server.log", "--options=\(options)"])
  }

  /// Stops the server as in a crash: sessions are disconnected, and uncommitted changes are lost.
  public func stop() async throws { try await control("stop", ["--mode=immediate"]) }

  /// Changes settings of the running server.
  public func configure(_ settings: [String: String]) async throws {
    try await run(settings.map { "ALTER SYSTEM SET \($0) = '\($1)'" } + ["SELECT pg_reload_conf()"])
  }

  /// Runs statements as the superuser, each in its own transaction.
  public func run(_ statements: [String]) async throws {
    try await PostgreSQLPrograms.run(
      "psql", ["--quiet", "--no-psqlrc", "--dbname=\(url)"] + statements.map { "--command=\($0)" })
  }

  /// The URL of a database for a user, who needs no password.
  public func url(of database: String, user: String) -> String { "postgres:///\(database)?user=\(user)&host=\(folder)" }

  private func control(_ verb: String, _ arguments: [String]) async throws {
    try await PostgreSQLPrograms.runServer("pg_ctl", [verb, "--pgdata=\(folder)/data", "--silent"] + arguments)
  }
}

/// Runs the body with a private running server, and stops and removes it afterwards.
public func withPostgreSQLServer<R>(_ body: (PostgreSQLServer) async throws -> R) async throws -> R {
  try await withTemporaryFolder { folder in
    let server = try await PostgreSQLServer(in: folder)
    try await server.start()
    do {
      let result = try await body(server)
      try await server.stop()
      return result
    } catch {
      // The test may have stopped the server already, and its own error is the one to report.
      try? await server.stop()
      throw error
    }
  }
}
