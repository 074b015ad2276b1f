import ChecklistService
import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@Suite("What people hold, in the checklist service") struct HoldingServiceTests {
  /// Runs the body with two launches on which Erin is assigned `qa`, and `release-notes` on the first one.
  private static func with(_ body: @Sendable (Stage, LaunchID) async throws -> Void) async throws {
    let other = try #require(LaunchID("other"))
    try await Stage.with { stage in
      var record = Stage.record(date: Stage.day("2027-02-23"))
      record.plan.launch = other
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: other.rawValue, by: "petra",
        LaunchAnnounced(record: record, changed: []))
      for (launch, key) in [(Stage.launch, "qa"), (Stage.launch, "release-notes"), (other, "qa")] {
        let action = ItemAction(launch: launch, key: key, to: "erin")
        try await stage.harness.call(ChecklistRoutes.assign, action, as: "dana")
      }
      try await body(stage, other)
      try await stage.harness.requireIntactChains()
    }
  }

  private static func owners(_ stage: Stage, _ launch: LaunchID) async throws -> [PersonID?] {
    let list = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: launch), as: "dana")
    return ["qa", "release-notes"].map { key in list.items.first { $0.key == key }?.owner }
  }

  @Test("A preview moves nothing; one call moves all items on all launches, by date, and records each")
  func moved() async throws {
    try await Self.with { stage, other in
      let request = ReassignItems(from: "erin", to: "ibrahim", reason: "erin left")
      let preview = try await stage.harness.call(ChecklistRoutes.previewReassign, request, as: "dana")
      #expect(preview.items.map(\.launch) == [other, Stage.launch, Stage.launch])
      #expect(try await Self.owners(stage, Stage.launch) == ["erin", "erin"])
      let moved = try await stage.harness.call(ChecklistRoutes.reassign, request, as: "dana")
      #expect(moved == preview)
      #expect(try await Self.owners(stage, Stage.launch) == ["ibrahim", "ibrahim"])
      #expect(try await Self.owners(stage, other) == ["ibrahim", "petra"])
      let detail = try await stage.show("qa")
      #expect(detail.history.map(\.detail) == ["to erin", "to ibrahim"])
    }
  }

  @Test("A single launch's items can be moved; items that the caller may not assign stay, with the reason")
  func partial() async throws {
    try await Self.with { stage, other in
      let request = ReassignItems(from: "erin", to: "ibrahim", launch: Stage.launch)
      let moved = try await stage.harness.call(ChecklistRoutes.reassign, request, as: "ibrahim")
      #expect(moved.items.map(\.key) == ["qa", "release-notes"])
      #expect(moved.items.map { $0.refused == nil } == [true, false])
      #expect(try await Self.owners(stage, Stage.launch) == ["ibrahim", "erin"])
      #expect(try await Self.owners(stage, other) == ["erin", "petra"])
    }
  }

  @Test(
    "Bad requests are refused and move nothing",
    arguments: [
      ("erin", "erin", nil, "same-person"), ("erin", "nobody", nil, "unknown-person"),
      ("ern", "ibrahim", nil, "unknown-person"), ("erin", "ibrahim", "nowhere", "launch-not-found"),
    ] as [(PersonID, PersonID, String?, String)])
  func refused(from: PersonID, to: PersonID, launch: String?, code: String) async throws {
    try await Self.with { stage, _ in
      let request = ReassignItems(from: from, to: to, launch: launch.flatMap { LaunchID($0) })
      for route in [ChecklistRoutes.reassign, ChecklistRoutes.previewReassign] {
        let refused = await problem { try await stage.harness.call(route, request, as: "dana") }
        #expect(refused?.code == code)
      }
      let owners = try await Self.owners(stage, Stage.launch)
      #expect(owners == ["erin", "erin"])
    }
  }

  @Test("Moving the items of a member without open items is not an error") func nothing() async throws {
    try await Self.with { stage, _ in
      let request = ReassignItems(from: "sol", to: "ibrahim")
      let moved = try await stage.harness.call(ChecklistRoutes.reassign, request, as: "dana")
      #expect(moved.items == [])
    }
  }

  @Test("A departed person is shown with what they hold, when the roster is adopted and afterwards")
  func leaving() async throws {
    try await Stage.with(Stage.record(tier: .major)) { stage in
      try await stage.act(ChecklistRoutes.assign, "qa", as: "ibrahim") { $0.to = "lena" }
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      let before = try await stage.harness.call(
        ChecklistRoutes.holdings, HoldingsReference(person: "lena"), as: "erin")
      let expected = LaunchHoldings(launch: Stage.launch, items: ["qa"], asked: ["launch-copy for legal"])
      #expect(before.people == [PersonHoldings(person: "lena", launches: [expected])])
      let nobody = try await stage.harness.call(ChecklistRoutes.holdings, HoldingsReference(), as: "erin")
      #expect(nobody.people == [])
      var roster = Stage.roster
      roster.people["lena"] = nil
      let adopted = try await stage.harness.call(
        ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)), as: "dana")
      #expect(adopted.departures == before.people)
      #expect(adopted.warnings?.contains { $0.hasSuffix("gonogo item assign --from lena --to PERSON") } == true)
      try await stage.harness.settle()
      let after = try await stage.harness.call(ChecklistRoutes.holdings, HoldingsReference(), as: "erin")
      #expect(after.people.map(\.person) == ["lena"])
      #expect(after.people.first?.launches.first?.items == ["qa"])
      let announced = try await stage.harness.announced(Announcements.rosterAdopted)
      #expect(announced.last?.departures == nil)
      let refused = await problem {
        try await stage.harness.call(ChecklistRoutes.holdings, HoldingsReference(person: "lna"), as: "erin")
      }
      #expect(refused?.code == "unknown-person")
    }
  }
}
