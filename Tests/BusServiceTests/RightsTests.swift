import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Testing
import TestSupport

@testable import BusService

@Suite("Publish and read rights")
struct RightsTests {
  private static let me = ProcessIdentity.ownPrincipal
  private static let anotherUser = Principal("uid:4294967294")
  private static let announcement = Announcements.launchStatus.name

  /// A bus that runs as another user, so that the test does not count as a service.
  private static let asOutsider = BusSetup(ownPrincipals: [anotherUser])

  /// Publishes the events and expects these error codes; nil for a stored event.
  private func publish(
    _ events: [[UInt8]] = Self.events, on bus: RunningBus, expecting codes: [String?],
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let results = try await bus.calls.publish(events)
    #expect(results.map(\.error?.code) == codes, sourceLocation: location)
  }

  private static let events = [
    RunningBus.event("1", type: SignalType.featureUsed.rawValue), RunningBus.event("2", type: "com.example.a"),
    RunningBus.event("3", type: announcement), RunningBus.event("4", source: "/gonogo/tiering"),
  ]

  @Test("Without a roster, anyone may publish signals and foreign types, but not the services' events")
  func beforeRoster() async throws {
    try await withBus(Self.asOutsider) { bus in
      try await publish(on: bus, expecting: [nil, nil, "forbidden", "forbidden"])
      #expect(try await bus.calls.head().head == 2)
    }
  }

  @Test("A refusal quotes only a short part of a long source, type or method")
  func longQuotations() async throws {
    let long = String(repeating: "x", count: 40_000)
    try await withBus(Self.asOutsider) { bus in
      let refused = [
        RunningBus.event("1", source: "/gonogo/\(long)"), RunningBus.event("2", type: "dev.gonogo.\(long)"),
        RunningBus.event("3", source: "not a reference \(long)"),
        Array("{\"\(long)\": 1, \"\(long)\": 2}".utf8),
      ]
      let results = try await bus.calls.publish(refused)
      for result in results {
        let error = try #require(result.error)
        #expect(error.detail.utf8.count < 500, "\(error)")
        #expect((error.pointer ?? "").utf8.count <= 100)
      }
    }
  }

  @Test("Services may publish everything")
  func services() async throws {
    try await withBus { bus in
      try await publish(on: bus, expecting: [nil, nil, nil, nil])
    }
  }

  /// Runs the body with a bus that has seen a roster announcement.
  private func withRoster(
    _ roster: Roster, as setup: BusSetup = Self.asOutsider, _ body: @Sendable (RunningBus) async throws -> Void
  ) async throws {
    try await StorageEngine.standard.withFolder { folder in
      try await withBus(in: folder) { bus in
        let adopted = RosterAdopted(rosterVersion: 1, digest: "", document: roster)
        let data = String(decoding: try JSONCoding.encode(adopted), as: UTF8.self)
        let event = RunningBus.event(
          "r", source: ServiceName.checklist.eventSource, type: Announcements.rosterAdopted.name, data: data)
        #expect(try await bus.calls.publish([event]).map(\.status) == [.stored])
        // The roster must survive the pruning of its event.
        _ = try await bus.client.call(BusRoutes.prune, PruneParameters(through: 1))
      }
      try await withBus(setup, in: folder, body)
    }
  }

  private static let dana = Person(name: "Dana", principals: [Principal("uid:1")])

  @Test("With a roster, an ungranted principal neither publishes nor reads; ping is answered")
  func nobody() async throws {
    try await withRoster(Roster(people: ["dana": Self.dana])) { bus in
      try await publish(on: bus, expecting: Array(repeating: "forbidden", count: 4))
      for method in ["events.head", "events.settle", "quarantine.list", "service.info", "rpc.discover"] {
        let problem = await #expect(throws: Problem.self) { _ = try await bus.call(method) }
        #expect(problem?.kind == .forbidden)
      }
      #expect(try await bus.call("service.ping")["service"] == "bus")
    }
  }

  @Test("A grant allows its sources and types, but never the services' own")
  func grants() async throws {
    let granted = Grant.Publish(sources: ["//test", "/gonogo/"], types: ["dev.", "com.example.b"])
    let roster = Roster(people: ["dana": Self.dana], grants: [Grant(principal: Self.me, publish: granted)])
    try await withRoster(roster) { bus in
      try await publish(on: bus, expecting: [nil, "forbidden", "forbidden", "forbidden"])
      try await publish([RunningBus.event("5", source: "//other")], on: bus, expecting: ["forbidden"])
      await #expect(throws: Problem.self) { try await bus.calls.head() }
    }
  }

