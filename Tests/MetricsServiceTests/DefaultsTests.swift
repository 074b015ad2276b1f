import Contract
import JSON
import LaunchModel
import MetricsService
import ServiceKit
import Storage
import TestSupport
import Testing

/// Launches of this suite are of tier 2.
@Suite("Metric defaults by tier")
struct DefaultsTests {
  private static let chain = "metric-defaults"

  @Test("A metric gets the adopted default for the launch's tier; adopting others changes no plan")
  func plans() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      await expectProblem("invalid-metrics") { try await metrics.call(MetricsRoutes.define, short(launch)) }
      let whole = DefinePlan(launch: launch, document: ["metrics": [.adoption(">= 30%")]])
      let before = try await metrics.call(MetricsRoutes.define, whole)
      #expect(before.defaultsVersion == 1)

      try await adopt(defaults(">= 30%"), in: metrics)
      #expect(try await metrics.call(MetricsRoutes.showPlan, LaunchReference(launch: launch)) == before)
      let defined = try await metrics.call(MetricsRoutes.define, short(launch))
      #expect(defined.defaultsVersion == 2)
      #expect(defined.definition == before.definition && defined.digest == before.digest)

      try await adopt(defaults(">= 40%"), in: metrics)
      let sealed = try await metrics.call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
      #expect(sealed.defaultsVersion == 2)
      #expect(sealed.digest == before.digest)

