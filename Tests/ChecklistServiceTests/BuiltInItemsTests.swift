import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

/// The built-in template: the items of each tier, and what each of them asks for (product.md, section 2).
@Suite struct BuiltInItemsTests {
  private static let worker: [LaunchFunction: PersonID] = [
    .engineering: "erin", .product: "petra", .marketing: "max", .cs: "cora", .support: "sam", .sales: "sol",
    .productOps: "dana",
  ]

  /// The table of product.md, by hand; expanded items once.
  private static let keys: [Tier: Set<ItemKey>] = {
    let minor: Set = ["qa", "release-notes"]
    let moderate = minor.union(["success-metrics", "segment-email", "internal-demo", "kb-article", "support-macro"])
    let major = moderate.union([
      "performance-benchmarks", "load-test", "rollout-plan", "rollback-procedure", "launch-copy", "announcement-email",
      "social-posts", "blog-post", "campaign", "executive-communication", "escalation-path", "faq-answer",
      "battle-card", "talking-points", "all-hands",
    ])
    let event = major.union([
      "press-strategy", "analyst-briefings", "customer-event", "hypercare-roster", "hypercare-check",
    ])
    return [.minor: minor, .moderate: moderate, .major: major, .launchEvent: event]
  }()

  /// What a tick is refused with; `missing-evidence` for all others.
  private static let refusals: [ItemKey: String] = [
    "rollout-plan": "rollout-missing", "internal-demo": "unfit-attended", "success-metrics": "completed-by-metrics",
    "hypercare-roster": "hypercare-roster-missing", "hypercare-check": "not-exposed-yet",
  ]

  private static func record(_ tier: Tier, rollout: Rollout? = nil, version: Int = 1) -> LaunchRecord {
    var record = Stage.record(tier: tier, version: version)
    record.plan.allHands = Stage.day("2027-02-25")
    record.plan.rollout = rollout
    return record
  }

