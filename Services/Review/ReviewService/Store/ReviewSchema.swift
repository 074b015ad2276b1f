import Storage

/// The tables of the review service; released migrations are never edited.
enum ReviewSchema {
  static let migrations = [
    Migration(
      id: "review/001-reviews",
      sql: [
        "CREATE TABLE launches (id TEXT PRIMARY KEY, version BIGINT NOT NULL, record TEXT NOT NULL)",
        """
        CREATE TABLE attempts (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, started_at BIGINT NOT NULL, rolled_back_at BIGINT,
          PRIMARY KEY (launch, attempt))
        """,
        """
        CREATE TABLE reviews (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, state TEXT NOT NULL, opens_at BIGINT NOT NULL,
          opens_on TEXT NOT NULL, calendar_known BIGINT NOT NULL, opened_at BIGINT, closed_at BIGINT, closed_by TEXT,
          digest TEXT, agenda TEXT, version BIGINT NOT NULL, PRIMARY KEY (launch, attempt))
        """,
        "CREATE INDEX reviews_by_opening ON reviews (state, opens_at)",
        """
        CREATE TABLE calendars (
          key TEXT PRIMARY KEY, weekend TEXT NOT NULL, holidays TEXT NOT NULL, fetched_at BIGINT NOT NULL)
        """,
        """
        CREATE TABLE attendance (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (launch, attempt, person))
        """,
        """
        CREATE TABLE explanations (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, metric TEXT NOT NULL, text TEXT NOT NULL,
          PRIMARY KEY (launch, attempt, metric))
        """,
        """
        CREATE TABLE outcomes (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, point TEXT NOT NULL, text TEXT NOT NULL,
          PRIMARY KEY (launch, attempt, point))
        """,
      ]),
    Migration(
      id: "review/002-actions-and-learnings",
      sql: [
        """
        CREATE TABLE actions (
          id TEXT PRIMARY KEY, launch TEXT NOT NULL, attempt BIGINT NOT NULL, number BIGINT NOT NULL, text TEXT NOT NULL,
          owner TEXT, due TEXT, point TEXT, state TEXT NOT NULL, outcome TEXT, reminded_on TEXT, UNIQUE (launch, number))
        """,
        "CREATE INDEX actions_by_due ON actions (state, due)",
        """
        CREATE TABLE learnings (
          id TEXT PRIMARY KEY, launch TEXT NOT NULL, number BIGINT NOT NULL, text TEXT NOT NULL, added_by TEXT NOT NULL,
          added_at BIGINT NOT NULL, proposed_at BIGINT, change TEXT, adopted_as BIGINT, UNIQUE (launch, number))
        """,
        "CREATE TABLE template_version (one BIGINT PRIMARY KEY, version BIGINT NOT NULL)",
      ]),
    Migration(
      id: "review/003-story",
      sql: [
        "CREATE TABLE sealed_metrics (launch TEXT PRIMARY KEY, metrics TEXT NOT NULL)",
        """
        CREATE TABLE items_done (
          launch TEXT NOT NULL, item TEXT NOT NULL, instance TEXT NOT NULL, done_at BIGINT NOT NULL,
          PRIMARY KEY (launch, item, instance))
        """,
        """
        CREATE TABLE story (
          launch TEXT NOT NULL, log_offset BIGINT NOT NULL, part BIGINT NOT NULL, kind TEXT NOT NULL, at BIGINT NOT NULL,
          attempt BIGINT, detail TEXT NOT NULL, PRIMARY KEY (launch, log_offset, part))
        """,
      ]),
    Migration(
      id: "review/004-signals",
      sql: [
        """
        CREATE TABLE ticket_events (
          log_offset BIGINT PRIMARY KEY, ticket TEXT NOT NULL, at BIGINT NOT NULL, stored_at BIGINT NOT NULL,
          opens BIGINT NOT NULL, account TEXT, feature TEXT, tags TEXT, channel TEXT, merged_into TEXT)
        """,
        "CREATE INDEX ticket_events_by_ticket ON ticket_events (ticket)",
        "CREATE INDEX ticket_events_by_feature ON ticket_events (feature)",
        "CREATE INDEX ticket_events_by_successor ON ticket_events (merged_into)",
        "CREATE TABLE ticket_tags (tag TEXT NOT NULL, ticket TEXT NOT NULL, PRIMARY KEY (tag, ticket))",
        """
        CREATE TABLE escalations (
          log_offset BIGINT PRIMARY KEY, ticket TEXT NOT NULL, at BIGINT NOT NULL, level TEXT, reason TEXT)
        """,
        "CREATE INDEX escalations_by_time ON escalations (at)",
        """
        CREATE TABLE scores (
          log_offset BIGINT PRIMARY KEY, ticket TEXT NOT NULL, at BIGINT NOT NULL, score DOUBLE PRECISION NOT NULL,
          scale TEXT NOT NULL, account TEXT, feature TEXT)
        """,
        "CREATE INDEX scores_by_time ON scores (at)",
        """
        CREATE TABLE votes (
          log_offset BIGINT PRIMARY KEY, article TEXT NOT NULL, locale TEXT, voter TEXT, is_up BIGINT NOT NULL,
          at BIGINT NOT NULL)
        """,
        "CREATE INDEX votes_by_time ON votes (at)",
        """
        CREATE TABLE articles (
          article TEXT NOT NULL, feature TEXT NOT NULL, launch TEXT NOT NULL, PRIMARY KEY (article, feature, launch))
        """,
        """
        CREATE TABLE missed_searches (
          log_offset BIGINT PRIMARY KEY, query TEXT NOT NULL, locale TEXT, at BIGINT NOT NULL)
        """,
        "CREATE INDEX missed_searches_by_time ON missed_searches (at)",
        """
        CREATE TABLE accounts (
          account TEXT PRIMARY KEY, state TEXT NOT NULL, merged_into TEXT, at BIGINT NOT NULL, log_offset BIGINT NOT NULL)
        """,
      ]),
    Migration(
      id: "review/005-topics",
      sql: [
        // The part is empty for a ticket and the language for an article. The
        // body is deleted once the text is prepared.
        """
        CREATE TABLE signal_texts (
          kind TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL, at BIGINT NOT NULL, log_offset BIGINT NOT NULL,
          locale TEXT, title TEXT, body TEXT, text TEXT, language TEXT, vector BYTES,
          PRIMARY KEY (kind, name, part))
        """,
        "CREATE INDEX signal_texts_unread ON signal_texts (log_offset) WHERE vector IS NULL",
        // How far the older part of the log, processed before texts were stored, has been read for texts.
        "CREATE TABLE text_backfill (one BIGINT PRIMARY KEY, processed BIGINT NOT NULL, last BIGINT NOT NULL)",
        """
        CREATE TABLE attempt_topics (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, fingerprint TEXT NOT NULL, topics TEXT NOT NULL,
          PRIMARY KEY (launch, attempt))
        """,
        """
        CREATE TABLE spikes (
          key TEXT PRIMARY KEY, launch TEXT NOT NULL, attempt BIGINT NOT NULL, at BIGINT NOT NULL, notice TEXT NOT NULL,
          explained_at BIGINT)
        """,
        "CREATE INDEX spikes_unexplained ON spikes (at) WHERE explained_at IS NULL",
      ]),
    Migration(
      id: "review/006-escalated-actions",
      sql: ["ALTER TABLE actions ADD COLUMN escalated_on TEXT"]),
    Migration(
      id: "review/007-learning-targets",
      sql: [
        // The document that a proposed learning changes. Null means the template, for
        // learnings proposed before targets existed.
        "ALTER TABLE learnings ADD COLUMN target TEXT"
      ]),
  ]
}
