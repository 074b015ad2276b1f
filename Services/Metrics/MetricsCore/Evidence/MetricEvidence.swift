import Contract
public import LaunchModel

/// The customer data that a launch's metrics are computed from.
public struct MetricEvidence: Sendable {
  /// Which accounts count, and which were merged into which.
  public var accounts: AccountDirectory
  /// The projections of high-volume events, by spec.
  public var projections: [ProjectionSpec: Projection]
  /// The tickets, from `ticket.opened` and `ticket.updated`.
  public var tickets: TicketIndex
  /// The `csat.scored` events; of one ticket's scores, the latest counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; of one voter's votes, the latest counts.
  public var votes: [ArticleVote]
  /// The `article.published` events, which identify a feature's articles.
  public var publications: [ArticlePublication]
  /// The feeds that figures rest on; nil if they are not judged.
  public var feeds: FeedOutlook?
  /// Whether feeds cannot be judged yet, because the log is still being searched for what they delivered.
  public var isSearchingFeeds = false
  /// Earlier launches, whose tickets show how those of a launch fall over its days.
  public var earlierLaunches: [EarlierLaunch] = []
  /// The adoption curves of launches whose windows are over, from which the last day of an open one is projected.
  public var earlierCurves: [AdoptionCurve] = []
  /// The tier of the launch; nil if it is not known.
  public var tier: Tier?
  /// The zone of the launch, in which weekdays and hours are meant.
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

  /// Whether anything but the days of adoption was stored at or after a moment.
  func hasAny(storedFrom moment: Timestamp) -> Bool {
    accounts.lastStored.map { $0 >= moment } ?? false || tickets.contains { $0.storedAt >= moment }
      || scores.contains { $0.storedAt >= moment } || votes.contains { $0.storedAt >= moment }
      || publications.contains { $0.storedAt >= moment }
      || projections.values.contains { $0.tallies.values.contains { $0.lateTotal > 0 } }
  }

  /// The evidence known when a figure became final: without what was stored then or later.
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

/// The key of a tally: a day of the window, an account, and what was viewed or measured.
public struct TallyKey: Sendable, Hashable {
  /// The day of the window, from 1.
  public var day: Int
  /// The account; empty if the event names none.
  public var account: String
  /// The article viewed, or the value read by a custom metric in canonical JSON.
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

/// The number of events with the same tally key.
public struct Tally: Sendable, Hashable {
  /// The events that match the metric's condition.
  public var hits: Int
  /// All events considered: for a ratio, its denominator.
  public var total: Int
  /// Those of `hits` that were stored after the window's figure had become final.
  public var lateHits: Int
  /// Those of `total` that were stored after the window's figure had become final.
  public var lateTotal: Int

  public init(hits: Int, total: Int, lateHits: Int = 0, lateTotal: Int = 0) {
    self.hits = hits
    self.total = total
    self.lateHits = lateHits
    self.lateTotal = lateTotal
  }

  /// The sum of both tallies.
  public func adding(_ other: Tally) -> Tally {
    Tally(
      hits: hits + other.hits, total: total + other.total, lateHits: lateHits + other.lateHits,
      lateTotal: lateTotal + other.lateTotal)
  }

  /// What was counted when the figure became final; nil if that was nothing.
  var final: Tally? {
    total == lateTotal ? nil : Tally(hits: hits - lateHits, total: total - lateTotal)
  }
}

/// One `article.published`.
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

/// One `article.rated`.
public struct ArticleVote: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The locale; empty if the event names none.
  public var locale: String
  /// Who voted; the event's own identity if it names nobody, so that every such vote counts.
  public var voter: String
  /// When it happened; of one voter's votes, the latest counts.
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

/// One `csat.scored`.
public struct SatisfactionScore: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it was scored; of one ticket's scores, the latest counts.
  public var at: Timestamp
  /// Its offset in the log, which orders scores at the same moment.
  public var offset: Int64
  /// When the bus stored it, which decides whether `asOf` queries include it.
  public var storedAt: Timestamp
  /// Whether the score is in the satisfied part of its scale.
  public var isSatisfied: Bool
  /// The account that scored; nil if the event names none.
  public var account: String?
  /// The feature it is about; nil if the event names none.
  public var feature: String?
  /// The channel within which scores are compared, such as `chat`; nil if the event names none.
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

/// A signal of a low-volume stream, which is stored signal by signal.
public enum LowVolumeSignal: Sendable, Hashable {
  case account(AccountChange)
  case ticket(TicketEvent)
  case score(SatisfactionScore)
  case vote(ArticleVote)
  case publication(ArticlePublication)

  /// Nil for signals of high-volume streams, which projections count, and for other events.
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
