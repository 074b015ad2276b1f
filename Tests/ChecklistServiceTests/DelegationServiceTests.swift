import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@Suite("Standing in for somebody, in the checklist service") struct DelegationServiceTests {
  /// Runs the body with a launch of tier 1, whose copy Max submitted, and a roster that lets people stand in for others until 10
  /// February.
  private static func with(
    _ delegations: [(from: PersonID, to: PersonID)], _ body: @Sendable (Stage) async throws -> Void
  ) async throws {
    let delegates = delegations.map { Delegation(from: $0.from, to: $0.to, until: Stage.day("2027-02-10")) }
    try await Stage.with(Stage.record(tier: .major)) { stage in
      var roster = Stage.roster
      roster.delegates = delegates
      try await stage.harness.call(
        ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)), as: "dana")
      try await stage.harness.settle()
      try await stage.act(ChecklistRoutes.submit, "launch-copy", as: "max")
      try await body(stage)
      try await stage.harness.requireIntactChains()
    }
  }

  @Test(
    "A stand-in's approval is recorded and announced for the absent person, even in a call for several items"
  )
  func approval() async throws {
    try await Self.with([(from: "lena", to: "erin")]) { stage in
      let results = try await stage.act(ChecklistRoutes.approve, on: ["launch-copy"], as: "erin")
      #expect(results.first?.error == nil)
      let detail = try await stage.show("launch-copy")
      #expect(detail.item.approvals.map(\.approvedBy) == [[], ["erin for lena"]])
      #expect(detail.history.last?.by == "erin for lena")
      let events = try await stage.harness.announcements(of: Announcements.checklistItem.name)
      #expect(events.last?.data?["by"]?.stringValue == "erin for lena")
    }
  }

  @Test("A lead's stand-in answers the poll, Product Ops' stand-in decides; both names are recorded")
  func poll() async throws {
    try await Self.with([(from: "mia", to: "erin"), (from: "dana", to: "sam")]) { stage in
      let answer = PollAnswer(launch: Stage.launch, answer: .go)
      let poll = try await stage.harness.call(ChecklistRoutes.answerPoll, answer, as: "erin")
      #expect(poll.votes.map(\.by) == ["erin for mia"])
      #expect(poll.votes.map(\.function) == [.marketing])
      let decision = try await stage.decide(.hold, as: "sam")
      #expect(decision.by == "sam for dana")
      let refused = await problem { try await stage.decide(.hold, as: "erin") }
      #expect(refused?.kind == .forbidden)
    }
  }

  @Test("After the last day in the launch's zone a stand-in has no rights; what was given remains valid")
  func ended() async throws {
    try await Self.with([(from: "lena", to: "erin"), (from: "mia", to: "erin")]) { stage in
      stage.set("2027-02-11T04:59:59Z")
      try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "erin")
      stage.set("2027-02-11T05:00:00Z")
      let vote = await problem {
        try await stage.harness.call(
          ChecklistRoutes.answerPoll, PollAnswer(launch: Stage.launch, answer: .go), as: "erin")
      }
      #expect(vote?.kind == .forbidden)
      let approvals = try await stage.show("launch-copy").item.approvals
      #expect(approvals.map(\.approvedBy) == [[], ["erin for lena"]])
    }
  }

  @Test("A stand-in may name the absent person without a grant to act for others") func explicit() async throws {
    try await Self.with([(from: "lena", to: "erin")]) { stage in
      let meta = CallMeta(onBehalfOf: "lena")
      let detail = try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "erin", meta: meta)
      #expect(detail.item.approvals.map(\.approvedBy) == [[], ["erin for lena"]])
      let refused = await problem {
        try await stage.act(ChecklistRoutes.approve, "launch-copy", as: "sol", meta: meta)
      }
      #expect(refused?.code == "on-behalf-of-not-granted")
    }
  }
}
