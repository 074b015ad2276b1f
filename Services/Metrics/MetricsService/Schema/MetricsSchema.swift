import Storage

/// The tables of the metrics service.
enum MetricsSchema {
  static let migrations = [
    Migration(
      id: "metrics/001-launches",
      sql: [
        """
        CREATE TABLE launches (
          launch TEXT NOT NULL, version BIGINT NOT NULL, log_offset BIGINT NOT NULL, owner TEXT NOT NULL,
          feature TEXT NOT NULL, PRIMARY KEY (launch, version))
        """,
        """
        CREATE TABLE exposures (
          launch TEXT NOT NULL, log_offset BIGINT NOT NULL, stored_at BIGINT NOT NULL, attempts TEXT NOT NULL,
          PRIMARY KEY (launch, log_offset))
        """,
      ]),
    Migration(
      id: "metrics/002-plans",
      sql: [
        """
        CREATE TABLE plans (
          launch TEXT NOT NULL, version BIGINT NOT NULL, action TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
          document TEXT NOT NULL, definition TEXT, digest TEXT, reason TEXT, retroactive BIGINT NOT NULL,
          PRIMARY KEY (launch, version))
        """,
        """
        CREATE TABLE feature_tags (
          launch TEXT NOT NULL, tag TEXT NOT NULL, feature TEXT NOT NULL, PRIMARY KEY (launch, tag))
        """,
      ]),
    Migration(
      id: "metrics/003-signals",
      sql: [
        """
        CREATE TABLE account_changes (
          log_offset BIGINT PRIMARY KEY, at BIGINT NOT NULL, account TEXT NOT NULL, state TEXT NOT NULL,
          merged_into TEXT)
        """,
        """
        CREATE TABLE ticket_events (
          log_offset BIGINT PRIMARY KEY, at BIGINT NOT NULL, stored_at BIGINT NOT NULL, ticket TEXT NOT NULL,
          opens BIGINT NOT NULL, account TEXT, feature TEXT, tags TEXT, channel TEXT, merged_into TEXT)
        """,
        """
        CREATE TABLE satisfaction_scores (
          log_offset BIGINT PRIMARY KEY, at BIGINT NOT NULL, stored_at BIGINT NOT NULL, ticket TEXT NOT NULL,
          satisfied BIGINT NOT NULL, account TEXT, feature TEXT, channel TEXT)
        """,
        """
        CREATE TABLE article_votes (
          log_offset BIGINT PRIMARY KEY, at BIGINT NOT NULL, stored_at BIGINT NOT NULL, article TEXT NOT NULL,
          locale TEXT NOT NULL, voter TEXT NOT NULL, helpful BIGINT NOT NULL)
        """,
        """
        CREATE TABLE article_publications (
          log_offset BIGINT PRIMARY KEY, at BIGINT NOT NULL, stored_at BIGINT NOT NULL, article TEXT NOT NULL,
          locale TEXT NOT NULL, feature TEXT, launch TEXT)
        """,
        "CREATE INDEX satisfaction_scores_by_time ON satisfaction_scores (at)",
        "CREATE INDEX article_votes_by_time ON article_votes (at)",
      ]),
    Migration(
      id: "metrics/004-projections",
      sql: [
        """
        CREATE TABLE projections (
          id BIGINT PRIMARY KEY, launch TEXT NOT NULL, attempt BIGINT NOT NULL, spec TEXT NOT NULL,
          start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, next_offset BIGINT, until_offset BIGINT NOT NULL,
          pruned_before BIGINT, watermark BIGINT, revision BIGINT NOT NULL, UNIQUE (launch, attempt, spec))
        """,
        """
        CREATE TABLE account_activities (
          projection BIGINT NOT NULL, account TEXT NOT NULL, first_activity BIGINT NOT NULL, first_use BIGINT,
          activity_stored BIGINT NOT NULL, use_stored BIGINT, PRIMARY KEY (projection, account))
        """,
        """
        CREATE TABLE tallies (
          projection BIGINT NOT NULL, day BIGINT NOT NULL, account TEXT NOT NULL, subject TEXT NOT NULL,
          locale TEXT NOT NULL, hits BIGINT NOT NULL, total BIGINT NOT NULL, last_stored BIGINT NOT NULL,
          PRIMARY KEY (projection, day, account, subject, locale))
        """,
        "CREATE TABLE discarded_projections (id BIGINT PRIMARY KEY)",
        """
        CREATE TABLE projection_state (
          one BIGINT PRIMARY KEY, last_id BIGINT NOT NULL, generation BIGINT NOT NULL, batches BIGINT NOT NULL)
        """,
        "INSERT INTO projection_state (one, last_id, generation, batches) VALUES (1, 0, 0, 0)",
      ]),
    Migration(
      id: "metrics/005-verdicts",
      sql: [
        """
        CREATE TABLE verdicts (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, metric TEXT NOT NULL, verdict TEXT NOT NULL,
          PRIMARY KEY (launch, attempt, metric))
        """,
        """
        CREATE TABLE evaluations (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, at BIGINT NOT NULL, basis TEXT NOT NULL,
          PRIMARY KEY (launch, attempt))
        """,
      ]),
    // Projections are derived from the log, so they are dropped here and built again in their new form.
    Migration(
      id: "metrics/006-adoption",
      sql: [
        "DROP TABLE account_activities", "DROP TABLE tallies", "DROP TABLE projections",
        "DROP TABLE feature_tags",
        """
        CREATE TABLE projections (
          id BIGINT PRIMARY KEY, launch TEXT NOT NULL, attempt BIGINT NOT NULL, kind TEXT NOT NULL, spec TEXT NOT NULL,
          start_at BIGINT NOT NULL, end_at BIGINT NOT NULL, next_offset BIGINT, until_offset BIGINT NOT NULL,
          retired_at BIGINT, pruned_before BIGINT, watermark BIGINT, revision BIGINT NOT NULL,
          UNIQUE (launch, attempt, spec))
        """,
        """
        CREATE TABLE tallies (
          projection BIGINT NOT NULL, day BIGINT NOT NULL, account TEXT NOT NULL, subject TEXT NOT NULL,
          locale TEXT NOT NULL, hits BIGINT NOT NULL, total BIGINT NOT NULL, late_hits BIGINT NOT NULL,
          late_total BIGINT NOT NULL, PRIMARY KEY (projection, day, account, subject, locale))
        """,
        """
        CREATE TABLE adoption_accounts (
          first_number BIGINT PRIMARY KEY, next_number BIGINT NOT NULL, account_keys BYTES NOT NULL)
        """,
        """
        CREATE TABLE adoption_changes (
          sequence BIGINT PRIMARY KEY, projection BIGINT NOT NULL, first_offset BIGINT NOT NULL, entries BYTES NOT NULL)
        """,
        "CREATE INDEX adoption_changes_by_projection ON adoption_changes (projection, sequence)",
        "CREATE TABLE usage_marks (log_offset BIGINT PRIMARY KEY, latest BIGINT NOT NULL)",
        "ALTER TABLE projection_state ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE projection_state ADD COLUMN accounts BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE projection_state ADD COLUMN latest_usage BIGINT",
        "ALTER TABLE projection_state ADD COLUMN account_offset BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE projection_state ADD COLUMN account_generation BIGINT NOT NULL DEFAULT 0",
        """
        UPDATE projection_state SET generation = generation + 1,
          account_offset = (SELECT coalesce(max(log_offset), 0) FROM account_changes)
        """,
        "ALTER TABLE account_changes ADD COLUMN stored_at BIGINT",
      ]),
    Migration(
      id: "metrics/007-alarms",
      sql: [
        "ALTER TABLE launches ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC'",
        """
        CREATE TABLE alarms (
          launch TEXT NOT NULL, attempt BIGINT NOT NULL, metric TEXT NOT NULL, notices BIGINT NOT NULL,
          standing BIGINT NOT NULL, PRIMARY KEY (launch, attempt, metric))
        """,
      ]),
    // Earlier deliveries of feeds are read from the log; `feed_search` stores the progress.
    Migration(
      id: "metrics/008-feeds",
      sql: [
        """
        CREATE TABLE feeds (
          id BIGINT PRIMARY KEY, type TEXT NOT NULL, source TEXT NOT NULL, first_seen BIGINT, last_seen BIGINT,
          first_stored BIGINT, UNIQUE (type, source))
        """,
        """
        CREATE TABLE feed_rulings (
          type TEXT NOT NULL, source TEXT NOT NULL, ruling TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
          reason TEXT NOT NULL, PRIMARY KEY (type, source))
        """,
        """
        CREATE TABLE feed_hours (
          feed BIGINT NOT NULL, hour BIGINT NOT NULL, events BIGINT NOT NULL, PRIMARY KEY (feed, hour))
        """,
        """
        CREATE TABLE feed_gaps (feed BIGINT NOT NULL, since BIGINT NOT NULL, filled_at BIGINT, PRIMARY KEY (feed, since))
        """,
        """
        CREATE TABLE feed_silences (
          feed BIGINT NOT NULL, since BIGINT NOT NULL, noticed_at BIGINT NOT NULL, ended_at BIGINT,
          PRIMARY KEY (feed, since))
        """,
        """
        CREATE TABLE feed_search (
          one BIGINT PRIMARY KEY, next_offset BIGINT NOT NULL, until_offset BIGINT NOT NULL)
        """,
        """
        INSERT INTO feed_search (one, next_offset, until_offset)
        VALUES (1, 1, coalesce((SELECT processed FROM consumer_offsets WHERE consumer = 'metrics'), 0))
        """,
      ]),
    Migration(id: "metrics/009-tiers", sql: ["ALTER TABLE launches ADD COLUMN tier BIGINT"]),
    // Deleting `evaluations` causes every launch to be evaluated again, which stores the curves of completed windows.
    Migration(
      id: "metrics/010-curves",
      sql: [
        """
        CREATE TABLE adoption_curves (
          launch TEXT NOT NULL, metric TEXT NOT NULL, attempt BIGINT NOT NULL, tier BIGINT, started_at BIGINT NOT NULL,
          known_since BIGINT NOT NULL, final_at BIGINT NOT NULL, days BIGINT NOT NULL, target TEXT NOT NULL,
          points TEXT NOT NULL, PRIMARY KEY (launch, metric))
        """,
        "DELETE FROM evaluations",
      ]),
    Migration(
      id: "metrics/011-defaults",
      sql: [
        // Version 1 is built in and not stored.
        "CREATE TABLE metric_defaults (version BIGINT PRIMARY KEY, digest TEXT NOT NULL, document TEXT NOT NULL)",
        """
        CREATE TABLE metric_defaults_proposals (
          proposal TEXT PRIMARY KEY, place BIGINT NOT NULL, document TEXT NOT NULL)
        """,
        "ALTER TABLE plans ADD COLUMN defaults_version BIGINT",
      ]),
    Migration(id: "metrics/012-segments", sql: ["ALTER TABLE account_changes ADD COLUMN segment TEXT"]),
    // Gaps get spans of their own and are no longer silences. The ends of gaps reported earlier are unknown.
    Migration(
      id: "metrics/013-feed-gap-spans",
      sql: [
        "ALTER TABLE feed_gaps ADD COLUMN until_at BIGINT",
        "ALTER TABLE feed_gaps ADD COLUMN reported_at BIGINT",
        "ALTER TABLE feed_gaps ADD COLUMN noticed_at BIGINT",
        """
        UPDATE feed_gaps SET
          reported_at = (SELECT feed_silences.noticed_at FROM feed_silences
            WHERE feed_silences.feed = feed_gaps.feed AND feed_silences.since = feed_gaps.since),
          noticed_at = (SELECT feed_silences.noticed_at FROM feed_silences
            WHERE feed_silences.feed = feed_gaps.feed AND feed_silences.since = feed_gaps.since)
        """,
        """
        DELETE FROM feed_silences WHERE EXISTS (SELECT 1 FROM feed_gaps
          WHERE feed_gaps.feed = feed_silences.feed AND feed_gaps.since = feed_silences.since)
        """,
        "ALTER TABLE feed_rulings ADD COLUMN accepted_at BIGINT",
        "UPDATE feed_rulings SET accepted_at = at WHERE ruling = 'accepted'",
        "DELETE FROM evaluations",
      ]),
    // Events are stored with the hour in which they were stored. It is unknown for earlier events, for which it is
    // taken to be the hour in which they happened.
    Migration(
      id: "metrics/014-feed-events",
      sql: [
        """
        CREATE TABLE feed_events (
          feed BIGINT NOT NULL, hour BIGINT NOT NULL, stored_hour BIGINT NOT NULL, events BIGINT NOT NULL,
          PRIMARY KEY (feed, hour, stored_hour))
        """,
        """
        INSERT INTO feed_events (feed, hour, stored_hour, events) SELECT feed, hour, hour, events FROM feed_hours
        """,
        "DROP TABLE feed_hours",
        "ALTER TABLE feeds ADD COLUMN last_stored BIGINT",
        """
        CREATE TABLE feed_gap_spans (
          feed BIGINT NOT NULL, place BIGINT NOT NULL, since BIGINT NOT NULL, until_at BIGINT, reported_at BIGINT,
          filled_at BIGINT, noticed_at BIGINT, PRIMARY KEY (feed, place))
        """,
        """
        INSERT INTO feed_gap_spans (feed, place, since, until_at, reported_at, filled_at, noticed_at)
        SELECT feed, since, since, until_at, reported_at, filled_at, noticed_at FROM feed_gaps
        """,
        "DROP TABLE feed_gaps",
        """
        CREATE TABLE feed_acceptances (
          type TEXT NOT NULL, source TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
          PRIMARY KEY (type, source, at))
        """,
        """
        INSERT INTO feed_acceptances (type, source, at, actor, reason)
        SELECT type, source, accepted_at, actor, reason FROM feed_rulings WHERE accepted_at IS NOT NULL
        """,
        "DELETE FROM evaluations",
      ]),
    // If a plan needs a type that was not followed, the log is searched for it. Which types were not until now is not
    // known: `*` stands for any.
    Migration(
      id: "metrics/015-feed-type-searches",
      sql: [
        "CREATE TABLE unfollowed_feed_types (type TEXT PRIMARY KEY)",
        """
        INSERT INTO unfollowed_feed_types (type)
        SELECT '*' FROM feed_search WHERE (SELECT count(*) FROM feeds) >= 1000
        """,
        """
        CREATE TABLE feed_type_searches (
          type TEXT PRIMARY KEY, next_offset BIGINT NOT NULL, first_feed BIGINT NOT NULL)
        """,
      ]),
    // Who reported a gap may fill it, and who tried to otherwise is noted. The reporters of earlier gaps are unknown.
    Migration(
      id: "metrics/016-incomplete-feeds",
      sql: [
        """
        CREATE TABLE incomplete_feed_types (
          type TEXT PRIMARY KEY, since BIGINT NOT NULL, until_at BIGINT NOT NULL, noted_at BIGINT NOT NULL)
        """,
        "ALTER TABLE feed_gap_spans ADD COLUMN reporter TEXT",
        "ALTER TABLE feed_gap_spans ADD COLUMN refused_filler TEXT",
        "DELETE FROM evaluations",
      ]),
  ]
}
