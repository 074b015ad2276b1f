/// Where a review stands.
public enum ReviewState: String, Codable, Sendable, Hashable {
  case scheduled, open, closed
}

/// The review of one attempt of a launch.
public struct ReviewView: Codable, Sendable, Hashable {
  /// The launch that is reviewed.
  public var launch: LaunchID
  /// Which attempt at launching is reviewed, from 1; each has its own review.
  public var attempt: Int
  /// `scheduled` from exposure to day 30, then `open` until somebody closes it.
  public var state: ReviewState
  /// The local day of `opensAt`, a business day.
  public var opensOn: LocalDate
  /// Exposure + 30 × 24 h, or 00:00 of the next business day where that is none.
  public var opensAt: Timestamp
  /// When it did open; nil while it is scheduled.
  public var openedAt: Timestamp?
  /// When it was closed; nil until then.
  public var closedAt: Timestamp?
  /// Who closed it, as `dana`, or `dana (claimed by uid:1000)`; nil until then.
  public var closedBy: String?
  /// The SHA-256 of the agenda that was stored when it was closed.
  public var digest: String?
  /// The functions that are asked to come: Product, Engineering, Marketing, CS and Support.
  public var invited: [LaunchFunction]
  /// Who took part, as recorded by `review.attend`.
  public var attended: [PersonID]
  /// The invited functions nobody of whom attended, as far as the roster tells.
  public var absent: [LaunchFunction]
  /// Explanations by metric key.
  public var explanations: [String: String]
  /// Outcomes by agenda point.
  public var outcomes: [String: String]
  /// What the review decided to do, actions that ended too.
  public var actions: [ActionView]
  /// What the launch taught, oldest first.
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
  /// One for each attempt of a launch of tiers 0 to 2.
  public var reviews: [ReviewView]

  public init(reviews: [ReviewView]) { self.reviews = reviews }
}
