import GRDB
import LaunchModel
import TestSupport
import Testing

@testable import BusCore
import Contract

@Suite("The log in SQLite")
struct SQLiteEventLogTests {
  private func withDatabase(_ body: (String, BusDatabase, SQLiteEventLog) throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let database = try BusDatabase(path: path)
      try body(path, database, try SQLiteEventLog(database))
      try database.close()
    }
  }

  @Test("A full disk stores nothing of the batch, and appends succeed once there is space")
  func fullDisk() async throws {
    try await withDatabase { path, database, log in
      _ = try log.append([LogFixture.event("a")], at: Timestamp(microseconds: 0))
      let pages = { (limit: Int?) in
        try database.queue.writeWithoutTransaction { db in
          let used = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
          try db.execute(sql: "PRAGMA max_page_count = \(limit ?? used)")
        }
      }
      try pages(nil)
      let data = "\"\(String(repeating: "x", count: 9_000))\""
      let large = try (0..<20).map { try LogFixture.event("\($0)", data: data) }
      #expect(throws: LogError.diskFull) { try log.append(large, at: Timestamp(microseconds: 0)) }
      #expect(log.bounds.head == 1)
      #expect(try log.read(after: 0, matching: .all, limits: ReadLimits()).events.map(\.offset) == [1])
      try pages(1_000_000)
      #expect(try log.append(large, at: Timestamp(microseconds: 0)).first == .stored(2))
    }
  }

  @Test("Every commit is flushed: SQLite's settings read back as required")
  func settings() async throws {
    try await withDatabase { _, database, _ in
      let (synchronous, journal) = try database.queue.writeWithoutTransaction { db in
        (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
      }
      #expect(synchronous == 2)
      #expect(journal == "wal")
    }
  }

  @Test("A second process cannot open the log")
  func isExclusive() async throws {
    try await withDatabase { path, database, log in
      _ = try log.append([LogFixture.event("a")], at: Timestamp(microseconds: 0))
      #expect(throws: LogError.self) { try BusDatabase(path: path) }
    }
  }
}