  private static func items(_ stage: Stage) async throws -> [ItemView] {
    try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: Stage.launch)).items
  }

  @Test(
    "Each built-in item refuses a plain tick, and is done with what it requires",
    arguments: [Tier.minor, .moderate, .major, .launchEvent])
  func byPeople(tier: Tier) async throws {
    try await Stage.with(Self.record(tier)) { stage in
      let items = try await Self.items(stage)
      #expect(Set(items.map(\.key)) == Self.keys[tier])
      for item in items {
        let person = try #require(Self.worker[item.function])
        let route = item.approvals.isEmpty ? ChecklistRoutes.done : ChecklistRoutes.submit
        let refused = await problem {
          try await stage.act(route, item.key, as: person, instance: item.instance) { $0.evidence = nil }
        }
        #expect(refused?.code == Self.refusals[item.key] ?? "missing-evidence", "\(item.reference.name)")
        try await Self.complete(item, by: person, route, in: stage)
      }
      let after = try await Self.items(stage)
      #expect(after.filter { $0.state != .done }.map(\.key) == (tier == .launchEvent ? ["hypercare-check"] : []))
      let ready = try await stage.harness.call(ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch))
      #expect(ready.reasons.compactMap(\.item) == [])
    }
  }

  /// Tries what is still wrong for the item, and then completes it.
  private static func complete(
    _ item: ItemView, by person: PersonID, _ route: Route<ItemAction, ItemResponse>, in stage: Stage
  ) async throws {
    switch item.key {
    case "rollout-plan":
      let rollout = Rollout(kind: .gradual, flag: "smart-routing", stages: [5, 25, 100])
      let tier = try await stage.harness.call(
        ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch)
      ).tier
      try await stage.announce(record(tier, rollout: rollout, version: 2))
      try await stage.act(route, item.key, as: person)
    case "rollback-procedure":
      let refused = await problem { try await stage.act(route, item.key, as: person) }
      #expect(refused?.code == "missing-person")
      try await stage.act(route, item.key, as: person) { $0.person = "lena" }
    case "internal-demo":
      let alone = await problem { try await stage.act(route, item.key, as: person) { $0.attended = ["cora", "sam"] } }
      #expect(alone?.code == "unfit-attended", "Cora reports it, and so presented")
      try await stage.act(route, item.key, as: person) {
        $0.attended = ["cora", "sam"]
        $0.presenter = "petra"
      }
    case "success-metrics": try await stage.seal()
    case "hypercare-roster":
      let shift: JSONValue = [
        "person": "sam", "from": "2027-03-02T00:00", "to": "2027-03-03T00:00", "until": "2027-03-15",
      ]
      try await stage.harness.call(
        ChecklistRoutes.setHypercareRoster,
        SetHypercareRoster(launch: Stage.launch, document: ["responseMinutes": 30, "shifts": [shift]]), as: "sam")
      try await stage.act(route, item.key, as: person)
    case "hypercare-check": break
    default:
      try await stage.act(route, item.key, as: person, instance: item.instance)
      let approvers = item.key == "launch-copy" ? [("petra", "product"), ("lena", "legal")] : [("mia", "marketing")]
      for (approver, group) in item.approvals.isEmpty ? [] : approvers {
        try await stage.act(ChecklistRoutes.approve, item.key, as: approver) { $0.group = group }
      }
    }
  }

  @Test("An event that only reports a pass leaves an item open, unless such an event is the required evidence")
  func byEvents() async throws {
    let rollout = Rollout(kind: .full)
    try await Stage.with(Self.record(.major, rollout: rollout)) { stage in
      let items = try await Self.items(stage)
      let byEvent: Set = ["qa", "performance-benchmarks", "load-test", "rollout-plan"]
      let others: Set = ["kb-article", "success-metrics"]
      for item in items where item.approvals.isEmpty && !others.contains(item.key) {
        try await Self.report(item, [:], in: stage)
        let first = try await stage.show(item.key, instance: item.instance).item
        #expect(first.state == (byEvent.contains(item.key) ? .done : .open), "\(item.reference.name)")
        #expect(first.missing?.isEmpty == byEvent.contains(item.key))
        guard first.state == .open else { continue }
        let everything: [String: JSONValue] = [
          "url": "https://docs.example/1", "person": "lena", "attended": ["cora", "sam"], "presenter": "petra",
        ]
        try await Self.report(item, everything, in: stage)
        #expect(try await stage.show(item.key, instance: item.instance).item.state == .done, "\(item.reference.name)")
      }
    }
  }

  private static func report(_ item: ItemView, _ more: [String: JSONValue], in stage: Stage) async throws {
    stage.harness.clock.advance(seconds: 60)
    var data: [String: JSONValue] = ["launch": "smart-routing", "item": .string(item.key), "outcome": "passed"]
    data["instance"] = item.instance.map { .string($0) }
    let now = stage.harness.clock.now()
    try await stage.harness.receive(
      Signals.event(.evidenceRecorded, id: "\(now)", at: now, .object(data.merging(more) { _, new in new })))
  }

  @Test("The lint of the built-in template finds items that assert something alone, and those of a file")
  func lint() async throws {
    try await Stage.with { stage in
      func lint(_ document: JSONValue? = nil) async throws -> TemplateLintReport {
        try await stage.harness.call(ChecklistRoutes.lintTemplate, LintTemplate(document: document), as: "erin")
      }
      let report = try await lint()
      #expect(report.items == 27 && report.asserting == 27)
      #expect(
        report.findings.map(\.code) == ["approval-scarce", "approval-scarce"],
        "Legal has Lena alone, and Product Petra")
      let item: JSONValue = [
        "key": "a", "title": "T", "section": "S", "function": "product", "tiers": [0], "due": "5 business days before",
        "why": "w", "when": ["all": ["pricing", ["not": "pricing"]]], "approvals": ["board"],
      ]
      let own = try await lint(["version": 1, "items": [item]])
      #expect(own.findings.map(\.code) == ["never-applies", "approval-unreachable"])
      let broken = try await lint(["version": 1, "items": [["key": "a"]]])
      #expect(broken.findings.allSatisfy { $0.severity == .error && $0.item == "a" } && !broken.findings.isEmpty)
    }
  }

  @Test("A new launch's items belong to their functions' leads, and that books nobody")
  func owners() async throws {
    try await Stage.with(Self.record(.major)) { stage in
      let owners = Dictionary(grouping: try await Self.items(stage), by: \.function).mapValues { Set($0.map(\.owner)) }
      #expect(owners[.engineering] == ["ibrahim"] && owners[.sales] == ["sol"] && owners[.productOps] == ["dana"])
    }
  }
}
