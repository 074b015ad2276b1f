import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// Announces changed verdicts: when a window ends, when a rollback shortens it, and when late events restate a figure.
/// While a window is open, checks for spikes and low satisfaction whenever tickets or scores arrive, and every hour.
/// Once it is over, stores its adoption curve. Does nothing while the service is behind the log.
struct VerdictJob: Sendable {
  /// The minimum time between evaluations that only new events trigger, in seconds.
  private static let restatementPause: Int64 = 30

  let environment: ServiceEnvironment
  let backfill: Backfill
  let memory: AdoptionMemory

  /// Evaluates every launch whose verdicts may have changed.
  func run() async throws {
    // Verdicts are uncertain until the log has been searched for earlier deliveries of feeds.
    guard try await environment.database.read({ try FeedRepository($0).unsearched() }) == nil else { return }
    let now = environment.clock.now()
    let launches = try await environment.database.read { try LaunchRepository($0).exposed() }
    guard !launches.isEmpty else { return }
    // Until all events stored by now are processed, a verdict may be wrong; so may an alarm, because updates that are
    // not processed yet move tickets and scores to other features.
    guard try await environment.hasCaughtUp() else { return }
    for launch in launches {
      guard let due = try await environment.database.read({ try Self.due(launch, now, $0) }),
        try await !backfill.isPending(launch),
        // Announces nothing for a plan that was changed after sealing; calls for it fail with the reason.
        try await environment.database.read({ try SealCheck($0).broken(launch) }) == nil
      else { continue }
      try await evaluate(launch, due, now)
    }
  }

  /// The data that an evaluation of a launch's latest attempt depends on, as text for comparison.
  private struct Basis: Sendable {
    var attempt: Int
    var text: String
  }

  /// The basis of an evaluation that is due. Nil if nothing has changed since the last one, or if only figures have
  /// changed and the last one was recent.
  private static func due(_ launch: LaunchID, _ now: Timestamp, _ db: any Transaction) throws -> Basis? {
    let history = try PlanRepository(db).history(of: launch)
    guard history.isSealed, let attempt = try LaunchRepository(db).attempts(of: launch).last else { return nil }
    let plan = try history.plans(feature: try LaunchRepository(db).launch(launch).feature).first
    let windows = (plan?.metrics ?? []).map { attempt.window(days: $0.days) }
    let closed = windows.count { $0.effectiveEnd <= now }
    let frame = "\(history.version) \(attempt.startedAt) \(attempt.rolledBackAt?.description ?? "-") \(closed)"
    let figures = closed == 0 ? "-" : try figures(launch, now, db)
    let isOpen = windows.contains { $0.start <= now && now < $0.effectiveEnd }
    let alarms = isOpen ? try alarmBasis(now, db) : "-"
    // A silence in a completed window may become detectable only later, so figures are checked once a day.
    let day = closed == 0 ? 0 : now.microseconds / 86_400_000_000
    let basis = Basis(
      attempt: attempt.number, text: "\(frame) / \(figures) / \(alarms) / \(try feedBasis(db)) \(day)")
    let last = try db.queryOne(
      "SELECT at, basis FROM evaluations WHERE launch = ? AND attempt = ?", [launch, attempt.number])
    guard let last else { return basis }
    let text = try last.text("basis")
    if text == basis.text { return nil }
    let isRecent = now < (try last.timestamp("at")).adding(seconds: restatementPause)
    return isRecent && text.hasPrefix("\(frame) / ") ? nil : basis
  }

  /// A text that changes whenever a figure of a completed window may have changed.
  private static func figures(_ launch: LaunchID, _ now: Timestamp, _ db: any Transaction) throws -> String {
    let revision = try db.queryOne(
      """
      SELECT coalesce(sum(revision), 0) AS n, coalesce(max(
        (SELECT max(sequence) FROM adoption_changes WHERE adoption_changes.projection = projections.id)), 0) AS sequence
      FROM projections WHERE launch = ? AND end_at <= ? AND retired_at IS NULL
      """, [launch, now])
    let signals = try db.queryOne(
      """
      SELECT coalesce(max(latest), 0) AS n FROM (
        SELECT max(log_offset) AS latest FROM account_changes UNION ALL
        SELECT max(log_offset) AS latest FROM ticket_events UNION ALL
        SELECT max(log_offset) AS latest FROM satisfaction_scores UNION ALL
        SELECT max(log_offset) AS latest FROM article_votes UNION ALL
        SELECT max(log_offset) AS latest FROM article_publications) AS signals
      """)
    return
      "\(try revision?.integer("n") ?? 0) \(try revision?.integer("sequence") ?? 0) \(try signals?.integer("n") ?? 0)"
  }

