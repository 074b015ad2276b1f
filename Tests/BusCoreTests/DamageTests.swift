import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Damage of the log")
struct DamageTests {
  private static let ids = (1...9).map { "e\($0)" }

  private func withDamagedLog(
    _ engine: StorageEngine, _ changes: [String], _ body: (LogFixture) async throws -> Void
  ) async throws {
    try await withLog(engine) { fixture async throws in
      _ = try fixture.log.append(Self.ids.map { try LogFixture.event($0) }, at: Timestamp(microseconds: 5))
      #expect(try fixture.verify().isEmpty)
      try await fixture.reopen {
        for change in changes { try await fixture.change(change) }
      }
      try await body(fixture)
    }
  }

  @Test(
    "Missing events are reported when the log is opened, and a read never skips them",
    arguments: StorageEngine.allAvailable)
  func missing(engine: StorageEngine) async throws {
    try await withDamagedLog(engine, ["DELETE FROM events WHERE \"offset\" BETWEEN 2 AND 8"]) { fixture async throws in
      #expect(fixture.log.bounds == LogBounds(head: 9, first: 1))
      #expect(fixture.log.damage == [LogDamage(.missing, 2...8)])
      #expect(try fixture.verify() == [LogDamage(.missing, 2...8)])
      for after in 0...7 {
        #expect(throws: LogError.corrupt(offset: max(2, Int64(after) + 1))) { try fixture.ids(after: Int64(after)) }
      }
      #expect(try fixture.ids(after: 8) == ["e9"])
      #expect(try fixture.append("e5", "e9", "new") == [.damaged(5), .duplicate(9), .stored(10)])
    }
  }

  @Test(
    "A log that lost its last events keeps its head, and does not assign their offsets again",
    arguments: StorageEngine.allAvailable)
  func headMovedBack(engine: StorageEngine) async throws {
    try await withDamagedLog(engine, ["DELETE FROM events WHERE \"offset\" > 6"]) { fixture async throws in
      #expect(fixture.log.bounds.head == 9)
      #expect(fixture.log.damage == [LogDamage(.missing, 7...9)])
      #expect(throws: LogError.corrupt(offset: 7)) { try fixture.ids(after: 6) }
      #expect(throws: LogError.corrupt(offset: 9)) { try fixture.ids(after: 8) }
      #expect(try fixture.append("new") == [.stored(10)])
      #expect(try fixture.ids(after: 9) == ["new"])
    }
  }

  @Test(
    "A repeat of a damaged event counts as neither duplicate nor reused id; the rest of its batch is stored",
    arguments: StorageEngine.allAvailable)
  func repeatOfDamaged(engine: StorageEngine) async throws {
    try await withDamagedLog(engine, []) { fixture async throws in
      try await fixture.reopen { try await fixture.damage("bytes", at: 4) }
      #expect(fixture.log.damage == [LogDamage(.changed, 4...4)])
      let other = try LogFixture.event("e5", data: "2")
      let outcomes = try fixture.log.append(
        [LogFixture.event("e4"), other, LogFixture.event("new")], at: Timestamp(microseconds: 6))
      #expect(outcomes == [.damaged(4), .idReused(5), .stored(10)])
      #expect(throws: LogError.corrupt(offset: 4)) { try fixture.ids(after: 3) }
    }
  }

  @Test(
    "A repeat of an event with any damaged column is not a duplicate, and is stored after a repair",
    arguments: StorageEngine.allAvailable, ["checksum", "stored_at", "type_start", "type_length"])
  func repeatOfDamagedColumn(engine: StorageEngine, column: String) async throws {
    try await withDamagedLog(engine, []) { fixture async throws in
      try await fixture.reopen { try await fixture.damage(column, at: 4) }
      #expect(try fixture.append("e4", "e5") == [.damaged(4), .duplicate(5)])
      #expect(fixture.log.damage == [LogDamage(.changed, 4...4)])
      var lost: Int64 = 0
      try await fixture.reopen { lost = try fixture.repair().lost }
      #expect(lost == 1)
      #expect(try fixture.append("e4", "e5") == [.stored(10), .duplicate(5)])
    }
  }

  @Test("Verification reports an event beyond the end, as opening the log does", arguments: StorageEngine.allAvailable)
  func eventBeyondTheEnd(engine: StorageEngine) async throws {
    let insert = """
      INSERT INTO events ("offset", stored_at, checksum, type_start, type_length, bytes)
      SELECT 10, stored_at, checksum, type_start, type_length, bytes FROM events WHERE "offset" = 9
      """
    try await withDamagedLog(engine, [insert]) { fixture async throws in
      #expect(fixture.log.damage == [LogDamage(.end, 10...10)])
      #expect(try fixture.verify() == [LogDamage(.end, 10...10)])
      #expect(try fixture.verify(atMost: 9) == [LogDamage(.end, 10...10)])
    }
  }

