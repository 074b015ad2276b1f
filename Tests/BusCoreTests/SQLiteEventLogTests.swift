import Foundation
import GRDB
import LaunchModel
import Storage
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
      let error = #expect(throws: LogError.self) { try log.append(large, at: Timestamp(microseconds: 0)) }
      let folder = path.split(separator: "/").dropLast().joined(separator: "/")
      #expect(error?.description.hasPrefix("the disk is full: /\(folder), ") == true)
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

  @Test("A main file that cannot be written or flushed ends the process", arguments: [FailingFile.Fault.write, .flush])
  func failingCheckpoint(fault: FailingFile.Fault) async throws {
    try await withTemporaryFolder { folder in
      let database = try BusDatabase(path: "\(folder)/log.sqlite")
      let log = try SQLiteEventLog(database)
      let file = database.queue.writeWithoutTransaction { db in
        db.sqliteConnection.flatMap { FailingFile($0, fault) }
      }
      let data = "\"\(String(repeating: "x", count: 900_000))\""
      // The write-ahead log is moved after about 32 MiB.
      let error = #expect(throws: LogError.self) {
        for id in 0..<80 { _ = try log.append([LogFixture.event("\(id)", data: data)], at: Timestamp(microseconds: 0)) }
      }
      guard case .failed(let message) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(message.contains("write-ahead log"))
      file?.heal()
      try database.close()
    }
  }

  @Test("A log of a newer version is refused before a byte of it changes")
  func newerVersion() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let store = try await LogStore.open(.sqlite(path: path))
      _ = try store.log.append([LogFixture.event("a")], at: Timestamp(microseconds: 0))
      try store.close()
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('900-later')") }
      try queue.close()
      let before = FileManager.default.contents(atPath: path)
      let error = await #expect(throws: StorageError.self) { _ = try await LogStore.open(.sqlite(path: path)) }
      #expect(error?.code == .schema)
      #expect(error?.message.contains("900-later") == true)
      #expect(FileManager.default.contents(atPath: path) == before)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["log.sqlite"])
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
