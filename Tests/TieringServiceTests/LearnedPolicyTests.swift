import Contract
import JSON
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@testable import TieringService

@Suite("Policies that learnings propose") struct LearnedPolicyTests {
  private static let policy: JSONValue = [
    "version": 7, "otherwise": 3, "rules": [["key": "a", "tier": 1, "when": "pricing", "because": "prices"]],
  ]

  private static func propose(
    _ harness: ServiceHarness<TieringService>, target: String = "policy", _ document: JSONValue = policy
  ) async throws {
    try await harness.receive(
      Announcements.learningProposed, from: .review, launch: "smart-routing", by: "petra",
      LearningProposed(
        learning: "smart-routing-l2", target: target, text: "prices matter more", launches: [try smartRouting()],
        document: document))
  }

  @Test("A learning becomes a proposal once, citing its launch, and the adoption cites the learning")
  func adopted() async throws {
    try await TieringStage.with { harness async throws in
      try await Self.propose(harness)
      try await Self.propose(harness)
      let proposals = try await harness.call(TieringRoutes.policyProposals, NoParameters(), as: "sam").proposals
      let proposal = try #require(proposals.first)
      #expect(proposals.count == 1 && proposal.id == "smart-routing-l2" && proposal.learning == "smart-routing-l2")
      let launch = try smartRouting()
      #expect(proposal.launches == [launch] && proposal.baseVersion == 1 && proposal.proposedBy == "petra")
      let adoption = try await harness.call(
        TieringRoutes.adoptPolicy, AdoptPolicy(proposal: "smart-routing-l2"), as: "dana")
      #expect(adoption.documentVersion == 2)
      #expect(try await harness.announced(Announcements.policyAdopted).map(\.learning) == [nil, "smart-routing-l2"])
      // A learning announced again after its adoption stays adopted.
      try await Self.propose(harness)
      let again = try await harness.call(TieringRoutes.policyProposals, NoParameters(), as: "sam").proposals
      #expect(again.map(\.adoptedAs) == [2])
    }
  }

  @Test("A learning about another document does not become a proposal; an unreadable policy is refused")
  func others() async throws {
    try await TieringStage.with { harness async throws in
      try await Self.propose(harness, target: "metric-defaults")
      #expect(try await harness.call(TieringRoutes.policyProposals, NoParameters(), as: "sam").proposals.isEmpty)
      await #expect(throws: EventError.self) { try await Self.propose(harness, ["rules": 7]) }
    }
  }
}
