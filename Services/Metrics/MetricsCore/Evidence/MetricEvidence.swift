import Contract
public import LaunchModel

/// Everything that is known of customers, as far as a launch's metrics ask for it.
public struct MetricEvidence: Sendable {
  /// Which accounts count, and which were merged into which.
  public var accounts: AccountDirectory
  /// The counts that are kept while events come in, by what they count.
  public var projections: [ProjectionSpec: Projection]
  /// What was said of tickets, opened and updated.
  public var tickets: [TicketEvent]
  /// Which tags tell which feature a ticket is about.
  public var attribution: TicketAttribution
  /// The `csat.scored` events; of one ticket the latest counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; of one voter the latest counts.
  public var votes: [ArticleVote]
  /// The `article.published` events, which tell a feature's articles.
  public var publications: [ArticlePublication]

  public init(
    accounts: AccountDirectory = AccountDirectory(), projections: [ProjectionSpec: Projection] = [:],
    tickets: [TicketEvent] = [], attribution: TicketAttribution, scores: [SatisfactionScore] = [],
    votes: [ArticleVote] = [], publications: [ArticlePublication] = []
  ) {
    self.accounts = accounts
    self.projections = projections
    self.tickets = tickets
    self.attribution = attribution
    self.scores = scores
    self.votes = votes
    self.publications = publications
  }

  /// The tickets, scores, votes and publications that had been stored before that moment.
  func stored(before moment: Timestamp) -> MetricEvidence {
    var evidence = self
    evidence.tickets.removeAll { $0.storedAt >= moment }
    evidence.scores.removeAll { $0.storedAt >= moment }
    evidence.votes.removeAll { $0.storedAt >= moment }
    evidence.publications.removeAll { $0.storedAt >= moment }
    return evidence
  }
}

/// What one count is of: a day of the window, an account, and what was viewed or measured.
public struct TallyKey: Sendable, Hashable {
  /// From 1.
  public var day: Int
  /// Empty where the event names none.
  public var account: String
  /// The article that was viewed, or the value that a custom metric reads, in canonical JSON.
  public var subject: String
  /// Empty where the event names none.
  public var locale: String

  public init(day: Int, account: String, subject: String, locale: String = "") {
    self.day = day
    self.account = account
    self.subject = subject
    self.locale = locale
  }
}

/// How many events there were of one sort.
public struct Tally: Sendable, Hashable {
  /// Those that count.
  public var hits: Int
  /// Those that are counted of, for a ratio; else the same.
  public var total: Int
  /// When the last of them was stored.
  public var lastStored: Timestamp

  public init(hits: Int, total: Int, lastStored: Timestamp) {
    self.hits = hits
    self.total = total
    self.lastStored = lastStored
  }

  /// Both together.
  public func adding(_ other: Tally) -> Tally {
    Tally(
      hits: hits + other.hits, total: total + other.total, lastStored: max(lastStored, other.lastStored))
  }
}

/// One `article.published`.
public struct ArticlePublication: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The language it was published in, as `de`.
  public var locale: String
  /// When it happened.
  public var at: Timestamp
  /// Its place in the log.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// The feature it is about; nil where the event names none.
  public var feature: String?
  /// The launch it was published for; nil where the event names none.
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
  /// Empty where the event names none.
  public var locale: String
  /// Who voted; the event's own identity where it names nobody, so that every such vote counts.
  public var voter: String
  /// When it happened; of one voter's votes the latest counts.
  public var at: Timestamp
  /// Its place in the log, which settles the order of votes at the same moment.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
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
  /// When it was scored; of one ticket's scores the latest counts.
  public var at: Timestamp
  /// Its place in the log, which settles the order of scores at the same moment.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// Whether the score lies in the satisfied part of its scale.
  public var isSatisfied: Bool
  /// Who scored; nil where the event names nobody.
  public var account: String?
  /// The feature it is about; nil where the event names none.
  public var feature: String?
  /// As `chat`, within which scores are compared; nil where the event names none.
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

/// What a signal of a low-volume stream adds to the evidence, which stores each such signal by itself.
public enum LowVolumeSignal: Sendable, Hashable {
  case account(AccountChange)
  case ticket(TicketEvent)
  case score(SatisfactionScore)
  case vote(ArticleVote)
  case publication(ArticlePublication)

  /// Nil for signals of heavy streams, which projections count, and for other events.
  public init?(_ event: MetricEvent) {
    switch event.signal {
    case .accountChanged(let change)?:
      self = .account(
        AccountChange(
          account: change.account, at: event.at, offset: event.offset, state: change.state,
          mergedInto: change.mergedInto))
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
