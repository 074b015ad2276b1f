public import LaunchModel

/// How long a group takes to approve an item, in business time: only business days of the group's calendar count, each
/// as 24 hours in the launch's zone. Time during which the item waits for its author, or is rejected or blocked, does
/// not count.
public struct ApprovalClock: Codable, Sendable, Hashable {
  /// The party that has to act next.
  public enum Party: String, Codable, Sendable, Hashable, CaseIterable {
    /// The group, which is to approve or reject the item.
    case reviewers
    /// The people who work on the item, which is rejected, blocked or reopened.
    case author
  }

  /// When the approval was first asked for.
  public var requestedAt: Timestamp
  /// When a member of the group first approved or rejected the item; nil if nobody has.
  public var firstResponseAt: Timestamp?
  /// When the group's quorum was reached; nil while it is not, and while a rejection is in force.
  public var resolvedAt: Timestamp?
  /// The business minutes until the first response, or so far if there is none, for example `2880` for two business
  /// days.
  public var responseMinutes: Int
  /// The business minutes until the quorum was reached, or so far if it is not.
  public var waitedMinutes: Int
  /// The party that has to act next; nil if the quorum is reached, or the approval is no longer requested.
  public var waitsFor: Party?

  public init(
    requestedAt: Timestamp, firstResponseAt: Timestamp? = nil, resolvedAt: Timestamp? = nil, responseMinutes: Int,
    waitedMinutes: Int, waitsFor: Party? = nil
  ) {
    self.requestedAt = requestedAt
    self.firstResponseAt = firstResponseAt
    self.resolvedAt = resolvedAt
    self.responseMinutes = responseMinutes
    self.waitedMinutes = waitedMinutes
    self.waitsFor = waitsFor
  }
}

/// What a call of `item.waive` does instead of waiving the item.
public enum WaiverStep: String, Codable, Sendable, Hashable, CaseIterable {
  /// Requests a waiver from Product Ops or, for an advisory item, from its function's lead.
  case request
  /// Declines the request; whoever made it can withdraw it this way.
  case decline
}

/// A request to waive an item.
public struct WaiverRequestView: Codable, Sendable, Hashable {
  /// Who asks: `lena`, or `lena (claimed by uid:1000)`.
  public var by: String
  /// When it was requested.
  public var at: Timestamp
  /// Why the item should be waived.
  public var reason: String
  /// The day on which the waiver should end; nil for the default.
  public var until: LocalDate?

  public init(by: String, at: Timestamp, reason: String, until: LocalDate? = nil) {
    self.by = by
    self.at = at
    self.reason = reason
    self.until = until
  }
}
