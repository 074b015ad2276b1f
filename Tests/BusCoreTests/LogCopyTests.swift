import GRDB
import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Moving the bus's log to a server", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct LogCopyTests {
  @Test("Every table of the log is copied, and the copy continues from the same offsets")
  func goesOn() async throws {
    try await Self.withLog { path, move, location in
      let source = try await LogStore.open(.sqlite(path: path))
      let long = try LogFixture.event("long", source: "//\(String(repeating: "s", count: 3_000))")
      try Self.fill(source, long)
      let events = try source.log.read(after: 0, matching: .all, limits: ReadLimits()).events
      try source.close()

      let tables = try await move.run()
      #expect(
        tables.map(\.table) == [
          "consumers", "event_keys", "events", "log_bounds", "log_partitions", "quarantine", "roster",
        ])
      #expect(tables.map(\.rows) == [1, 3, 3, 1, 1, 1, 1])
      #expect(try await move.run().allSatisfy(\.wasThere))

      let target = try await LogStore.open(location)
      defer { try? target.close() }
      let log = target.log
      #expect(log.bounds == LogBounds(head: 4, first: 2))
      #expect(log.newestStoredAt == Timestamp(microseconds: 9))
      let found = try log.read(after: 0, matching: .all, limits: ReadLimits()).events
      #expect(found.map(\.bytes) == events.map(\.bytes))
      #expect(found.map(\.storedAt) == events.map(\.storedAt))
      #expect(found.map(\.type) == events.map(\.type))
      let again = [long, try Self.roster(), try LogFixture.event("a"), try LogFixture.event("b", data: "2")]
      #expect(
        try log.append(again, at: Timestamp(microseconds: 1)) == [
          .duplicate(4), .duplicate(2), .stored(5), .idReused(2),
        ])
      #expect(log.newestStoredAt == Timestamp(microseconds: 9))
      #expect(try target.metadataStore.consumers() == ["metrics": 3])
      #expect(try target.metadataStore.rosterEvent() == Self.roster().bytes)
      #expect(
        try target.metadataStore.quarantine([Self.entry("later")]) == [3],
        "the id of a discarded entry is not reused"
      )
      let kept = try target.metadataStore.quarantined(QuarantineListParameters(), max: 9, bytes: 9_000).events
      #expect(kept.map(\.entry.id) == [1, 3])
    }
  }

  @Test("The offsets of a completely pruned log continue after the move")
  func pruned() async throws {
    try await Self.withLog { path, move, location in
      let source = try await LogStore.open(.sqlite(path: path))
      _ = try source.log.append([try LogFixture.event("a"), try LogFixture.event("b")], at: Timestamp(microseconds: 1))
      _ = try source.log.prune(through: 2, atMost: 9)
      try source.close()
      _ = try await move.run()
      let target = try await LogStore.open(location)
      defer { try? target.close() }
      #expect(target.log.bounds == LogBounds(head: 2, first: 3))
      #expect(try target.log.append([try LogFixture.event("a")], at: Timestamp(microseconds: 1)) == [.stored(3)])
    }
  }

  @Test(
    "A damaged log, or one with a gap or a missing key, is not moved",
    arguments: [
      "UPDATE events SET bytes = replace(bytes, 'com.', 'con.') WHERE \"offset\" = 2",
      "UPDATE events SET stored_at = stored_at + 1 WHERE \"offset\" = 2", "UPDATE log_bounds SET first = 2",
      "DELETE FROM events WHERE \"offset\" = 2; DELETE FROM event_keys WHERE \"offset\" = 2",
      "DELETE FROM event_keys WHERE \"offset\" = 2",
    ])
  func damaged(change: String) async throws {
    try await Self.withLog { path, move, location in
      let source = try await LogStore.open(.sqlite(path: path))
      let events = try ["a", "b", "c"].map { try LogFixture.event($0) }
      _ = try source.log.append(events, at: Timestamp(microseconds: 1))
      try source.close()
      let queue = try DatabaseQueue(path: path)
      try await queue.write { try $0.execute(sql: change) }
      try queue.close()
      let error = await #expect(throws: (any Error).self) { _ = try await move.run() }
      #expect(error is LogError || (error as? StorageError)?.code == .unreadable, "\(String(describing: error))")
      let target = try await LogStore.open(location)
      #expect(target.log.bounds == LogBounds(head: 0, first: 1))
      try target.close()
    }
  }

  @Test("The log of a running bus is not moved, and a target with other events is not overwritten")
  func inUse() async throws {
    try await Self.withLog { path, move, location in
      try await LogStore.open(.sqlite(path: path)).close()
      let lock = try FileLock(path: "\(path).lock", purpose: "the log")
      let locked = await #expect(throws: StorageError.self) { _ = try await move.run() }
      #expect(locked?.code == .locked)
      lock.release()
      let running = try await LogStore.open(location)
      _ = try running.log.append([try LogFixture.event("a")], at: Timestamp(microseconds: 1))
      let occupied = await #expect(throws: StorageError.self) { _ = try await move.run() }
      #expect(occupied?.code == .occupied)
      try running.close()
    }
  }

  /// Four events with the oldest pruned, a consumer, a roster, and a quarantine with its newest entry discarded.
  private static func fill(_ store: LogStore, _ long: ScannedEvent) throws {
    let first = [try LogFixture.event("a"), try roster(), try LogFixture.event("c", type: #"a\u0062c"#)]
    _ = try store.log.append(first, at: Timestamp(microseconds: 5))
    _ = try store.log.append([long], at: Timestamp(microseconds: 9))
    _ = try store.log.prune(through: 1, atMost: 9)
    try store.metadataStore.save(consumers: ["metrics": 3])
    let ids = try store.metadataStore.quarantine([entry("first"), entry("second")])
    _ = try store.metadataStore.discard([ids[1]])
  }

  private static func roster() throws -> ScannedEvent {
    try LogFixture.event("b", type: Announcements.rosterAdopted.name)
  }

  private static func entry(_ detail: String) -> QuarantinedEvent {
    QuarantinedEvent(
      entry: QuarantineEntry(
        id: 0, consumer: "bus", offset: nil, code: "broken", detail: detail, attempts: 1,
        at: Timestamp(microseconds: 7),
        status: .held), bytes: [0, 0xff])
  }

  /// Runs the body with the path of a log, its move, and the target schema.
  private static func withLog(_ body: (String, StoreMove, DatabaseLocation) async throws -> Void) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let location = try StorageEngine.postgreSQL.location(in: folder)
      guard case .postgreSQL(let url, let schema) = location else { return }
      let path = "\(folder)/log.sqlite"
      let place = StoreFile(path: path, lockPath: "\(path).lock", purpose: "the log")
      try await body(path, LogCopy.move(from: place, to: url, schema: schema), location)
    }
  }
}
