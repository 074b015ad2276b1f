import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

@Suite("Bus metadata")
struct BusMetadataStoreTests {
  private func entry(
    _ consumer: String, _ offset: Int64?, code: String = "broken", bytes: String = "x"
  ) -> QuarantinedEvent {
    QuarantinedEvent(
      entry: QuarantineEntry(
        id: 0, consumer: consumer, offset: offset, code: code, detail: "why", attempts: 5,
        at: Timestamp(microseconds: 7), status: .held), bytes: Array(bytes.utf8))
  }

  @Test(
    "Consumer offsets survive a restart until the consumer is forgotten",
    arguments: StorageEngine.allAvailable)
  func consumers(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      try fixture.metadataStore.save(consumers: ["metrics": 3, "review": 0])
      try fixture.metadataStore.save(consumers: ["metrics": 9])
      try await fixture.reopen()
      #expect(try fixture.metadataStore.consumers() == ["metrics": 9, "review": 0])
      try fixture.metadataStore.forget(consumer: "review")
      #expect(try fixture.metadataStore.consumers() == ["metrics": 9])
    }
  }

  @Test(
    "A quarantined event is stored byte for byte; quarantining it again updates its entry",
    arguments: StorageEngine.allAvailable)
  func quarantine(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let bytes = "{\"a\": \"\u{0}\\u0000 ü\"}"
      let ids = try fixture.metadataStore.quarantine([entry("metrics", 4, bytes: bytes), entry("bus", nil)])
      let again = try fixture.metadataStore.quarantine([entry("metrics", 4, code: "other")])
      #expect(again == [ids[0]])
      let (events, total) = try fixture.metadataStore.quarantined(
        QuarantineListParameters(consumer: "metrics"), max: 10, bytes: 1_000)
      #expect(total == 1)
      #expect(events.map(\.bytes) == [Array(bytes.utf8)])
      #expect(events.map(\.entry.code) == ["other"])
      #expect(events.map(\.entry.attempts) == [5])
      #expect(events.map(\.entry.offset) == [4])
    }
  }

  @Test("Quarantine pages are limited by entry count and by size", arguments: StorageEngine.allAvailable)
  func pages(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let ids = try fixture.metadataStore.quarantine((1...5).map { entry("metrics", $0, bytes: "0123456789") })
      let page = { (after: Int64?, max: Int, bytes: Int) in
        try fixture.metadataStore.quarantined(QuarantineListParameters(after: after), max: max, bytes: bytes).events
          .map(
            \.entry.id)
      }
      #expect(try page(nil, 2, 1_000) == Array(ids[0..<2]))
      #expect(try page(ids[1], 9, 25) == Array(ids[2..<4]))
      #expect(try page(ids[3], 9, 1) == [ids[4]])
    }
  }

  @Test(
    "Entries are selected by id or consumer, marked for retry, and discarded",
    arguments: StorageEngine.allAvailable)
  func selection(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let ids = try fixture.metadataStore.quarantine([entry("metrics", 1), entry("metrics", 2), entry("review", 2)])
      let both = QuarantineSelection(ids: [ids[1], ids[2]], consumer: "metrics")
      let chosen = try fixture.metadataStore.quarantined(both, max: 9)
      #expect(chosen.map(\.entry.id) == [ids[1]])
      try fixture.metadataStore.markRetrying([ids[1]])
      let waiting = try fixture.metadataStore.quarantined(
        QuarantineListParameters(status: .retrying), max: 9, bytes: 99)
      #expect(waiting.events.map(\.entry.id) == [ids[1]])
      #expect(try fixture.metadataStore.discard([ids[1], 999]) == 1)
      let left = try fixture.metadataStore.quarantined(QuarantineSelection(consumer: "metrics"), max: 9)
      #expect(left.map(\.entry.id) == [ids[0]])
    }
  }

  @Test("Trimming the quarantine drops the oldest rejected events", arguments: StorageEngine.allAvailable)
  func trims(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      let ids = try fixture.metadataStore.quarantine((0..<5).map { _ in entry("bus", nil) } + [entry("metrics", 1)])
      try fixture.metadataStore.trimQuarantine(of: "bus", to: 2)
      let left = try fixture.metadataStore.quarantined(QuarantineListParameters(), max: 9, bytes: 99)
      #expect(left.events.map(\.entry.id) == Array(ids[3...]))
    }
  }

  @Test(
    "The current roster survives a restart and pruning",
    arguments: StorageEngine.allAvailable)
  func roster(engine: StorageEngine) async throws {
    try await withLog(engine) { fixture in
      #expect(try fixture.metadataStore.rosterEvent() == nil)
      let type = Announcements.rosterAdopted.name
      let events = try [("1", type), ("2", "com.example.a"), ("3", type), ("4", "com.example.a")].map {
        try LogFixture.event($0, type: $1)
      }
      _ = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      _ = try fixture.log.append([events[0]], at: Timestamp(microseconds: 0))
      _ = try fixture.log.prune(through: 4, atMost: 9)
      try await fixture.reopen()
      #expect(try fixture.metadataStore.rosterEvent() == events[2].bytes)
    }
  }
}
