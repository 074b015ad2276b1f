import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite struct TemplateRecordTests {
  /// Due three business days before the launch, on 25 February.
  private static let walk: JSONValue = [
    "key": "walk", "title": "Walk-through recorded", "section": "CS and Support readiness", "function": "cs",
    "tiers": [0, 1, 2], "due": "3 business days before", "why": "administrators did not find the settings",
  ]

  /// Ships the launch after a NO-GO for an item that was blocked, and lets metrics answer.
  private static func ship(_ stage: Stage, missed: [String] = ["adoption"]) async throws {
    try await stage.act(ChecklistRoutes.block, "qa", as: "erin")
    try await stage.decide(.noGo)
    stage.set("2027-02-04T15:00:00Z")
    try await stage.act(ChecklistRoutes.unblock, "qa", as: "erin")
    try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
    try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
    try await stage.harness.settle()
    stage.harness.peers.answer(MetricsRoutes.verdicts) { request in
      MetricsView(
        launch: request.launch, sealed: true, digest: "d", asOf: Stage.at("2027-04-01T00:00:00Z"), offset: 1,
        metrics: [MetricView(key: "adoption", kind: "adoption", verdict: missed.isEmpty ? .met : .missed)])
    }
  }

  private static func record(_ stage: Stage, _ key: ItemKey?) async throws -> TemplateRecord {
    try await stage.harness.call(ChecklistRoutes.templateRecord, TemplateRecordRequest(key: key), as: "erin")
  }

  @Test("A record combines the item's revisions, the decisions and the outcome from metrics")
  func record() async throws {
    try await Stage.with { stage in
      #expect(try await Self.record(stage, "qa").items.map(\.launches) == [0], "nothing was decided or shipped yet")
      try await Self.ship(stage)
      let record = try await Self.record(stage, "qa")
      let qa = try #require(record.items.first)
      #expect(record.items.count == 1 && record.missing.isEmpty)
      #expect(qa.launches == 1 && qa.failed == 1 && qa.stopped == 1 && qa.late == 0 && qa.tooFew)
      // From Monday, 1 February, to Thursday.
      #expect(qa.leadTime == ItemRecord.LeadTime(n: 1, median: 3, high: 3))
      #expect(qa.followed.measured == 1 && qa.followed.missed == 1 && qa.followed.troubled == 0)
      #expect(record.launches.map(\.launch) == [Stage.launch])
      #expect(record.launches.first?.shippedOn == Stage.day("2027-02-04"))
      #expect(record.launches.first?.outcome?.missed == ["adoption"])
      let all = try await Self.record(stage, nil)
      let template = try await stage.harness.call(ChecklistRoutes.showTemplate, VersionReference(), as: "erin")
      #expect(all.items.map(\.key) == template.items.map(\.key))
    }
  }

  @Test("Without metrics the record shows the rest, and says what is missing")
  func unreachable() async throws {
    try await Stage.with { stage in
      try await Self.ship(stage)
      stage.harness.peers.removeAnswer(MetricsRoutes.verdicts)
      let record = try await Self.record(stage, "qa")
      #expect(record.items.first?.stopped == 1 && record.items.first?.followed.measured == 0)
      #expect(record.missing.count == 1 && record.missing.first?.hasPrefix("metrics: ") == true)
    }
  }

  @Test("The record of an unknown item is refused, with the nearest key")
  func unknown() async throws {
    try await Stage.with { stage in
      let refused = await problem { _ = try await Self.record(stage, "load-tset") }
      #expect(refused?.kind == .notFound)
      #expect(refused?.detail.contains("did you mean \"load-test\"") == true)
    }
  }

  @Test("Suggestions need five launches")
  func suggest() async throws {
    try await Stage.with { stage in
      try await Self.ship(stage)
      let suggestions = try await stage.harness.call(ChecklistRoutes.suggestTemplate, NoParameters(), as: "erin")
      let template = try await stage.harness.call(ChecklistRoutes.showTemplate, VersionReference(), as: "erin")
      #expect(suggestions.launches == 1 && suggestions.suggestions.isEmpty && suggestions.templateVersion == 1)
      #expect(suggestions.tooFew == template.items.map(\.key))
    }
  }

  @Test("A change is replayed from its file or as a proposal, and nothing is stored")
  func replay() async throws {
    try await Stage.with { stage in
      try await Self.ship(stage)
      let change: JSONValue = ["baseVersion": 1, "add": [Self.walk], "remove": ["qa"]]
      let replay = try await stage.harness.call(
        ChecklistRoutes.replayTemplate, ReplayTemplate(change: change), as: "erin")
      #expect(replay.launches == 1 && replay.tooFew && replay.missing.isEmpty)
      #expect(replay.items.map(\.key) == ["walk", "qa"])
      // The launch got its checklist on 1 February, before the item's due day.
      #expect(replay.items.first?.after?.launches == 1 && replay.items.first?.after?.stopped == 0)
      // From the NO-GO on 1 February to the item's completion on 4 February.
      #expect(replay.items.last?.before?.stopped == 1 && replay.items.last?.before?.days == 3)
      #expect(replay.items.last?.before?.stoppedMissedAdoption == 1)
      let list = try await stage.harness.call(ChecklistRoutes.listTemplates, NoParameters(), as: "erin")
      #expect(list.current == 1 && list.proposals.isEmpty)

      let proposal = try await stage.harness.call(
        ChecklistRoutes.proposeTemplate, TemplateProposal(change: change, reason: "learned"), as: "erin")
      let again = try await stage.harness.call(
        ChecklistRoutes.replayTemplate, ReplayTemplate(proposal: proposal.id), as: "erin")
      #expect(again == replay)
      try await stage.harness.call(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: proposal.id), as: "dana")
      let adopted = try await stage.harness.call(
        ChecklistRoutes.replayTemplate, ReplayTemplate(proposal: proposal.id), as: "erin")
      #expect(adopted == replay, "an adopted proposal is replayed on its base")
    }
  }

  @Test("A replay names exactly one change, which could be adopted")
  func refused() async throws {
    try await Stage.with { stage in
      func refusal(_ request: ReplayTemplate) async -> Problem? {
        await problem { _ = try await stage.harness.call(ChecklistRoutes.replayTemplate, request, as: "erin") }
      }
      let change: JSONValue = ["baseVersion": 1, "add": [Self.walk]]
      #expect(await refusal(ReplayTemplate())?.code == "one-change")
      #expect(await refusal(ReplayTemplate(proposal: "l1", change: change))?.code == "one-change")
      #expect(await refusal(ReplayTemplate(proposal: "l1"))?.code == "proposal-not-found")
      var late = Self.walk.objectValue ?? [:]
      late["dependencies"] = ["nothing"]
      let faulty = await refusal(ReplayTemplate(change: ["baseVersion": 1, "add": [.object(late)]]))
      #expect(faulty?.errors.map(\.pointer) == ["/add/0/dependencies/0"])
    }
  }

  @Test("The next launch has what a learning added, with its origin in why; a running launch does not")
  func why() async throws {
    try await Stage.with { stage in
      let change = try TemplateChange(reading: ["baseVersion": 1, "add": [Self.walk]])
      try await stage.harness.receive(
        Announcements.learningProposed, from: .review, launch: Stage.launch.rawValue, by: "petra",
        LearningProposed(
          learning: "smart-routing-l1", target: "template", text: "Show the settings", launches: [Stage.launch],
          change: change))
      try await stage.harness.call(
        ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: "smart-routing-l1"), as: "dana")
      let next = try #require(LaunchID("queue-forecast"))
      var record = Stage.record()
      record.plan.launch = next
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: next.rawValue, by: "petra",
        LaunchAnnounced(record: record, changed: []))
      let items = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: next), as: "erin").items
      let item = try #require(items.first { $0.key == "walk" })
      #expect(
        item.why
          == "from learning smart-routing-l1 of smart-routing: administrators did not find the settings")
      let running = try await stage.harness.call(
        ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
      #expect(!running.items.contains { $0.key == "walk" })
    }
  }

  @Test("A learning about another document does not become a template proposal")
  func otherTarget() async throws {
    try await Stage.with { stage in
      try await stage.harness.receive(
        Announcements.learningProposed, from: .review, launch: Stage.launch.rawValue, by: "petra",
        LearningProposed(
          learning: "smart-routing-l1", target: "policy", text: "Prices", launches: [Stage.launch],
          document: ["version": 1]))
      let list = try await stage.harness.call(ChecklistRoutes.listTemplates, NoParameters(), as: "erin")
      #expect(list.proposals.isEmpty)
    }
  }
}
