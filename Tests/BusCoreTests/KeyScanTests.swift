import Contract
import Foundation
import GRDB
import LaunchModel
import TestSupport
import Testing

@testable import BusCore

@Suite("Reading the record of sources and ids before relying on it")
struct KeyScanTests {
  private static let pageSize = 8_192

  /// Events with ids in their order, so that a page of the record has none of the newest events, which are verified one by
  /// one when the log is opened.
  private static func events(_ count: Int) throws -> [ScannedEvent] {
    try (0..<count).map { try LogFixture.event("\(100_000 + $0)-\(String(repeating: "x", count: 40))") }
  }

  private static func write(_ events: [ScannedEvent], to path: String) throws {
    let database = try BusDatabase(path: path)
    let log = try SQLiteEventLog(database)
    for start in stride(from: 0, to: events.count, by: 500) {
      let part = Array(events[start..<min(start + 500, events.count)])
      _ = try log.append(part, at: Timestamp(microseconds: Int64(start)))
    }
    try database.close()
  }

  /// Opens the log as one that is too long to be read when it is opened.
  private static func open(
    _ path: String, _ body: (SQLiteEventLog) throws -> Void
  ) throws {
    let database = try BusDatabase(path: path)
    try body(try SQLiteEventLog(database, keysReadAtStart: 100, verifiedAtStart: 50))
    try database.close()
  }

  /// The leaves of tables without row ids, all but a few of which are of `event_keys`: their first byte is 10
  /// (https://www.sqlite.org/fileformat.html, section 1.6).
  private static func keyPages(_ file: Data) -> [Int] {
    (1..<(file.count / pageSize)).filter { page in
      let start = page * pageSize
      return file[start] == 10 && Int(file[start + 3]) << 8 | Int(file[start + 4]) > 20
    }
  }

  @Test("Swapped pages of a long log do not let any event in twice", arguments: 0..<12)
  func exchangedPages(seed: UInt64) async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let events = try Self.events(2_000)
      try Self.write(events, to: path)
      var file = try Data(contentsOf: URL(filePath: path))
      var random = SeededGenerator(seed: seed)
      let pages = Self.keyPages(file).prefix(10).shuffled(using: &random)
      try #require(pages.count == 10)
      let (one, other) = (pages[0] * Self.pageSize, pages[1] * Self.pageSize)
      let kept = Data(file[one..<(one + Self.pageSize)])
      file.replaceSubrange(one..<(one + Self.pageSize), with: Data(file[other..<(other + Self.pageSize)]))
      file.replaceSubrange(other..<(other + Self.pageSize), with: kept)
      try file.write(to: URL(filePath: path))
      try Self.open(path) { log in
        #expect(log.damage.isEmpty, "what is verified when the log is opened is intact")
        let error = #expect(throws: LogError.self) { try log.append(events, at: Timestamp(microseconds: 9_000)) }
        if case .damaged = error {} else { Issue.record("\(String(describing: error))") }
        #expect(log.bounds.head == 2_000)
        #expect(log.damage.contains { $0.kind == .keys })
      }
    }
  }

  @Test("A changed record in correct order is detected by the sum, and located if the log is short")
  func changedKey() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let events = try Self.events(300)
      try Self.write(events, to: path)
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try $0.execute(sql: "UPDATE event_keys SET id = id || 'x' WHERE \"offset\" = 3") }
      try queue.close()
      try Self.open(path) { log in
        #expect(log.damage.isEmpty)
        #expect(throws: LogError.self) { try log.append([events[2]], at: Timestamp(microseconds: 9_000)) }
        #expect(log.damage == [LogDamage(.keys, 1...300)])
      }
      let database = try BusDatabase(path: path)
      let short = try SQLiteEventLog(database, verifiedAtStart: 50)
      #expect(short.damage == [LogDamage(.keys, 3...3)])
      try database.close()
    }
  }

  @Test("An intact long log is read in parts, and then recognizes repeats of its events")
  func intact() async throws {
    try await withTemporaryFolder { folder in
      let path = "\(folder)/log.sqlite"
      let events = try Self.events(12_000)
      try Self.write(events, to: path)
      try Self.open(path) { log in
        var parts = 1
        #expect(log.keyScan != nil)
        while try !log.readKeys() { parts += 1 }
        #expect(parts == 2)
        let outcomes = try log.append(
          [events[0], events[11_999], LogFixture.event("new")], at: Timestamp(microseconds: 0))
        #expect(outcomes == [.duplicate(1), .duplicate(12_000), .stored(12_001)])
        #expect(log.damage.isEmpty)
      }
    }
  }

  @Test("The sum of the records stays correct after appends, repeats and pruning, even of damaged events")
  func sum() async throws {
    try await withLog(.sqlite) { fixture async throws in
      let ids = (1...40).map { "e\($0)" }
      _ = try fixture.log.append(ids.map { try LogFixture.event($0) }, at: Timestamp(microseconds: 0))
      try await fixture.reopen { try await fixture.damage("bytes", at: 4) }
      _ = try fixture.log.prune(through: 9, atMost: 100)
      #expect(try fixture.append("e2", "e20", "e4", "e41") == [.stored(41), .duplicate(20), .stored(42), .stored(43)])
      try await fixture.reopen()
      #expect(fixture.log.damage.isEmpty)
      #expect((fixture.log as? SQLiteEventLog)?.record.keySum != nil)
    }
  }
}
