import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

@Suite("Policy calls") struct PolicyCallTests {
  private static let undecided: JSONValue = [
    "version": 1, "rules": [["key": "a", "tier": 1, "when": "pricing", "because": "prices"]],
  ]
  private static let warned: JSONValue = [
    "version": 7, "otherwise": 3,
    "rules": [
      ["key": "a", "tier": 1, "when": "pricing", "because": "prices"],
      ["key": "b", "tier": 2, "when": ["all": ["pricing", "breaking"]], "because": "both"],
    ],
  ]

  @Test("The adopted policy or a file is linted") func lint() async throws {
    try await TieringStage.with { harness async throws in
      let own = try await harness.call(TieringRoutes.lintPolicy, LintPolicy(), as: "sam")
      #expect(own.findings.isEmpty)
      let report = try await harness.call(TieringRoutes.lintPolicy, LintPolicy(document: Self.undecided), as: "sam")
      #expect(report.findings.map(\.code) == ["undecided"])
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.lintPolicy, LintPolicy(document: ["rules": 7]), as: "sam")
      }
      #expect(Set(problem?.errors.map(\.pointer) ?? []) == ["/version", "/rules"])
    }
  }

  @Test("A table of cases is tested on the adopted policy") func test() async throws {
    try await TieringStage.with { harness async throws in
      let cases: [JSONValue] = [
        ["facts": ["kinds": ["bug-fix"]], "tier": 3], ["facts": ["kinds": ["bug-fix"], "pricing": true], "tier": 3],
      ]
      let report = try await harness.call(TieringRoutes.testPolicy, TestPolicy(cases: cases), as: "sam")
      #expect(report.failed == 1)
      let other = try await harness.call(
        TieringRoutes.testPolicy, TestPolicy(document: Self.warned, cases: cases), as: "sam")
      #expect(other.results.map(\.tier) == [.minor, .major])
    }
  }

  @Test("A policy with an error is refused, and one with warnings becomes the next version") func adopt() async throws {
    try await TieringStage.with { harness async throws in
      let refused = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: Self.undecided), as: "dana")
      }
      #expect(refused?.errors.first?.detail.contains("kinds: bug-fix") == true)
      let owner = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: Self.warned), as: "ibrahim")
      }
      #expect(owner?.kind == .forbidden)
      let adopted = try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: Self.warned), as: "dana")
      #expect(adopted.documentVersion == 2)
      #expect(adopted.findings.map(\.code) == ["never-decides"])
      let shown = try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "sam")
      #expect(shown.document["version"] == 2)
      let again = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(document: Self.warned), as: "dana")
      }
      #expect(again?.code == "nothing-changes")
      #expect(try await harness.announced(Announcements.policyAdopted).map(\.documentVersion) == [1, 2])
    }
  }

  @Test("A proposal is stored with its reason, and adopted once") func propose() async throws {
    try await TieringStage.with { harness async throws in
      let missing = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.proposePolicy, ProposePolicy(document: Self.warned), as: "ibrahim")
      }
      #expect(missing?.code == "reason-missing")
      let proposal = try await harness.call(
        TieringRoutes.proposePolicy, ProposePolicy(document: Self.warned, reason: "prices matter more"), as: "ibrahim")
      #expect(proposal.id == "policy-1")
      #expect(proposal.proposedBy == "ibrahim")
      let adopted = try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(proposal: "policy-1"), as: "dana")
      #expect(adopted.documentVersion == 2)
      let list = try await harness.call(TieringRoutes.policyProposals, NoParameters(), as: "sam")
      #expect(list.proposals.map(\.adoptedAs) == [2])
      for request in [AdoptPolicy(proposal: "policy-1"), AdoptPolicy(proposal: "policy-9"), AdoptPolicy()] {
        await #expect(throws: Problem.self) { try await harness.call(TieringRoutes.adoptPolicy, request, as: "dana") }
      }
    }
  }

  @Test("A proposal based on an outdated version is not adopted") func outdated() async throws {
    try await TieringStage.with { harness async throws in
      let other: JSONValue = ["version": 1, "otherwise": 3, "rules": []]
      for document in [Self.warned, other] {
        try await harness.call(
          TieringRoutes.proposePolicy, ProposePolicy(document: document, reason: "prices"), as: "ibrahim")
      }
      try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(proposal: "policy-1"), as: "dana")
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(TieringRoutes.adoptPolicy, AdoptPolicy(proposal: "policy-2"), as: "dana")
      }
      #expect(problem?.kind == .conflict)
      #expect(problem?.code == "proposal-outdated")
      let proposals = try await harness.call(TieringRoutes.policyProposals, NoParameters(), as: "sam").proposals
      #expect(proposals.map(\.baseVersion) == [1, 1])
      #expect(proposals.map(\.adoptedAs) == [2, nil])
      #expect(try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "sam").documentVersion == 2)
    }
  }

  @Test("An override of a rule stays on record after the facts have changed") func overriddenOnce()
    async throws
  {
    try await TieringStage.with { harness async throws in
      try await harness.propose(["launch": "l0", "facts": ["kinds": ["new-feature"], "audience": "subset"]])
      let id = try #require(LaunchID("l0"))
      try await harness.call(
        TieringRoutes.override, OverrideTier(launch: id, tier: .major, reason: "a big customer"), as: "dana")
      // Now a rule gives the same tier as the override.
      try await harness.call(
        TieringRoutes.set, SetLaunch(launch: id, set: ["facts": ["kinds": ["new-surface"]]]), as: "ibrahim")
      try await harness.call(TieringRoutes.override, OverrideTier(launch: id, tier: nil, reason: "no need"), as: "dana")
      let rules = try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "sam").rules
      #expect(
        rules == [
          RuleRecord(rule: "major-kind", launches: 1, raised: 0, lowered: 0),
          RuleRecord(rule: "moderate-kind", launches: 1, raised: 1, lowered: 0),
        ])
    }
  }

  @Test("Overrides are counted per rule, even after they were removed") func overrides() async throws {
    try await TieringStage.with { harness async throws in
      for (index, kind) in ["new-surface", "new-surface", "bug-fix"].enumerated() {
        try await harness.propose([
          "launch": .string("l\(index)"), "date": .string("2027-0\(index + 4)-01"), "facts": ["kinds": [.string(kind)]],
        ])
      }
      for (launch, tier) in [("l0", Tier.moderate), ("l1", .moderate)] {
        let id = try #require(LaunchID(launch))
        try await harness.call(
          TieringRoutes.override, OverrideTier(launch: id, tier: tier, reason: "small"), as: "dana")
      }
      let back = OverrideTier(launch: try #require(LaunchID("l0")), tier: nil, reason: "it grew")
      try await harness.call(TieringRoutes.override, back, as: "dana")
      let rules = try await harness.call(TieringRoutes.showPolicy, VersionReference(), as: "sam").rules
      #expect(
        rules == [
          RuleRecord(rule: "major-kind", launches: 2, raised: 0, lowered: 2),
          RuleRecord(rule: "otherwise", launches: 1, raised: 0, lowered: 0),
        ])
    }
  }
}
