import ServiceKit
import Storage

/// The tables of the checklist service.
enum ChecklistSchema {
  static let migrations = [
    Migration(
      id: "checklist/001-launches",
      sql: [
        """
        CREATE TABLE launches (
          launch TEXT PRIMARY KEY, version BIGINT NOT NULL, feature TEXT NOT NULL, flag TEXT, running BIGINT NOT NULL,
          watched BIGINT NOT NULL, checked_on TEXT NOT NULL, time_zone TEXT NOT NULL, document TEXT NOT NULL)
        """,
        "CREATE INDEX launches_feature ON launches (feature)",
        "CREATE INDEX launches_flag ON launches (flag)",
        "CREATE INDEX launches_watched ON launches (watched)",
        """
        CREATE TABLE items (
          launch TEXT NOT NULL, item TEXT NOT NULL, instance TEXT NOT NULL, place BIGINT NOT NULL,
          document TEXT NOT NULL, PRIMARY KEY (launch, item, instance))
        """,
        """
        CREATE TABLE item_history (
          launch TEXT NOT NULL, item TEXT NOT NULL, instance TEXT NOT NULL, entry BIGINT NOT NULL, at BIGINT NOT NULL,
          actor TEXT NOT NULL, action TEXT NOT NULL, detail TEXT, item_version BIGINT NOT NULL,
          PRIMARY KEY (launch, item, instance, entry))
        """,
        """
        CREATE TABLE revisions (
          launch TEXT NOT NULL, part TEXT NOT NULL, revision BIGINT NOT NULL, at BIGINT NOT NULL,
          document TEXT NOT NULL, PRIMARY KEY (launch, part, revision))
        """,
      ]),
    Migration(
      id: "checklist/002-decisions",
      sql: [
        """
        CREATE TABLE decisions (
          launch TEXT NOT NULL, decision BIGINT NOT NULL, at BIGINT NOT NULL, document TEXT NOT NULL,
          snapshot TEXT NOT NULL, PRIMARY KEY (launch, decision))
        """,
        """
        CREATE TABLE exposure_steps (
          launch TEXT NOT NULL, step BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (launch, step))
        """,
        "CREATE TABLE due_decisions (launch TEXT PRIMARY KEY)",
      ]),
    Migration(
      id: "checklist/003-documents",
      sql: [
        """
        CREATE TABLE templates (
          version BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, digest TEXT NOT NULL,
          document TEXT NOT NULL)
        """,
        "CREATE TABLE template_proposals (proposal TEXT PRIMARY KEY, place BIGINT NOT NULL, document TEXT NOT NULL)",
        """
        CREATE TABLE rosters (
          version BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, digest TEXT NOT NULL,
          document TEXT NOT NULL)
        """,
      ]),
    Migration(
      id: "checklist/004-calendars",
      sql: [
        CalendarRepository.table,
        // For finding bookings without reading the documents. `week` is a Monday; `booked` is 2 for a blocking item.
        "ALTER TABLE launches ADD COLUMN tier BIGINT NOT NULL DEFAULT 3",
        "ALTER TABLE launches ADD COLUMN date TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE launches ADD COLUMN placed_at BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE launches ADD COLUMN ahead BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE items ADD COLUMN function TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE items ADD COLUMN owner TEXT",
        "ALTER TABLE items ADD COLUMN week TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE items ADD COLUMN booked BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX items_booked ON items (booked, function, week, launch)",
        "CREATE INDEX items_by_owner ON items (owner, week, launch, booked)",
        """
        CREATE TABLE booking_acceptances (
          launch TEXT NOT NULL, kind TEXT NOT NULL, other TEXT NOT NULL, document TEXT NOT NULL,
          PRIMARY KEY (launch, kind, other))
        """,
      ]),
    Migration(
      id: "checklist/005-reminders",
      sql: [
        // The local date on which the launch's items next need a reminder: empty for at once, null for never.
        "ALTER TABLE launches ADD COLUMN remind_on TEXT DEFAULT ''",
        "CREATE INDEX launches_by_reminder ON launches (remind_on)",
        "CREATE TABLE reminders_sent (launch TEXT NOT NULL, notice TEXT NOT NULL, PRIMARY KEY (launch, notice))",
        // For finding bookings without reading the launches' documents. `booked` is 3 if the launch books the item's
        // function.
        "CREATE INDEX launches_ahead ON launches (ahead, tier, date, placed_at, launch)",
        """
        UPDATE items SET booked = 3
        WHERE booked = 2 AND launch IN (SELECT launch FROM launches WHERE ahead = 1 AND tier < 2)
        """,
      ]),
    Migration(
      id: "checklist/006-bookings",
      sql: [
        // The work that a launch books, in one row, so that it can be read without the launch's document or its items.
        "CREATE TABLE bookings (launch TEXT PRIMARY KEY, date TEXT NOT NULL, placed_at BIGINT NOT NULL, work TEXT)",
        "DROP INDEX items_booked", "DROP INDEX items_by_owner", "DROP INDEX launches_ahead",
        "ALTER TABLE items DROP COLUMN function", "ALTER TABLE items DROP COLUMN owner",
        "ALTER TABLE items DROP COLUMN week", "ALTER TABLE items DROP COLUMN booked",
        "ALTER TABLE launches DROP COLUMN tier", "ALTER TABLE launches DROP COLUMN date",
        "ALTER TABLE launches DROP COLUMN placed_at", "ALTER TABLE launches DROP COLUMN ahead",
      ]),
    Migration(
      id: "checklist/007-evidence",
      sql: [
        // The evidence of items, one row per piece. Older items and revisions have their evidence in their documents;
        // an item's evidence moves here with its next change.
        """
        CREATE TABLE item_evidence (
          launch TEXT NOT NULL, item TEXT NOT NULL, instance TEXT NOT NULL, piece BIGINT NOT NULL, kind TEXT NOT NULL,
          value TEXT NOT NULL, actor TEXT, at BIGINT, contrary BIGINT, replaced_by BIGINT,
          PRIMARY KEY (launch, item, instance, piece))
        """,
        // For finding the piece of a kind that has not been replaced.
        "CREATE INDEX item_evidence_standing ON item_evidence (launch, item, instance, kind, replaced_by)",
      ]),
    Migration(
      id: "checklist/009-hypercare",
      sql: [
        """
        CREATE TABLE hypercare_rosters (
          launch TEXT NOT NULL, version BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
          document TEXT NOT NULL, PRIMARY KEY (launch, version))
        """,
        """
        CREATE TABLE hypercare_checks (
          launch TEXT NOT NULL, entry BIGINT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (launch, entry))
        """,
      ]),
    Migration(
      id: "checklist/010-approvals",
      sql: [
        // When the next notice about approvals is due; null for never. Existing launches are checked once.
        "ALTER TABLE launches ADD COLUMN ask_at BIGINT",
        "UPDATE launches SET ask_at = 0 WHERE running = 1",
        "CREATE INDEX launches_by_asking ON launches (ask_at)",
      ]),
    Migration(
      id: "checklist/011-halts",
      sql: ["CREATE TABLE halts (halt BIGINT PRIMARY KEY, document TEXT NOT NULL)"]),
    Migration(
      id: "checklist/012-statements",
      sql: [
        // The signing keys for statements, shared by all replicas. A retired key has no secret.
        """
        CREATE TABLE signing_keys (
          keyid TEXT PRIMARY KEY, place BIGINT NOT NULL, public_key TEXT NOT NULL, secret TEXT, made_at BIGINT NOT NULL,
          made_by TEXT NOT NULL, retired_at BIGINT)
        """,
        // Every signed statement; `digest` is its payload's.
        """
        CREATE TABLE statements (
          launch TEXT NOT NULL, statement BIGINT NOT NULL, type TEXT NOT NULL, decision BIGINT NOT NULL,
          digest TEXT NOT NULL, envelope TEXT NOT NULL, PRIMARY KEY (launch, statement))
        """,
        // The double bookings that the adopted policy treats as reasons against GO.
        "CREATE TABLE booking_reasons (kind TEXT PRIMARY KEY, version BIGINT NOT NULL)",
      ]),
  ]
}