  @Test("A grant limited to items allows evidence about those items only, however the data is sent")
  func narrowed() async throws {
    let evidence = SignalType.evidenceRecorded.rawValue
    let granted = Grant.Publish(
      sources: ["//test"], types: [EventNamespace.signals], items: ["qa", "kb-article/de"])
    let roster = Roster(people: ["dana": Self.dana], grants: [Grant(principal: Self.me, publish: granted)])
    @Sendable func event(_ id: String, _ data: String) -> [UInt8] { RunningBus.event(id, type: evidence, data: data) }
    try await withRoster(roster) { bus in
      try await publish(
        [
          event("1", #"{"item":"qa"}"#), event("2", #"{"item":"internal-demo"}"#), event("3", #"{}"#),
          event("4", #"{"item":"kb-article","instance":"de"}"#), event("5", #"{"item":"kb-article","instance":"en"}"#),
          event("6", #"{"item":"qa","instance":"x"}"#), event("7", #"{"item":"\u0071a"}"#),
          RunningBus.event("8", type: SignalType.featureUsed.rawValue),
          Array(
            #"{"specversion":"1.0","id":"9","source":"//test","type":"\#(evidence)","data_base64":"eyJpdGVtIjoibG9hZCJ9"}"#
              .utf8),
        ], on: bus,
        expecting: [nil, "forbidden", "forbidden", nil, "forbidden", nil, nil, "forbidden", "forbidden"])
    }
    let wide = Grant.Publish(sources: ["//test"], types: [evidence])
    let both = Roster(
      people: ["dana": Self.dana],
      grants: [Grant(principal: Self.me, publish: granted), Grant(principal: Self.me, publish: wide)])
    try await withRoster(both) { bus in
      try await publish([event("2", #"{"item":"internal-demo"}"#)], on: bus, expecting: [nil])
    }
  }

  @Test("A grant limited to items allows other signals only if it names their types in full")
  func narrowedSignals() async throws {
    let types: [SignalType] = [.flagChanged, .articlePublished, .deployFinished, .featureUsed]
    let events = types.enumerated().map { RunningBus.event("\($0 + 1)", type: $1.rawValue) }
    func roster(_ types: [String], items: [ItemKey]? = ["qa"]) -> Roster {
      let granted = Grant.Publish(sources: ["//test"], types: types, items: items)
      return Roster(people: ["dana": Self.dana], grants: [Grant(principal: Self.me, publish: granted)])
    }
    let flag = SignalType.flagChanged.rawValue
    let cases: [(Roster, [String?])] = [
      (roster([EventNamespace.signals]), Array(repeating: "forbidden", count: 4)),
      (roster([EventNamespace.signals, flag]), [nil, "forbidden", "forbidden", "forbidden"]),
      (roster([String(flag.dropLast())]), Array(repeating: "forbidden", count: 4)),
      (roster([EventNamespace.signals], items: nil), [nil, nil, nil, nil]),
    ]
    for (roster, expected) in cases {
      try await withRoster(roster) { bus in try await publish(events, on: bus, expecting: expected) }
    }
  }

  @Test("A principal with an explicit grant for service events counts as a service")
  func grantedService() async throws {
    let granted = Grant.Publish(sources: ["/gonogo/"], types: ["dev.gonogo.launch."])
    let roster = Roster(people: ["dana": Self.dana], grants: [Grant(principal: Self.me, publish: granted)])
    try await withRoster(roster) { bus in
      try await publish(on: bus, expecting: [nil, nil, nil, nil])
      #expect(try await bus.calls.commit(consumer: "metrics", offset: 0).consumer == "metrics")
    }
  }

  @Test("Everyone on the roster reads; Product Ops publishes, prunes and empties the quarantine")
  func people() async throws {
    var me = Person(name: "Me", principals: [Self.me])
    try await withRoster(Roster(people: ["me": me])) { bus in
      #expect(try await bus.calls.head().head == 1)
      try await publish(on: bus, expecting: Array(repeating: "forbidden", count: 4))
      for call in [("events.prune", ["through": 1]), ("quarantine.discard", ["consumer": "bus"])]
        as [(String, JSONValue)]
      {
        let problem = await #expect(throws: Problem.self) { _ = try await bus.call(call.0, call.1) }
        #expect(problem?.kind == .forbidden)
      }
      let problem = await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: "metrics", offset: 0) }
      #expect(problem?.kind == .forbidden)
    }
    me.roles = ["product-ops"]
    try await withRoster(Roster(people: ["me": me])) { bus in
      try await publish(on: bus, expecting: [nil, nil, "forbidden", "forbidden"])
      #expect(try await bus.call("quarantine.discard", ["consumer": "bus"]) == ["count": 2])
    }
  }

  @Test("Registering a consumer and quarantining an event require a grant")
  func grantedRights() async throws {
    let me = Person(name: "Me", principals: [Self.me])
    let add: JSONValue = ["consumer": "warehouse", "offset": 1, "code": "bad", "attempts": 1]
    try await withRoster(Roster(people: ["me": me])) { bus async throws in
      for call in [("events.commit", ["consumer": "warehouse", "offset": 0]), ("quarantine.add", add)]
        as [(String, JSONValue)]
      {
        let problem = await #expect(throws: Problem.self) { _ = try await bus.call(call.0, call.1) }
        #expect(problem?.kind == .forbidden)
        #expect(problem?.detail.contains("rights: [") == true)
      }
    }
    // A machine that is nobody's.
    let grant = Grant(principal: Self.me, rights: [.consume, .quarantine])
    try await withRoster(Roster(people: ["dana": Self.dana], grants: [grant])) { bus async throws in
      #expect(try await bus.calls.commit(consumer: "warehouse", offset: 0).consumer == "warehouse")
      #expect(try await bus.calls.head().head == 1, "a consumer may read")
      #expect(try await bus.call("quarantine.add", add, parts: [RunningBus.event("1")])["consumer"] == "warehouse")
      let problem = await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: "metrics", offset: 0) }
      #expect(problem?.kind == .forbidden, "a service's name is the service's")
    }
  }

  @Test("The number of consumers is bounded")
  func consumers() async throws {
    let grant = Grant(principal: Self.me, rights: [.consume])
    try await withRoster(Roster(people: ["dana": Self.dana], grants: [grant])) { bus async throws in
      for number in 0..<LogHandlers.maximumConsumers {
        _ = try await bus.calls.commit(consumer: "c\(number)", offset: 0)
      }
      let problem = await #expect(throws: Problem.self) { try await bus.calls.commit(consumer: "one-more", offset: 0) }
      #expect(problem?.code == "too-many-consumers")
      #expect(try await bus.calls.commit(consumer: "c1", offset: 1).offset == 1)
    }
  }

  @Test("What one principal may quarantine in a minute is limited, by bytes and by number")
  func quarantineBudget() throws {
    let (budget, now) = (QuarantineBudget(), ContinuousClock.now)
    for _ in 0..<8 { try budget.take(1 << 20, from: Self.me, at: now) }
    let problem = #expect(throws: Problem.self) { try budget.take(1, from: Self.me, at: now + .seconds(59)) }
    #expect(problem?.kind == .busy)
    #expect(problem?.retryAfterMs == 1_001)
    try budget.take(1, from: Self.anotherUser, at: now)
    for _ in 0..<QuarantineBudget.limit.entries { try budget.take(0, from: Self.me, at: now + .seconds(60)) }
    #expect(throws: Problem.self) { try budget.take(0, from: Self.me, at: now + .seconds(61)) }
  }

  @Test("A service that acts on behalf of a person has exactly that person's rights")
  func namedBySomeService() async throws {
    let roster = Roster(
      people: [
        "dana": Person(name: "Dana", roles: ["product-ops"], principals: [Principal("uid:1")]),
        "lena": Person(name: "Lena"),
      ], grants: [Grant(principal: Self.me, onBehalfOf: "lena"), Grant(principal: Self.me, onBehalfOf: "dana")])
    try await withRoster(roster, as: BusSetup()) { bus in
      let discard = try JSONCoding.encode(QuarantineSelection(consumer: "bus"))
      func call(_ method: String, _ params: [UInt8], for person: PersonID) async throws {
        _ = try await bus.client.call(method: method, params: params, meta: CallMeta(onBehalfOf: person))
      }
      let refused = await #expect(throws: Problem.self) { try await call("quarantine.discard", discard, for: "lena") }
      #expect(refused?.kind == .forbidden)
      try await call("events.head", Array("{}".utf8), for: "lena")
      try await call("quarantine.discard", discard, for: "dana")
      let ungranted = await #expect(throws: Problem.self) {
        try await call("events.head", Array("{}".utf8), for: "nobody")
      }
      #expect(ungranted?.kind == .forbidden)
      #expect(try await bus.call("quarantine.discard", ["consumer": "bus"]) == ["count": 0], "on its own behalf")
    }
  }
}
