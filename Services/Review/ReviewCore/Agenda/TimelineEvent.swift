public import Contract
public import LaunchModel

/// Something on the way to GO and after it that a review must hear of, as an event told it.
public struct TimelineEvent: Sendable, Hashable {
  /// What it is.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A decision against the recommendation.
    case override
    /// A decision that no longer held, because something it rested on had changed.
    case stale
    /// An exposure before the seal, or without a GO in force.
    case violation
  }

  /// Which of the three it is.
  public var kind: Kind
  /// When it happened.
  public var at: Timestamp
  /// Which attempt it belongs to; nil where only its time tells.
  public var attempt: Int?
  /// What happened, in words for the agenda.
  public var detail: String

  public init(kind: Kind, at: Timestamp, attempt: Int? = nil, detail: String) {
    self.kind = kind
    self.at = at
    self.attempt = attempt
    self.detail = detail
  }

  /// What a decision, its confirmation included, tells: nothing where it followed the recommendation.
  public static func of(_ decision: DecisionAnnounced, by header: AnnouncementHeader) -> TimelineEvent? {
    guard decision.override else { return nil }
    let reason = header.reason.map { ": \($0)" } ?? ""
    return TimelineEvent(
      kind: .override, at: header.at,
      detail: "\(decision.decision.rawValue) against the recommendation by \(header.by)\(reason)")
  }

  /// What a decision's going stale tells.
  public static func stale(_ decision: DecisionAnnounced, by header: AnnouncementHeader) -> TimelineEvent {
    let reasons = decision.reasons.isEmpty ? header.reason.map { [$0] } ?? [] : decision.reasons
    let because = reasons.isEmpty ? "" : ": \(reasons.joined(separator: "; "))"
    return TimelineEvent(kind: .stale, at: header.at, detail: "\(decision.decision.rawValue) went stale\(because)")
  }

  /// What a step of exposure tells, one for each violation.
  public static func of(_ exposure: ExposureAnnounced) -> [TimelineEvent] {
    exposure.violations.map {
      TimelineEvent(kind: .violation, at: exposure.occurredAt, attempt: exposure.attempt, detail: $0)
    }
  }
}
