import Foundation
import Storage
import TestSupport

/// A SQLite store, and an empty schema that it can be moved into.
struct MoveFixture: Sendable {
  static let table = Migration(
    id: "test/001-kinds",
    sql: [
      """
      CREATE TABLE kinds (r DOUBLE PRECISION, n BIGINT, k TEXT NOT NULL PRIMARY KEY, b BYTES)
      """,
      "CREATE TABLE seeded (one BIGINT PRIMARY KEY, n BIGINT NOT NULL)",
      "INSERT INTO seeded (one, n) VALUES (1, 0)",
    ])

  let folder: String
  let url: String
  let schema: String

  /// Runs the body with an empty source; removes source and target afterwards.
  static func with(_ body: (MoveFixture) async throws -> Void) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else { return }
      let fixture = MoveFixture(folder: folder, url: url, schema: schema)
      try await fixture.change { _ in }
      try await body(fixture)
    }
  }

  var path: String { "\(folder)/store.sqlite" }

  /// Changes the source as its process would.
  func change(
    _ migrations: [Migration] = [table], _ body: @escaping @Sendable (any Transaction) throws -> Void
  ) async throws {
    let source = try await StorageEngine.sqlite.open(in: folder)
    try await source.migrate(migrations)
    try await source.write(body)
    try await source.close()
  }

  /// Adds rows `0`, `1` and so on.
  func fill(_ count: Int) async throws {
    try await change { transaction in
      try transaction.execute("INSERT INTO kinds (k, n) VALUES (?, ?)", each: (0..<count).map { ["\($0)", $0] })
    }
  }

  /// The move of the source into the schema.
  func move(
    migrations: [Migration] = [table], conversions: @escaping @Sendable () -> [String: TableConversion] = { [:] },
    verify: @escaping @Sendable (any Transaction) throws -> Void = { _ in }
  ) -> StoreMove {
    StoreMove(
      source: StoreFile(servicePath: path), url: url, schema: schema, migrations: migrations,
      checkSourceSchema: { try Migration.requireCurrent(migrations, $0) }, conversions: conversions, verify: verify)
  }

  /// Runs the body in a transaction on the target schema.
  func target<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    let target = try await StorageEngine.postgreSQL.open(in: folder)
    let result = try await target.read(body)
    try await target.close()
    return result
  }

  /// Whether the schema has the table.
  func hasTables() async throws -> Bool {
    try await target { transaction in
      try transaction.queryOne("SELECT to_regclass('kinds') IS NOT NULL AS is_there")?.bool("is_there") == true
    }
  }

  /// Every file of the source with its bytes, except locks, which name their last holder.
  func files() throws -> [String: Data] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix(".lock") }
    return Dictionary(
      uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))) })
  }
}
