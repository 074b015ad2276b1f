public import Contract
public import LaunchModel

/// An announced event that belongs on the agenda of a review: an override, a stale decision or a violation.
public struct TimelineEvent: Sendable, Hashable {
  /// The kind of event.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A decision against the recommendation.
    case override
    /// A decision that went stale because its basis had changed.
    case stale
    /// An exposure before the seal, with a late seal, or without a GO in force.
    case violation
  }

  /// The kind of event.
  public var kind: Kind
  /// When it happened.
  public var at: Timestamp
  /// The number of the attempt it belongs to; if nil, its time determines the attempt.
  public var attempt: Int?
  /// A description for the agenda.
  public var detail: String

  public init(kind: Kind, at: Timestamp, attempt: Int? = nil, detail: String) {
    self.kind = kind
    self.at = at
    self.attempt = attempt
    self.detail = detail
  }

  /// The event for a decision or its confirmation; nil if it followed the recommendation.
  public static func of(_ decision: DecisionAnnounced, by header: AnnouncementHeader) -> TimelineEvent? {
    guard decision.override else { return nil }
    let reason = header.reason.map { ": \($0)" } ?? ""
    return TimelineEvent(
      kind: .override, at: header.at,
      detail: "\(header.by) decided \(decision.decision.rawValue) against the recommendation\(reason)")
  }

  /// The event for a decision that went stale.
  public static func stale(_ decision: DecisionAnnounced, by header: AnnouncementHeader) -> TimelineEvent {
    let reasons = decision.reasons.isEmpty ? header.reason.map { [$0] } ?? [] : decision.reasons
    let because = reasons.isEmpty ? "" : ": \(reasons.joined(separator: "; "))"
    return TimelineEvent(
      kind: .stale, at: header.at, detail: "\(decision.decision.rawValue.uppercased()) went stale\(because)")
  }

  /// The events for a step of exposure, one for each violation.
  public static func of(_ exposure: ExposureAnnounced) -> [TimelineEvent] {
    exposure.violations.map {
      TimelineEvent(kind: .violation, at: exposure.occurredAt, attempt: exposure.attempt, detail: $0)
    }
  }
}
