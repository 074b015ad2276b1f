import LaunchModel
import Storage
import TestSupport
import Testing

/// Guarantees of both engines that services rely on.
@Suite struct ConformanceTests {
  @Test("A failed statement ends the transaction even if its error is caught", arguments: StorageEngine.allAvailable)
  func failedStatement(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES ('a')")
          for _ in 0..<2 {
            let code = Self.failure { try tx.execute("INSERT INTO stored (k) VALUES ('a')") }
            #expect(code == .constraint)
          }
          let last = Self.failure { _ = try tx.query("SELECT k FROM stored") }
          #expect(last == .constraint)
        }
      }
      #expect(error?.code == .constraint)
      let keys = try await DatabaseTests.keys(db)
      #expect(keys == [])
    }
  }

  @Test("A statement that fails in a savepoint does not end the transaction", arguments: StorageEngine.allAvailable)
  func failedInSavepoint(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k) VALUES ('a')")
        try tx.savepoint {
          try tx.execute("INSERT INTO stored (k) VALUES ('b')")
          for undone in ["a", "b"] {
            let code = Self.failure {
              try tx.savepoint {
                try tx.execute("INSERT INTO stored (k) VALUES ('undone')")
                try tx.execute("INSERT INTO stored (k) VALUES (?)", [undone])
              }
            }
            #expect(code == .constraint)
          }
          try tx.execute("INSERT INTO stored (k) VALUES ('c')")
        }
      }
      #expect(try await DatabaseTests.keys(db) == ["a", "b", "c"])
    }
  }

  @Test("A savepoint whose failure is swallowed is undone", arguments: StorageEngine.allAvailable)
  func swallowedFailure(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        let code = Self.failure {
          try tx.savepoint {
            try tx.execute("INSERT INTO stored (k) VALUES ('a')")
            let code = Self.failure { try tx.execute("INSERT INTO stored (k) VALUES ('a')") }
            #expect(code == .constraint)
          }
        }
        #expect(code == .constraint)
        try tx.execute("INSERT INTO stored (k) VALUES ('b')")
      }
      #expect(try await DatabaseTests.keys(db) == ["b"])
    }
  }

  @Test("Text sorts by its bytes", arguments: StorageEngine.allAvailable)
  func byteOrder(_ engine: StorageEngine) async throws {
    let texts = ["Zoë", "a-b", "a b", "ab", "Ab", "é", "z", "", "10", "9", "😀", "\u{ffee}"]
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k) VALUES (?)", each: texts.map { [$0] })
        let below = try tx.query("SELECT k FROM stored WHERE k < ? ORDER BY k DESC", ["a-b"]).map { try $0.text("k") }
        #expect(below == ["a b", "Zoë", "Ab", "9", "10", ""])
        #expect(try tx.queryOne("SELECT MAX(k) AS last FROM stored")?.text("last") == "😀")
      }
      #expect(try await DatabaseTests.keys(db) == texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }
  }

  @Test("Text with a zero character is refused", arguments: StorageEngine.allAvailable)
  func zeroCharacter(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      for text in ["\u{0}", "a\u{0}b"] {
        let error = await #expect(throws: StorageError.self) {
          try await db.write { tx in try tx.execute("INSERT INTO stored (k) VALUES (?)", [text]) }
        }
        #expect(error?.code == .value)
        #expect(error?.message.contains("U+0000") == true)
      }
      let keys = try await DatabaseTests.keys(db)
      #expect(keys == [])
    }
  }

  @Test("A statement for many rows has the same effect as one statement per row", arguments: StorageEngine.allAvailable)
  func manyRows(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      let rows: [[any SQLValueConvertible]] = (0..<600).map { n in
        ["\(n)", n.isMultiple(of: 2) ? n : nil, n.isMultiple(of: 3) ? Double(n) : nil]
      }
      try await db.write { tx in
        let inserted = try tx.execute("INSERT INTO stored (k, n, r) VALUES (?, ?, ?)", each: rows)
        #expect(inserted == 600)
        let updated = try tx.execute(
          "UPDATE stored SET n = ? WHERE k = ?", each: [[7, "1"], [7, "nobody"], [8, "1"]])
        #expect(updated == 2)
        let none: [[any SQLValueConvertible]] = []
        let deleted = try tx.execute("DELETE FROM stored WHERE k = ?", each: none)
        #expect(deleted == 0)
      }
      let row = try await db.read { tx in
        try tx.queryOne("SELECT count(*) AS k, count(n) AS n, count(r) AS r, sum(n) AS total FROM stored")
      }
      #expect(try row?.int("k") == 600)
      #expect(try row?.int("n") == 301)
      #expect(try row?.int("r") == 200)
      #expect(try row?.int("total") == 2 * (0..<300).reduce(0, +) + 8)
    }
  }

  @Test("If one of many rows fails, the whole write is undone", arguments: StorageEngine.allAvailable)
  func failingRow(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES (?)", each: ["a", "b", "a", "c"].map { [$0] })
        }
      }
      #expect(error?.code == .constraint)
      let keys = try await DatabaseTests.keys(db)
      #expect(keys == [])
    }
  }

  /// The error code of a failure that is caught within a transaction.
  private static func failure(_ body: () throws -> Void) -> StorageError.Code? {
    do {
      try body()
      return nil
    } catch {
      return (error as? StorageError)?.code
    }
  }
}

