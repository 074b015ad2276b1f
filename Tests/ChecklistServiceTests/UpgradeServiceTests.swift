import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

/// Moving a running launch to another template version, through the calls.
@Suite struct UpgradeServiceTests {
  private static let item: JSONValue = [
    "key": "dpa", "title": "Data processing agreement checked", "section": "Product readiness",
    "function": "product", "tiers": [0, 1, 2], "due": "10 business days before", "why": "smart-routing taught it",
  ]

  /// Adopts version 2, which adds the item `dpa` and no longer has `support-macro`.
  private func adopt(_ stage: Stage) async throws {
    let change: JSONValue = ["baseVersion": 1, "add": [Self.item], "remove": ["support-macro"]]
    let proposed = try await stage.harness.call(
      ChecklistRoutes.proposeTemplate, TemplateProposal(change: change), as: "erin")
    try await stage.harness.call(ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: proposed.id), as: "dana")
    try await stage.harness.settle()
  }

  private func keys(_ stage: Stage) async throws -> Set<ItemKey> {
    let items = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: Stage.launch), as: "erin")
    return Set(items.items.filter { $0.state != .voided }.map(\.key))
  }

  private func upgrade(
    _ stage: Stage, as person: PersonID, version: Int? = nil, reason: String? = nil, meta: CallMeta = CallMeta()
  ) async throws -> LaunchUpgrade {
    let upgrade = try await stage.harness.call(
      ChecklistRoutes.upgrade, UpgradeItems(launch: Stage.launch, version: version, reason: reason), as: person,
      meta: meta)
    try await stage.harness.settle()
    return upgrade
  }

  @Test("An adopted version changes a running launch only by an upgrade, which is announced and repeatable")
  func upgrading() async throws {
    try await Stage.with { stage in
      try await adopt(stage)
      #expect(try await keys(stage).contains("support-macro"))
      let plan = try await stage.harness.call(
        ChecklistRoutes.previewUpgrade, UpgradeItems(launch: Stage.launch), as: "erin")
      #expect(plan.from == 1 && plan.to == 2)
      #expect(plan.checklist.added.map(\.key) == ["dpa"])
      #expect(plan.checklist.removed.map(\.key) == ["support-macro"])
      #expect(try await keys(stage).contains("support-macro"), "a preview changes nothing")
      let refused = await problem { _ = try await upgrade(stage, as: "erin") }
      #expect(refused?.kind == .forbidden)
      let done = try await upgrade(stage, as: "petra", reason: "the privacy check")
      #expect(done.checklist == plan.checklist)
      let after = try await keys(stage)
      #expect(after.contains("dpa") && !after.contains("support-macro"))
      let voided = try await stage.show("support-macro")
      #expect(voided.item.state == .voided)
      #expect(voided.history.last?.detail == "template version 2 removed it")
      let announced = try await stage.harness.announced(Announcements.checklistInstantiated)
      #expect(announced.map(\.templateVersion) == [1, 2])
      #expect(announced.last?.items.contains(ItemReference(key: "dpa")) == true)
      let again = try await upgrade(stage, as: "petra")
      #expect(again.from == 2 && again.to == 2 && again.changed.isEmpty)
      #expect(try await stage.harness.announced(Announcements.checklistInstantiated).count == 2)
      // Later changes of the launch follow the version it was moved to.
      try await stage.announce(Stage.record(date: Stage.day("2027-03-09"), version: 2))
      #expect(try await keys(stage) == after)
    }
  }

  @Test("An upgrade expects the launch as previewed; unknown and older versions are refused by name")
  func conflicts() async throws {
    try await Stage.with { stage in
      try await adopt(stage)
      try await stage.announce(Stage.record(date: Stage.day("2027-03-09"), version: 2))
      let moved = await problem { _ = try await upgrade(stage, as: "petra", meta: CallMeta(expectedVersion: 1)) }
      #expect(moved?.code == "version-conflict")
      let missing = await problem { _ = try await upgrade(stage, as: "petra", version: 7) }
      #expect(missing?.code == "template-not-found")
      #expect(try await keys(stage).contains("support-macro"), "nothing was changed")
      _ = try await upgrade(stage, as: "petra", meta: CallMeta(expectedVersion: 2))
      let older = await problem { _ = try await upgrade(stage, as: "petra", version: 1) }
      #expect(older?.code == "older-template")
      try await stage.stop(.cancelled)
      let cancelled = await problem { _ = try await upgrade(stage, as: "petra") }
      #expect(cancelled?.code == "launch-cancelled")
    }
  }

  @Test("Upgrading a launch that has a GO is up to Product Ops, and makes the GO stale")
  func afterGo() async throws {
    try await Stage.with(at: "2027-03-02T15:00:00Z") { stage in
      try await stage.makeReady()
      #expect(try await stage.decide().inForce)
      try await adopt(stage)
      #expect(try await stage.gate().open, "adopting a version changes no running launch")
      let owner = await problem { _ = try await upgrade(stage, as: "petra", reason: "now") }
      #expect(owner?.kind == .forbidden)
      let silent = await problem { _ = try await upgrade(stage, as: "dana") }
      #expect(silent?.code == "missing-reason")
      let plan = try await upgrade(stage, as: "dana", reason: "the privacy check cannot wait")
      #expect(plan.needs == ["the current GO goes stale, so only Product Ops may upgrade it, with a reason"])
      #expect(plan.checklist.decisionStale.map(\.code).contains("template-changed"))
      let gate = try await stage.gate()
      #expect(!gate.open)
      #expect(gate.reasons.contains { $0.detail == "the launch moved to template version 2" })
    }
  }

  @Test("Versions, proposals and documents are compared with the current template")
  func comparison() async throws {
    try await Stage.with { stage in
      func diff(_ request: DiffTemplates) async throws -> TemplateDiff {
        try await stage.harness.call(ChecklistRoutes.diffTemplates, request, as: "erin")
      }
      let change: JSONValue = ["baseVersion": 1, "add": [Self.item]]
      let proposed = try await stage.harness.call(
        ChecklistRoutes.proposeTemplate, TemplateProposal(change: change), as: "erin")
      let proposal = try await diff(DiffTemplates(proposal: proposed.id))
      #expect(proposal.added.map(\.key) == ["dpa"] && proposal.to == nil)
      let first = try await diff(DiffTemplates())
      #expect(first.isEmpty, "the first version has none before it")
      let adopted = try await stage.harness.call(
        ChecklistRoutes.adoptTemplate, AdoptTemplate(proposal: proposed.id), as: "dana")
      #expect(adopted.changes?.added.map(\.key) == ["dpa"])
      let events = try await stage.harness.announced(Announcements.templateAdopted)
      #expect(events.allSatisfy { $0.changes == nil }, "only the answer says what changed")
      let latest = try await diff(DiffTemplates())
      #expect(latest.from == 1 && latest.to == 2 && latest.added.map(\.key) == ["dpa"])
      let back = try await diff(DiffTemplates(from: 2, to: 1))
      #expect(back.removed.map(\.key) == ["dpa"] && back.added.isEmpty)
      let document = try await stage.harness.call(
        ChecklistRoutes.showTemplate, VersionReference(version: 1), as: "erin"
      ).document
      let file = try await diff(DiffTemplates(document: document))
      #expect(file.from == 2 && file.to == nil && file.removed.map(\.key) == ["dpa"])
      let used = await problem { _ = try await diff(DiffTemplates(proposal: proposed.id)) }
      #expect(used?.code == "already-adopted")
      let both = await problem { _ = try await diff(DiffTemplates(to: 1, proposal: proposed.id)) }
      #expect(both?.code == "ambiguous")
      let broken = await problem {
        _ = try await diff(DiffTemplates(document: ["version": 1, "items": [["key": "a"]]]))
      }
      #expect(broken?.errors.contains { $0.pointer.hasPrefix("/items/0") } == true)
    }
  }
}
