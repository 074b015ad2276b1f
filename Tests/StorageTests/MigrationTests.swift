import Storage
import TestSupport
import Testing

@Suite struct MigrationTests {
  private static let first = Migration(id: "a/001", sql: ["CREATE TABLE one (k TEXT)"])
  private static let second = Migration(id: "a/002", sql: ["CREATE TABLE two (k TEXT)"])
  private static let other = Migration(id: "b/001", sql: ["CREATE TABLE three (k TEXT)"])

  @Test("Only missing migrations are applied", arguments: StorageEngine.allAvailable)
  func missing(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.first]) { db in
      try await db.write { try $0.execute("INSERT INTO one (k) VALUES ('kept')") }
      try await db.migrate([Self.other, Self.first, Self.second])
      try await db.migrate([Self.other, Self.first, Self.second])
      let row = try await db.read { try $0.queryOne("SELECT k FROM one") }
      #expect(try row?.text("k") == "kept")
      #expect(try await db.read { try $0.query("SELECT k FROM two").count } == 0)
    }
  }

  @Test("A database written by a newer program is refused", arguments: StorageEngine.allAvailable)
  func newerProgram(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.first, Self.second]) { db in
      let error = await #expect(throws: StorageError.self) { try await db.migrate([Self.first]) }
      #expect(error?.code == .schema)
      #expect(error?.message.contains("newer program") == true)
      #expect(error?.message.contains("a/002") == true)
    }
  }

  @Test(
    "An edited, inserted or duplicate migration is refused",
    arguments: StorageEngine.allAvailable,
    [
      [Migration(id: "a/001", sql: ["CREATE TABLE one (k TEXT, n BIGINT)"])],
      [Migration(id: "a/000", sql: ["CREATE TABLE zero (k TEXT)"]), first],
      [first, first],
    ])
  func changedMigrations(
    _ engine: StorageEngine, _ migrations: [Migration]
  ) async throws {
    try await engine.withDatabase([Self.first]) { db in
      let error = await #expect(throws: StorageError.self) { try await db.migrate(migrations) }
      #expect(error?.code == .schema)
    }
  }

  @Test("A failed migration leaves nothing behind", arguments: StorageEngine.allAvailable)
  func failure(_ engine: StorageEngine) async throws {
    try await engine.withDatabase { db in
      let broken = Migration(id: "a/002", sql: ["CREATE TABLE two (k TEXT)", "CREATE TABLE one (k TEXT)"])
      await #expect(throws: StorageError.self) { try await db.migrate([Self.first, broken]) }
      try await db.migrate([Self.first, Self.second])
      #expect(try await db.read { try $0.query("SELECT k FROM one").count } == 0)
    }
  }

  /// Computed with `printf 'CREATE TABLE one (k TEXT)' | sha256sum`.
  @Test("The checksum is the SHA-256 of the statements") func checksum() {
    #expect(Self.first.checksum == "bc39f7a7baad1fab7269bd97d2b430710428d92e48495bfd77d03c2ef2240cd0")
  }
}