  /// A text that changes with each ticket, each score and each hour.
  private static func alarmBasis(_ now: Timestamp, _ db: any Transaction) throws -> String {
    let signals = try db.queryOne(
      """
      SELECT coalesce((SELECT max(log_offset) FROM ticket_events), 0) AS tickets,
        coalesce((SELECT max(log_offset) FROM satisfaction_scores), 0) AS scores
      """)
    let hour = now.microseconds / 3_600_000_000
    return "\(try signals?.integer("tickets") ?? 0) \(try signals?.integer("scores") ?? 0) \(hour)"
  }

  /// A text that changes when a feed first delivers, a silence is noticed or ends, a gap is reported or filled, a
  /// decision about a feed is made, or a source of a planned type is refused for the first time.
  private static func feedBasis(_ db: any Transaction) throws -> String {
    let row = try db.queryOne(
      """
      SELECT (SELECT count(*) FROM feeds WHERE first_seen IS NOT NULL) AS feeds,
        (SELECT coalesce(max(noticed_at), 0) FROM feed_silences) AS noticed,
        (SELECT coalesce(max(ended_at), 0) FROM feed_silences) AS ended,
        (SELECT coalesce(max(reported_at), 0) FROM feed_gap_spans) AS reported,
        (SELECT coalesce(max(filled_at), 0) FROM feed_gap_spans) AS filled,
        (SELECT coalesce(max(at), 0) FROM feed_rulings) AS ruled,
        (SELECT count(*) FROM incomplete_feed_types) AS incomplete
      """)
    return try ["feeds", "noticed", "ended", "reported", "filled", "ruled", "incomplete"].map { column in
      "\(try row?.integer(column) ?? 0)"
    }.joined(separator: " ")
  }

  private func evaluate(_ launch: LaunchID, _ basis: Basis, _ now: Timestamp) async throws {
    let question = MeasuredLaunch.Question(launch: launch, attempt: basis.attempt, now: now)
    let loaded = try await environment.database.read { [memory] in
      try MeasuredLaunch(complete: question, memory, $0)
    }
    guard let measured = loaded, !measured.evidence.isSearchingFeeds else { return }
    let view = measured.view()
    try await environment.change { tx in
      for metric in view.metrics { try Self.announce(metric, of: view, tx) }
      try AlarmNotices(tx).update(view, now: now)
      try CurveRepository(tx.db).update(measured, view)
      try tx.db.execute(
        """
        INSERT INTO evaluations (launch, attempt, at, basis) VALUES (?, ?, ?, ?)
        ON CONFLICT (launch, attempt) DO UPDATE SET at = excluded.at, basis = excluded.basis
        """, [launch, basis.attempt, now, basis.text])
    }
  }

  /// Announces a metric's verdict if it differs from the last one announced; before the first, that is `pending`.
  private static func announce(_ metric: MetricView, of view: MetricsView, _ tx: ServiceTransaction) throws {
    guard let attempt = view.attempt else { return }
    let last = try tx.db.queryOne(
      "SELECT verdict FROM verdicts WHERE launch = ? AND attempt = ? AND metric = ?",
      [view.launch, attempt, metric.key])
    guard try last?.text("verdict") ?? Verdict.pending.rawValue != metric.verdict.rawValue else { return }
    try tx.db.execute(
      """
      INSERT INTO verdicts (launch, attempt, metric, verdict) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, attempt, metric) DO UPDATE SET verdict = excluded.verdict
      """, [view.launch, attempt, metric.key, metric.verdict.rawValue])
    try tx.announce(
      Announcements.metricsVerdict, launch: view.launch.rawValue,
      version: try PlanRepository(tx.db).history(of: view.launch).version,
      MetricVerdictAnnounced(
        metric: metric.key, verdict: metric.verdict, digest: view.digest ?? "", attempt: attempt))
  }
}