      let amended = try await metrics.call(MetricsRoutes.amend, short(launch, reason: "the new defaults"))
      #expect(amended.defaultsVersion == 3)
      #expect(amended.definition?["metrics"]?.arrayValue?.first?["target"] == ">= 40%")
      try await metrics.requireIntactChains()
    }
  }

  @Test("A launch with an unknown tier gets the built-in defaults")
  func unknownTier() async throws {
    try await withServiceHarness(MetricsService.self, isTampered: true) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await adopt(defaults(">= 30%"), in: metrics)
      #expect(try await metrics.environment.database.write { try $0.execute("UPDATE launches SET tier = NULL") } == 1)
      await expectProblem("invalid-metrics") { try await metrics.call(MetricsRoutes.define, short(launch)) }
      let whole = DefinePlan(launch: launch, document: ["metrics": [.adoption(">= 20%")]])
      #expect(try await metrics.call(MetricsRoutes.define, whole).defaultsVersion == 1)
    }
  }

  @Test("Anyone on the roster proposes with a reason; Product Ops adopts once, and all of it is announced")
  func adoption() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      try await metrics.adopt(
        Roster(people: [
          "pia": Person(name: "Pia", roles: ["product-ops"], principals: [.uid(2002)]),
          "eve": Person(name: "Eve", functions: [.engineering], principals: [.uid(2003)]),
        ]))
      await expectProblem("reason-missing") {
        try await metrics.call(
          MetricsRoutes.proposeDefaults, ProposeMetricDefaults(document: defaults(">= 30%"), reason: " "), as: "eve")
      }
      let proposal = try await propose(defaults(">= 30%"), as: "eve", in: metrics)
      #expect(proposal.id == "defaults-1" && proposal.proposedBy == "eve" && proposal.baseVersion == 1)
      #expect(proposal.changes == ["tier 1 adoption: target - → >= 90%", "tier 2 adoption: target - → >= 30%"])
      let open = try await metrics.call(MetricsRoutes.showDefaults, VersionReference(), as: "eve")
      #expect(open.documentVersion == 1 && open.proposals == [proposal])

      let adopt = AdoptMetricDefaults(proposal: "defaults-1")
      await expectProblem("forbidden") { try await metrics.call(MetricsRoutes.adoptDefaults, adopt, as: "eve") }
      let adopted = try await metrics.call(MetricsRoutes.adoptDefaults, adopt, as: "pia")
      #expect(adopted.documentVersion == 2 && adopted.changes == proposal.changes)
      let view = try await metrics.call(MetricsRoutes.showDefaults, VersionReference(), as: "eve")
      #expect(view.documentVersion == 2 && view.digest == adopted.digest && view.proposals == [])
      #expect(view.document["version"] == 2)
      #expect(view.document["tiers"]?["2"]?["adoption"] == ["target": ">= 30%", "days": 30])
      let first = try await metrics.call(MetricsRoutes.showDefaults, VersionReference(version: 1), as: "eve")
      #expect(first.digest == open.digest && first.proposals.map(\.adoptedAs) == [2])
      #expect(
        try await metrics.announced(Announcements.metricDefaultsAdopted)
          == [DocumentAdopted(documentVersion: 2, digest: adopted.digest, document: view.document)])

      await expectProblem("already-adopted") { try await metrics.call(MetricsRoutes.adoptDefaults, adopt, as: "pia") }
      await expectProblem("nothing-changes") { try await propose(defaults(">= 30%"), as: "eve", in: metrics) }
      await expectProblem("proposal-not-found") {
        try await metrics.call(MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: "defaults-9"), as: "pia")
      }
      await expectProblem("defaults-not-found") {
        try await metrics.call(MetricsRoutes.showDefaults, VersionReference(version: 3), as: "eve")
      }
      try await metrics.requireIntactChains()
    }
  }

  @Test("A proposal based on an outdated version is not adopted, and an outdated file is not proposed")
  func outdated() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      for target in [">= 30%", ">= 40%"] { try await propose(defaults(target), in: metrics) }
      try await metrics.call(MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: "defaults-1"))
      await expectProblem("proposal-outdated") {
        try await metrics.call(MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: "defaults-2"))
      }
      await expectProblem("proposal-outdated") { try await propose(defaults(">= 50%", version: 1), in: metrics) }
      #expect(try await propose(defaults(">= 50%", version: 2), in: metrics).baseVersion == 2)
    }
  }

  @Test("Errors in a file are reported with their positions, and nothing is stored")
  func errors() async throws {
    try await withServiceHarness(MetricsService.self) { metrics in
      let problem = await #expect(throws: Problem.self) { try await propose(defaults("30"), in: metrics) }
      #expect(problem?.errors.map(\.pointer) == ["/tiers/2/adoption/target"])
      let shown = try await metrics.call(MetricsRoutes.showDefaults, VersionReference())
      #expect(shown.proposals.isEmpty)
    }
  }

  @Test(
    "A change of defaults outside gonogo is named by the audit",
    arguments: [
      ("UPDATE metric_defaults SET digest = 'x'", chain, "defaults:2"),
      ("UPDATE metric_defaults_proposals SET document = '{}'", chain, "proposal:defaults-1"),
      ("UPDATE plans SET defaults_version = 1", "trial", "plan-defaults:1"),
    ])
  func tampering(_ sql: String, _ chain: String, _ key: String) async throws {
    try await withServiceHarness(MetricsService.self, isTampered: true) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await adopt(defaults(">= 30%"), in: metrics)
      try await metrics.call(MetricsRoutes.define, short(launch))
      try await metrics.requireIntactChains()
      #expect(try await metrics.environment.database.write { try $0.execute(sql) } == 1)
      let check = try await metrics.call(ServiceRoutes.auditCheck(.metrics), AuditCheckParameters(launch: chain))
      #expect(check.broken?.key == key)
    }
  }

  /// A file with a target for adoption in tier 2, and another one in tier 1.
  private func defaults(_ target: String, version: JSONValue = .null) -> JSONValue {
    [
      "version": version,
      "tiers": ["1": ["adoption": ["target": ">= 90%"]], "2": ["adoption": ["target": .string(target)]]],
    ]
  }

  /// A plan that leaves the target of adoption to the defaults.
  private func short(_ launch: LaunchID, reason: String? = nil) -> DefinePlan {
    DefinePlan(launch: launch, document: ["metrics": [["key": "adoption", "kind": "adoption"]]], reason: reason)
  }

  @discardableResult
  private func propose(
    _ document: JSONValue, as person: PersonID? = nil, in metrics: Metrics
  ) async throws -> MetricDefaultsProposal {
    try await metrics.call(
      MetricsRoutes.proposeDefaults, ProposeMetricDefaults(document: document, reason: "trial"), as: person)
  }

  private func adopt(_ document: JSONValue, in metrics: Metrics) async throws {
    let proposal = try await propose(document, in: metrics)
    try await metrics.call(MetricsRoutes.adoptDefaults, AdoptMetricDefaults(proposal: proposal.id))
  }
}
