import Contract
import LaunchModel
import ReviewService
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("A store of review that was changed outside gonogo")
struct TamperingTests {
  @Test(
    "The audit reports each change",
    arguments: [
      ("UPDATE reviews SET state = 'closed'", "review:1"),
      ("UPDATE reviews SET opens_at = 0", "review-opening:1"),
      ("UPDATE reviews SET opens_on = '2028-04-01'", "review-opening:1"),
      ("UPDATE launches SET version = 9", "launch"), ("UPDATE attempts SET started_at = 0", "attempt:1"),
      ("DELETE FROM attempts", "attempt:1"), ("UPDATE actions SET owner = 'omar'", "action:1"),
      ("DELETE FROM actions", "action:1"),
      ("DELETE FROM attendance", "attendance:1/dana"),
    ])
  func named(_ sql: String, _ key: String) async throws {
    try await ReviewStage.run(isTampered: true) { harness in
      try await ReviewStage.openReview(harness)
      let action = AddAction(launch: try ReviewStage.id(), text: "Call Acme", owner: "priya")
      try await harness.call(ReviewRoutes.addAction, action, as: "dana")
      try await harness.call(
        ReviewRoutes.attend, Attendance(launch: try ReviewStage.id(), people: ["dana"]), as: "dana")
      try await harness.requireIntactChains()
      let count = try await harness.environment.database.write { try $0.execute(sql) }
      #expect(count == 1)
      let verification = try await harness.call(ServiceRoutes.auditVerify(.review), AuditVerifyParameters(), as: "dana")
      #expect(verification.chains.compactMap(\.broken?.key) == [key])
    }
  }
}
