import ServiceKit
import Storage

/// The tables of the tiering service.
enum TieringSchema {
  static let migrations = [
    Migration(
      id: "tiering/001-launches",
      sql: [
        // The columns besides `record` are the ones that lists show or filter by.
        """
        CREATE TABLE launches (
          id TEXT PRIMARY KEY, name TEXT NOT NULL, owner TEXT NOT NULL, tier BIGINT NOT NULL, date TEXT NOT NULL,
          status TEXT NOT NULL, shortfall_days BIGINT NOT NULL, version BIGINT NOT NULL, record TEXT NOT NULL,
          progress TEXT NOT NULL, next_change BIGINT)
        """,
        "CREATE INDEX launches_by_date ON launches (date, id)",
        "CREATE INDEX launches_by_next_change ON launches (next_change)",
        // Each announced version: its record, and what changed, for callers who saw an earlier version.
        """
        CREATE TABLE launch_versions (
          launch TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, changed TEXT NOT NULL,
          record TEXT NOT NULL, PRIMARY KEY (launch, version))
        """,
        """
        CREATE TABLE adopted_documents (
          kind TEXT NOT NULL, version BIGINT NOT NULL, digest TEXT NOT NULL, document TEXT NOT NULL,
          PRIMARY KEY (kind, version))
        """,
      ]),
    Migration(
      id: "tiering/002-policy",
      sql: [
        "CREATE TABLE policy_proposals (proposal TEXT PRIMARY KEY, place BIGINT NOT NULL, document TEXT NOT NULL)",
        // The rules that decide a launch's computed tier, and the tier it was overridden to, if ever.
        """
        CREATE TABLE rule_outcomes (
          launch TEXT NOT NULL, rule TEXT NOT NULL, computed BIGINT NOT NULL, overridden BIGINT,
          PRIMARY KEY (launch, rule))
        """,
        "CREATE INDEX rule_outcomes_by_rule ON rule_outcomes (rule, computed, overridden)",
      ]),
    Migration(
      id: "tiering/003-conflicts",
      sql: [
        "ALTER TABLE launches ADD COLUMN placed_at BIGINT NOT NULL DEFAULT 0",
        // Existing records imply that a launch was last placed when it was proposed.
        """
        UPDATE launches SET placed_at = COALESCE(
          (SELECT MIN(at) FROM launch_versions WHERE launch_versions.launch = launches.id), 0)
        """,
        CalendarRepository.table,
        "CREATE TABLE blackouts (blackout TEXT PRIMARY KEY, document TEXT NOT NULL)",
        // The dates of both launches are columns, because an acceptance is valid only for these dates.
        """
        CREATE TABLE conflict_acceptances (
          launch TEXT NOT NULL, kind TEXT NOT NULL, other TEXT NOT NULL, date TEXT NOT NULL, other_date TEXT NOT NULL,
          document TEXT NOT NULL, PRIMARY KEY (launch, kind, other))
        """,
      ]),
    Migration(
      id: "tiering/004-waivers",
      sql: [
        "ALTER TABLE launches ADD COLUMN shortfall_waived BIGINT NOT NULL DEFAULT 0",
        // Only a waived shortfall has this member.
        "UPDATE launches SET shortfall_waived = 1 WHERE record LIKE '%\"waived\":{%'",
      ]),
    Migration(
      id: "tiering/005-conflicts-by-others",
      sql: [
        // The record after each change of its conflicts by another launch, for questions about an earlier moment.
        """
        CREATE TABLE launch_conflicts (
          launch TEXT NOT NULL, version BIGINT NOT NULL, conflicts_version BIGINT NOT NULL, at BIGINT NOT NULL,
          record TEXT NOT NULL, PRIMARY KEY (launch, version, conflicts_version))
        """
      ]),
    Migration(
      id: "tiering/006-confirmations",
      sql: [
        // The local day on which the owner is asked to confirm the date; null if there is none.
        "ALTER TABLE launches ADD COLUMN reconfirm_on TEXT",
        "CREATE INDEX launches_by_reconfirmation ON launches (reconfirm_on)",
        "CREATE TABLE notices_sent (launch TEXT NOT NULL, notice TEXT NOT NULL, PRIMARY KEY (launch, notice))",
      ]),
  ]
}
