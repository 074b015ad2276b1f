import JSON
import Contract
import LaunchModel
import ReviewService
import TestSupport
import Testing

@Suite("Learnings that change documents")
struct LearningTests {
  private static let change: JSONValue = [
    "baseVersion": 1,
    "add": [
      [
        "key": "email-approval", "title": "Email approved two weeks ahead", "section": "Marketing readiness",
        "function": "marketing", "tiers": [0, 1], "due": "10 business days before",
        "why": "smart-routing: the email went out a week late",
      ]
    ],
  ]

  private static func template(version: Int) -> ChecklistTemplate {
    ChecklistTemplate(
      version: version,
      items: [
        TemplateItem(
          key: "qa", title: "QA-tested", section: "Product readiness", function: .engineering, tiers: [.major],
          due: DueRule(offset: -2, unit: .business), why: "nothing ships untested")
      ])
  }

  private func learning(_ harness: Harness) async throws -> LearningView {
    try await ReviewStage.openReview(harness)
    return try await harness.call(
      ReviewRoutes.addLearning,
      AddLearning(launch: try ReviewStage.id(), text: "Approve the email earlier"), as: "ibrahim")
  }

  @Test("A proposed learning is announced once, with its change and the launch that it cites")
  func propose() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      #expect(learning.id == "smart-routing-l1")
      let proposal = ProposeLearning(learning: learning.id, change: Self.change)
      let proposed = try await harness.call(ReviewRoutes.proposeLearning, proposal, as: "ibrahim")
      #expect(proposed.proposedAt != nil)
      let announced = try await harness.announced(Announcements.learningProposed)
      #expect(announced.map(\.learning) == [learning.id])
      #expect(announced.first?.launches == [try ReviewStage.id()])
      #expect(announced.first?.change?.add.map(\.key) == ["email-approval"])
      let again = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.proposeLearning, proposal, as: "dana")
      }
      #expect(again?.code == "learning-proposed")
    }
  }

  @Test("An invalid change is refused with the pointer of each error, and nothing is proposed")
  func errors() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      let faulty: JSONValue = ["baseVersion": 1, "add": [["key": "x", "function": "magic"]], "remve": ["qa"]]
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          ReviewRoutes.proposeLearning, ProposeLearning(learning: learning.id, change: faulty), as: "dana")
      }
      #expect(problem?.kind == .invalid)
      let pointers = Set(problem?.errors.map(\.pointer) ?? [])
      #expect(pointers.isSuperset(of: ["/remve", "/add/0/function"]))
      #expect(try await harness.announced(Announcements.learningProposed).isEmpty)
    }
  }

  @Test("A change based on an unknown version is refused once the template is known")
  func baseVersion() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      try await harness.receive(
        Announcements.templateAdopted, from: .checklist, launch: "templates",
        TemplateAdopted(templateVersion: 1, digest: "d", document: Self.template(version: 1)))
      let later: JSONValue = ["baseVersion": 2, "remove": ["qa"]]
      let problem = await #expect(throws: Problem.self) {
        try await harness.call(
          ReviewRoutes.proposeLearning, ProposeLearning(learning: learning.id, change: later), as: "dana")
      }
      #expect(problem?.errors.map(\.pointer) == ["/baseVersion"])
    }
  }

  @Test("A learning shows the template version in which it was adopted")
  func adopted() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      try await harness.call(
        ReviewRoutes.proposeLearning, ProposeLearning(learning: learning.id, change: Self.change), as: "dana")
      try await harness.receive(
        Announcements.templateAdopted, from: .checklist, launch: "templates", version: 2,
        TemplateAdopted(
          templateVersion: 2, digest: "d", document: Self.template(version: 2), learning: learning.id))
      let learnings = try await harness.call(ReviewRoutes.listLearnings, NoParameters(), as: "omar").learnings
      #expect(learnings.map(\.adoptedAs) == [2])
    }
  }

  private static let document: JSONValue = ["version": 1, "otherwise": 3, "rules": []]

  @Test("A learning proposes a policy that tiering accepts, and shows the version in which it was adopted")
  func policy() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      harness.peers.answer(TieringRoutes.lintPolicy) { request in
        #expect(request.document == Self.document)
        return PolicyLintReport(combinations: 1, findings: [])
      }
      let proposed = try await harness.call(
        ReviewRoutes.proposeLearning,
        ProposeLearning(learning: learning.id, change: Self.document, target: .policy), as: "dana")
      #expect(proposed.target == .policy && proposed.proposedAt != nil && proposed.adoptedAs == nil)
      let announced = try await harness.announced(Announcements.learningProposed)
      #expect(announced.map(\.target) == ["policy"])
      #expect(announced.map(\.document) == [Self.document] && announced.map(\.change) == [nil])
      try await harness.receive(
        Announcements.policyAdopted, from: .tiering, launch: "policy", version: 3,
        DocumentAdopted(documentVersion: 3, digest: "d", document: Self.document, learning: learning.id))
      let learnings = try await harness.call(ReviewRoutes.listLearnings, NoParameters(), as: "omar").learnings
      #expect(learnings.map(\.adoptedAs) == [3] && learnings.map(\.target) == [.policy])
    }
  }

  @Test("A faulty policy is refused with positions, as is any if tiering does not answer; nothing is proposed")
  func refusedPolicy() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      let request = ProposeLearning(learning: learning.id, change: Self.document, target: .policy)
      let silent = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.proposeLearning, request, as: "dana")
      }
      #expect(silent?.kind == .unavailable)
      harness.peers.answer(TieringRoutes.lintPolicy) { _ in
        PolicyLintReport(
          combinations: 1,
          findings: [PolicyFinding(.error, code: "undecided", pointer: "/rules", detail: "no tier for a bug fix")])
      }
      let refused = await #expect(throws: Problem.self) {
        try await harness.call(ReviewRoutes.proposeLearning, request, as: "dana")
      }
      #expect(refused?.code == "invalid-policy" && refused?.errors.map(\.pointer) == ["/rules"])
      #expect(try await harness.announced(Announcements.learningProposed).isEmpty)
      let learnings = try await harness.call(ReviewRoutes.listLearnings, NoParameters(), as: "omar").learnings
      #expect(learnings.map(\.proposedAt) == [nil] && learnings.map(\.target) == [nil])
    }
  }

  @Test("A learning proposes metric defaults that metrics accepts, and shows the version of their adoption")
  func metricDefaults() async throws {
    try await ReviewStage.run { harness in
      let learning = try await learning(harness)
      let defaults: JSONValue = ["tiers": ["1": ["adoption": ["target": ">= 30%"]]]]
      harness.peers.answer(MetricsRoutes.checkDefaults) { request in
        #expect(request.document == defaults)
        return MetricDefaultsCheck(baseVersion: 1, changes: ["tier 1 adoption: target - → >= 30%"])
      }
      try await harness.call(
        ReviewRoutes.proposeLearning,
        ProposeLearning(learning: learning.id, change: defaults, target: .metricDefaults), as: "dana")
      let announced = try await harness.announced(Announcements.learningProposed)
      #expect(announced.map(\.target) == ["metric-defaults"] && announced.map(\.document) == [defaults])
      try await harness.receive(
        Announcements.metricDefaultsAdopted, from: .metrics, launch: "metric-defaults", version: 2,
        DocumentAdopted(documentVersion: 2, digest: "d", document: defaults, learning: learning.id))
      let learnings = try await harness.call(ReviewRoutes.listLearnings, NoParameters(), as: "omar").learnings
      #expect(learnings.map(\.adoptedAs) == [2] && learnings.map(\.target) == [.metricDefaults])
    }
  }
}
