import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Event log")
struct EventLogTests {
  @Test(
    "Offsets are dense, ascend from 1, and events are returned byte for byte",
    arguments: StorageEngine.allAvailable)
  func appendsAndReads(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
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

  @Test(
    "A repeated event is reported as a duplicate at its offset, within a batch and after a restart",
    arguments: StorageEngine.allAvailable)
  func duplicates(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      #expect(try fixture.append("a", "b", "a") == [.stored(1), .stored(2), .duplicate(1)])
      try await fixture.reopen()
      #expect(try fixture.append("b", "c", "c") == [.duplicate(2), .stored(3), .duplicate(3)])
      #expect(try fixture.ids() == ["a", "b", "c"])
    }
  }

  @Test(
    "An event that reuses a source and id with different content is rejected; another source may use the id",
    arguments: StorageEngine.allAvailable)
  func reusedIDs(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let outcomes = try fixture.log.append(
        [
          LogFixture.event("a"), LogFixture.event("a", data: "2"), LogFixture.event("a", source: "//other"),
          LogFixture.event("a", data: "2"),
        ], at: Timestamp(microseconds: 0))
      #expect(outcomes == [.stored(1), .idReused(1), .stored(2), .idReused(1)])
    }
  }

  @Test("An escaped spelling of an id is the same id", arguments: StorageEngine.allAvailable)
  func escapedIDs(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let plain = try LogFixture.event("ab")
      let escaped = try LogFixture.event(#"a\u0062"#, data: "2")
      #expect(try fixture.log.append([plain, escaped], at: Timestamp(microseconds: 0)) == [.stored(1), .idReused(1)])
    }
  }

  /// An event, and others with the same source and id.
  private static let original =
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.50,"s":"é","l":[1,2]},"traceparent":"00-1"}"#
  private static let same = [
    #"{"data":{"l":[1,2],"s":"é","n":1.50},"type":"t.x","source":"//a/","id":"r","specversion":"1.0","traceparent":"00-1"}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.5,"s":"\u00e9","l":[1e0,2.0]}}"#,
    """
    { "specversion": "1.0", "id": "\\u0072", "source": "//a/",
      "type": "t.x", "data": {"n": 15e-1, "s": "é", "l": [1, 2]}, "traceparent": "00-2", "tracestate": "a=b" }
    """,
  ]
  private static let different = [
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.51,"s":"é","l":[1,2]}}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.50,"s":"é","l":[2,1]}}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.50,"s":"e\u0301","l":[1,2]}}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.y","data":{"n":1.50,"s":"é","l":[1,2]}}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.50,"s":"é","l":[1,2],"traceparent":"x"}}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data":{"n":1.50,"s":"é","l":[1,2]},"subject":"x"}"#,
    #"{"specversion":"1.0","id":"r","source":"//a/","type":"t.x","data_base64":"e30="}"#,
  ]

  @Test(
    "The same event serialized again, or traced again, is a duplicate; any other content is rejected",
    arguments: StorageEngine.allAvailable)
  func serializedAgain(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      var scanner = EventScanner()
      let first = try scanner.scan(Array(Self.original.utf8))
      let same = try Self.same.map { try scanner.scan(Array($0.utf8)) }
      let different = try Self.different.map { try scanner.scan(Array($0.utf8)) }
      let time = Timestamp(microseconds: 0)
      // In one batch, and again with the stored event.
      let outcomes = try fixture.log.append([first] + same + different, at: time)
      #expect(outcomes == [.stored(1)] + same.map { _ in .duplicate(1) } + different.map { _ in .idReused(1) })
      try await fixture.reopen()
      #expect(
        try fixture.log.append(same + different, at: time)
          == same.map { _ in .duplicate(1) } + different.map { _ in .idReused(1) })
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.map(\.bytes) == [Array(Self.original.utf8)], "the log keeps the bytes of the first")
    }
  }

  @Test(
    "The storage time never decreases, even if the clock goes back or the log is reopened",
    arguments: StorageEngine.allAvailable)
  func timesNeverDecrease(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", at: 100)
      try fixture.append("b", at: 50)
      try await fixture.reopen()
      try fixture.append("c", at: 99)
      try fixture.append("d", at: 101)
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      #expect(page.events.map { $0.storedAt.microseconds / 1_000_000 } == [100, 100, 100, 101])
    }
  }

  @Test("The first offset stored at or after a time is found", arguments: StorageEngine.allAvailable)
  func firstOffset(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b", at: 10)
      try fixture.append("c", at: 20)
      try fixture.append("d", at: 30)
      for (seconds, expected) in [(0, 1), (10, 1), (11, 3), (20, 3), (30, 4), (31, 5)] as [(Int64, Int64)] {
        let time = Timestamp(microseconds: seconds * 1_000_000)
        #expect(try fixture.log.firstOffset(storedSince: time) == expected)
      }
    }
  }

  @Test("Reading returns only the wanted types and reports how far it searched", arguments: StorageEngine.allAvailable)
  func filters(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
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

  @Test(
    "An event that was changed on disk is never returned", arguments: StorageEngine.allAvailable,
    ["bytes", "stored_at", "checksum"])
  func checksums(engine: StorageEngine, column: String) async throws {
    try await withLog(engine) { fixture in
      try fixture.append("a", "b", "c", at: 5)
      try await fixture.reopen { try await fixture.damage(column, at: 2) }
      #expect(throws: LogError.corrupt(offset: 2)) {
        try fixture.log.read(after: 0, matching: .all, limits: ReadLimits())
      }
      #expect(try fixture.ids(after: 2) == ["c"])
    }
  }

  /// `printf 'abc' | sha256sum` begins with ba7816bf 8f01cfea (FIPS 180-4, example B.1).
  @Test("The checksum is the standard one, combined with offset and time")
  func checksumVector() {
    let content = Array("abc".utf8).withUnsafeBytes { EventChecksum.content(of: $0) }
    #expect(content == Int64(bitPattern: 0xeacf_018f_bf16_78ba))
    let checksum = EventChecksum.of(content: content, offset: 5, storedAt: Timestamp(microseconds: 9))
    #expect(checksum == content ^ 5 ^ 9)
  }

  @Test("Sources and ids as long as an event are distinguished like any other", arguments: StorageEngine.allAvailable)
  func longIDs(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      // Random letters, so that the store cannot compress them.
      let long = String((0..<30_000).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" })
      let events = try [long + "a", long + "b", long + "a"].map { try LogFixture.event($0) }
      let time = Timestamp(microseconds: 0)
      #expect(try fixture.log.append(events, at: time) == [.stored(1), .stored(2), .duplicate(1)])
      _ = try fixture.log.prune(through: 1, atMost: 9)
      #expect(try fixture.log.append(events, at: time) == [.stored(3), .duplicate(2), .duplicate(3)])
    }
  }

  @Test("Large events are read in several chunks without a gap", arguments: StorageEngine.allAvailable)
  func largeEvents(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let data = "\"\(String(repeating: "x", count: 900_000))\""
      for id in 0..<12 {
        _ = try fixture.log.append(
          [try LogFixture.event("\(id)", data: id % 5 == 0 ? data : "1")], at: Timestamp(microseconds: 0))
      }
      let page = try fixture.log.read(after: 0, matching: .all, limits: ReadLimits(bytes: 50 << 20))
      #expect(page.events.map(\.offset) == Array(1...12))
      #expect(page.searched == 12)
    }
  }
}
