public import LaunchModel

/// What customers said and did, as far as reviews look at it.
public struct CustomerSignals: Sendable, Hashable {
  public var tickets: [TicketEvent]
  public var escalations: [Escalation]
  public var scores: [SatisfactionScore]
  public var votes: [ArticleVote]
  public var searches: [MissedSearch]
  public var accounts: [AccountChange]
  /// The articles that were published for the launch or its feature.
  public var articles: Set<String>

  public init(
    tickets: [TicketEvent] = [], escalations: [Escalation] = [], scores: [SatisfactionScore] = [],
    votes: [ArticleVote] = [], searches: [MissedSearch] = [], accounts: [AccountChange] = [], articles: Set<String> = []
  ) {
    self.tickets = tickets
    self.escalations = escalations
    self.scores = scores
    self.votes = votes
    self.searches = searches
    self.accounts = accounts
    self.articles = articles
  }
}

/// Where a signal stands: when it happened and, of several at one moment, where it is in the log.
public struct SignalPlace: Sendable, Hashable, Comparable {
  public var at: Timestamp
  public var offset: Int64

  public init(at: Timestamp, offset: Int64) {
    self.at = at
    self.offset = offset
  }

  public static func < (left: Self, right: Self) -> Bool { (left.at, left.offset) < (right.at, right.offset) }
}

/// A ticket that was handed to a higher level of support.
public struct Escalation: Sendable, Hashable {
  public var ticket: String
  public var place: SignalPlace
  public var level: String?
  public var reason: String?

  public init(ticket: String, place: SignalPlace, level: String? = nil, reason: String? = nil) {
    self.ticket = ticket
    self.place = place
    self.level = level
    self.reason = reason
  }
}

/// How satisfied a customer was with the handling of a ticket.
public struct SatisfactionScore: Sendable, Hashable {
  /// The scales that scores are given on; a thumb is 1 for up and 0 for down.
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    case thumbs
    case five = "1-5"
    case ten = "1-10"
  }

  public var ticket: String
  public var place: SignalPlace
  public var score: Double
  public var scale: Scale
  public var account: String?
  public var feature: String?

  public init(
    ticket: String, place: SignalPlace, score: Double, scale: Scale, account: String? = nil, feature: String? = nil
  ) {
    self.ticket = ticket
    self.place = place
    self.score = score
    self.scale = scale
    self.account = account
    self.feature = feature
  }

  /// Whether it is so low that somebody should call: a thumb down, 1 or 2 of 5, 1 to 4 of 10.
  public var isPoor: Bool {
    switch scale {
    case .thumbs: score < 1
    case .five: score <= 2
    case .ten: score <= 4
    }
  }

  /// As `2 of 5` or `thumb down`.
  public var text: String {
    let number = score == score.rounded() ? String(Int(score)) : String(score)
    return switch scale {
    case .thumbs: score < 1 ? "thumb down" : "thumb up"
    case .five: "\(number) of 5"
    case .ten: "\(number) of 10"
    }
  }
}

/// A vote on an article.
public struct ArticleVote: Sendable, Hashable {
  public var article: String
  public var locale: String?
  /// Nil where the producer tells no voters apart: then every vote counts.
  public var voter: String?
  public var isUp: Bool
  public var place: SignalPlace

  public init(article: String, locale: String? = nil, voter: String? = nil, isUp: Bool, place: SignalPlace) {
    self.article = article
    self.locale = locale
    self.voter = voter
    self.isUp = isUp
    self.place = place
  }
}

/// A search that found nothing.
public struct MissedSearch: Sendable, Hashable {
  public var query: String
  public var locale: String?
  public var at: Timestamp

  public init(query: String, locale: String? = nil, at: Timestamp) {
    self.query = query
    self.locale = locale
    self.at = at
  }
}

/// A change of what an account is.
public struct AccountChange: Sendable, Hashable {
  public var account: String
  /// `active`, `internal`, `test`, `closed` or `merged`.
  public var state: String
  public var mergedInto: String?
  public var place: SignalPlace

  public init(account: String, state: String, mergedInto: String? = nil, place: SignalPlace) {
    self.account = account
    self.state = state
    self.mergedInto = mergedInto
    self.place = place
  }
}
