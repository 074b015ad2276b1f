import Contract
import ServiceKit
import Storage

/// The tables of tiering that its audit chains cover. Derived data is left out: rule outcomes, and the day on which an
/// owner is asked to confirm a date (`reconfirm_on`).
enum TieringAudit {
  static let tables = [
    launches, progress, versions, conflictVersions, acceptances, blackouts, documents, proposals,
    CalendarRepository.audited, notices,
  ]

  private static let launches = AuditedTable(
    "launches", of: .column("id"), prefix: "launch",
    columns: [
      "name", "owner", "tier", "date", "status", "shortfall_days", "shortfall_waived", "placed_at", "version", "record",
    ]
  ) { row in
    "tier \(try row.int("tier")), \(try row.text("date")), \(try row.text("status")), version \(try row.int("version"))"
  }

  /// What other services announced about a launch, and when time alone next changes the status derived from it.
  private static let progress = AuditedTable(
    "launches", of: .column("id"), prefix: "launch-progress", columns: ["progress", "next_change"], generation: 2)

  /// Each version of a launch's record, used to answer questions about an earlier moment.
  private static let versions = AuditedTable(
    "launch_versions", of: .column("launch"), prefix: "version", keys: ["version"],
    columns: ["at", "actor", "changed", "record"], generation: 2
  ) { row in "by \(try row.text("actor"))" }

  private static let conflictVersions = AuditedTable(
    "launch_conflicts", of: .column("launch"), prefix: "conflict-version", keys: ["version", "conflicts_version"],
    columns: ["at", "record"], generation: 2)

  private static let notices = AuditedTable(
    "notices_sent", of: .column("launch"), prefix: "notice", keys: ["notice"], columns: ["notice"], generation: 3)

  private static let acceptances = AuditedTable(
    "conflict_acceptances", of: .column("launch"), prefix: "conflict", keys: ["kind", "other"],
    columns: ["date", "other_date", "document"])

  private static let blackouts = AuditedTable(
    "blackouts", of: .fixed(CalendarChanged.subject), prefix: "blackout", keys: ["blackout"], columns: ["document"])

  private static let documents = AuditedTable(
    "adopted_documents", of: .fixed(DocumentRepository.policySubject), prefix: "document", keys: ["kind", "version"],
    columns: ["digest", "document"])

  private static let proposals = AuditedTable(
    "policy_proposals", of: .fixed(DocumentRepository.policySubject), prefix: "proposal", keys: ["proposal"],
    columns: ["document"])
}
