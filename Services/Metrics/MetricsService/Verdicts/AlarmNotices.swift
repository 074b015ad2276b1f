import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// Notifies people, while a window is open, of spikes in tickets and of satisfaction that is lower than with other
/// features. Each alarm is announced once, and again only after it was cleared.
struct AlarmNotices {
  private let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  /// Compares the figures of a launch with the stored alarms, and notifies people of new ones.
  func update(_ view: MetricsView, now: Timestamp) throws {
    guard let attempt = view.attempt else { return }
    for metric in view.metrics {
      guard let start = metric.windowStart, let end = metric.windowEnd, start <= now, now < end,
        let state = Self.state(metric)
      else { continue }
      try update(metric, state, launch: view.launch, attempt: attempt)
    }
  }

  /// Whether a metric's alarm is to be raised (true) or cleared (false); nil leaves it as it is.
  private static func state(_ metric: MetricView) -> Bool? {
    if let spike = metric.spike { return spike.raisedAt != nil }
    guard let satisfaction = metric.satisfaction else { return nil }
    guard satisfaction.others >= SatisfactionComparison.minimumOthers else { return nil }
    if satisfaction.probabilityWorse >= SatisfactionComparison.worseFrom { return true }
    return satisfaction.probabilityWorse <= SatisfactionComparison.okUpTo ? false : nil
  }

  private func update(_ metric: MetricView, _ isRaised: Bool, launch: LaunchID, attempt: Int) throws {
    let row = try tx.db.queryOne(
      "SELECT notices, standing FROM alarms WHERE launch = ? AND attempt = ? AND metric = ?",
      [launch, attempt, metric.key])
    guard try row?.bool("standing") ?? false != isRaised else { return }
    let notices = try row?.int("notices") ?? 0
    let number = isRaised ? notices + 1 : notices
    try tx.db.execute(
      """
      INSERT INTO alarms (launch, attempt, metric, notices, standing) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (launch, attempt, metric) DO UPDATE SET notices = excluded.notices, standing = excluded.standing
      """, [launch, attempt, metric.key, number, isRaised])
    guard isRaised else { return }
    let kind = metric.spike == nil ? "csat" : "spike"
    try tx.announce(
      metric.spike == nil ? Announcements.noticeCSAT : Announcements.noticeSpike, launch: launch.rawValue,
      version: try PlanRepository(tx.db).history(of: launch).version,
      Notice(
        key: "\(kind)/\(launch)/\(attempt)/\(metric.key)/\(number)",
        people: [try LaunchRepository(tx.db).launch(launch).owner], functions: [.product, .cs, .support],
        text: Self.text(metric, launch)))
  }

  private static func text(_ metric: MetricView, _ launch: LaunchID) -> String {
    if let spike = metric.spike {
      let count = metric.numerator ?? 0
      let times = spike.ratio.map { ", \(tenths($0)) times as many" } ?? ""
      return "\(launch) has \(count) tickets where \(tenths(spike.expected)) were expected \(spike.expectedBy)"
        + "\(times), \(spike.likelihood); see gonogo metric show \(launch)"
    }
    let share = metric.value.map { "\(tenths($0 * 100)) %" } ?? "unknown"
    let others = metric.satisfaction.map { "\(tenths($0.othersShare * 100)) %" } ?? "unknown"
    return "satisfaction with \(launch) is \(share) of \(metric.n) scores, and \(others) with other features; "
      + "see gonogo metric show \(launch)"
  }

  private static func tenths(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return Int64(exactly: rounded).map(String.init) ?? String(rounded)
  }
}
