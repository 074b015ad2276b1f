import Contract
import LaunchModel
import ServiceKit
import TestSupport
import Testing

@testable import ChecklistService

@Suite("Waiting at the gate") struct GateWaitTests {
  private static let artifact = "sha256:" + String(repeating: "a", count: 64)

  private static func wait(
    _ stage: Stage, milliseconds: Int = 4_000, artifact: String? = nil
  ) async throws -> GateView {
    let request = GateRequest(launch: Stage.launch, artifact: artifact, waitMs: milliseconds)
    return try await stage.harness.call(ChecklistRoutes.checkGate, request, as: "erin")
  }

  @Test("A wait ends when the gate opens: by a decision, at midnight of its date, or when a halt is lifted")
  func opening() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      async let decided = Self.wait(stage)
      stage.set("2027-03-02T14:00:00Z")
      try await stage.decide()
      #expect(try await decided.open)

      try await stage.harness.call(ChecklistRoutes.setHalt, SetHalt(reason: "an incident"), as: "dana")
      try await stage.harness.settle()
      async let lifted = Self.wait(stage)
      try await stage.harness.call(ChecklistRoutes.liftHalt, LiftHalt(reason: "over"), as: "dana")
      try await stage.harness.settle()
      #expect(try await lifted.open)
    }
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T04:59:59Z")
      try await stage.decide()
      async let midnight = Self.wait(stage)
      // The launch date begins in New York.
      stage.set("2027-03-02T05:00:00Z")
      #expect(try await midnight.open)
    }
  }

  @Test("When the time is over, the gate is returned as it is, with its reasons")
  func timedOut() async throws {
    try await Stage.with { stage in
      let start = ContinuousClock.now
      let gate = try await Self.wait(stage, milliseconds: 300)
      let waited = ContinuousClock.now - start
      #expect(waited >= .milliseconds(300))
      #expect(!gate.open && gate.reasons.first?.code == "no-decision")
      let negative = await problem { _ = try await Self.wait(stage, milliseconds: -1) }
      #expect(negative?.code == "invalid-wait")
    }
  }

  @Test("Waiting callers leave room for others: places are limited in total and per caller")
  func places() {
    let places = GateWaitPlaces(most: 3, mostOfOne: 2)
    let (first, second) = (Principal.uid(1), Principal.uid(2))
    #expect(places.take(for: first) && places.take(for: first))
    #expect(!places.take(for: first))
    #expect(places.take(for: second))
    #expect(!places.take(for: second))
    places.leave(first)
    #expect(places.take(for: second))
    #expect(!places.take(for: first))
  }

  @Test("A GO for an artifact opens the gate only for that artifact")
  func artifact() async throws {
    try await Stage.with { stage in
      try await stage.makeReady()
      stage.set("2027-03-02T14:00:00Z")
      let request = DecisionRequest(launch: Stage.launch, decision: .go, artifact: Self.artifact)
      let view = try await stage.harness.call(ChecklistRoutes.makeDecision, request, as: "dana")
      #expect(view.artifact == Self.artifact)
      #expect(try await stage.harness.announced(Announcements.decisionMade).map(\.artifact) == [Self.artifact])
      try await stage.harness.settle()
      #expect(try await Self.wait(stage, milliseconds: 0, artifact: Self.artifact).open)
      let other = try await Self.wait(stage, milliseconds: 0, artifact: "sha256:" + String(repeating: "b", count: 64))
      #expect(!other.open && other.reasons.map(\.code) == ["other-artifact"])
      #expect(try await stage.gate().reasons.map(\.code) == ["artifact-missing"])
      let malformed = await problem { _ = try await Self.wait(stage, milliseconds: 0, artifact: "latest") }
      #expect(malformed?.code == "unfit-artifact" && malformed?.kind == .invalid)
      // A decision that is made again is for any artifact, unless it names one.
      try await stage.decide()
      #expect(try await stage.gate().open)
    }
  }
}
