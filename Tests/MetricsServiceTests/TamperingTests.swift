import Contract
import JSON
import LaunchModel
import MetricsService
import Storage
import ServiceKit
import TestSupport
import Testing

@Suite("A store of metrics that was changed outside gonogo")
struct TamperingTests {
  @Test(
    "The audit reports each change of what verdicts depend on",
    arguments: [
      ("UPDATE launches SET feature = 'other'", "launch:1"),
      ("UPDATE launches SET log_offset = log_offset + 100", "launch:1"),
      ("UPDATE exposures SET attempts = '[]'", "exposure:"), ("UPDATE exposures SET stored_at = 0", "exposure:"),
      ("DELETE FROM exposures", "exposure:"), ("UPDATE verdicts SET verdict = 'missed'", "verdict:1/adoption"),
      ("DELETE FROM verdicts", "verdict:1/adoption"),
    ])
  func named(_ sql: String, _ key: String) async throws {
    try await withServiceHarness(MetricsService.self, isTampered: true) { metrics in
      let launch = try launchID("trial")
      try await metrics.propose(launch)
      try await metrics.seal(launch, .adoption(">= 50%"))
      try await metrics.expose(launch, ExposureAttempt(attempt: 1, startedAt: metrics.clock.now()))
      try await metrics.signal(.featureUsed, ["feature": "f", "account": "a"])
      try await metrics.pass(days: 30, (.featureUsed, ["feature": "f", "account": "a"]))
      try await metrics.sweep()
      #expect(try await metrics.announced(Announcements.metricsVerdict).map(\.verdict) == [.met])
      try await metrics.requireIntactChains()
      #expect(try await metrics.environment.database.write { try $0.execute(sql) } == 1)
      let check = try await metrics.call(
        ServiceRoutes.auditCheck(.metrics), AuditCheckParameters(launch: launch.rawValue))
      let named = try #require(check.broken?.key)
      #expect(named.hasPrefix(key), "\(named)")
    }
  }
}
