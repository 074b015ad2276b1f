import Contract
import Foundation
import LaunchModel
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("Moving a store to a server", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct StoreMoveTests {
  @Test("Values of every type are copied, and their digest follows the documented format")
  func values() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.change { transaction in
        try transaction.execute(
          "INSERT INTO kinds (k, b, n, r) VALUES (?, ?, ?, ?)",
          each: [["ü", SQLValue.null, SQLValue.null, SQLValue.null], ["a", [0x00, 0xff] as [UInt8], -1, 0.5]])
        try transaction.execute("UPDATE seeded SET n = 7")
      }
      let tables = try await fixture.move().run()
      #expect(tables.map(\.table) == ["kinds", "seeded"])
      #expect(tables.map(\.rows) == [2, 1])
      // Built and hashed by another program, according to the description of `TableDigest`.
      #expect(tables[0].digest == "78d10bc16afc765e81b0f4c74c558ac8d48e0f71614075192eb3bee91ccd0fac")
      let seeded = try await fixture.target { try $0.query("SELECT n FROM seeded").map { try $0.int("n") } }
      #expect(seeded == [7], "rows inserted by migrations were replaced")
    }
  }

  @Test("Values at the limits of every range are copied unchanged")
  func extremes() async throws {
    let rows: [[any SQLValueConvertible]] = [
      ["", [] as [UInt8], Int64.min, -0.0],
      ["\u{1F680} \u{10FFFF}\n\t'\"\\", [0, 1, 2] as [UInt8], Int64.max, Double.leastNonzeroMagnitude],
      ["z", SQLValue.null, 0, Double.greatestFiniteMagnitude], ["é", SQLValue.null, 1, Double.infinity],
      ["Z", SQLValue.null, 1, 0.1], ["e\u{301}", SQLValue.null, 1, 1 / 3.0],
    ]
    try await MoveFixture.with { fixture in
      try await fixture.change { transaction in
        try transaction.execute("INSERT INTO kinds (k, b, n, r) VALUES (?, ?, ?, ?)", each: rows)
      }
      _ = try await fixture.move().run()
      let found = try await fixture.target { transaction in
        try transaction.query("SELECT k, b, n, r FROM kinds").map { row in
          [try row.value("k"), try row.value("b"), try row.value("n"), try row.value("r")]
        }
      }
      #expect(Set(found) == Set(rows.map { $0.map(\.sqlValue) }))
    }
  }

  @Test("Many batches are copied, the source stays unchanged, and a second run finds everything copied")
  func again() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.fill(2_345)
      let before = try fixture.files()
      let first = try await fixture.move().run()
      #expect(first.map(\.rows) == [2_345, 1])
      #expect(first.map(\.wasThere) == [false, false])
      let second = try await fixture.move().run()
      #expect(second.map(\.wasThere) == [true, true])
      #expect(second.map(\.digest) == first.map(\.digest))
      #expect(try fixture.files() == before)
    }
  }

  @Test("Data in a killed process's write-ahead log is copied, and remains there")
  func killed() async throws {
    try await MoveFixture.with { fixture in
      let source = try await StorageEngine.sqlite.open(in: fixture.folder)
      try await source.write { try $0.execute("INSERT INTO kinds (k) VALUES ('late')") }
      // A copy of the files while the process runs, because closing would merge the log into the database.
      let files = try fixture.files()
      try await source.close()
      #expect(files["store.sqlite-wal"]?.isEmpty == false)
      let shared = "store.sqlite-shm"
      for (name, bytes) in files where name != shared {
        try bytes.write(to: URL(filePath: "\(fixture.folder)/\(name)"))
      }
      _ = try await fixture.move().run()
      let keys = try await fixture.target { try $0.query("SELECT k FROM kinds").map { try $0.text("k") } }
      #expect(keys == ["late"])
      #expect(try fixture.files() == files.filter { $0.key != shared })
    }
  }

  @Test("A connection lost during the copy leaves nothing behind, and a second run succeeds")
  func lostConnection() async throws {
    try await MoveFixture.with { fixture in
      try await fixture.fill(2_000)
      let passes = Mutex(0)
      let move = fixture.move(conversions: {
        let pass = passes.withLock { passes in
          passes += 1
          return passes
        }
        var rows = 0
        return [
          "kinds": TableConversion { _ in
            rows += 1
            // The third pass copies; by then a batch of it is in the table.
            if pass == 3, rows == 1_500 { try Self.endSessions(of: fixture) }
            return [:]
          }
        ]
      })
      let error = await #expect(throws: StorageError.self) { _ = try await move.run() }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("was lost before the commit; nothing was changed") == true)
      #expect(try await fixture.hasTables() == false)
      let tables = try await fixture.move().run()
      #expect(tables.map(\.wasThere) == [false, false])
    }
  }

  /// Terminates every session on the schema, as an operator would.
  private static func endSessions(of fixture: MoveFixture) throws {
    let other = try BlockingStore(url: fixture.url, schema: "\(fixture.schema)_operator")
    _ = try other.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?", [fixture.schema])
    other.close()
  }

  @Test("A row that differs after the copy is reported")
  func difference() async throws {
    let twisting = Migration(
      id: "test/002-twist",
      sql: [
        """
        CREATE FUNCTION twist() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := NEW.n + 1; RETURN NEW; END'
        """, "CREATE TRIGGER twist BEFORE INSERT ON kinds FOR EACH ROW EXECUTE FUNCTION twist()",
      ])
    try await MoveFixture.with { fixture in
      try await fixture.fill(3)
      var move = fixture.move()
      move.migrations.append(twisting)
      let error = await #expect(throws: StorageError.self) { _ = try await move.run() }
      #expect(error?.code == .unreadable)
      #expect(error?.message.contains("does not return the copied data (table kinds)") == true)
    }
  }
}
