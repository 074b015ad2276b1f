import Storage

/// The tables of the bus on PostgreSQL. A released migration is never edited.
enum PostgreSQLBusSchema {
  static let migrations = [
    Migration(
      id: "bus/001-log",
      sql: [
        """
        CREATE TABLE events (
          "offset" BIGINT PRIMARY KEY,
          stored_at BIGINT NOT NULL,
          checksum BIGINT NOT NULL,
          type_start BIGINT NOT NULL,
          type_length BIGINT NOT NULL,
          bytes BYTES NOT NULL
        )
        """,
        """
        CREATE TABLE event_keys (
          source TEXT NOT NULL,
          id TEXT NOT NULL,
          "offset" BIGINT NOT NULL,
          PRIMARY KEY (source, id)
        )
        """,
        // A single row that every append locks. Offsets are taken from it and not from a sequence, because a sequence
        // does not follow the order of commits.
        """
        CREATE TABLE log_bounds (
          id BIGINT PRIMARY KEY CHECK (id = 1),
          head BIGINT NOT NULL,
          first BIGINT NOT NULL,
          newest_at BIGINT
        )
        """,
        "INSERT INTO log_bounds (id, head, first) VALUES (1, 0, 1)",
      ]),
    Migration(
      id: "bus/002-ledger",
      sql: [
        "CREATE TABLE consumers (name TEXT PRIMARY KEY, \"offset\" BIGINT NOT NULL)",
        """
        CREATE TABLE quarantine (
          id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          consumer TEXT NOT NULL,
          "offset" BIGINT,
          code TEXT NOT NULL,
          detail TEXT NOT NULL,
          attempts BIGINT NOT NULL,
          at BIGINT NOT NULL,
          status TEXT NOT NULL,
          bytes BYTES NOT NULL,
          UNIQUE (consumer, "offset")
        )
        """,
        "CREATE TABLE roster (id BIGINT PRIMARY KEY CHECK (id = 1), event BYTES NOT NULL)",
      ]),
    Migration(
      id: "bus/003-partitions",
      sql: [
        // The offset of the roster event, from which every bus detects a new roster.
        "ALTER TABLE log_bounds ADD COLUMN roster_at BIGINT NOT NULL DEFAULT 0",
        // The table `events_<first>` holds the offsets from `first` to `last`.
        "CREATE TABLE log_partitions (first BIGINT PRIMARY KEY, last BIGINT NOT NULL)",
        "ALTER TABLE events RENAME TO events_1",
        """
        CREATE TABLE events (
          "offset" BIGINT PRIMARY KEY,
          stored_at BIGINT NOT NULL,
          checksum BIGINT NOT NULL,
          type_start BIGINT NOT NULL,
          type_length BIGINT NOT NULL,
          bytes BYTES NOT NULL
        ) PARTITION BY RANGE ("offset")
        """,
        // Existing events become the first partition.
        """
        DO $$
        DECLARE head BIGINT := (SELECT b.head FROM log_bounds AS b);
        BEGIN
          IF head = 0 THEN
            DROP TABLE events_1;
          ELSE
            EXECUTE format('ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM (1) TO (%s)', head + 1);
            INSERT INTO log_partitions (first, last) VALUES (1, head);
          END IF;
        END $$
        """,
      ]),
    Migration(id: "bus/004-roster-checksum", sql: ["ALTER TABLE roster ADD COLUMN checksum BIGINT"]),
    Migration(
      id: "bus/005-roster-offset",
      sql: [
        // A log that was moved here from SQLite has a roster whose offset was not recorded.
        "UPDATE log_bounds SET roster_at = -1 WHERE roster_at = 0 AND EXISTS (SELECT 1 FROM roster)"
      ]),
  ]
}
