import Contract
import LaunchModel
import MetricsCore
import Storage

/// The adoption curves of completed windows, from which later launches are projected.
///
/// They are derived from the log: `VerdictJob` stores a launch's curves again at each evaluation.
struct CurveRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The curves of all launches.
  func all() throws -> [AdoptionCurve] {
    try db.query(
      """
      SELECT launch, metric, attempt, tier, started_at, known_since, days, target, points FROM adoption_curves
      ORDER BY started_at, launch, metric
      """
    ).map(curve)
  }

  /// The curves of a tier's launches that were final by a moment.
  func curves(of tier: Tier, finalBy moment: Timestamp) throws -> [AdoptionCurve] {
    try db.query(
      """
      SELECT launch, metric, attempt, tier, started_at, known_since, days, target, points FROM adoption_curves
      WHERE tier = ? AND final_at <= ? ORDER BY started_at, launch, metric
      """, [tier.rawValue, moment]
    ).map(curve)
  }

  /// Replaces the curves of a launch by those of its measured attempt.
  ///
  /// A curve is stored only if its verdict is `met` or `missed`: the window is over, no
  /// rollback shortened it, and no feed was silent.
  func update(_ measured: MeasuredLaunch, _ view: MetricsView) throws {
    try db.execute("DELETE FROM adoption_curves WHERE launch = ?", [measured.launch])
    guard let attempt = measured.attempt, let plan = measured.plan else { return }
    let tier = try LaunchRepository(db).tier(of: measured.launch, at: attempt)
    for (metric, figure) in zip(plan.metrics, view.metrics) {
      guard case .adoption(let target) = metric.measure, let points = figure.curve,
        figure.verdict == .met || figure.verdict == .missed
      else { continue }
      let window = attempt.window(days: metric.days)
      try db.execute(
        """
        INSERT INTO adoption_curves
          (launch, metric, attempt, tier, started_at, known_since, final_at, days, target, points)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
          measured.launch, metric.key, attempt.number, tier?.rawValue, attempt.startedAt, attempt.knownSince,
          window.finalAt, metric.days, target.description, try SQLValue.json(points),
        ])
    }
  }

  private func curve(_ row: Row) throws -> AdoptionCurve {
    guard let launch = LaunchID(try row.text("launch")), let target = Target(try row.text("target")) else {
      throw StorageError(.unreadable, "the table adoption_curves contains a launch or target that cannot be read")
    }
    let attempt = Attempt(
      number: try row.int("attempt"), startedAt: try row.timestamp("started_at"),
      knownSince: try row.timestamp("known_since"))
    return AdoptionCurve(
      launch: launch, attempt: attempt.number, metric: try row.text("metric"),
      tier: try row.optionalInt("tier").flatMap { Tier(rawValue: $0) },
      window: attempt.window(days: try row.int("days")), target: target,
      points: try row.json("points", as: [CurvePoint].self))
  }
}
