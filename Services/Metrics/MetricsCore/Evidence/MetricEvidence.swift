import Contract
public import LaunchModel

/// The customer data that a launch's metrics are computed from.
public struct MetricEvidence: Sendable {
  /// Determines which accounts count, and into which account each was merged.
  public var accounts: AccountDirectory
  /// The projections of high-volume events, keyed by their spec.
  public var projections: [ProjectionSpec: Projection]
  /// The tickets, from `ticket.opened` and `ticket.updated`.
  public var tickets: TicketIndex
  /// The `csat.scored` events; the latest score of a ticket counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; the latest vote of a voter counts.
  public var votes: [ArticleVote]
  /// The `article.published` events, which identify a feature's articles.
  public var publications: [ArticlePublication]
  /// The feeds that figures depend on; nil if feeds are not judged.
  public var feeds: FeedOutlook?
  /// Whether feeds cannot be judged yet, because their deliveries are still being read from the log.
  public var isSearchingFeeds = false
  /// Earlier launches, whose tickets show how the tickets of a launch are distributed over its days.
  public var earlierLaunches: [EarlierLaunch] = []
  /// The adoption curves of completed windows, from which the last day of an open window is projected.
  public var earlierCurves: [AdoptionCurve] = []
  /// The launch's tier; nil if unknown.
  public var tier: Tier?
  /// The launch's time zone, which determines weekdays and hours.
  public var zone = ZoneRules.utc

  public init(
    accounts: AccountDirectory = AccountDirectory(), projections: [ProjectionSpec: Projection] = [:],
    tickets: TicketIndex = TicketIndex(), scores: [SatisfactionScore] = [], votes: [ArticleVote] = [],
    publications: [ArticlePublication] = []
  ) {
    self.accounts = accounts
    self.projections = projections
    self.tickets = tickets
    self.scores = scores
    self.votes = votes
    self.publications = publications
  }

  /// Whether anything was stored at or after a moment, apart from the events of adoption.
  func hasAny(storedFrom moment: Timestamp) -> Bool {
    accounts.lastStored.map { $0 >= moment } ?? false || tickets.contains { $0.storedAt >= moment }
      || scores.contains { $0.storedAt >= moment } || votes.contains { $0.storedAt >= moment }
      || publications.contains { $0.storedAt >= moment }
      || projections.values.contains { $0.tallies.values.contains { $0.lateTotal > 0 } }
  }

  /// The evidence as of the moment when a figure became final: without anything stored at or after it.
  func stored(before moment: Timestamp) -> MetricEvidence {
    var evidence = self
    evidence.accounts = accounts.stored(before: moment)
    evidence.tickets = tickets.keeping { $0.storedAt < moment }
    evidence.scores.removeAll { $0.storedAt >= moment }
    evidence.votes.removeAll { $0.storedAt >= moment }
    evidence.publications.removeAll { $0.storedAt >= moment }
    for (spec, projection) in projections {
      evidence.projections[spec]?.tallies = projection.tallies.compactMapValues(\.final)
    }
    return evidence
  }
}

/// The key of a tally: a day of the window, an account, and the article viewed or value measured.
public struct TallyKey: Sendable, Hashable {
  /// The day of the window, from 1.
  public var day: Int
  /// The account; empty if the event names none.
  public var account: String
  /// The viewed article or, for a custom metric, the value read from the event, as canonical JSON.
  public var subject: String
  /// The locale; empty if the event names none.
  public var locale: String

  public init(day: Int, account: String, subject: String, locale: String = "") {
    self.day = day
    self.account = account
    self.subject = subject
    self.locale = locale
  }
}

/// The counts of events with the same tally key.
public struct Tally: Sendable, Hashable {
  /// The events that match the metric's condition, the numerator of a ratio.
  public var hits: Int
  /// All events considered, the denominator of a ratio.
  public var total: Int
  /// The part of `hits` that was stored after the window's figure had become final.
  public var lateHits: Int
  /// The part of `total` that was stored after the window's figure had become final.
  public var lateTotal: Int

  public init(hits: Int, total: Int, lateHits: Int = 0, lateTotal: Int = 0) {
    self.hits = hits
    self.total = total
    self.lateHits = lateHits
    self.lateTotal = lateTotal
  }

  /// The sum of this tally and another.
  public func adding(_ other: Tally) -> Tally {
    Tally(
      hits: hits + other.hits, total: total + other.total, lateHits: lateHits + other.lateHits,
      lateTotal: lateTotal + other.lateTotal)
  }

