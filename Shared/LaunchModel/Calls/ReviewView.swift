/// Where a review stands.
public enum ReviewState: String, Codable, Sendable, Hashable {
  case scheduled, open, closed
}

/// The review of one attempt of a launch.
public struct ReviewView: Codable, Sendable, Hashable {
  public var launch: LaunchID
  public var attempt: Int
  public var state: ReviewState
  public var opensOn: LocalDate
  public var opensAt: Timestamp
  public var openedAt: Timestamp?
  public var closedAt: Timestamp?
  public var closedBy: String?
  /// The SHA-256 of the agenda that was stored when it was closed.
  public var digest: String?
  public var invited: [LaunchFunction]
  public var attended: [PersonID]
  /// The invited functions nobody of whom attended, as far as the roster tells.
  public var absent: [LaunchFunction]
  /// Explanations by metric key.
  public var explanations: [String: String]
  /// Outcomes by agenda point.
  public var outcomes: [String: String]
  public var actions: [ActionView]
  public var learnings: [LearningView]
  /// Counts its changes, from 1; `_meta.expectedVersion` refers to it.
  public var version: Int

  public init(
    launch: LaunchID, attempt: Int, state: ReviewState, opensOn: LocalDate, opensAt: Timestamp,
    openedAt: Timestamp? = nil, closedAt: Timestamp? = nil, closedBy: String? = nil, digest: String? = nil,
    invited: [LaunchFunction] = [], attended: [PersonID] = [], absent: [LaunchFunction] = [],
    explanations: [String: String] = [:], outcomes: [String: String] = [:], actions: [ActionView] = [],
    learnings: [LearningView] = [], version: Int = 1
  ) {
    self.launch = launch
    self.attempt = attempt
    self.state = state
    self.opensOn = opensOn
    self.opensAt = opensAt
    self.openedAt = openedAt
    self.closedAt = closedAt
    self.closedBy = closedBy
    self.digest = digest
    self.invited = invited
    self.attended = attended
    self.absent = absent
    self.explanations = explanations
    self.outcomes = outcomes
    self.actions = actions
    self.learnings = learnings
    self.version = version
  }
}

/// All reviews, by opening.
public struct ReviewList: Codable, Sendable, Hashable {
  public var reviews: [ReviewView]

  public init(reviews: [ReviewView]) { self.reviews = reviews }
}
