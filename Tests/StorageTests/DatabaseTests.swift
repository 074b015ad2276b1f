import LaunchModel
import Storage
import TestSupport
import Testing

@Suite struct DatabaseTests {
  static let table = Migration(
    id: "test/001-values",
    sql: [
      "CREATE TABLE stored (k TEXT PRIMARY KEY, n BIGINT, r DOUBLE PRECISION, b BYTES, at BIGINT, day TEXT)"
    ])

  private struct Refused: Error, Equatable {}

  @Test("Values of every type are read back unchanged", arguments: StorageEngine.allAvailable)
  func types(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      let moment = Timestamp(microseconds: 1_798_794_000_123_456)
      let day = try #require(LocalDate("2027-03-02"))
      try await db.write { tx in
        try tx.execute(
          "INSERT INTO stored (k, n, r, b, at, day) VALUES (?, ?, ?, ?, ?, ?)",
          ["ключ", Int64.min, 0.1, [0, 255] as [UInt8], moment, day])
        try tx.execute("INSERT INTO stored (k, n) VALUES (?, ?)", ["empty", Int64?.none])
      }
      try await db.read { tx in
        let row = try #require(try tx.queryOne("SELECT * FROM stored WHERE k = ?", ["ключ"]))
        #expect(try row.integer("n") == .min)
        #expect(try row.real("r") == 0.1)
        #expect(try row.blob("b") == [0, 255])
        #expect(try row.timestamp("at") == moment)
        #expect(try row.date("day") == day)
        let empty = try #require(try tx.queryOne("SELECT * FROM stored WHERE k = ?", ["empty"]))
        #expect(try empty.optionalInteger("n") == nil)
        #expect(try empty.optionalBlob("b") == nil)
        #expect(try empty.optionalDate("day") == nil)
      }
    }
  }

  @Test("A missing column or a wrong type is named", arguments: StorageEngine.allAvailable)
  func columnErrors(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k) VALUES (?)", ["a"])
        let row = try #require(try tx.queryOne("SELECT k, n FROM stored"))
        for read: () throws -> Void in [
          { _ = try row.integer("nope") }, { _ = try row.integer("k") }, { _ = try row.integer("n") },
        ] {
          let error = #expect(throws: StorageError.self) { try read() }
          #expect(error?.code == .column)
        }
      }
    }
  }

  @Test("If the body throws, nothing is changed and its error is rethrown", arguments: StorageEngine.allAvailable)
  func throwingBody(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      await #expect(throws: Refused.self) {
        try await db.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES (?)", ["a"])
          throw Refused()
        }
      }
      let keys = try await Self.keys(db)
      #expect(keys == [])
    }
  }

  @Test("Of several writes in one commit, only the failed ones are undone", arguments: StorageEngine.allAvailable)
  func sharedCommit(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for n in 0..<200 {
          group.addTask {
            do {
              try await db.write { tx in
                try tx.execute("INSERT INTO stored (k, n) VALUES (?, ?)", ["\(n)", n])
                if n % 3 == 0 { throw Refused() }
              }
              return true
            } catch { return false }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(outcomes == 133)
      let kept = try await db.read { tx in try tx.query("SELECT n FROM stored").map { try $0.int("n") } }
      #expect(Set(kept) == Set((0..<200).filter { $0 % 3 != 0 }))
    }
  }

  @Test("A savepoint undoes only its own changes", arguments: StorageEngine.allAvailable)
  func savepoint(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k) VALUES (?)", ["kept"])
        #expect(throws: Refused.self) {
          try tx.savepoint {
            try tx.execute("INSERT INTO stored (k) VALUES (?)", ["undone"])
            throw Refused()
          }
        }
        #expect(try tx.savepoint { try tx.execute("INSERT INTO stored (k) VALUES (?)", ["also kept"]) } == 1)
      }
      #expect(try await Self.keys(db) == ["also kept", "kept"])
    }
  }

  @Test("A constraint violation has its own error code", arguments: StorageEngine.allAvailable)
  func constraint(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      let twice = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES (?)", ["a"])
          try tx.execute("INSERT INTO stored (k) VALUES (?)", ["a"])
        }
      }
      #expect(twice?.code == .constraint)
      let nonsense = await #expect(throws: StorageError.self) {
        try await db.write { tx in try tx.execute("INSERT INTO stored (nowhere) VALUES (1)") }
      }
      #expect(nonsense?.code == .statement)
      #expect(nonsense?.isFatal == false)
    }
  }

  @Test("A read cannot write", arguments: StorageEngine.allAvailable)
  func readOnly(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      await #expect(throws: StorageError.self) {
        _ = try await db.read { tx in try tx.execute("INSERT INTO stored (k) VALUES (?)", ["a"]) }
      }
      let keys = try await Self.keys(db)
      #expect(keys == [])
    }
  }

  @Test("A statement returns the number of changed rows", arguments: StorageEngine.allAvailable)
  func changedRows(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([Self.table]) { db in
      try await db.write { tx in
        for key in ["a", "b", "c"] { try tx.execute("INSERT INTO stored (k, n) VALUES (?, 1)", [key]) }
        #expect(try tx.execute("UPDATE stored SET n = 2 WHERE k < ?", ["c"]) == 2)
        let again = try tx.execute("INSERT INTO stored (k) VALUES (?) ON CONFLICT (k) DO NOTHING", ["a"])
        #expect(again == 0)
      }
    }
  }

  @Test("A closed store refuses new work but completes earlier requests", arguments: StorageEngine.allAvailable)
  func closing(_ engine: StorageEngine) async throws {
    try await engine.withFolder { folder in
      let db = try await engine.open(in: folder)
      try await db.migrate([Self.table])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for n in 0..<50 {
          group.addTask {
            try await db.write { tx in _ = try tx.execute("INSERT INTO stored (k) VALUES (?)", ["\(n)"]) }
          }
        }
        try await group.waitForAll()
      }
      try await db.close()
      let error = await #expect(throws: StorageError.self) { try await db.read { _ in } }
      #expect(error?.code == .closed)
      let again = try await engine.open(in: folder)
      #expect(try await Self.keys(again).count == 50)
      try await again.close()
    }
  }

  static func keys(_ db: any Database) async throws -> [String] {
    try await db.read { tx in try tx.query("SELECT k FROM stored ORDER BY k").map { try $0.text("k") } }
  }
}
