public import LaunchModel

extension MetricsRoutes {
  /// The feeds that have delivered, with their rhythm and whether they are silent.
  public static let feeds = Route<FeedsRequest, FeedsView>(.metrics, "feeds", .read)
  /// Takes a feed out of what figures of later windows rest on, until its next event; Product Ops, with a reason.
  public static let retireFeed = Route<FeedRuling, FeedView>(.metrics, "feeds.retire", .change)
  /// Accepts that the events that a feed is missing are lost: windows that they belong to are inconclusive; Product Ops, with a
  /// reason.
  public static let acceptFeed = Route<FeedRuling, FeedView>(.metrics, "feeds.accept", .change)
}

/// Selects feeds.
public struct FeedsRequest: Codable, Sendable, Hashable {
  /// The launch whose figures rest on them; nil for all feeds.
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
  /// It will not deliver again; its next event takes this back.
  case retired
  /// The events that it was missing until then are lost.
  case accepted
}

/// Feeds, by type and source.
public struct FeedsView: Codable, Sendable, Hashable {
  /// The moment they are judged for.
  public var asOf: Timestamp
  /// Whether the whole log has been searched for them; until then no figure is known.
  public var complete: Bool
  /// Whether as many feeds are followed as can be, so that further ones of types that no plan uses are not; nil means no.
  public var full: Bool?
  /// The feeds.
  public var feeds: [FeedView]

  public init(asOf: Timestamp, complete: Bool, full: Bool? = nil, feeds: [FeedView]) {
    self.asOf = asOf
    self.complete = complete
    self.full = full
    self.feeds = feeds
  }
}

/// A feed: a type of event from one source (product.md, section 4).
public struct FeedView: Codable, Sendable, Hashable {
  /// Whether it delivers now.
  public enum State: String, Codable, Sendable, Hashable, CaseIterable {
    case alive, silent, accepted, retired
    /// Only a gap of it was reported.
    case neverDelivered = "never-delivered"
  }

  /// How it delivers.
  public enum Rhythm: String, Codable, Sendable, Hashable, CaseIterable {
    /// Events at nearly any time of its hours.
    case stream
    /// Runs of events with pauses between them.
    case batches
    /// There is less than a month of it.
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
  /// How it delivers.
  public var rhythm: Rhythm
  /// The gaps expected in a quarter by its rhythm; nil before there is a day of it.
  public var gapsPerQuarter: Double?
  /// Since when it is silent; nil if it is not.
  public var silentSince: Timestamp?
  /// The probability of the present gap by its rhythm; nil if it is not silent, or if the gap was reported.
  public var probability: Double?
  /// What Product Ops decided last; nil if nothing was decided.
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
