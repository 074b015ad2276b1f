import JSON
import Contract
import LaunchModel
import Messaging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct EventTests {
  private typealias Counter = CounterService

  @Test("A repeated event takes effect once") func repeatedEvent() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.receive(Counter.poke("1", amount: 2), Counter.poke("2", amount: 3))
      let events = service.bus.events
      try await service.runtime.sink.apply(events, upTo: Int64(events.count))
      let counter = try await service.call(Counter.show, .init(name: "poked", by: 0))
      #expect(counter.value == 5)
      let announced = try await service.announced(Counter.counted)
      #expect(announced.map(\.value) == [2, 5])
    }
  }

  @Test("Events are not applied to a store that has lost the effects of earlier ones") func lostTransactions()
    async throws
  {
    try await withServiceHarness(CounterService.self) { service in
      try await service.receive(Counter.poke("1", amount: 2), Counter.poke("2", amount: 3))
      let had = try await service.runtime.sink.offset()
      try await service.environment.database.write {
        try $0.execute("UPDATE consumer_offsets SET processed = 1, seal = ?", [ConsumerOffsets.seal("tiering", 1)])
        try $0.execute("UPDATE counters SET n = 2")
      }
      _ = try await service.bus.publish([Counter.poke("3", amount: 4).encoded()], timeout: .seconds(1))
      let sink = service.runtime.sink
      let next = service.bus.events.filter { $0.offset > had }
      let behind = await #expect(throws: StoreWentBack.self) {
        try await sink.apply(next, after: had, upTo: had + Int64(next.count))
      }
      #expect(behind?.offset == 1)
      #expect(try await service.call(Counter.show, .init(name: "poked", by: 0)).value == 2)
      let again = service.bus.events.filter { $0.offset > 1 }
      try await sink.apply(again, after: 1, upTo: again.last?.offset ?? 0)
      #expect(try await service.call(Counter.show, .init(name: "poked", by: 0)).value == 9)
    }
  }

  @Test(
    "Events skipped by moving the offset are not lost silently: the audit reports it, and no service starts",
    arguments: ["UPDATE consumer_offsets SET processed = processed + 3", "DELETE FROM consumer_offsets"])
  func movedOffset(_ sql: String) async throws {
    try await StorageEngine.standard.withFolder { folder in
      let bus = MemoryBus(clock: ManualClock(Timestamp(microseconds: 0)))
      try await withServiceHarness(CounterService.self, in: folder, bus: bus, isTampered: true) { service in
        try await service.adopt(Roster(people: ["dana": Person(name: "Dana", principals: [Principal("key:dana")])]))
        let verify = AuditVerifyParameters()
        #expect(try await service.call(ServiceRoutes.auditVerify(.tiering), verify).intact)
        #expect(try await service.environment.database.write { try $0.execute(sql) } == 1)
        let verified = try await service.call(ServiceRoutes.auditVerify(.tiering), verify)
        #expect(verified.chains.compactMap(\.broken?.key) == ["offset:tiering"])
      }
      let error = await #expect(throws: StorageError.self) {
        try await withServiceHarness(CounterService.self, in: folder, bus: bus, isTampered: true) { _ in }
      }
      #expect(error?.code == .unreadable)
    }
  }

  @Test("A roster that the store has lost is no longer used") func lostRoster() async throws {
    try await withServiceHarness(CounterService.self) { service in
      service.environment.adopt(AdoptedRoster(version: 2, roster: Roster(people: [:])))
      try await service.runtime.sink.reread()
      #expect(service.environment.roster == nil)
    }
  }

  @Test("A batch with an invalid event changes nothing and names the event") func invalidEvent() async throws {
    try await withServiceHarness(CounterService.self) { service in
      for event in [Counter.poke("1", amount: 1), Counter.poke("2", amount: -1)] {
        _ = try await service.bus.publish([event.encoded()], timeout: .seconds(1))
      }
      let refused = await #expect(throws: RefusedEvents.self) {
        try await service.runtime.sink.apply(service.bus.events, upTo: 2)
      }
      #expect(refused?.refusals.map(\.event.offset) == [2])
      #expect(refused?.refusals.first?.error.code == "negative")
      let offset = try await service.runtime.sink.offset()
      #expect(offset == 0)
      let counter = try await service.call(Counter.show, .init(name: "poked", by: 0))
      #expect(counter.value == 0)
    }
  }

  /// Every event, unchanged.
  private struct EveryEvent: EventSet {
    static let types = EventTypes.all
    init?(_ event: StoredEvent) throws(EventError) {}
  }

  /// What a handler was given.
  private final class Seen: Sendable {
    let state = Mutex<(calls: Int, applied: [Int64])>((0, []))
  }

  @Test(
    "A large batch's refused events are found in few steps, and the others take effect in log order",
    arguments: [[], [1], [64], [17, 40], Array(1...64)] as [[Int64]])
  func refusedInBatch(refused: [Int64]) async throws {
    try await withServiceHarness(CounterService.self) { service in
      let seen = Seen()
      var router = EventRouter()
      router.on(
        EveryEvent.self,
        batch: { events, _ in
          let offsets = events.map(\.offset)
          try seen.state.withLock { seen in
            seen.calls += 1
            if let fault = offsets.first(where: refused.contains) { throw EventError(code: "bad", detail: "\(fault)") }
            seen.applied += offsets
          }
        })
      let events = (1...64).map { offset in
        StoredEvent(
          offset: offset, storedAt: service.clock.now(),
          bytes: CloudEvent(id: "\(offset)", source: "//test", type: "x").encoded())
      }
      let runs = router.decode(events).runs
      let refusals = try await service.environment.change { tx in
        try runs.flatMap { try $0.applyEach(after: 0, tx) { $0 as? EventError } }
      }
      #expect(refusals.map(\.event.offset) == refused)
      #expect(refusals.map(\.error.detail) == refused.map(String.init))
      let (calls, applied) = seen.state.withLock { $0 }
      #expect(applied == (1...64).filter { !refused.contains($0) })
      #expect(calls <= 1 + 12 * refused.count, "\(calls) calls for \(refused.count) refused events")
    }
  }

  @Test("Events that were read ahead in parts take effect like those read together", arguments: [1, 7, 20, 64])
  func readAhead(part: Int) async throws {
    try await withServiceHarness(CounterService.self) { service in
      let pokes = (1...20).map { Counter.poke("\($0)", amount: $0) }
      _ = try await service.bus.publish(pokes.map { $0.encoded() }, timeout: .seconds(1))
      let (sink, events) = (service.runtime.sink, service.bus.events)
      let prepared = Self.parts(of: events, part).compactMap { sink.prepare($0) }
      #expect(prepared.count == (20 + part - 1) / part)
      try await sink.apply(events, prepared: prepared, after: 0, upTo: 20)
      #expect(try await service.call(Counter.show, .init(name: "poked", by: 0)).value == 210)
      #expect(try await service.announced(Counter.counted).map(\.value) == (1...20).map { $0 * ($0 + 1) / 2 })
      #expect(try await sink.offset() == 20)
    }
  }

  @Test("Events that cannot be read are not read ahead, and are refused when they are applied")
  func refusedAhead() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let malformed = CloudEvent(id: "2", source: "//test", type: Counter.poke.name, data: ["name": 7])
      let published = [Counter.poke("1", amount: 1), malformed].map { $0.encoded() }
      _ = try await service.bus.publish(published, timeout: .seconds(1))
      let (sink, events) = (service.runtime.sink, service.bus.events)
      #expect(sink.prepare(Array(events.prefix(1))) != nil && sink.prepare(events) == nil)
      let refused = await #expect(throws: RefusedEvents.self) {
        try await sink.apply(events, prepared: [], after: 0, upTo: 2)
      }
      #expect(refused?.refusals.map(\.event.offset) == [2])
    }
  }

  private static func parts(of events: [StoredEvent], _ size: Int) -> [[StoredEvent]] {
    stride(from: 0, to: events.count, by: size).map { Array(events[$0..<min($0 + size, events.count)]) }
  }

  @Test("A handler gets what was read ahead in parts at once, in the order of the log")
  func joinedRuns() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let seen = Seen()
      var router = EventRouter()
      router.on(
        EveryEvent.self,
        batch: { events, _ in
          let offsets = events.map(\.offset)
          seen.state.withLock { seen in
            seen.calls += 1
            seen.applied += offsets
          }
        })
      let events = (1...64).map { offset in
        StoredEvent(
          offset: offset, storedAt: service.clock.now(),
          bytes: CloudEvent(id: "\(offset)", source: "//test", type: "x").encoded())
      }
      let runs = Self.parts(of: events, 10).flatMap { router.decode($0).runs }.joiningHandlers()
      #expect(runs.count == 1)
      try await service.environment.change { tx in for run in runs { try run.apply(after: 0, tx) } }
      let (calls, applied) = seen.state.withLock { $0 }
      #expect(calls == 1 && applied == Array(1...64))
    }
  }

  @Test("Malformed data are reported as an error in the event") func malformedData() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let event = CloudEvent(id: "1", source: "//test", type: Counter.poke.name, data: ["name": 7])
      let error = await #expect(throws: EventError.self) { try await service.receive(event) }
      #expect(error?.code == "malformed-data")
      #expect(error?.detail.contains("data.launch: ") == true, "\(error?.detail ?? "")")
    }
  }

  @Test("Text that no store can hold is reported as an error in the event") func unstorableText() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let event = Counter.poke("1", name: "a\u{0}b", amount: 1)
      let error = await #expect(throws: EventError.self) { try await service.receive(event) }
      #expect(error?.code == "value")
      #expect(error?.detail.contains("U+0000") == true)
    }
  }

  @Test("Without matching events, the offset follows the searched log") func noEvents() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.runtime.sink.apply([], upTo: 41)
      let offset = try await service.runtime.sink.offset()
      #expect(offset == 41)
    }
  }

  @Test("A rejected announcement is stored and sent again after the next start") func rejectedAnnouncement()
    async throws
  {
    try await StorageEngine.standard.withFolder { folder in
      let bus = MemoryBus(clock: ManualClock(Timestamp(microseconds: 0)))
      try await withServiceHarness(CounterService.self, in: folder, bus: bus) { service in
        bus.reject(types: [Counter.counted.name])
        try await service.call(Counter.add, .init(name: "a", by: 1))
        try await service.runtime.publishAnnouncements()
        let stats = try await service.call(ServiceRoutes.stats(.tiering), .init())
        #expect(stats.outbox == OutboxStats(unsent: 0, rejected: 1))
      }
      bus.reject(types: [])
      try await withServiceHarness(CounterService.self, in: folder, bus: bus) { service in
        let announced = try await service.announced(Counter.counted)
        #expect(announced.map(\.value) == [1])
      }
    }
  }

  @Test("An announcement left unsent by a stop is sent after the next start") func unsentAnnouncement() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(
        CounterService.self, in: folder, announcementWait: .milliseconds(10)
      ) { service in
        service.bus.isReachable = false
        try await service.result(Counter.add, .init(name: "a", by: 1))
      }
      try await withServiceHarness(CounterService.self, in: folder) { service in
        let announced = try await service.announced(Counter.counted)
        #expect(announced == [.init(name: "a", value: 1)])
      }
    }
  }

  @Test("A time up to 5 minutes after storage is accepted, and a later one refused")
  func times() throws {
    let stored = try #require(Timestamp("2027-03-02T09:00:00Z"))
    try EventTime.requirePast(stored.adding(seconds: 300), storedAt: stored)
    let late = Timestamp(microseconds: stored.adding(seconds: 300).microseconds + 1)
    let error = #expect(throws: EventError.self) { try EventTime.requirePast(late, storedAt: stored) }
    #expect(error?.code == "future-time")
  }
}
