import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Proposing and classifying launches") struct ProposalTests {
  @Test("A launch is tiered, explained, planned, stored and announced") func propose() async throws {
    try await TieringStage.with { harness async throws in
      let record = try await harness.propose()
      #expect(record.tier == .major)
      #expect(record.tierReasons.first?.rule == "major-kind")
      #expect(record.openQuestions == ["addsServerCompute"])
      #expect(record.assumed.contains("companyWide: false"))
      #expect(Set(record.alternatives.map(\.tier)) == [.launchEvent, .moderate, .minor])
      #expect(record.earliestDate.description == "2027-03-01")
      #expect(record.shortfall == nil)
      #expect(record.status == .proposed)
      #expect(record.version == 1)
      #expect(record.proposedBy == "ibrahim")
      #expect(try await harness.show(try smartRouting()) == record)
      #expect(
        try await harness.announced(Announcements.launchProposed) == [LaunchAnnounced(record: record, changed: [])])
    }
  }

  @Test("The result has the contract's fields") func contractFields() async throws {
    try await TieringStage.with { harness async throws in
      let result = try await harness.result(
        TieringRoutes.propose, ProposeLaunch(document: try TieringStage.document(["date": "2027-02-10"])), as: "ibrahim"
      )
      let fields = [
        "id", "name", "tier", "tierComputed", "tierReasons", "assumed", "openQuestions", "alternatives", "date",
        "earliestDate", "shortfall", "status", "version",
      ]
      for field in fields { #expect(result[field] != nil, "\(field)") }
      #expect(result["tier"] == 1)
      #expect(result["status"] == "proposed")
    }
  }

  @Test("An existing id is a conflict, and nothing of the second launch is stored") func existing() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      let problem = await #expect(throws: Problem.self) { try await harness.propose(["name": "Another"]) }
      #expect(problem?.kind == .conflict)
      #expect(problem?.code == "launch-exists")
      #expect(try await harness.show(try smartRouting()).plan.name == "Smart routing")
    }
  }

  @Test("All errors in a file are reported at once, and nothing is stored") func errors() async throws {
    try await TieringStage.with { harness async throws in
      let changes: [String: JSONValue] = ["owner": "danna", "calendar": "UK", "facts": ["kinds": []], "priority": 1]
      let problem = await #expect(throws: Problem.self) { try await harness.propose(changes) }
      #expect(
        Set(problem?.errors.map(\.pointer) ?? []) == ["/owner", "/calendar", "/facts/kinds", "/priority"])
      #expect(try await harness.call(TieringRoutes.list, LaunchFilter(), as: "sam").launches.isEmpty)
      #expect(try await harness.announcements(of: Announcements.launchProposed.name).isEmpty)
    }
  }

  @Test("A date that is too early has a shortfall with reasons, and a past date is named") func shortfall()
    async throws
  {
    try await TieringStage.with { harness async throws in
      let early = try await harness.propose(["date": "2027-02-10"])
      #expect(early.shortfall?.days == 19)
      #expect(early.shortfall?.because.first == "the window of 28 days from 2027-02-01 ends on 2027-03-01")
      let past = try await harness.propose(["launch": "old", "date": "2026-12-01"])
      #expect(past.notes.contains("the date 2026-12-01 has passed"))
    }
  }

  @Test("Classifying gives the same result without storing anything, from facts alone too") func classify() async throws
  {
    try await TieringStage.with { harness async throws in
      let whole = try await harness.call(
        TieringRoutes.classify, ClassifyLaunch(document: try TieringStage.document()), as: "sam")
      let record = try await harness.propose()
      #expect(whole.tier == record.tier)
      #expect(whole.tierReasons == record.tierReasons)
      #expect(whole.alternatives == record.alternatives)
      #expect(whole.earliestDate == record.earliestDate)
      let facts: JSONValue = ["facts": ["kinds": ["bug-fix"]]]
      let outline = try await harness.call(TieringRoutes.classify, ClassifyLaunch(document: facts), as: "sam")
      #expect(outline.tier == .minor)
      #expect(outline.earliestDate?.description == "2027-02-01")
      #expect(outline.shortfall == nil)
      #expect(try await harness.call(TieringRoutes.list, LaunchFilter(), as: "sam").launches.count == 1)
    }
  }

  @Test("Classifying a proposal refuses whatever proposing it would refuse") func classifyAsProposal() async throws {
    try await TieringStage.with { harness async throws in
      let document = try TieringStage.document()
      let ask = ClassifyLaunch(document: document, asProposal: true)
      #expect(try await harness.call(TieringRoutes.classify, ask, as: "sam").tier == .major)
      try await harness.propose()
      let taken = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.classify, ask, as: "sam")
      }
      #expect(taken?.code == "launch-exists")
      let facts = ClassifyLaunch(document: ["facts": ["kinds": ["bug-fix"]]], asProposal: true)
      let missing = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.classify, facts, as: "sam")
      }
      #expect(missing?.errors.contains { $0.pointer == "/date" } == true)
    }
  }

  @Test("Classifying a proposal needs the right to propose") func classifyWithoutRight() async throws {
    try await TieringStage.with { harness async throws in
      let people: JSONValue = [
        "dana": ["name": "Dana Reyes", "roles": ["product-ops"], "principals": ["uid:1000"]],
        "rita": ["name": "Rita Vance", "principals": ["uid:1003"]],
      ]
      try await harness.adopt(try Roster(reading: ["people": people]), version: 2)
      let document = try TieringStage.document(["owner": "dana"])
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          TieringRoutes.classify, ClassifyLaunch(document: document, asProposal: true), as: "rita")
      }
      #expect(problem?.kind == .forbidden)
      #expect(
        try await harness.call(TieringRoutes.classify, ClassifyLaunch(document: document), as: "rita").tier == .major)
    }
  }

  @Test("Lists are ordered by date, then id, and apply every given filter") func list() async throws {
    try await TieringStage.with { harness async throws in
      try await harness.propose()
      try await harness.propose(["launch": "b-fix", "facts": ["kinds": ["bug-fix"]], "date": "2027-02-20"])
      try await harness.propose([
        "launch": "a-fix", "facts": ["kinds": ["bug-fix"]], "date": "2027-02-20", "owner": "sam",
      ])
      func ids(_ filter: LaunchFilter) async throws -> [String] {
        try await harness.call(TieringRoutes.list, filter, as: "sam").launches.map(\.id.rawValue)
      }
      #expect(try await ids(LaunchFilter()) == ["a-fix", "b-fix", "smart-routing"])
      #expect(try await ids(LaunchFilter(tier: .minor, owner: "ibrahim")) == ["b-fix"])
      #expect(try await ids(LaunchFilter(from: LocalDate("2027-02-21"))) == ["smart-routing"])
      #expect(try await ids(LaunchFilter(status: .closed)).isEmpty)
    }
  }

  @Test("Principals who are not on the roster can neither read nor propose") func strangers() async throws {
    try await TieringStage.with { harness async throws in
      let problem = await #expect(throws: Problem.self) { try await harness.propose(as: "mallory") }
      #expect(problem?.kind == .forbidden)
      await #expect(throws: Problem.self) { try await harness.call(TieringRoutes.list, LaunchFilter(), as: "mallory") }
    }
  }

  @Test("The built-in policy is adopted once, announced and shown") func policy() async throws {
    try await TieringStage.with { harness async throws in
      let adopted = try await harness.announced(Announcements.policyAdopted)
      #expect(adopted.map(\.documentVersion) == [1])
      let shown = try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "sam")
      #expect(shown.documentVersion == 1)
      #expect(shown.digest == adopted.first?.digest)
      #expect(shown.document == adopted.first?.document)
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.showPolicy, VersionReference(version: 9), as: "sam")
      }
      #expect(problem?.kind == .notFound)
    }
  }
}
