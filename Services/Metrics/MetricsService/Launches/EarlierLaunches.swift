import LaunchModel
import MetricsCore
import Storage

/// The earlier launches whose tickets say how those of a launch fall over its days.
struct EarlierLaunches {
  let db: any Transaction
  /// The last event to include; nil for all.
  var limit: Int64?

  init(_ db: any Transaction, upTo limit: Int64?) {
    self.db = db
    self.limit = limit
  }

  /// The exposures before a moment of other launches that measure tickets by a sealed plan and were not rolled back, in the order of
  /// their exposure.
  ///
  /// - Parameters:
  ///   - launch: the launch they are compared with.
  ///   - until: the moment up to which plans count; nil for now.
  func all(before start: Timestamp, but launch: LaunchID, until moment: Timestamp?) throws -> [EarlierLaunch] {
    let launches = LaunchRepository(db, upTo: limit)
    return try launches.exposed().filter { $0 != launch }.compactMap { other -> EarlierLaunch? in
      guard let attempt = try launches.attempts(of: other).last, attempt.startedAt < start, attempt.rolledBackAt == nil
      else { return nil }
      let history = try PlanRepository(db).history(of: other, until: moment)
      guard history.isSealed, let plan = try history.current?.plan(feature: try launches.launch(other).feature),
        plan.days(of: .tickets) != nil
      else { return nil }
      return EarlierLaunch(startedAt: attempt.startedAt, attribution: plan.attribution)
    }.sorted { ($0.startedAt, $0.attribution.feature) < ($1.startedAt, $1.attribution.feature) }
  }
}
