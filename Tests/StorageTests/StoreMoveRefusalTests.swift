import Foundation
import Storage
import TestSupport
import Testing

@Suite("Refused store moves", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct StoreMoveRefusalTests {
  @Test("A source in use is refused as locked, and a missing one as not found")
  func lockedOrAbsent() async throws {
    try await MoveFixture.with { fixture in
      let running = try await StorageEngine.sqlite.open(in: fixture.folder)
      try await Self.expect(.locked, "is in use by another process", of: fixture.move())
      try await running.close()
      var move = fixture.move()
      move.source = StoreFile(servicePath: "\(fixture.folder)/absent/store.sqlite")
      try await Self.expect(.cannotOpen, "nothing to move", of: move)
      #expect(try await fixture.hasTables() == false)
    }
  }

  @Test("A damaged source, or a file that is not a database, is not moved")
  func damaged() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.fill(5_000)
      var bytes = try Data(contentsOf: URL(filePath: fixture.path))
      let middle = bytes.count / 8192 * 4096
      bytes.replaceSubrange(middle..<middle + 4_096, with: Data(repeating: 0x5a, count: 4_096))
      try bytes.write(to: URL(filePath: fixture.path))
      try await Self.expect(.corrupt, "", of: fixture.move())
      try Data(repeating: 7, count: 8_192).write(to: URL(filePath: fixture.path))
      try await Self.expect(.corrupt, "", of: fixture.move())
      #expect(try await fixture.hasTables() == false)
    }
  }

  @Test("A value of another type than its column's is reported with its position")
  func strangeValue() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.change { try $0.execute("INSERT INTO kinds (k, n) VALUES ('a', 'seven')") }
      try await Self.expect(
        .unreadable, "column \"n\" of table \"kinds\" contains text instead of int8", of: fixture.move())
      #expect(try await fixture.hasTables() == false)
    }
  }

  @Test("A source written by an older or newer program is neither moved nor migrated")
  func otherVersion() async throws {
    let next = Migration(id: "test/002-more", sql: ["CREATE TABLE more (k TEXT PRIMARY KEY)"])
    try await MoveFixture.with { fixture in
      let before = try fixture.files()
      try await Self.expect(
        .schema, "it lacks the migrations test/002-more", of: fixture.move(migrations: [MoveFixture.table, next]))
      #expect(try fixture.files() == before)
      try await fixture.change([MoveFixture.table, next]) { _ in }
      try await Self.expect(.schema, "written by a newer program", of: fixture.move())
      #expect(try await fixture.hasTables() == false)
    }
  }

  @Test("A table that only one side has stops the move")
  func otherTables() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.change { try $0.execute("CREATE TABLE beside (k TEXT PRIMARY KEY)") }
      try await Self.expect(.schema, "in the tables beside", of: fixture.move())
      try await fixture.change { try $0.execute("DROP TABLE beside") }
      try await fixture.change { try $0.execute("ALTER TABLE seeded ADD COLUMN more TEXT") }
      try await Self.expect(.schema, "in the tables seeded", of: fixture.move())
    }
  }

  @Test("A schema with other data is left unchanged")
  func occupied() async throws {
    try await MoveFixture.with { fixture in
      let target = try await StorageEngine.postgreSQL.open(in: fixture.folder)
      try await target.migrate([MoveFixture.table])
      try await target.write { try $0.execute("INSERT INTO kinds (k) VALUES ('theirs')") }
      try await target.close()
      try await Self.expect(.occupied, "already contains other data (table kinds)", of: fixture.move())
      let keys = try await fixture.target { try $0.query("SELECT k FROM kinds").map { try $0.text("k") } }
      #expect(keys == ["theirs"])
    }
  }

  @Test("A schema written by a newer program is left unchanged")
  func newerTarget() async throws {
    try await MoveFixture.with { fixture in
      let target = try await StorageEngine.postgreSQL.open(in: fixture.folder)
      try await target.migrate([MoveFixture.table, Migration(id: "test/099-later", sql: [])])
      try await target.close()
      try await Self.expect(.schema, "does not know the migrations test/099-later", of: fixture.move())
    }
  }

  @Test("The content is validated before anything is copied")
  func verification() async throws {
    struct Wrong: Error {}
    try await MoveFixture.with { fixture async throws in
      await #expect(throws: Wrong.self) { _ = try await fixture.move(verify: { _ in throw Wrong() }).run() }
      #expect(try await fixture.hasTables() == false)
    }
  }

  private static func expect(
    _ code: StorageError.Code, _ words: String, of move: StoreMove, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let error = await #expect(throws: StorageError.self, sourceLocation: sourceLocation) { _ = try await move.run() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    #expect(
      words.isEmpty || error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation
    )
  }
}
