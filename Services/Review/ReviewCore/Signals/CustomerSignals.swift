public import Contract
public import LaunchModel

/// The customer signals that a review is assembled from.
public struct CustomerSignals: Sendable, Hashable {
  /// The `ticket.opened` and `ticket.updated` events.
  public var tickets: [TicketEvent]
  /// The `ticket.escalated` events; the latest one of each ticket counts.
  public var escalations: [Escalation]
  /// The `csat.scored` events; the latest one of each ticket counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; the latest one of each voter counts.
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

/// The position that orders signals: when they happened, then their offset in the log.
public struct SignalPlace: Sendable, Hashable, Comparable {
  /// When it happened.
  public var at: Timestamp
  /// The event's offset on the bus, from 1.
  public var offset: Int64

  public init(at: Timestamp, offset: Int64) {
    self.at = at
    self.offset = offset
  }

  public static func < (left: Self, right: Self) -> Bool { (left.at, left.offset) < (right.at, right.offset) }
}

/// An escalation of a ticket to a higher level of support.
public struct Escalation: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it happened; the latest escalation of a ticket counts.
  public var place: SignalPlace
  /// The level that the ticket was escalated to, such as `tier-2`; nil if the event omits it.
  public var level: String?
  /// Why, in the producer's words; nil if the event omits it.
  public var reason: String?

  public init(ticket: String, place: SignalPlace, level: String? = nil, reason: String? = nil) {
    self.ticket = ticket
    self.place = place
    self.level = level
    self.reason = reason
  }
}

/// A customer's satisfaction with the handling of a ticket.
public struct SatisfactionScore: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When the ticket was scored; its latest score counts.
  public var place: SignalPlace
  /// The score: 0 or 1, 1 to 5, or 1 to 10, depending on the scale.
  public var score: Double
  /// The scale of the score.
  public var scale: SatisfactionScale
  /// The account that gave the score; nil if the event omits it.
  public var account: String?
  /// The feature it is about; nil if the event omits it.
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

  /// Whether the customer should be called: a thumb down, 1 or 2 of 5, or 1 to 4 of 10.
  public var isPoor: Bool {
    switch scale {
    case .thumbs: score < 1
    case .five: score <= 2
    case .ten: score <= 4
    }
  }

  /// The score as text for people, such as `2 of 5` or `thumb down`.
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
  /// The language of the article that was read, such as `de`; nil if the event omits it.
  public var locale: String?
  /// The voter; nil if the producer does not identify voters. Every vote without a voter counts.
  public var voter: String?
  /// Whether the voter found the article helpful.
  public var isUp: Bool
  /// When the vote was given; the latest vote of a voter counts.
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
  /// The query as the producer sent it.
  public var query: String
  /// The language that was searched; nil if the event omits it.
  public var locale: String?
  /// When it happened.
  public var at: Timestamp

  public init(query: String, locale: String? = nil, at: Timestamp) {
    self.query = query
    self.locale = locale
    self.at = at
  }
}

/// A change of an account's state.
public struct AccountChange: Sendable, Hashable {
  /// The organisation's key of the account.
  public var account: String
  /// The account's state from then on.
  public var state: AccountState
  /// The account that it was merged into; nil unless the state is `merged`.
  public var mergedInto: String?
  /// When it happened; the latest change of an account applies.
  public var place: SignalPlace

  public init(account: String, state: AccountState, mergedInto: String? = nil, place: SignalPlace) {
    self.account = account
    self.state = state
    self.mergedInto = mergedInto
    self.place = place
  }
}

/// The latest state of each account, with merges resolved.
struct AccountIndex {
  private var latest: [String: AccountChange] = [:]

  init(_ changes: [AccountChange]) {
    for change in changes where latest[change.account].map({ $0.place < change.place }) ?? true {
      latest[change.account] = change
    }
  }

  /// The account that remains after all merges; the account itself if it was not merged. Nil for internal, test and
  /// closed accounts, because nobody calls these.
  func customer(_ account: String) -> String? {
    let survivor = MergeChain.survivor(of: account) { key in
      latest[key].flatMap { $0.state == .merged ? $0.mergedInto : nil }
    }
    return latest[survivor].map { AccountState.excluded.contains($0.state) } ?? false ? nil : survivor
  }
}

/// The tickets about a feature, with merged tickets as one.
struct AttributedTickets {
  private let index: TicketIndex
  private let attribution: TicketAttribution

  init(_ events: [TicketEvent], attribution: TicketAttribution) {
    index = TicketIndex(events)
    self.attribution = attribution
  }

  /// The ticket with an id, or the one it was merged into; nil if that ticket is not about the feature.
  func ticket(_ id: String) -> TicketIndex.Ticket? {
    index[index.survivor(of: id)].flatMap { attribution.includes($0) ? $0 : nil }
  }

  /// The id of the ticket that remains after all merges; the same id if the ticket was not merged.
  func survivor(of id: String) -> String { index.survivor(of: id) }

  /// The account that opened a ticket, whatever the ticket is about; nil if unknown.
  func account(of id: String) -> String? { index[id]?.opening.account }

  /// Whether the scores of a remaining ticket and of those merged into it are about the
  /// feature. The scores must be sorted by time.
  ///
  /// The rule is that of the metrics service. The feature in the remaining ticket's own scores decides first, then that
  /// ticket's own events. If neither names a feature, the scores and events of the tickets merged into it decide.
  func includes(_ scores: [SatisfactionScore], of id: String) -> Bool {
    let ticket = index[id]
    let own = scores.last { $0.ticket == id && $0.feature != nil }?.feature
    if let own { return own == attribution.feature }
    if let isAbout = ticket.flatMap({ attribution.includesByItself($0) }) { return isAbout }
    if let merged = scores.last(where: { $0.feature != nil })?.feature { return merged == attribution.feature }
    return ticket.map { attribution.includes($0) } ?? false
  }

  /// The tickets about the feature that were opened in the window, by id.
  func opened(in window: AttemptWindow) -> [TicketIndex.Ticket] {
    index.tickets.filter { window.contains($0.opening.at) && attribution.includes($0) }
  }
}
