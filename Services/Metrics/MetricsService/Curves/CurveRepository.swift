import Contract
import LaunchModel
import MetricsCore
import Storage

/// The adoption curves of launches whose windows are over, from which later launches are projected.
///
/// They follow from the log: `VerdictJob` writes those of a launch again whenever it evaluates it.
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

  /// The curves of the launches of a tier that were final by a moment.
  func curves(of tier: Tier, finalBy moment: Timestamp) throws -> [AdoptionCurve] {
    try db.query(
      """
      SELECT launch, metric, attempt, tier, started_at, known_since, days, target, points FROM adoption_curves
      WHERE tier = ? AND final_at <= ? ORDER BY started_at, launch, metric
      """, [tier.rawValue, moment]
    ).map(curve)
  }

  /// Replaces the curves of a launch with those of its measured attempt.
  ///
  /// A curve is stored once its verdict is met or missed: not while the window is open, and neither if a rollback cut it nor if
  /// a feed was silent.
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
