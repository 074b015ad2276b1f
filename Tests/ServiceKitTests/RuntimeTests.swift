import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@Suite struct RuntimeTests {
  private typealias Counter = CounterService
  private static let start = Timestamp(microseconds: 1_798_794_000_000_000)

  @Test("A clock behind the data is refused at start") func clockBehind() async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withServiceHarness(CounterService.self, at: Self.start, in: folder) { service in
        try await service.call(Counter.add, .init(name: "a", by: 1))
      }
      let failure = await #expect(throws: StartError.self) {
        try await withServiceHarness(CounterService.self, at: Self.start.adding(seconds: -1), in: folder) { _ in }
      }
      #expect(failure?.status == .wrongData)
      #expect(failure?.message.contains("GONOGO_CLOCK") == true)
    }
  }

  @Test("A clock that goes back does not move the audit times back") func clockGoesBack() async throws {
    try await withServiceHarness(CounterService.self, at: Self.start) { service in
      try await service.call(Counter.add, .init(name: "a", by: 1))
      service.clock.set(Self.start.adding(seconds: -60))
      try await service.call(Counter.add, .init(name: "a", by: 1))
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "a"))
      #expect(trail.links.map(\.at) == [Self.start, Self.start])
    }
  }

  @Test("A job acts and announces in the service's own name") func jobActor() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.sweep()
      let trail = try await service.call(ServiceRoutes.auditShow(.tiering), .init(launch: "swept"))
      #expect(trail.links.map(\.by) == ["gonogo-tiering"])
    }
  }

  @Test("Statistics count calls and contain the last error") func statistics() async throws {
    try await withServiceHarness(CounterService.self) { service in
      try await service.call(Counter.add, .init(name: "a", by: 1))
      await #expect(throws: Problem.self) { try await service.call(Counter.fail, .init(name: "a", by: 1)) }
      let stats = try await service.call(ServiceRoutes.stats(.tiering), .init())
      #expect(stats.methods["counter.add"]?.requests == 1)
      #expect(stats.methods["counter.add"]?.errors == 0)
      #expect(stats.methods["counter.fail"]?.errors == 1)
      #expect(stats.methods["counter.fail"]?.lastError?.code == "never")
      #expect(stats.consumer?.name == "tiering")
    }
  }

  @Test("Every method is listed in info and in the OpenRPC document") func methods() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let expected = [
        "audit.accept", "audit.check", "audit.show", "audit.verify", "counter.add", "counter.addAsked",
        "counter.defect", "counter.fail",
        "counter.show", "rpc.discover", "service.info", "service.ping", "service.stats",
      ]
      let info = try await service.call(ServiceRoutes.info(.tiering), .init())
      #expect(info.methods == expected)
      let document = try await service.call(ServiceRoutes.discover(.tiering), .init())
      #expect(document["methods"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == expected)
      #expect(document["openrpc"]?.stringValue?.hasPrefix("1.") == true)
    }
  }
}
