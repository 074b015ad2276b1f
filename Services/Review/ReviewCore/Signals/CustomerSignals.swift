public import Contract
public import LaunchModel

/// What customers said and did, as far as reviews look at it.
public struct CustomerSignals: Sendable, Hashable {
  /// What was said of tickets, opened and updated.
  public var tickets: [TicketEvent]
  /// The `ticket.escalated` events.
  public var escalations: [Escalation]
  /// The `csat.scored` events; of one ticket the latest counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; of one voter the latest counts.
  public var votes: [ArticleVote]
  /// The `search.missed` events.
  public var searches: [MissedSearch]
  /// The `account.changed` events.
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
  /// When it happened.
  public var at: Timestamp
  /// The bus's offset, from 1.
  public var offset: Int64

  public init(at: Timestamp, offset: Int64) {
    self.at = at
    self.offset = offset
  }

  public static func < (left: Self, right: Self) -> Bool { (left.at, left.offset) < (right.at, right.offset) }
}

/// A ticket that was handed to a higher level of support.
public struct Escalation: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it happened; of one ticket's escalations the latest counts.
  public var place: SignalPlace
  /// Where it was handed to, as `tier-2`; nil where the event does not say.
  public var level: String?
  /// Why it was handed on, in the producer's words; nil where the event does not say.
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
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it was scored; of one ticket's scores the latest counts.
  public var place: SignalPlace
  /// On its scale: 0 or 1, 1 to 5, or 1 to 10.
  public var score: Double
  /// What the score is to be read by.
  public var scale: SatisfactionScale
  /// Who scored; nil where the event names nobody.
  public var account: String?
  /// The feature it is about; nil where the event names none.
  public var feature: String?

  public init(
    ticket: String, place: SignalPlace, score: Double, scale: SatisfactionScale, account: String? = nil,
    feature: String? = nil
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
  /// The producer's key of the article.
  public var article: String
  /// The language that was read, as `de`; nil where the event names none.
  public var locale: String?
  /// Nil where the producer tells no voters apart: then every vote counts.
  public var voter: String?
  /// Whether the article was found helpful.
  public var isUp: Bool
  /// When it was given; of one voter's votes the latest counts.
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
  /// What was typed, as the producer sent it.
  public var query: String
  /// The language that was searched in; nil where the event names none.
  public var locale: String?
  /// When it happened.
  public var at: Timestamp

  public init(query: String, locale: String? = nil, at: Timestamp) {
    self.query = query
    self.locale = locale
    self.at = at
  }
}

/// A change of what an account is.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// What the account is from then on.
  public var state: AccountState
  /// The account that goes on in its place; nil unless it was merged.
  public var mergedInto: String?
  /// When it happened; the latest change holds.
  public var place: SignalPlace

  public init(account: String, state: AccountState, mergedInto: String? = nil, place: SignalPlace) {
    self.account = account
    self.state = state
    self.mergedInto = mergedInto
    self.place = place
  }
}

/// What each account is in the end: whether it is a customer, and what it was merged into.
struct AccountIndex {
  private var latest: [String: AccountChange] = [:]

  init(_ changes: [AccountChange]) {
    for change in changes where latest[change.account].map({ $0.place < change.place }) ?? true {
      latest[change.account] = change
    }
  }

  /// The account that it lives on as, or nil where nobody is to be called: internal, test and closed ones.
  func customer(_ account: String) -> String? {
    let survivor = MergeChain.survivor(of: account) { key in
      latest[key].flatMap { $0.state == .merged ? $0.mergedInto : nil }
    }
    return latest[survivor].map { AccountState.excluded.contains($0.state) } ?? false ? nil : survivor
  }
}

/// The tickets that are about a feature, merged ones as one.
struct AttributedTickets {
  private let book: TicketIndex
  private let tickets: [String: TicketIndex.Ticket]

  init(_ events: [TicketEvent], about feature: String, attribution: TicketAttribution) {
    book = TicketIndex(events)
    let own = book.tickets().filter { attribution.features(of: $0.events).contains(feature) }
    tickets = Dictionary(own.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The ticket, by its own id or that of one merged into it; nil where it is not about the feature.
  func ticket(_ id: String) -> TicketIndex.Ticket? { tickets[book.survivor(of: id)] }

  /// Those that were opened in the window, by id.
  func opened(in window: AttemptWindow) -> [TicketIndex.Ticket] {
    tickets.values.filter { window.contains($0.opening.at) }.sorted { $0.id < $1.id }
  }
}
