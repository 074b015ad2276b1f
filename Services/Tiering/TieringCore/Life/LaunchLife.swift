internal import JSON
public import Contract
public import LaunchModel

/// What other services have announced about a launch so far, from which its status is derived.
public struct LaunchProgress: Codable, Sendable, Hashable {
  /// Whether checklist has instantiated its items.
  public var isInstantiated = false
  /// The version of the template that the items and their lead times come from; nil before there are items.
  public var templateVersion: Int?
  /// The latest decision.
  public var decision: DecisionKind?
  /// Whether the latest decision has gone stale.
  public var isStale = false
  /// The percentage currently exposed.
  public var percentage: Double = 0
  /// All attempts so far, including relaunches after a rollback; empty before the first exposure.
  public var attempts: [ExposureAttempt] = []
  /// The number of the attempt whose review was opened last; nil if no review was opened.
  public var reviewOpened: Int?
  /// The number of the attempt whose review was closed last; nil if no review was closed.
  public var reviewClosed: Int?
  /// Whether it is waiting for a new date.
  public var isPostponed = false
  /// Whether it was cancelled.
  public var isCancelled = false

  public init() {}

  /// Whether the latest decision is a GO and not stale.
  public var hasGo: Bool { decision == .go && !isStale }

  /// Whether the latest decision is a GO, stale or not. If so, only Product Ops may change the launch.
  public var wasGivenGo: Bool { decision == .go }

  /// Whether customers have ever had the launch, even if it was rolled back since.
  public var wasExposed: Bool { !attempts.isEmpty }

  /// The running attempt; nil if there is none.
  public var liveAttempt: ExposureAttempt? { attempts.last.flatMap { $0.rolledBackAt == nil ? $0 : nil } }
}

/// The life of a launch: a state machine driven by announcements and time.
public enum LaunchLife {
  /// How long tier 0 has elevated support coverage, in days from the first exposure.
  static let hypercareDays = 14

  /// The current status of a launch.
  public static func status(_ progress: LaunchProgress, tier: Tier, zone: ZoneRules, now: Timestamp) -> LaunchStatus {
    if progress.isCancelled { return .cancelled }
    if let last = progress.attempts.last {
      if progress.reviewClosed == last.attempt { return .closed }
      if progress.reviewOpened == last.attempt { return .inReview }
      if last.rolledBackAt == nil {
        return exposed(since: last.startedAt, percentage: progress.percentage, tier: tier, zone: zone, now: now)
      }
    }
    if progress.isPostponed { return .postponed }
    if progress.hasGo { return .decided }
    if progress.wasExposed { return .rolledBack }
    return progress.isInstantiated ? .preparing : .proposed
  }

  /// When time alone may next change the status; nil if only an announcement can.
  public static func nextChange(
    _ progress: LaunchProgress, tier: Tier, zone: ZoneRules, now: Timestamp
  ) -> Timestamp? {
    guard !progress.isCancelled, let attempt = progress.liveAttempt else { return nil }
    let changes = [zone.nextMidnight(after: attempt.startedAt), attempt.startedAt.adding(days: hypercareDays)]
    return changes.filter { $0 > now }.min()
  }

  /// `live` on the day of the first exposure and below 100 percent; after that `hypercare` (tier 0, for 14 days), then
  /// `measuring`. Tier 3 is not measured and becomes `closed` instead.
  private static func exposed(
    since start: Timestamp, percentage: Double, tier: Tier, zone: ZoneRules, now: Timestamp
  ) -> LaunchStatus {
    if percentage < 100 || now < zone.nextMidnight(after: start) { return .live }
    if tier == .launchEvent, now < start.adding(days: hypercareDays) { return .hypercare }
    return tier.isMeasured ? .measuring : .closed
  }
}

/// A command that changes a launch.
public enum LaunchCommand: String, Sendable, CaseIterable {
  case set, retier, override, reschedule, reconfirm, waive, accept, postpone, cancel

  /// The statuses in which it is allowed.
  public var allowed: [LaunchStatus] {
    let beforeExposure: [LaunchStatus] = [.proposed, .preparing, .decided, .postponed, .rolledBack]
    switch self {
    case .set, .retier, .override: return LaunchStatus.allCases.filter { $0 != .closed && $0 != .cancelled }
    case .reschedule, .waive, .accept, .cancel: return beforeExposure
    case .postpone, .reconfirm: return beforeExposure.filter { $0 != .postponed }
    }
  }

  /// - Throws: `conflict`, listing what is allowed instead.
  public func require(_ status: LaunchStatus) throws(Problem) {
    guard !allowed.contains(status) else { return }
    let others = Self.allCases.filter { $0.allowed.contains(status) }.map(\.rawValue)
    let instead =
      others.isEmpty ? "it can no longer be changed" : "possible now: \(others.joined(separator: ", "))"
    throw .conflict(
      "not-now", title: "not possible in this status",
      "the launch is \(status.rawValue), but \(rawValue) requires one of these statuses: "
        + "\(allowed.map(\.rawValue).joined(separator: ", ")); \(instead)",
      extra: ["status": .string(status.rawValue)])
  }
}
