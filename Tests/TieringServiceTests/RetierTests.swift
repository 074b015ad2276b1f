import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Previewing changes and re-tiering") struct RetierTests {
  private static func preview(version: Int, failing: Bool) -> ChecklistPreview {
    let item = ChecklistPreview.Item(
      key: "load-test", instance: nil, function: .engineering, state: failing ? .blocked : .open,
      due: LocalDate(ordinal: 20_000), wasDue: nil, failing: failing)
    return ChecklistPreview(
      version: version, added: [], removed: [item], kept: 6, moved: [], impossible: [], stale: [],
      approvalsStanding: [], approvalsFalling: [], votesFalling: [], decisionStale: [])
  }

  /// A launch with a checklist that returns the given preview.
  private static func withChecklist(
    failing: Bool, _ body: @Sendable (ServiceHarness<TieringService>, StubPeers) async throws -> Void
  ) async throws {
    let peers = StubPeers()
    peers.answer(ChecklistRoutes.preview) { request in
      Self.preview(version: request.record.version - 1, failing: failing)
    }
    try await TieringStage.with(peers: peers) { harness async throws in
      try await harness.propose()
      try await harness.receive(
        Announcements.checklistInstantiated, from: .checklist, launch: "smart-routing",
        ChecklistInstantiated(templateVersion: 1, items: []))
      try await body(harness, peers)
    }
  }

  private static func lower(_ reason: String? = nil) throws -> RetierLaunch {
    RetierLaunch(launch: try smartRouting(), facts: ["kinds": ["new-feature"]], reason: reason)
  }

  @Test("A preview shows a change and stores nothing") func dryRun() async throws {
    try await Self.withChecklist(failing: true) { harness, _ async throws in
      let set: JSONValue = ["facts": ["kinds": ["new-feature"]]]
      let diff = try await harness.call(
        TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), set: set), as: "sam")
      #expect(diff.changed == ["facts.kinds", "tier"])
      #expect(diff.tier == .init(from: .major, to: .moderate))
      #expect(diff.earliestDate.to.description == "2027-02-15")
      #expect(diff.checklist?.removed.map(\.key) == ["load-test"])
      #expect(diff.needs.contains { $0.contains("load-test") })
      #expect(diff.version == 1)
      #expect(try await harness.show(try smartRouting()).version == 1)
      let date = try #require(LocalDate("2027-02-20"))
      let sooner = try await harness.call(
        TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), date: date), as: "sam")
      #expect(sooner.shortfall?.days == 9)
      #expect(sooner.date == .init(from: try #require(LocalDate("2027-03-02")), to: date))
      let explained = try await harness.call(
        TieringRoutes.preview,
        PreviewLaunch(launch: try smartRouting(), tier: .launchEvent, reason: "the summit's keynote"), as: "sam")
      #expect(explained.override?.reason == "the summit's keynote")
      let blank = await #expect(throws: Problem.self) {
        try await harness.call(
          TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), tier: .launchEvent, reason: " "), as: "sam")
      }
      #expect(blank?.code == "reason-missing", "as the override itself would be")
      let raise = try await harness.call(
        TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), tier: .launchEvent), as: "sam")
      #expect(raise.override?.reason == "no reason given yet")
      #expect(raise.changed == ["override", "tier"])
      #expect(raise.needs.contains { $0.contains("override") })
      let both = await #expect(throws: Problem.self) {
        try await harness.call(
          TieringRoutes.preview, PreviewLaunch(launch: try smartRouting(), tier: .minor, date: date), as: "sam")
      }
      #expect(both?.code == "one-change")
    }
  }

  @Test("Lowering a tier that drops a failing item requires Product Ops and a reason") func failing() async throws {
    try await Self.withChecklist(failing: true) { harness, _ async throws in
      let owner = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower("smaller"), as: "ibrahim")
      }
      #expect(owner?.kind == .forbidden)
      let bySet = await #expect(throws: Problem.self) {
        let set = SetLaunch(launch: try smartRouting(), set: ["facts": ["kinds": ["new-feature"]]], reason: "smaller")
        return try await harness.call(TieringRoutes.set, set, as: "ibrahim")
      }
      #expect(bySet?.kind == .forbidden)
      let unexplained = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower(), as: "dana")
      }
      #expect(unexplained?.code == "reason-missing")
      #expect(try await harness.call(TieringRoutes.retier, try Self.lower("smaller"), as: "dana").tier == .moderate)
    }
  }

  @Test("The owner may lower a tier that drops only open items, in a single event") func owner() async throws {
    try await Self.withChecklist(failing: false) { harness, _ async throws in
      let lowered = try await harness.call(TieringRoutes.retier, try Self.lower(), as: "ibrahim")
      #expect(lowered.tier == .moderate)
      #expect(try await harness.announced(Announcements.launchRetiered).map(\.changed) == [["facts.kinds", "tier"]])
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower(), as: "ibrahim")
      }
      #expect(again?.code == "nothing-to-change")
    }
  }

  @Test("If the checklist is unreachable, only Product Ops lowers a tier, with a reason, but the owner may raise it")
  func unreachable() async throws {
    try await Self.withChecklist(failing: false) { harness, peers async throws in
      peers.removeAnswer(ChecklistRoutes.preview)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower("smaller"), as: "ibrahim")
      }
      #expect(problem?.kind == .unavailable)
      let raise = RetierLaunch(
        launch: try smartRouting(), facts: ["publicMoment": true, "kinds": ["flagship"]], reason: nil)
      #expect(try await harness.call(TieringRoutes.retier, raise, as: "ibrahim").tier == .launchEvent)
      // It is still a public moment.
      let byOps = try await harness.call(TieringRoutes.retier, try Self.lower("smaller"), as: "dana")
      #expect(byOps.tier == .major)
    }
  }

  @Test("A lagging checklist is not accepted as the current state") func lagging() async throws {
    let peers = StubPeers()
    peers.answer(ChecklistRoutes.preview) { _ in Self.preview(version: 7, failing: false) }
    try await TieringStage.with(peers: peers) { harness async throws in
      try await harness.propose()
      try await harness.receive(
        Announcements.checklistInstantiated, from: .checklist, launch: "smart-routing",
        ChecklistInstantiated(templateVersion: 1, items: []))
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.retier, try Self.lower(), as: "ibrahim")
      }
      #expect(problem?.code == "lagging")
      #expect(try await harness.show(try smartRouting()).tier == .major)
    }
  }

  @Test("Of two concurrent changes one wins, and the other is refused with what changed") func together()
    async throws
  {
    try await Self.withChecklist(failing: false) { harness, _ async throws in
      let seen = CallMeta(expectedVersion: 1)
      let results = await withTaskGroup(of: Result<LaunchRecord, any Error>.self) { group in
        for person in ["dana", "ibrahim"] {
          group.addTask {
            do {
              return .success(try await harness.call(TieringRoutes.retier, try Self.lower("r"), as: person, meta: seen))
            } catch {
              return .failure(error)
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      let winners = results.compactMap { try? $0.get() }
      #expect(winners.map(\.version) == [2])
      let problems = results.compactMap { result -> Problem? in
        if case .failure(let error) = result { return error as? Problem }
        return nil
      }
      #expect(problems.map(\.kind) == [.conflict])
      #expect(problems.first?.detail.contains("changed kinds [\"new-surface\"] → ") == true)
    }
  }

  private static func adopt(_ harness: ServiceHarness<TieringService>) async throws {
    let document: JSONValue = [
      "version": 1, "otherwise": 3,
      "rules": [["key": "workflow", "tier": 2, "when": "changesWorkflow", "because": "it changes a workflow"]],
    ]
    let adoption = try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: document), as: "dana")
    #expect(adoption.documentVersion == 2)
  }

  @Test("A newly adopted policy applies to a running launch when it is re-tiered")
  func adoptedPolicy() async throws {
    try await Self.withChecklist(failing: false) { harness, _ async throws in
      try await Self.adopt(harness)
      #expect(try await harness.show(try smartRouting()).tier == .major)
      let again = RetierLaunch(launch: try smartRouting())
      let record = try await harness.call(TieringRoutes.retier, again, as: "ibrahim")
      let changed = try #require(try await harness.announced(Announcements.launchRetiered).last?.changed)
      #expect(Set(changed).isSuperset(of: ["tier", "tierComputed", "tierReasons", "assumed"]))
      #expect(record.tier == .moderate)
      #expect(record.tierReasons.map(\.rule) == ["workflow"])
    }
  }

  @Test("A new policy does not affect the tier if only the date, an override or other fields change")
  func adoptedPolicyLater() async throws {
    try await Self.withChecklist(failing: true) { harness, _ async throws in
      let before = try await harness.show(try smartRouting())
      try await Self.adopt(harness)
      let launch = try smartRouting()
      let moved = try await harness.call(
        TieringRoutes.reschedule, RescheduleLaunch(launch: launch, date: try #require(LocalDate("2027-04-06"))),
        as: "ibrahim")
      #expect(moved.tier == .major)
      let renamed = try await harness.call(
        TieringRoutes.set, SetLaunch(launch: launch, set: ["name": "Routing"]), as: "ibrahim")
      #expect(renamed.tier == .major)
      for tier in [Tier.launchEvent, nil] {
        try await harness.call(
          TieringRoutes.override, OverrideTier(launch: launch, tier: tier, reason: "r"), as: "dana")
      }
      let after = try await harness.show(launch)
      #expect(after.tier == .major)
      #expect(after.tierReasons == before.tierReasons)
      #expect(after.alternatives == before.alternatives)
      // A changed fact uses the adopted policy, including the check of removed items.
      let fact = SetLaunch(launch: launch, set: ["facts": ["personalData": true]])
      let refused = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.set, fact, as: "ibrahim")
      }
      #expect(refused?.kind == .forbidden)
    }
  }
}
