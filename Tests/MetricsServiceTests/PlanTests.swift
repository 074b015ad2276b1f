import JSON
import Contract
import LaunchModel
import MetricsService
import TestSupport
import Testing

@Suite("Plans and seals")
struct PlanTests {
  @Test("A plan is defined, replaced and sealed, and the seal is announced with the digest of its definition")
  func seal() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      let first = try await metrics.call(MetricsRoutes.define, plan(launch, ">= 20%"))
      let second = try await metrics.call(MetricsRoutes.define, plan(launch, ">= 30%"))
      #expect(first.digest != second.digest)
      #expect(!second.sealed)
      #expect(second.version == 2)
      let sealed = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      #expect(sealed.sealed)
      #expect(sealed.digest == second.digest)
      #expect(sealed.definition?["metrics"]?.arrayValue?.first?["days"] == 30)
      let announced = try await metrics.announced(Announcements.metricsSealed)
      #expect(announced.map(\.digest) == [sealed.digest])
      #expect(announced.map(\.metrics) == [["adoption"]])
      let shown = try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch))
      #expect(shown == sealed)
    }
  }

  @Test("The digest is the SHA-256 of the canonical definition")
  func digest() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      let view = try await metrics.call(MetricsRoutes.define, plan(launch, ">= 30%"))
      // Computed with Python: hashlib.sha256(json.dumps(definition, sort_keys=True, separators=(",", ":")).encode())
      #expect(view.digest == "51dcd7a0dc432edd04ff3e97cc0d4ef38678f0ddbac79246fbd3e82a63430538")
    }
  }

  @Test("A sealed plan changes only by an amendment with a reason; both verdicts are shown from then on")
  func amend() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      await expectProblem("not-sealed") { try await metrics.call(MetricsRoutes.amend, plan(launch, ">= 1%", "x")) }
      await expectProblem("no-plan") { try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch)) }
      try await metrics.seal(launch, .adoption(">= 60%"))
      await expectProblem("plan-sealed") { try await metrics.call(MetricsRoutes.define, plan(launch, ">= 1%")) }
      await expectProblem("plan-sealed") { try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch)) }
      await expectProblem("reason-missing") { try await metrics.call(MetricsRoutes.amend, plan(launch, ">= 1%")) }
      await expectProblem("unchanged") { try await metrics.call(MetricsRoutes.amend, plan(launch, ">= 60%", "x")) }
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      try await metrics.signal(.accountActive, ["account": "b"])
      let amended = try await metrics.call(MetricsRoutes.amend, plan(launch, ">= 50%", "the target was a typo"))
      #expect(amended.amendments.map(\.reason) == ["the target was a typo"])
      #expect(amended.amendments.map(\.retroactive) == [true])
      try await metrics.pass(
        days: 31, (.featureUsed, ["feature": "f", "account": "a"]), (.accountActive, ["account": "b"]))
      let view = try await metrics.verdicts(launch)
      #expect(view.metrics.map(\.verdict) == [.met])
      #expect(view.beforeAmendment?.map(\.verdict) == [.missed])
      #expect(try await metrics.announced(Announcements.metricsAmended).map(\.retroactive) == [true])
    }
  }

  @Test("All errors in a metric file are reported, and nothing is stored")
  func errors() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      let document: JSONValue = ["metrics": [["key": "a", "kind": "adoption"], ["key": "b", "kind": "csats"]]]
      let problem = await #expect(throws: Problem.self) {
        try await metrics.call(MetricsRoutes.define, DefinePlan(launch: launch, document: document))
      }
      #expect(problem?.kind == .invalid)
      #expect(problem?.errors.map(\.pointer) == ["/metrics/0/target", "/metrics/1/kind"])
      #expect(try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch)).version == 0)
    }
  }

  @Test("Only a known launch can have metrics")
  func unknownLaunch() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("nobody-knows")
      await expectProblem("launch-not-found") { try await metrics.call(MetricsRoutes.define, plan(launch, ">= 1%")) }
      await expectProblem("launch-not-found") { try await metrics.verdicts(launch) }
      await expectProblem("launch-not-found") {
        try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch))
      }
    }
  }

  @Test("The owner and Product Ops change metrics, others only read them")
  func rights() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch, owner: "ola")
      try await metrics.adopt(
        Roster(people: [
          "ola": Person(name: "Ola", functions: [.product], principals: [.uid(2001)]),
          "pia": Person(name: "Pia", roles: ["product-ops"], principals: [.uid(2002)]),
          "eve": Person(name: "Eve", functions: [.engineering], principals: [.uid(2003)]),
        ]))
      try await metrics.call(MetricsRoutes.define, plan(launch, ">= 1%"), as: "ola")
      try await metrics.call(MetricsRoutes.define, plan(launch, ">= 2%"), as: "pia")
      let problem = await #expect(throws: Problem.self) {
        try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch), as: "eve")
      }
      #expect(problem?.kind == .forbidden)
      #expect(try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch), as: "eve").version == 2)
    }
  }

  @Test("A change of an outdated version conflicts")
  func versions() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.call(MetricsRoutes.define, plan(launch, ">= 1%"), meta: CallMeta(expectedVersion: 0))
      await expectProblem("version-conflict") {
        try await metrics.call(MetricsRoutes.define, plan(launch, ">= 2%"), meta: CallMeta(expectedVersion: 0))
      }
    }
  }

  @Test("Once sealed, a plan's feature no longer follows the launch's")
  func renamedFeature() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch, feature: "f")
      try await metrics.call(MetricsRoutes.define, plan(launch, ">= 1%"))
      try await metrics.propose(launch, feature: "g", version: 2)
      let open = try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch))
      #expect(open.definition?["feature"] == "g")
      try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      try await metrics.propose(launch, feature: "h", version: 3)
      let sealed = try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch))
      #expect(sealed.definition?["feature"] == "g")
      #expect(sealed.digest == open.digest)
    }
  }

  private func plan(_ launch: LaunchID, _ target: String, _ reason: String? = nil) -> DefinePlan {
    DefinePlan(launch: launch, document: ["metrics": [.adoption(target)]], reason: reason)
  }
}

/// Expects a problem with that code.
func expectProblem(
  _ code: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Sendable
) async {
  let problem = await #expect(throws: Problem.self, sourceLocation: sourceLocation) { try await body() }
  #expect(problem?.code == code, sourceLocation: sourceLocation)
}
