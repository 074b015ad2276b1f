import JSON
import Contract
import LaunchModel
import MetricsService
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Tampered seals")
struct SealTests {
  private static let easier = #"SET definition = replace(definition, '>= 60%', '>= 6%')"#

  @Test(
    "A sealed plan changed in the store is refused, reported by the audit, and no longer evaluated",
    arguments: [
      easier, "SET digest = 'x'", "SET definition = NULL", "SET action = 'define'",
    ])
  func changed(_ change: String) async throws {
    try await withServiceHarness(MetricsService.self, isTampered: true) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 60%"))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      let verify = AuditVerifyParameters(launch: launch.rawValue)
      #expect(try await metrics.call(ServiceRoutes.auditVerify(.metrics), verify).intact)
      let count = try await metrics.environment.database.write { db in
        try db.execute("UPDATE plans \(change) WHERE action = 'seal'")
      }
      #expect(count == 1)
      await expectProblem(Problem.changedAfterSealing) {
        try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch))
      }
      await expectProblem(Problem.changedAfterSealing) { try await metrics.verdicts(launch) }
      await expectProblem(Problem.changedAfterSealing) {
        try await metrics.call(MetricsRoutes.amend, DefinePlan(launch: launch, document: [:], reason: "to hide it"))
      }
      let chain = try #require(try await metrics.call(ServiceRoutes.auditVerify(.metrics), verify).chains.first)
      let audit = AuditShowParameters(launch: launch.rawValue)
      let links = try await metrics.call(ServiceRoutes.auditShow(.metrics), audit).links
      let seal = try #require(links.first { $0.action == Announcements.metricsSealed.name })
      #expect(chain.broken?.length == seal.length, "the link of the seal")
      metrics.clock.advance(days: 31)
      try await metrics.sweep()
      #expect(try await metrics.announced(Announcements.metricsVerdict).isEmpty)
    }
  }

  @Test("An amendment is checked against its own audit link, and the plan before it against the original link")
  func amended() async throws {
    try await withServiceHarness(MetricsService.self, isTampered: true) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 60%"))
      let sealedAt = metrics.clock.now()
      metrics.clock.advance(days: 1)
      let document: JSONValue = ["metrics": [.adoption(">= 50%")]]
      try await metrics.call(
        MetricsRoutes.amend, DefinePlan(launch: launch, document: document, reason: "the target was a typo"))
      let plan = LaunchReference(launch: launch)
      #expect(try await metrics.call(MetricsRoutes.showPlan, plan).amendments.count == 1)
      try await metrics.environment.database.write { db in
        _ = try db.execute("UPDATE plans SET definition = replace(definition, '50%', '5%') WHERE action = 'amend'")
      }
      await expectProblem(Problem.changedAfterSealing) { try await metrics.call(MetricsRoutes.showPlan, plan) }
      let before = LaunchReference(launch: launch, asOf: sealedAt)
      #expect(try await metrics.call(MetricsRoutes.showPlan, before).sealed)
    }
  }
}
