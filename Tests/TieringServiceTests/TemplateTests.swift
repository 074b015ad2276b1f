import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Templates in tiering") struct TemplateTests {
  /// A template whose only item is due that many business days before the launch.
  private static func template(_ version: Int, days: Int) throws -> ChecklistTemplate {
    let item = TemplateItem(
      key: "slow", title: "t", section: "s", function: .marketing, tiers: [.major],
      due: DueRule(offset: -days, unit: .business), why: "w")
    return ChecklistTemplate(version: version, items: [item])
  }

  private static func adopt(
    _ template: ChecklistTemplate, _ harness: ServiceHarness<TieringService>
  ) async throws {
    try await harness.receive(
      Announcements.templateAdopted, from: .checklist, launch: "templates", version: template.version,
      TemplateAdopted(templateVersion: template.version, digest: "test", document: template))
  }

  private static func instantiate(by version: Int, _ harness: ServiceHarness<TieringService>) async throws {
    try await harness.receive(
      Announcements.checklistInstantiated, from: .checklist, launch: "smart-routing",
      ChecklistInstantiated(templateVersion: version, items: []))
  }

  @Test("Lead times come from the adopted template") func leadTimes() async throws {
    try await TieringStage.with { harness async throws in
      try await Self.adopt(try Self.template(2, days: 30), harness)
      let record = try await harness.propose()
      // 30 business days from 1 February, with Presidents' Day between.
      #expect(record.earliestDate.description == "2027-03-16")
      #expect(record.shortfall?.because == ["slow needs 30 business days, until 2027-03-16"])
    }
  }

  @Test("A running launch is planned with its own template version, in every view")
  func running() async throws {
    try await TieringStage.with { harness async throws in
      try await Self.adopt(try Self.template(1, days: 5), harness)
      try await harness.propose()
      try await Self.instantiate(by: 1, harness)
      try await Self.adopt(try Self.template(2, days: 30), harness)
      let shown = try await harness.show(try smartRouting())
      #expect(
        shown.earliestDate.description == "2027-03-01", "the window is the limit, because its item needs five days")
      #expect(shown.shortfall == nil)
      #expect(shown.version == 1)
      let date = try #require(LocalDate("2027-03-03"))
      let moved = try await harness.call(
        TieringRoutes.reschedule, RescheduleLaunch(launch: try smartRouting(), date: date), as: "ibrahim")
      #expect(moved.shortfall == nil)
      #expect(moved.earliestDate == shown.earliestDate)
      let later = try await harness.propose(["launch": "later"])
      #expect(later.earliestDate.description == "2027-03-16", "a new proposal starts from the new template")
      let list = try await harness.call(TieringRoutes.list, LaunchFilter(), as: "sam").launches
      #expect(list.first { $0.id == later.plan.launch }?.shortfallDays == later.shortfall?.days)
      #expect(list.first { $0.id.rawValue == "smart-routing" }?.shortfallDays == 0)
    }
  }

  @Test("If a template is adopted between proposal and checklist, its items count at once")
  func between() async throws {
    try await TieringStage.with { harness async throws in
      try await Self.adopt(try Self.template(1, days: 5), harness)
      #expect(try await harness.propose().shortfall == nil)
      try await Self.adopt(try Self.template(2, days: 30), harness)
      try await Self.instantiate(by: 2, harness)
      let record = try await harness.show(try smartRouting())
      #expect(record.shortfall?.days == 14)
      let announced = try await harness.announced(Announcements.launchFactsChanged)
      #expect(announced.map(\.changed) == [["earliestDate", "shortfall"]])
      try await Self.instantiate(by: 2, harness)
      #expect(
        try await harness.show(try smartRouting()).version == record.version, "repeating the event changes nothing")
    }
  }

  @Test("An omitted fact that an item of the tier depends on is an open question") func openQuestions()
    async throws
  {
    try await TieringStage.with { harness async throws in
      let omitted = try await harness.propose(["facts": ["kinds": ["new-surface"]]])
      #expect(omitted.openQuestions == ["addsServerCompute"], "the load test belongs to tiers 0 and 1")
      #expect(!omitted.assumed.contains { $0.hasPrefix("addsServerCompute") }, "no rule of the policy depends on it")
      let moderate = try await harness.propose(["launch": "a", "facts": ["kinds": ["new-feature"]]])
      #expect(moderate.openQuestions.isEmpty)
      let answered: JSONValue = ["kinds": ["new-surface"], "addsServerCompute": false, "pricing": "unknown"]
      #expect(try await harness.propose(["launch": "b", "facts": answered]).openQuestions == ["pricing"])
      let raise = OverrideTier(launch: try #require(LaunchID("a")), tier: .major, reason: "r")
      #expect(
        try await harness.call(TieringRoutes.override, raise, as: "dana").openQuestions == ["addsServerCompute"])
    }
  }
}
