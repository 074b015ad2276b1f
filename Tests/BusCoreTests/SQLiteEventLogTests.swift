import GRDB
import LaunchModel
import Testing

@testable import BusCore

@Suite("The log")
struct SQLiteEventLogTests {
  @Test("Offsets are dense and ascending from 1, and events come back byte for byte")
  func appendsAndReads() throws {
    try withLog { fixture in
      #expect(fixture.log.bounds == LogBounds(head: 0, first: 1))
      #expect(try fixture.append("a", "b") == [.stored(1), .stored(2)])
      #expect(try fixture.append("c") == [.stored(3)])
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.map(\.offset) == [1, 2, 3])
      #expect(try page.events.map(\.bytes) == ["a", "b", "c"].map { try LogFixture.event($0).bytes })
      #expect(page.searched == 3)
      #expect(fixture.log.bounds == LogBounds(head: 3, first: 1))
    }
  }

  @Test("The same event again is a duplicate at its offset, and takes none, also within one batch and after a restart")
  func duplicates() throws {
    try withLog { fixture in
      #expect(try fixture.append("a", "b", "a") == [.stored(1), .stored(2), .duplicate(1)])
      try fixture.reopen()
      #expect(try fixture.append("b", "c", "c") == [.duplicate(2), .stored(3), .duplicate(3)])
      #expect(try fixture.ids() == ["a", "b", "c"])
    }
  }

  @Test("The same source and id with other content is told apart; the same id of another source is another event")
  func reusedIDs() throws {
    try withLog { fixture in
      let outcomes = try fixture.log.append(
        [
          LogFixture.event("a"), LogFixture.event("a", data: "2"), LogFixture.event("a", source: "//other"),
          LogFixture.event("a", data: "2"),
        ], at: Timestamp(microseconds: 0))
      #expect(outcomes == [.stored(1), .idReused(1), .stored(2), .idReused(1)])
    }
  }

  @Test("An id that is written with escapes is the same id")
  func escapedIDs() throws {
    try withLog { fixture in
      let plain = try LogFixture.event("ab")
      let escaped = try LogFixture.event(#"a\u0062"#)
      #expect(try fixture.log.append([plain, escaped], at: Timestamp(microseconds: 0)) == [.stored(1), .idReused(1)])
    }
  }

  @Test("The time of storing never decreases, whatever the clock does and across a restart")
  func timesNeverDecrease() throws {
    try withLog { fixture in
      try fixture.append("a", at: 100)
      try fixture.append("b", at: 50)
      try fixture.reopen()
      try fixture.append("c", at: 99)
      try fixture.append("d", at: 101)
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.map { $0.storedAt.microseconds / 1_000_000 } == [100, 100, 100, 101])
    }
  }

  @Test(
    "The first offset stored at a time or later is found",
    arguments: [(0, 1), (10, 1), (11, 3), (20, 3), (30, 4), (31, 5)] as [(Int64, Int64)])
  func firstOffset(seconds: Int64, expected: Int64) throws {
    try withLog { fixture in
      try fixture.append("a", "b", at: 10)
      try fixture.append("c", at: 20)
      try fixture.append("d", at: 30)
      let time = Timestamp(microseconds: seconds * 1_000_000)
      #expect(try fixture.log.firstOffset(storedSince: time) == expected)
    }
  }

  @Test("Reading takes the wanted types only and says how far it searched")
  func filters() throws {
    try withLog { fixture in
      let types = ["x.a", "x.b", "y.a", #"x.\u0061"#, "xx"]
      let events = try types.enumerated().map { try LogFixture.event("\($0.offset)", type: $0.element) }
      _ = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      let read = { (prefixes: [String], limits: ReadLimits) in
        let page = try fixture.log.read(after: 0, matching: TypeFilter(prefixes), limits: limits)
        return page.events.map(\.offset) + [page.searched]
      }
      #expect(try read(["x."], ReadLimits()) == [1, 2, 4, 5])
      #expect(try read(["y", "xx"], ReadLimits()) == [3, 5, 5])
      #expect(try read(["z"], ReadLimits()) == [5])
      #expect(try read(["x.a"], ReadLimits(events: 1)) == [1, 3])
      #expect(try read(["y"], ReadLimits(examined: 2)) == [2])
      #expect(try read([], ReadLimits(bytes: 1)) == [1, 1])
    }
  }

  @Test("An event that was changed on disk is not handed out", arguments: ["bytes", "stored_at", "checksum"])
  func checksums(column: String) throws {
    try withLog { fixture in
      try fixture.append("a", "b", "c", at: 5)
      try fixture.reopen {
        let queue = try DatabaseQueue(path: fixture.path)
        try queue.write { db in
          let change = column == "bytes" ? "replace(bytes, 'com.', 'con.')" : "\(column) + 1"
          try db.execute(sql: "UPDATE events SET \(column) = \(change) WHERE \"offset\" = 2")
        }
        try queue.close()
      }
      #expect(throws: LogFault.corrupt(offset: 2)) {
        try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      }
      #expect(try fixture.ids(after: 2) == ["c"])
    }
  }

  /// `printf 'abc' | sha256sum` begins with ba7816bf 8f01cfea (FIPS 180-4, example B.1).
  @Test("The checksum is that of the standard, with offset and time in it")
  func checksumVector() {
    let content = Array("abc".utf8).withUnsafeBytes { EventChecksum.content(of: $0) }
    #expect(content == Int64(bitPattern: 0xeacf_018f_bf16_78ba))
    let checksum = EventChecksum.of(content: content, offset: 5, storedAt: Timestamp(microseconds: 9))
    #expect(checksum == content ^ 5 ^ 9)
  }

  @Test("When the disk is full nothing of the batch is stored, and it goes on when there is room")
  func fullDisk() throws {
    try withLog { fixture in
      try fixture.append("a")
      let pages = { (limit: Int?) in
        try fixture.database.queue.writeWithoutTransaction { db in
          let used = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
          try db.execute(sql: "PRAGMA max_page_count = \(limit ?? used)")
        }
      }
      try pages(nil)
      let data = "\"\(String(repeating: "x", count: 9_000))\""
      let large = try (0..<20).map { try LogFixture.event("\($0)", data: data) }
      #expect(throws: LogFault.diskFull) { try fixture.log.append(large, at: Timestamp(microseconds: 0)) }
      #expect(fixture.log.bounds.head == 1)
      #expect(try fixture.ids() == ["a"])
      try pages(1_000_000)
      #expect(try fixture.log.append(large, at: Timestamp(microseconds: 0)).first == .stored(2))
    }
  }

  @Test("Every commit is flushed: SQLite's settings read back as they must be")
  func settings() throws {
    try withLog { fixture in
      let (synchronous, journal) = try fixture.database.queue.writeWithoutTransaction { db in
        (try Int.fetchOne(db, sql: "PRAGMA synchronous"), try String.fetchOne(db, sql: "PRAGMA journal_mode"))
      }
      #expect(synchronous == 2)
      #expect(journal == "wal")
    }
  }

  @Test("A second process cannot open the log")
  func isExclusive() throws {
    try withLog { fixture in
      try fixture.append("a")
      #expect(throws: LogFault.self) { try BusDatabase(path: fixture.path) }
    }
  }
}
