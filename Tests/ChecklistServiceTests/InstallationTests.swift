import ChecklistService
import JSON
import Contract
import LaunchModel
import MetricsService
import Messaging
import ServiceKit
import TestSupport
import Testing
import TieringService

/// Checklist, tiering and metrics on one bus; each calls the others as the user they all run as.
@Suite("Services of one installation") struct InstallationTests {
  private static let start = Stage.at("2027-03-02T14:00:00Z")
  private static let document: JSONValue = [
    "launch": "smart-routing", "name": "Smart routing", "owner": "petra", "date": "2027-03-02",
    "facts": ["kinds": ["new-feature"]],
  ]

  @Test("Services read from each other for decisions and the gate even if the roster does not know their user")
  func strangersToTheRoster() async throws {
    #expect(Stage.roster.person(of: ProcessIdentity.ownPrincipal) == nil, "otherwise this test proves nothing")
    try await Self.withThree { checklist, tiering, metrics in
      let launch = GateRequest(launch: Stage.launch)
      let roster = AdoptRoster(document: try JSONCoding.value(Stage.roster))
      try await checklist.call(ChecklistRoutes.adoptRoster, roster)
      try await Self.settle(checklist, tiering, metrics)
      try await tiering.call(TieringRoutes.propose, ProposeLaunch(document: Self.document), as: "dana")
      try await Self.settle(checklist, tiering, metrics)
      let gate = try await checklist.call(ChecklistRoutes.checkGate, launch, as: "erin")
      #expect(!gate.open && gate.reasons.contains { $0.code == "no-decision" })
      let decision = try await checklist.call(
        ChecklistRoutes.makeDecision,
        DecisionRequest(launch: Stage.launch, decision: .noGo, reason: "nothing is done yet"), as: "dana")
      #expect(decision.decision == .noGo)
      let refused = await problem {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: Stage.launch))
      }
      #expect(refused?.kind == .forbidden, "the right to read does not include changes")
    }
  }

  private typealias Body =
    @Sendable (ServiceHarness<ChecklistService>, ServiceHarness<TieringService>, ServiceHarness<MetricsService>)
    async throws -> Void

  private static func withThree(_ body: @escaping Body) async throws {
    let bus = MemoryBus(clock: ManualClock(start))
    let peers = StubPeers()
    try await withServiceHarness(TieringService.self, at: start, bus: bus) { tiering in
      try await withServiceHarness(MetricsService.self, at: start, bus: bus) { metrics in
        peers.answer(TieringRoutes.show) { try await tiering.call(TieringRoutes.show, $0) }
        peers.answer(MetricsRoutes.showPlan) { try await metrics.call(MetricsRoutes.showPlan, $0) }
        try await withServiceHarness(ChecklistService.self, at: start, bus: bus, peers: peers) { checklist in
          try await body(checklist, tiering, metrics)
        }
      }
    }
  }

  /// Settles all three until no new events are published.
  private static func settle(
    _ checklist: ServiceHarness<ChecklistService>, _ tiering: ServiceHarness<TieringService>,
    _ metrics: ServiceHarness<MetricsService>
  ) async throws {
    var count = -1
    while count != checklist.bus.events.count {
      count = checklist.bus.events.count
      try await checklist.settle()
      try await tiering.settle()
      try await metrics.settle()
    }
  }
}
