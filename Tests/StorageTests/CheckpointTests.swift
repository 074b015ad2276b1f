import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Storage

/// What happens if the write-ahead log cannot be moved into the main file, which SQLite's own checkpoints do not report.
@Suite struct CheckpointTests {
  private static let bytes = [UInt8](repeating: 1, count: 100_000)

  private static func write(_ count: Int, to db: SQLiteDatabase) async throws {
    for _ in 0..<count {
      try await db.write { tx in
        try tx.execute("INSERT INTO stored (k, b) VALUES (?, ?)", ["\(UInt64.random(in: 0...UInt64.max))", Self.bytes])
      }
    }
  }

  private static func fail(_ db: SQLiteDatabase, _ fault: FailingFile.Fault) async throws -> FailingFile? {
    try await db.queue.writeWithoutTransaction { connection in
      connection.sqliteConnection.flatMap { FailingFile($0, fault) }
    }
  }

  @Test("A main file that cannot be written or flushed ends the process", arguments: [FailingFile.Fault.write, .flush])
  func failure(fault: FailingFile.Fault) async throws {
    try await withTemporaryFolder { folder in
      let reports = Mutex<[StorageError.Code]>([])
      let db = try await SQLiteDatabase.open(path: "\(folder)/store.sqlite") { error in
        reports.withLock { $0.append(error.code) }
      }
      try await db.migrate([DatabaseTests.table])
      _ = try #require(try await Self.fail(db, fault))
      // The write-ahead log is moved after about 40 of these.
      let error = await #expect(throws: StorageError.self) { try await Self.write(200, to: db) }
      #expect(error?.code == .ioFailure)
      #expect(error?.message.contains("write-ahead log") == true)
      #expect(reports.withLock { $0 } == [.ioFailure])
      try await db.close()
    }
  }

  @Test("A main file that cannot grow refuses writes until there is space; what was written before is kept")
  func noSpace() async throws {
    try await withTemporaryFolder { folder in
      let db = try await SQLiteDatabase.open(path: "\(folder)/store.sqlite") { _ in }
      try await db.migrate([DatabaseTests.table])
      let file = try await Self.fail(db, .space)
      let error = await #expect(throws: StorageError.self) { try await Self.write(200, to: db) }
      #expect(error?.code == .diskFull)
      #expect(error?.message.hasPrefix("the disk is full: \(folder), ") == true)
      #expect(error?.message.hasSuffix(" MiB free") == true)
      let count = try await db.read { try $0.queryOne("SELECT COUNT(*) AS n FROM stored")?.int("n") ?? 0 }
      #expect(count > 0)
      try await db.queue.writeWithoutTransaction { _ in file?.heal() }
      try await Self.write(1, to: db)
      try await db.close()
      let again = try await SQLiteDatabase.open(path: "\(folder)/store.sqlite") { _ in }
      #expect(try await again.read { try $0.queryOne("SELECT COUNT(*) AS n FROM stored")?.int("n") } == count + 1)
      try await again.close()
    }
  }

  @Test("Closing reports a write-ahead log that cannot be moved into the main file")
  func closing() async throws {
    try await withTemporaryFolder { folder in
      let db = try await SQLiteDatabase.open(path: "\(folder)/store.sqlite") { _ in }
      try await db.migrate([DatabaseTests.table])
      try await Self.write(1, to: db)
      _ = try await Self.fail(db, .write)
      let error = await #expect(throws: StorageError.self) { try await db.close() }
      #expect(error?.code == .ioFailure)
    }
  }
}
