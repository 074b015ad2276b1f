public import LaunchModel

extension MetricsRoutes {
  /// The feeds that have delivered events, with their rhythm and whether they are silent.
  public static let feeds = Route<FeedsRequest, FeedsView>(.metrics, "feeds", .read)
  /// Retires a feed: metrics whose windows come later do not depend on it, until it delivers again. Product Ops only,
  /// with a reason.
  public static let retireFeed = Route<FeedRuling, FeedView>(.metrics, "feeds.retire", .change)
  /// Accepts that a feed's missing events are lost, which makes the metrics of their windows inconclusive. Product Ops
  /// only, with a reason.
  public static let acceptFeed = Route<FeedRuling, FeedView>(.metrics, "feeds.accept", .change)
}

/// Selects feeds.
public struct FeedsRequest: Codable, Sendable, Hashable {
  /// The launch whose metrics depend on the feeds; nil for all feeds.
  public var launch: LaunchID?

  public init(launch: LaunchID? = nil) { self.launch = launch }
}

/// A decision about a feed, with its reason.
public struct FeedRuling: Codable, Sendable, Hashable {
  /// The feed: the type and source of its events.
  public var feed: FeedName
  /// Why.
  public var reason: String

  public init(feed: FeedName, reason: String) {
    self.feed = feed
    self.reason = reason
  }
}

/// What Product Ops decided about a feed.
public enum FeedDecision: String, Codable, Sendable, Hashable, CaseIterable {
  /// The feed is not expected to deliver again; its next event revokes this.
  case retired
  /// The events missing until then are lost.
  case accepted
}

/// Feeds, by type and source.
public struct FeedsView: Codable, Sendable, Hashable {
  /// The moment as of which they are judged.
  public var asOf: Timestamp
  /// Whether the whole log has been searched for feeds; until then no metric has a figure.
  public var complete: Bool
  /// Whether the maximum number of feeds is reached, so that new feeds are followed only if a plan uses their type; nil
  /// means no.
  public var full: Bool?
  /// The types that figures rest on, for example `dev.gonogo.signal.ticket.opened.v1`, of which a source could not be
  /// followed because there are too many, so that figures are not known whose window overlaps its events; nil if there
  /// are none.
  public var incomplete: [String]?
  /// The feeds, by type and source.
  public var feeds: [FeedView]

  public init(
    asOf: Timestamp, complete: Bool, full: Bool? = nil, incomplete: [String]? = nil, feeds: [FeedView]
  ) {
    self.asOf = asOf
    self.complete = complete
    self.full = full
    self.incomplete = incomplete
    self.feeds = feeds
  }
}

/// A feed: a type of event from one source (product.md, section 4).
public struct FeedView: Codable, Sendable, Hashable {
  /// Whether a feed delivers.
  public enum State: String, Codable, Sendable, Hashable, CaseIterable {
    case alive, silent, accepted, retired
    /// It never delivered; only a gap was reported for it.
    case neverDelivered = "never-delivered"
  }

  /// The pattern in which a feed delivers.
  public enum Rhythm: String, Codable, Sendable, Hashable, CaseIterable {
    /// Events arrive at nearly any time within its usual hours.
    case stream
    /// Events arrive in runs with pauses between them.
    case batches
    /// Not known yet: there is less than a month of events.
    case learning
  }

  /// The event type, for example `dev.gonogo.signal.ticket.opened.v1`.
  public var type: String
  /// The CloudEvents source, for example `//helpdesk/`.
  public var source: String
  /// Whether it delivers now.
  public var state: State
  /// When its first event happened; nil if it never delivered.
  public var firstSeen: Timestamp?
  /// When its last event happened; nil if it never delivered.
  public var lastSeen: Timestamp?
  /// The pattern in which it delivers.
  public var rhythm: Rhythm
  /// The number of gaps that its rhythm makes likely in a quarter of 91 days; nil before there is a day of events.
  public var gapsPerQuarter: Double?
  /// When its silence began; nil if it is not silent.
  public var silentSince: Timestamp?
  /// The probability of the present gap according to its rhythm; nil if it is not silent, or if the gap was reported.
  public var probability: Double?
  /// Product Ops' latest decision about it; nil if there is none.
  public var decision: FeedDecision?
  /// Who decided: `dana`, or `dana (claimed by uid:1000)`.
  public var decidedBy: String?
  /// When it was decided.
  public var decidedAt: Timestamp?
  /// Why.
  public var reason: String?

  public init(
    type: String, source: String, state: State, firstSeen: Timestamp?, lastSeen: Timestamp?, rhythm: Rhythm,
    gapsPerQuarter: Double? = nil, silentSince: Timestamp? = nil, probability: Double? = nil,
    decision: FeedDecision? = nil, decidedBy: String? = nil, decidedAt: Timestamp? = nil, reason: String? = nil
  ) {
    self.type = type
    self.source = source
    self.state = state
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.rhythm = rhythm
    self.gapsPerQuarter = gapsPerQuarter
    self.silentSince = silentSince
    self.probability = probability
    self.decision = decision
    self.decidedBy = decidedBy
    self.decidedAt = decidedAt
    self.reason = reason
  }
}
