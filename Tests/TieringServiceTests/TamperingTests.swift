import Contract
import JSON
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

@testable import TieringService

@Suite("A store of tiering that was changed outside gonogo")
struct TamperingTests {
  @Test(
    "Each change is reported to the checklist when it asks, and by the audit",
    arguments: [
      ("UPDATE launches SET tier = 3", "launch"), ("UPDATE launches SET date = '2027-03-09'", "launch"),
      ("UPDATE launches SET record = replace(record, '2027-03-02', '2027-03-09')", "launch"),
      (#"UPDATE launches SET record = replace(record, '"everyDays":14', '"everyDays":99')"#, "launch"),
      ("UPDATE launches SET next_change = 0", "launch-progress"),
      ("UPDATE launches SET progress = '{}'", "launch-progress"),
      ("UPDATE launch_versions SET record = replace(record, '2027-03-02', '2027-03-09')", "version:1"),
      ("DELETE FROM launch_versions", "version:1"), ("UPDATE launches SET version = version + 1", "launch"),
      ("DELETE FROM launches", "launch"),
      ("UPDATE blackouts SET document = replace(document, 'freeze', 'thaw')", "blackout:freeze"),
      (
        "UPDATE adopted_documents SET document = replace(document, 'flagship', 'other') WHERE kind = 'policy'",
        "document:policy/1"
      ),
      ("UPDATE adopted_roster SET roster = replace(roster, 'Dana', 'Dina')", "adopted-roster"),
    ])
  func named(_ sql: String, _ key: String) async throws {
    try await TieringStage.with(isTampered: true) { harness in
      try await harness.propose()
      let freeze = SetBlackout(
        key: try #require(LaunchID("freeze")), from: LocalDate("2027-05-01"),
        to: LocalDate("2027-05-03"), reason: "a change freeze")
      try await harness.call(TieringRoutes.setBlackout, freeze, as: "dana")
      try await harness.requireIntactChains()
      let count = try await harness.environment.database.write { try $0.execute(sql) }
      #expect(count == 1)
      let verification = try await harness.call(
        ServiceRoutes.auditVerify(.tiering), AuditVerifyParameters(), as: "sam")
      #expect(verification.chains.compactMap(\.broken?.key) == [key])
      let check = try await harness.call(
        ServiceRoutes.auditCheck(.tiering), AuditCheckParameters(launch: "smart-routing"), as: "sam")
      let isOfLaunch = key.hasPrefix("launch") || key.hasPrefix("version")
      #expect(check.broken?.key == (isOfLaunch ? key : nil))
      #expect(check.head != nil)
    }
  }
}
