public import Contract
public import LaunchModel

/// The signals about customers that a review is assembled from.
public struct CustomerSignals: Sendable, Hashable {
  /// What the `ticket.opened` and `ticket.updated` events say.
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

/// The order of signals: by the time at which they happened, then by their place in the log.
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

/// A ticket that went to a higher level of support.
public struct Escalation: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it happened; of one ticket's escalations the latest counts.
  public var place: SignalPlace
  /// The level it went to, such as `tier-2`; nil if the event omits it.
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

/// How satisfied a customer was with the handling of a ticket.
public struct SatisfactionScore: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it was scored; of one ticket's scores the latest counts.
  public var place: SignalPlace
  /// On its scale: 0 or 1, 1 to 5, or 1 to 10.
  public var score: Double
  /// The scale that the score is read by.
  public var scale: SatisfactionScale
  /// Who scored; nil if the event omits it.
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

  /// Whether the customer should be called: a thumb down, 1 or 2 of 5, 1 to 4 of 10.
  public var isPoor: Bool {
    switch scale {
    case .thumbs: score < 1
    case .five: score <= 2
    case .ten: score <= 4
    }
  }

  /// For people: `2 of 5` or `thumb down`.
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
  /// The language that was read, such as `de`; nil if the event omits it.
  public var locale: String?
  /// Who voted; nil if the producer does not distinguish voters, so that every vote counts.
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
  /// The account that takes its place; nil unless it was merged.
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

/// The latest state of each account, with merges resolved.
struct AccountIndex {
  private var latest: [String: AccountChange] = [:]

  init(_ changes: [AccountChange]) {
    for change in changes where latest[change.account].map({ $0.place < change.place }) ?? true {
      latest[change.account] = change
    }
  }

  /// The account that it was merged into in the end, itself if it was not; nil for internal, test and closed accounts, which nobody
  /// calls.
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

  /// The ticket with an id, or the one it was merged into; nil if it is not about the feature.
  func ticket(_ id: String) -> TicketIndex.Ticket? {
    index[index.survivor(of: id)].flatMap { attribution.includes($0) ? $0 : nil }
  }

  /// The ticket that a merged one ended up in; the ticket itself if it was not merged.
  func survivor(of id: String) -> String { index.survivor(of: id) }

  /// The account that opened a ticket, whatever the ticket is about; nil if it is not known.
  func account(of id: String) -> String? { index[id]?.opening.account }

  /// Whether the scores of a surviving ticket and of those merged into it, ascending by time, are about the feature.
  ///
  /// As the metrics service counts them: by the feature that the survivor's own scores name, then by the survivor's own events; only
  /// if neither says, by the scores and the events of the tickets merged into it.
  func includes(_ scores: [SatisfactionScore], of id: String) -> Bool {
    let ticket = index[id]
    let own = scores.last { $0.ticket == id && $0.feature != nil }?.feature
    if let own { return own == attribution.feature }
    if let isAbout = ticket.flatMap({ attribution.includesByItself($0) }) { return isAbout }
    if let merged = scores.last(where: { $0.feature != nil })?.feature { return merged == attribution.feature }
    return ticket.map { attribution.includes($0) } ?? false
  }

  /// The tickets opened in the window, by id.
  func opened(in window: AttemptWindow) -> [TicketIndex.Ticket] {
    index.tickets.filter { window.contains($0.opening.at) && attribution.includes($0) }
  }
}