/// How values are bound and read back.
@Suite struct ValueConformanceTests {
  @Test("A question mark in a literal, name or comment is not a placeholder", arguments: StorageEngine.allAvailable)
  func questionMarks(_ engine: StorageEngine) async throws {
    try await engine.withDatabase { db in
      let row = try await db.read { tx in
        try tx.queryOne(
          "SELECT '?''?' AS \"a?\", /* ? */ ? AS b -- ?\n, 'c' AS c", ["x"])
      }
      #expect(try row?.text("a?") == "?'?")
      #expect(try row?.text("b") == "x")
      #expect(try row?.text("c") == "c")
    }
  }

  @Test("The number of arguments is checked", arguments: StorageEngine.allAvailable)
  func argumentCount(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      for arguments: [String] in [[], ["a", "b"]] {
        let error = await #expect(throws: StorageError.self) {
          _ = try await db.read { tx in try tx.query("SELECT k FROM stored WHERE k = ?", arguments) }
        }
        #expect(error?.code == .statement)
      }
    }
  }

  @Test("A placeholder accepts null and any type", arguments: StorageEngine.allAvailable)
  func placeholderTypes(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        let values: [(any SQLValueConvertible)?] = [nil, 5, nil, 0.5, true, 7]
        for (place, value) in values.enumerated() {
          let number = value?.sqlValue ?? .null
          try tx.execute("INSERT INTO stored (k, r) VALUES (?, ?)", ["\(place)", number])
        }
        let reals = try tx.query("SELECT r FROM stored ORDER BY k").map { try $0.optionalReal("r") }
        #expect(reals == [nil, 5, nil, 0.5, 1, 7])
        #expect(try tx.query("SELECT k FROM stored WHERE r > ?", [0.75]).count == 3)
        #expect(try tx.query("SELECT k FROM stored WHERE r > ?", [0]).count == 4)
      }
    }
  }

  @Test("Values at their limits are read back unchanged", arguments: StorageEngine.allAvailable)
  func limits(_ engine: StorageEngine) async throws {
    let reals = [Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, -0.1, 1e-7, 1e21, 1.0 / 3]
    let blobs: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 0x5c, count: 1_000_000)]
    let texts = ["", "\u{1}\t\r\n\\'\"", String(repeating: "ü", count: 500_000), "e\u{301}"]
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        for (place, real) in reals.enumerated() {
          try tx.execute("INSERT INTO stored (k, r) VALUES (?, ?)", ["r\(place)", real])
        }
        for (place, blob) in blobs.enumerated() {
          try tx.execute("INSERT INTO stored (k, b) VALUES (?, ?)", ["b\(place)", blob])
        }
        for (place, text) in texts.enumerated() {
          try tx.execute("INSERT INTO stored (k, day) VALUES (?, ?)", ["t\(place)", text])
        }
      }
      try await db.read { tx in
        let read = try tx.query("SELECT r FROM stored WHERE r IS NOT NULL ORDER BY k").map { try $0.real("r") }
        #expect(read == reals)
        let bytes = try tx.query("SELECT b FROM stored WHERE b IS NOT NULL ORDER BY k").map { try $0.blob("b") }
        #expect(bytes == blobs)
        let found = try tx.query("SELECT day FROM stored WHERE day IS NOT NULL ORDER BY k").map { try $0.text("day") }
        #expect(found.map { Array($0.utf8) } == texts.map { Array($0.utf8) })
      }
    }
  }

  @Test("Integers stay exact in sums and quotients", arguments: StorageEngine.allAvailable)
  func integers(_ engine: StorageEngine) async throws {
    try await engine.withDatabase([DatabaseTests.table]) { db in
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k, n) VALUES (?, ?)", each: [["a", 7], ["b", 2]])
        let row = try #require(
          try tx.queryOne(
            "SELECT sum(n) AS total, max(n) / min(n) AS quotient, coalesce(sum(r), 0) AS none FROM stored"))
        #expect(try row.integer("total") == 9)
        #expect(try row.integer("quotient") == 3)
        #expect(try row.real("none") == 0)
      }
    }
  }
}
