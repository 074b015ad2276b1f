import Storage

/// The tables of the bus on PostgreSQL, as on SQLite. A migration that was released is never edited.
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
        // One row, which every append locks: offsets come from it and not from a sequence, whose order is not that of the
        // commits.
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
  ]
}
