import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// Behavior specific to the embedded engine.
@Suite struct SQLiteDatabaseTests {
  @Test("Every commit is flushed") func flushed() async throws {
    try await StorageEngine.sqlite.withDatabase { db in
      let (synchronous, journal, foreignKeys) = try await db.read { tx in
        (
          try tx.queryOne("PRAGMA synchronous")?.integer("synchronous"),
          try tx.queryOne("PRAGMA journal_mode")?.text("journal_mode"),
          try tx.queryOne("PRAGMA foreign_keys")?.integer("foreign_keys")
        )
      }
      #expect(synchronous == 2)
      #expect(journal == "wal")
      #expect(foreignKeys == 1)
    }
  }

  @Test("A second process on the same file is refused with the holder's name") func secondProcess() async throws {
    try await withTemporaryFolder { folder in
      let first = try await StorageEngine.sqlite.open(in: folder)
      let error = await #expect(throws: StorageError.self) { _ = try await StorageEngine.sqlite.open(in: folder) }
      #expect(error?.code == .locked)
      #expect(error?.message.contains("pid \(ProcessInfo.processInfo.processIdentifier)") == true)
      try await first.close()
    }
  }

  @Test("A file that is not a database is refused") func notADatabase() async throws {
    try await withTemporaryFolder { folder in
      try Data(repeating: 7, count: 4_096).write(to: URL(filePath: "\(folder)/store.sqlite"))
      let error = await #expect(throws: StorageError.self) { _ = try await StorageEngine.sqlite.open(in: folder) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test("A full disk is reported, the write is undone, and the store remains usable") func fullDisk() async throws {
    try await StorageEngine.sqlite.withDatabase([DatabaseTests.table]) { db in
      try await db.write { _ = try $0.query("PRAGMA max_page_count = 12") }
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          for n in 0..<100 {
            try tx.execute(
              "INSERT INTO stored (k, b) VALUES (?, ?)", ["\(n)", [UInt8](repeating: 1, count: 4_096)])
          }
        }
      }
      #expect(error?.code == .diskFull)
      #expect(error?.isFatal == false)
      try await db.write { tx in try tx.execute("INSERT INTO stored (k) VALUES (?)", ["small"]) }
      #expect(try await DatabaseTests.keys(db) == ["small"])
    }
  }

  @Test("A damaged file makes the store unusable for good") func damagedFile() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/store.sqlite"
      let first = try await StorageEngine.sqlite.open(in: folder)
      try await first.migrate([DatabaseTests.table])
      try await first.write { tx in
        for n in 0..<200 {
          try tx.execute("INSERT INTO stored (k, b) VALUES (?, ?)", ["\(n)", [UInt8](repeating: 1, count: 900)])
        }
      }
      try await first.close()
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      try file.seek(toOffset: 4_096)
      try file.write(contentsOf: Data(repeating: 0xaa, count: 40 * 4_096))
      try file.close()

      let reports = Mutex(0)
      let db = try await DatabaseLocation.sqlite(path: path).open { _ in reports.withLock { $0 += 1 } }
      for _ in 0..<2 {
        let error = await #expect(throws: StorageError.self) { _ = try await DatabaseTests.keys(db) }
        #expect(error?.isFatal == true)
      }
      await #expect(throws: StorageError.self) { try await db.write { _ in } }
      #expect(reports.withLock { $0 } == 1)
      try await db.close()
    }
  }
}
