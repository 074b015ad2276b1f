import Foundation

/// Runs the body with the URL of a new, empty database on the server in `GONOGO_TEST_POSTGRES`, and drops the database
/// afterwards.
public func withPostgreSQLDatabase<R>(_ body: (String) async throws -> R) async throws -> R {
  let name = "gonogo_test_\(String(UInt64.random(in: 0..<(1 << 40)), radix: 36))"
  guard let server = StorageEngine.serverURL, var components = URLComponents(string: server) else {
    throw ProcessError(message: "set GONOGO_TEST_POSTGRES to the URL of a PostgreSQL server to test on")
  }
  components.path = "/\(name)"
  guard let url = components.string else {
    throw ProcessError(message: "cannot replace the database in GONOGO_TEST_POSTGRES by \(name); check the URL")
  }
  try await PostgreSQLPrograms.run("createdb", ["--maintenance-db=\(server)", name])
  func drop() async throws {
    try await PostgreSQLPrograms.run("dropdb", ["--force", "--maintenance-db=\(server)", name])
  }
  do {
    let result = try await body(url)
    try await drop()
    return result
  } catch {
    try await drop()
    throw error
  }
}
