import Contract
import JSON
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The stored customer signals of all features. They are stored even without an exposure, because a launch's first
/// signals may arrive before its exposure is announced.
struct SignalRepository {
  let db: any Transaction

  /// Stores a signal; ignores signals that reviews do not use.
  func save(_ event: Received<Signal>) throws {
    let offset = event.offset
    switch event.content {
    case .ticketOpened, .ticketUpdated:
      if let ticket = TicketEvent(event.content, at: event.at, offset: offset, storedAt: event.storedAt) {
        try save(ticket)
      }
    case .ticketEscalated(let escalation):
      try db.execute(
        "INSERT INTO escalations (log_offset, ticket, at, level, reason) VALUES (?, ?, ?, ?, ?)",
        [offset, escalation.ticket, event.at, escalation.level, escalation.reason])
    case .csatScored(let score):
      try db.execute(
        "INSERT INTO scores (log_offset, ticket, at, score, scale, account, feature) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [offset, score.ticket, event.at, score.score, score.scale.rawValue, score.account, score.feature])
    case .articleRated(let vote):
      try db.execute(
        "INSERT INTO votes (log_offset, article, locale, voter, is_up, at) VALUES (?, ?, ?, ?, ?, ?)",
        [offset, vote.article, vote.locale, vote.voter, vote.rating == .up, event.at])
    case .searchMissed(let search):
      try db.execute(
        "INSERT INTO missed_searches (log_offset, query, locale, at) VALUES (?, ?, ?, ?)",
        [offset, search.query, search.locale, event.at])
    case .accountChanged(let change): try save(change, event)
    case .articlePublished(let article):
      try db.execute(
        """
        INSERT INTO articles (article, feature, launch) VALUES (?, ?, ?)
        ON CONFLICT (article, feature, launch) DO NOTHING
        """, [article.article, article.feature ?? "", article.launch ?? ""])
    case .featureUsed, .accountActive, .articleViewed, .flagChanged, .deployFinished, .evidenceRecorded, .feedGap,
      .feedFilled:
      return
    }
  }

  private func save(_ event: TicketEvent) throws {
    try db.execute(
      """
      INSERT INTO ticket_events
        (log_offset, ticket, at, stored_at, opens, account, feature, tags, channel, merged_into)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        event.offset, event.ticket, event.at, event.storedAt, event.opens, event.account, event.feature,
        try event.tags.map { try SQLValue.json($0) }, event.channel, event.mergedInto,
      ])
    for tag in event.tags ?? [] {
      try db.execute(
        "INSERT INTO ticket_tags (tag, ticket) VALUES (?, ?) ON CONFLICT (tag, ticket) DO NOTHING", [tag, event.ticket])
    }
  }

  /// Stores the latest state of an account.
  private func save(_ change: AccountChanged, _ event: Received<Signal>) throws {
    try db.execute(
      """
      INSERT INTO accounts (account, state, merged_into, at, log_offset) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (account) DO UPDATE
      SET state = excluded.state, merged_into = excluded.merged_into, at = excluded.at, log_offset = excluded.log_offset
      WHERE accounts.at < excluded.at OR (accounts.at = excluded.at AND accounts.log_offset < excluded.log_offset)
      """, [change.account, change.state.rawValue, change.mergedInto, event.at, event.offset])
  }
}

extension SignalRepository {
  /// The signals that the review of an attempt may need.
  ///
  /// - Parameter attribution: the rule for which tickets are about the launch.
  func signals(
    of launch: LaunchRecord, about attribution: TicketAttribution, in window: AttemptWindow
  ) throws -> CustomerSignals {
    let span: [any SQLValueConvertible] = [window.start, window.end]
    return CustomerSignals(
      tickets: try tickets(attribution),
      escalations: try db.query(
        "SELECT log_offset, ticket, at, level, reason FROM escalations WHERE at >= ? AND at < ? ORDER BY log_offset",
        span
      ).map(Self.escalation),
      scores: try db.query(
        "SELECT log_offset, ticket, at, score, scale, account, feature FROM scores WHERE at >= ? AND at < ? ORDER BY log_offset",
        span
      ).compactMap(Self.score),
      votes: try db.query(
        "SELECT log_offset, article, locale, voter, is_up, at FROM votes WHERE at >= ? AND at < ? ORDER BY log_offset",
        span
      ).map(Self.vote),
      searches: try db.query(
        "SELECT query, locale, at FROM missed_searches WHERE at >= ? AND at < ? ORDER BY log_offset", span
      ).map {
        MissedSearch(
          query: try $0.text("query"), locale: try $0.optionalText("locale"), at: try $0.timestamp("at"))
      },
      accounts: try db.query("SELECT account, state, merged_into, at, log_offset FROM accounts ORDER BY account")
        .compactMap(
          Self.account),
      articles: Set(
        try db.query(
          "SELECT article FROM articles WHERE feature = ? OR launch = ?", [launch.plan.feature, launch.plan.launch]
        ).map { try $0.text("article") }))
  }

  /// The events of all tickets that ever named the feature or one of the plan's
  /// tags, and of all tickets merged with them.
  private func tickets(_ attribution: TicketAttribution) throws -> [TicketEvent] {
    var named = try db.query("SELECT ticket FROM ticket_events WHERE feature = ?", [attribution.feature])
    for tag in attribution.tags.sorted() {
      named += try db.query("SELECT ticket FROM ticket_tags WHERE tag = ?", [tag])
    }
    return try withMerged(Set(try named.map { try $0.text("ticket") })).sorted().flatMap { ticket in
      try db.query(
        """
        SELECT log_offset, ticket, at, stored_at, opens, account, feature, tags, channel, merged_into
        FROM ticket_events WHERE ticket = ? ORDER BY log_offset
        """, [ticket]
      ).map(Self.ticketEvent)
    }
  }

  /// The tickets and all tickets connected to them by merges, in either direction.
  private func withMerged(_ tickets: Set<String>) throws -> Set<String> {
    let merges = try db.query("SELECT ticket, merged_into FROM ticket_events WHERE merged_into IS NOT NULL").map {
      (try $0.text("ticket"), try $0.text("merged_into"))
    }
    var neighbors: [String: Set<String>] = [:]
    for (ticket, successor) in merges {
      neighbors[ticket, default: []].insert(successor)
      neighbors[successor, default: []].insert(ticket)
    }
    var reached = tickets
    var frontier = Array(tickets)
    while let ticket = frontier.popLast() {
      for next in neighbors[ticket] ?? [] where reached.insert(next).inserted { frontier.append(next) }
    }
    return reached
  }

  private static func place(_ row: Row) throws -> SignalPlace {
    SignalPlace(at: try row.timestamp("at"), offset: try row.integer("log_offset"))
  }

  private static func ticketEvent(_ row: Row) throws -> TicketEvent {
    TicketEvent(
      ticket: try row.text("ticket"), at: try row.timestamp("at"), offset: try row.integer("log_offset"),
      storedAt: try row.timestamp("stored_at"), opens: try row.bool("opens"), account: try row.optionalText("account"),
      feature: try row.optionalText("feature"),
      tags: try row.optionalText("tags") == nil ? nil : try row.json("tags", as: [String].self),
      channel: try row.optionalText("channel"), mergedInto: try row.optionalText("merged_into"))
  }

  private static func escalation(_ row: Row) throws -> Escalation {
    Escalation(
      ticket: try row.text("ticket"), place: try place(row), level: try row.optionalText("level"),
      reason: try row.optionalText("reason"))
  }

  private static func score(_ row: Row) throws -> SatisfactionScore? {
    guard let scale = SatisfactionScale(rawValue: try row.text("scale")) else { return nil }
    return SatisfactionScore(
      ticket: try row.text("ticket"), place: try place(row), score: try row.real("score"), scale: scale,
      account: try row.optionalText("account"), feature: try row.optionalText("feature"))
  }

  private static func vote(_ row: Row) throws -> ArticleVote {
    ArticleVote(
      article: try row.text("article"), locale: try row.optionalText("locale"), voter: try row.optionalText("voter"),
      isUp: try row.bool("is_up"), place: try place(row))
  }

  /// Decodes an account change; nil if a later version of gonogo wrote its state.
  private static func account(_ row: Row) throws -> AccountChange? {
    guard let state = AccountState(rawValue: try row.text("state")) else { return nil }
    return AccountChange(
      account: try row.text("account"), state: state, mergedInto: try row.optionalText("merged_into"),
      place: try place(row))
  }
}
