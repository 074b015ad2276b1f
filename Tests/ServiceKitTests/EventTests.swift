import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@Suite struct EventTests {
  private typealias Counter = CounterService

  @Test func anEventGivenTwiceHasItsEffectOnce() async throws {
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

  @Test func aBatchWithAFaultyEventChangesNothingAndTheFaultIsTheEvents() async throws {
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

  @Test func dataOfAnotherFormAreTheEventsFault() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let event = CloudEvent(id: "1", source: "//test", type: Counter.poke.name, data: ["name": 7])
      let fault = await #expect(throws: EventError.self) { try await service.receive(event) }
      #expect(fault?.code == "malformed-data")
    }
  }

  @Test func aTextThatNoStoreKeepsIsTheEventsFault() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let event = Counter.poke("1", name: "a\u{0}b", amount: 1)
      let fault = await #expect(throws: EventError.self) { try await service.receive(event) }
      #expect(fault?.code == "value")
      #expect(fault?.detail.contains("U+0000") == true)
    }
  }

  @Test func withoutEventsTheOffsetFollowsTheSearchedLog() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.runtime.sink.apply([], upTo: 41)
      let offset = try await service.runtime.sink.offset()
      #expect(offset == 41)
    }
  }

  @Test func anAnnouncementThatTheBusRefusesIsKeptAndTriedAgainAtTheNextStart() async throws {
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

  @Test func whatWasNotAnnouncedBeforeAStopIsAnnouncedAfterTheNextStart() async throws {
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
}