  /// The tally as of when the figure became final; nil if nothing had been counted.
  var final: Tally? {
    total == lateTotal ? nil : Tally(hits: hits - lateHits, total: total - lateTotal)
  }
}

/// One `article.published` event.
public struct ArticlePublication: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The language it was published in, such as `de`.
  public var locale: String
  /// When it happened.
  public var at: Timestamp
  /// Its offset in the log.
  public var offset: Int64
  /// When the bus stored it, which decides whether `asOf` queries include it.
  public var storedAt: Timestamp
  /// The feature it is about; nil if the event names none.
  public var feature: String?
  /// The launch it was published for; nil if the event names none.
  public var launch: String?

  public init(
    article: String, locale: String, at: Timestamp, offset: Int64, storedAt: Timestamp, feature: String? = nil,
    launch: String? = nil
  ) {
    self.article = article
    self.locale = locale
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.feature = feature
    self.launch = launch
  }
}

/// One `article.rated` event.
public struct ArticleVote: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The locale; empty if the event names none.
  public var locale: String
  /// The voter. If the event names none, the event's own reference, so that every such vote counts.
  public var voter: String
  /// When the vote was given; the latest vote of a voter counts.
  public var at: Timestamp
  /// Its offset in the log, which orders votes at the same moment.
  public var offset: Int64
  /// When the bus stored it, which decides whether `asOf` queries include it.
  public var storedAt: Timestamp
  /// Whether the vote was `up`.
  public var isHelpful: Bool

  public init(
    article: String, locale: String, voter: String, at: Timestamp, offset: Int64, storedAt: Timestamp, isHelpful: Bool
  ) {
    self.article = article
    self.locale = locale
    self.voter = voter
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.isHelpful = isHelpful
  }
}

/// One `csat.scored` event.
public struct SatisfactionScore: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When the ticket was scored; its latest score counts.
  public var at: Timestamp
  /// Its offset in the log, which orders scores at the same moment.
  public var offset: Int64
  /// When the bus stored it, which decides whether `asOf` queries include it.
  public var storedAt: Timestamp
  /// Whether the score is in the range of its scale that counts as satisfied.
  public var isSatisfied: Bool
  /// The account that gave the score; nil if the event names none.
  public var account: String?
  /// The feature it is about; nil if the event names none.
  public var feature: String?
  /// The support channel, such as `chat`, within which scores are compared; nil if the event names none.
  public var channel: String?

  public init(
    ticket: String, at: Timestamp, offset: Int64, storedAt: Timestamp, isSatisfied: Bool, account: String? = nil,
    feature: String? = nil, channel: String? = nil
  ) {
    self.ticket = ticket
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.isSatisfied = isSatisfied
    self.account = account
    self.feature = feature
    self.channel = channel
  }
}

/// A signal of a low-volume stream. These are stored one by one, whereas high-volume signals are only counted.
public enum LowVolumeSignal: Sendable, Hashable {
  case account(AccountChange)
  case ticket(TicketEvent)
  case score(SatisfactionScore)
  case vote(ArticleVote)
  case publication(ArticlePublication)

  /// Returns nil for signals of high-volume streams, which projections count, and for other events.
  public init?(_ event: MetricEvent) {
    switch event.signal {
    case .accountChanged(let change)?:
      self = .account(
        AccountChange(
          account: change.account, at: event.at, offset: event.offset, storedAt: event.storedAt, state: change.state,
          mergedInto: change.mergedInto, segment: change.segment))
    case .ticketOpened?, .ticketUpdated?:
      let ticket = event.signal.flatMap {
        TicketEvent($0, at: event.at, offset: event.offset, storedAt: event.storedAt)
      }
      guard let ticket else { return nil }
      self = .ticket(ticket)
    case .csatScored(let score)?:
      self = .score(
        SatisfactionScore(
          ticket: score.ticket, at: event.at, offset: event.offset, storedAt: event.storedAt,
          isSatisfied: score.isSatisfied, account: score.account, feature: score.feature, channel: score.channel))
    case .articleRated(let vote)?:
      self = .vote(
        ArticleVote(
          article: vote.article, locale: vote.locale ?? "", voter: vote.voter ?? event.reference, at: event.at,
          offset: event.offset, storedAt: event.storedAt, isHelpful: vote.rating == .up))
    case .articlePublished(let article)?:
      self = .publication(
        ArticlePublication(
          article: article.article, locale: article.locale, at: event.at, offset: event.offset,
          storedAt: event.storedAt, feature: article.feature, launch: article.launch))
    default: return nil
    }
  }
}
