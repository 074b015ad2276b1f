import LaunchModel
import MetricsCore
import Storage

/// Earlier launches, whose tickets show how the tickets of a launch are distributed over its days.
struct EarlierLaunches {
  let db: any Transaction
  /// The offset of the last event to include; nil for all events.
  var limit: Int64?

  init(_ db: any Transaction, upTo limit: Int64?) {
    self.db = db
    self.limit = limit
  }

  /// The earlier launches to compare a launch with: other launches with a sealed tickets metric that were exposed
  /// before a moment and not rolled back, sorted by exposure.
  ///
  /// - Parameters:
  ///   - launch: the launch to compare, which is excluded.
  ///   - until: the moment up to which plans are included; nil for all.
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