  @Test(
    "Nothing is stored while the record of sources and ids contradicts the events",
    arguments: StorageEngine.allAvailable,
    [
      "DELETE FROM event_keys WHERE \"offset\" = 3", "UPDATE event_keys SET id = 'e3x' WHERE \"offset\" = 3",
      "UPDATE event_keys SET \"offset\" = 4 WHERE \"offset\" = 3",
    ])
  func keys(engine: StorageEngine, change: String) async throws {
    try await withDamagedLog(engine, [change]) { fixture async throws in
      #expect(fixture.log.damage.contains { $0.kind == .keys && $0.offsets.contains(3) })
      let error = #expect(throws: LogError.self) { try fixture.append("e3") }
      guard case .damaged(let message) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(message.contains("sources and ids"))
      #expect(try fixture.ids() == Self.ids, "reading continues")
    }
  }

  @Test("A recorded source and id that belongs to no event is found", arguments: StorageEngine.allAvailable)
  func extraKey(engine: StorageEngine) async throws {
    let insert = "INSERT INTO event_keys (source, id, \"offset\") VALUES ('//test', 'stray', 7)"
    try await withDamagedLog(engine, [insert]) { fixture async throws in
      #expect(try fixture.verify(atMost: 2) == [LogDamage(.keys, 7...7)])
      #expect(throws: LogError.self) { try fixture.append("stray") }
    }
  }

  @Test("A damaged time of storage is never taken for an answer", arguments: StorageEngine.allAvailable)
  func times(engine: StorageEngine) async throws {
    try await withDamagedLog(engine, ["UPDATE events SET stored_at = 900 WHERE \"offset\" = 5"]) {
      fixture async throws in
      #expect(throws: LogError.corrupt(offset: 5)) {
        try fixture.log.firstOffset(storedSince: Timestamp(microseconds: 5))
      }
    }
  }

  @Test("Where the type of an event is said to be is verified, too", arguments: StorageEngine.allAvailable)
  func typePlace(engine: StorageEngine) async throws {
    try await withDamagedLog(engine, ["UPDATE events SET type_start = type_start - 4 WHERE \"offset\" = 5"]) {
      fixture in
      #expect(throws: LogError.corrupt(offset: 5)) { try fixture.ids(after: 4) }
      #expect(fixture.log.damage == [LogDamage(.changed, 5...5)])
    }
  }
}

@Suite("Damage of the log's file")
struct SQLiteDamageTests {
  @Test("Events beyond the end are named, and nothing is stored over them")
  func beyondTheEnd() async throws {
    try await withLog(.sqlite) { fixture async throws in
      try fixture.append("a", "b")
      try await fixture.reopen { try await fixture.change("UPDATE events SET \"offset\" = 40 WHERE \"offset\" = 2") }
      #expect(fixture.log.bounds.head == 2)
      #expect(fixture.log.damage.contains(LogDamage(.end, 40...40)))
      #expect(fixture.log.damage.contains(LogDamage(.missing, 2...2)))
      #expect(try Set(fixture.verify()) == [LogDamage(.missing, 2...2), LogDamage(.end, 40...40)])
      #expect(throws: LogError.self) { try fixture.append("c") }
    }
  }

  @Test("Events that a version without the record of the head has appended are accepted")
  func olderVersion() async throws {
    try await withLog(.sqlite) { fixture async throws in
      try fixture.append("a", "b")
      let bounds = LogBounds(head: 1, first: 1)
      try await fixture.reopen {
        try await fixture.change("UPDATE log_bounds SET head = 1, checksum = \(bounds.checksum)")
      }
      #expect(fixture.log.bounds.head == 2)
      #expect(fixture.log.damage.isEmpty)
      #expect(try fixture.append("b", "c") == [.duplicate(2), .stored(3)])
    }
  }

  @Test("What an older version has stored and pruned is recorded when the log is opened")
  func keySumOfOlderVersion() async throws {
    try await withLog(.sqlite) { fixture async throws in
      try fixture.append("a", "b", "c")
      try await fixture.reopen {
        let bounds = LogBounds(head: 3, first: 2)
        try await fixture.change("DELETE FROM events WHERE \"offset\" = 1")
        try await fixture.change("DELETE FROM event_keys WHERE \"offset\" = 1")
        try await fixture.change("UPDATE log_bounds SET first = 2, checksum = \(bounds.checksum)")
      }
      #expect(try fixture.append("a", "b", "d") == [.stored(4), .duplicate(2), .stored(5)])
      try await fixture.reopen()
      #expect(fixture.log.damage.isEmpty)
    }
  }

  @Test("A log whose record of its bounds is damaged is refused")
  func bounds() async throws {
    try await StorageEngine.sqlite.withFolder { folder in
      let location = try StorageEngine.sqlite.location(in: folder)
      let fixture = LogFixture(engine: .sqlite, folder: folder, store: try await LogStore.open(location))
      try fixture.append("a", "b")
      try fixture.store.close()
      try await fixture.change("UPDATE log_bounds SET first = 2")
      let error = await #expect(throws: LogError.self) { _ = try await LogStore.open(location) }
      #expect(error == .damagedBounds)
    }
  }
}
