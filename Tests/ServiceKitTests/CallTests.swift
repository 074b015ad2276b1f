import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite struct CallTests {
  private typealias Counter = CounterService

  @Test("A change is stored, announced and linked in the audit") func change() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let result = try await service.call(Counter.add, .init(name: "a", by: 2))
      #expect(result == .init(name: "a", value: 2))
      let events = try await service.announcements()
      let event = try #require(events.first)
      #expect(events.count == 1)
      #expect(event.type == "dev.gonogo.counter.counted.v1")
      #expect(event.source == "/gonogo/tiering")
      #expect(event.subject == "a")
      let header = try JSONCoding.decode(AnnouncementHeader.self, from: event.data ?? .null)
      #expect(header.version == 2)
      #expect(header.at == service.clock.now())
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "a"))
      #expect(trail.head == header.chain)
      #expect(trail.links.map(\.action) == ["dev.gonogo.counter.counted.v1"])
      let verification = try await service.call(ServiceRoutes.auditVerify(.tiering), .init())
      #expect(verification.intact)
      #expect(verification.chains.map(\.launch) == ["a"])
    }
  }

  @Test("Text that no store can hold is refused as invalid input") func unstorableText() async throws {
    try await withServiceHarness(CounterService.self) { service in
      for route in [Counter.add, Counter.show] {
        let problem = await #expect(throws: Problem.self) {
          try await service.call(route, .init(name: "a\u{0}", by: 2))
        }
        #expect(problem?.kind == .invalid)
        #expect(problem?.code == "value-refused")
        #expect(problem?.errors.map(\.pointer) == ["/name"])
      }
    }
  }

  @Test("A failed change leaves neither data nor an audit link nor an event") func failedChange() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.fail, .init(name: "a", by: 2))
      }
      #expect(problem?.code == "never")
      let counter = try await service.call(Counter.show, .init(name: "a", by: 0))
      #expect(counter.value == 0)
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "a"))
      #expect(trail.links.isEmpty)
      let events = try await service.announcements()
      #expect(events.isEmpty)
    }
  }

  @Test("An internal error names the service, the method and what to search for in its log") func defect() async throws
  {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.defect, .init(name: "a", by: 2))
      }
      #expect(problem?.code == "internal-error")
      let reference = try #require(problem?.extra["reference"]?.stringValue)
      #expect(
        problem?.detail
          == "the service failed (counter.defect); see tiering's log, reference \(reference)")
    }
  }

  @Test("A change that is too large to announce is refused and stores nothing") func tooLargeToAnnounce() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let name = String(repeating: "x", count: 70_000)
      let problem = await #expect(throws: Problem.self) {
        try await service.environment.change { tx in
          try tx.announce(Counter.counted, launch: "a", version: 1, .init(name: name, value: 1))
        }
      }
      #expect(problem?.kind == .tooLarge)
      #expect(problem?.code == "too-large")
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), AuditShowParameters(launch: "a"))
      #expect(trail.links.isEmpty)
      let events = try await service.announcements()
      #expect(events.isEmpty)
    }
  }

  @Test("Without the bus, a change is made and warns that it is not announced yet") func unreachableBus() async throws {
    try await withServiceHarness(CounterService.self, announcementWait: .milliseconds(10)) { service in
      service.bus.isReachable = false
      let result = try await service.result(Counter.add, .init(name: "a", by: 1))
      #expect(result["announced"] == false)
      #expect(result["value"] == 1)
      service.bus.isReachable = true
      let announced = try await service.announced(Counter.counted)
      #expect(announced == [.init(name: "a", value: 1)])
    }
  }

  @Test("A repeated call with the same key gets the first answer and changes nothing") func repeatedCall() async throws
  {
    try await withServiceHarness(CounterService.self) { service in
      let meta = CallMeta(idempotencyKey: "k")
      let first = try await service.result(Counter.add, .init(name: "a", by: 1), meta: meta)
      let again = try await service.result(Counter.add, .init(name: "a", by: 1), meta: meta)
      #expect(first == again)
      let counter = try await service.call(Counter.show, .init(name: "a", by: 0))
      #expect(counter.value == 1)
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.add, .init(name: "a", by: 2), meta: meta)
      }
      #expect(problem?.kind == .conflict)
    }
  }

  @Test("Concurrent calls with the same key make one change") func concurrentCalls() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let values = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 {
          group.addTask {
            try await service.call(Counter.add, .init(name: "a", by: 1), meta: CallMeta(idempotencyKey: "k")).value
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(values == Array(repeating: 1, count: 20))
    }
  }

  @Test("A change of an outdated version conflicts") func expectedVersion() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.call(Counter.add, .init(name: "a", by: 3), meta: CallMeta(expectedVersion: 0))
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.add, .init(name: "a", by: 3), meta: CallMeta(expectedVersion: 1))
      }
      #expect(problem?.kind == .conflict)
      #expect(problem?.extra["current"] == 3)
    }
  }

  @Test("A call waits for the offset that it names, or fails as lagging") func offset() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.show, .init(name: "a", by: 0), meta: CallMeta(ttlMs: 20, after: 1))
      }
      #expect(problem?.kind == .unavailable)
      #expect(problem?.code == "lagging")
      #expect(problem?.retryable == true)
      async let waiting = service.call(Counter.show, .init(name: "poked", by: 0), meta: CallMeta(after: 1))
      try await service.receive(
        Counter.poke, from: .metrics, launch: "poked", .init(name: "poked", amount: 4))
      #expect(try await waiting.value == 4)
    }
  }

  @Test("A call that needs events is answered with the reason why the service cannot process them") func stalled()
    async throws
  {
    try await withServiceHarness(CounterService.self) { service in
      @Sendable func problem(_ failure: any Error, _ meta: CallMeta = CallMeta(after: 1)) async -> Problem? {
        service.environment.progress.record(failure: failure)
        return await #expect(throws: Problem.self) {
          try await service.call(Counter.show, .init(name: "a", by: 0), meta: meta)
        }
      }
      // Without a limit of its own: these are answered before the deadline.
      let full = await problem(StorageError(.diskFull, "the disk is full: /data, 0 MiB free"))
      #expect(full?.kind == .unavailable)
      #expect(full?.code == "disk-full")
      // The call only reads: "nothing was changed" is for calls that change something.
      #expect(full?.detail == "the disk is full: /data, 0 MiB free; free up space and try again")
      let damaged = await problem(
        Problem.unavailable("corrupt-event", title: "damaged", "the event at offset 1 is missing"))
      #expect(damaged?.code == "corrupt-event")
      #expect(
        damaged?.detail
          == "tiering cannot process the events that the call needs: the event at offset 1 is missing")
      let lagging = await problem(
        Problem.unavailable("unreachable", title: "cannot reach the bus", "no socket"), CallMeta(ttlMs: 20, after: 1))
      #expect(lagging?.code == "lagging")
      #expect(lagging?.detail.hasSuffix("the call needs 1: no socket; try again") == true)
    }
  }

  @Test("A change whose announcement the bus refuses to store says why") func refusedAnnouncement() async throws {
    try await withServiceHarness(CounterService.self, announcementWait: .milliseconds(10)) { service in
      service.bus.publishFailure = .unavailable("corrupt-log", "the record of sources and ids contradicts event 3")
      try await service.call(Counter.add, .init(name: "a", by: 1))
      await #expect(throws: Problem.self) { try await service.runtime.publishAnnouncements() }
      let result = try await service.result(Counter.add, .init(name: "a", by: 1))
      #expect(result["announced"] == false)
      #expect(
        result["warnings"]?.arrayValue?.first
          == "the bus does not store the announcement: the record of sources and ids contradicts event 3")
      service.bus.publishFailure = nil
      let announced = try await service.announced(Counter.counted)
      #expect(announced.map(\.value) == [1, 2])
    }
  }

  @Test("A change that needs an unreachable service is not made") func askingAnotherService() async throws {
    let peers = StubPeers()
    try await withServiceHarness(CounterService.self, peers: peers) { service in
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.addAsked, .init(name: "a", by: 0))
      }
      #expect(problem?.kind == .unavailable)
      peers.answer(Counter.ask) { _ in .init(name: "", by: 5) }
      let counter = try await service.call(Counter.addAsked, .init(name: "a", by: 0))
      #expect(counter.value == 5)
    }
  }

  @Test(
    "Invalid parameters are named",
    arguments: [
      ("{\"name\":7,\"by\":1}", "/name"), ("{\"by\":1}", "/name"), ("{\"name\":\"a\",\"by\":\"x\"}", "/by"),
    ])
  func invalidParameters(_ params: String, _ pointer: String) async throws {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        _ = try await service.send("counter.add", params: Array(params.utf8), as: ProcessIdentity.ownPrincipal)
      }
      #expect(problem?.kind == .invalidParams)
      #expect(problem?.errors.map(\.pointer) == [pointer])
    }
  }

  @Test("An unknown method is reported as not found") func unknownMethod() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        _ = try await service.send("launch.fly", params: Array("{}".utf8), as: .uid(0))
      }
      #expect(problem?.kind == .methodNotFound)
    }
  }

  @Test("An expired call changes nothing") func expired() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.add, .init(name: "a", by: 1), meta: CallMeta(ttlMs: 0))
      }
      #expect(problem?.kind == .expired)
      let counter = try await service.call(Counter.show, .init(name: "a", by: 0))
      #expect(counter.value == 0)
    }
  }
}
