internal import JSON
public import Contract
public import LaunchModel

/// What the owners of a launch's life have announced so far, from which its status follows.
public struct LaunchProgress: Codable, Sendable, Hashable {
  /// Whether the checklist has given it its items.
  public var isInstantiated = false
  /// The version of the template that its items come from, whose lead times count for it; nil before it has any.
  public var templateVersion: Int?
  /// The standing decision.
  public var decision: DecisionKind?
  /// Whether the standing decision has gone stale.
  public var isStale = false
  /// The percentage exposed now.
  public var percentage: Double = 0
  /// Every exposure so far, a relaunch after a rollback being another; empty before the first.
  public var attempts: [ExposureAttempt] = []
  /// The attempt whose review was opened last.
  public var reviewOpened: Int?
  /// The attempt whose review was closed last.
  public var reviewClosed: Int?
  /// Whether it waits for a new date.
  public var isPostponed = false
  /// Whether it was given up.
  public var isCancelled = false

  public init() {}

  /// Whether a GO stands and is not stale.
  public var hasGo: Bool { decision == .go && !isStale }

  /// Whether a GO was given that no other decision has followed, stale or not: changes are Product Ops' from then on.
  public var wasGivenGo: Bool { decision == .go }

  /// Whether customers have it, or have had it.
  public var wasExposed: Bool { !attempts.isEmpty }

  /// The attempt that is running.
  public var liveAttempt: ExposureAttempt? { attempts.last.flatMap { $0.rolledBackAt == nil ? $0 : nil } }
}

/// A launch's life as a state machine over what was announced and the time.
public enum LaunchLife {
  /// How long Tier 0 has elevated support coverage, from the first exposure.
  static let hypercareDays = 14

  /// Where the launch stands now.
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

  /// When the status next changes by time alone; nil where it does not.
  public static func nextChange(
    _ progress: LaunchProgress, tier: Tier, zone: ZoneRules, now: Timestamp
  ) -> Timestamp? {
    guard !progress.isCancelled, let attempt = progress.liveAttempt else { return nil }
    let changes = [zone.nextMidnight(after: attempt.startedAt), attempt.startedAt.adding(days: hypercareDays)]
    return changes.filter { $0 > now }.min()
  }

  /// `live` on the day of the first exposure and while a rollout is gradual; then `hypercare` or `measuring`; Tier 3, which
  /// is not measured, is closed.
  private static func exposed(
    since start: Timestamp, percentage: Double, tier: Tier, zone: ZoneRules, now: Timestamp
  ) -> LaunchStatus {
    if percentage < 100 || now < zone.nextMidnight(after: start) { return .live }
    if tier == .launchEvent, now < start.adding(days: hypercareDays) { return .hypercare }
    return tier.isMeasured ? .measuring : .closed
  }
}

/// What can be done to a launch in tiering.
public enum LaunchCommand: String, Sendable, CaseIterable {
  case set, retier, override, reschedule, waive, accept, postpone, cancel

  /// The states in which it makes sense.
  public var allowed: [LaunchStatus] {
    let beforeExposure: [LaunchStatus] = [.proposed, .preparing, .decided, .postponed, .rolledBack]
    switch self {
    case .set, .retier, .override: return LaunchStatus.allCases.filter { $0 != .closed && $0 != .cancelled }
    case .reschedule, .waive, .accept, .cancel: return beforeExposure
    case .postpone: return beforeExposure.filter { $0 != .postponed }
    }
  }

  /// - Throws: `conflict`, saying what is allowed instead.
  public func require(_ status: LaunchStatus) throws(Problem) {
    guard !allowed.contains(status) else { return }
    let others = Self.allCases.filter { $0.allowed.contains(status) }.map(\.rawValue)
    let instead =
      others.isEmpty ? "nothing can be changed any more" : "what is allowed is \(others.joined(separator: ", "))"
    throw .conflict(
      "not-now", title: "this makes no sense now",
      "the launch is \(status.rawValue), and \(rawValue) takes one that is "
        + "\(allowed.map(\.rawValue).joined(separator: ", ")); \(instead)",
      extra: ["status": .string(status.rawValue)])
  }
}
