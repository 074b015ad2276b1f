import JSON
import LaunchModel
import ReviewCore
import Storage

/// What customers said, kept whatever launch it may come to belong to: exposure becomes known after the first signals.
struct SignalTable {
  let db: any Transaction

  func add(_ signal: ReviewSignal, offset: Int64) throws {
    switch signal {
    case .ticket(let event): try add(event)
    case .escalated(let escalation):
      try db.execute(
        "INSERT INTO escalations (log_offset, ticket, at, level, reason) VALUES (?, ?, ?, ?, ?)",
        [offset, escalation.ticket, escalation.place.at, escalation.level, escalation.reason])
    case .scored(let score):
      try db.execute(
        "INSERT INTO scores (log_offset, ticket, at, score, scale, account, feature) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [offset, score.ticket, score.place.at, score.score, score.scale.rawValue, score.account, score.feature])
    case .voted(let vote):
      try db.execute(
        "INSERT INTO votes (log_offset, article, locale, voter, is_up, at) VALUES (?, ?, ?, ?, ?, ?)",
        [offset, vote.article, vote.locale, vote.voter, vote.isUp, vote.place.at])
    case .searched(let search):
      try db.execute(
        "INSERT INTO missed_searches (log_offset, query, locale, at) VALUES (?, ?, ?, ?)",
        [offset, search.query, search.locale, search.at])
    case .account(let change): try keep(change)
    case .published(let article, let feature, let launch):
      try db.execute(
        """
        INSERT INTO articles (article, feature, launch) VALUES (?, ?, ?)
        ON CONFLICT (article, feature, launch) DO NOTHING
        """, [article, feature ?? "", launch ?? ""])
    }
  }

  private func add(_ event: TicketEvent) throws {
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

  /// Keeps the latest state of an account.
  private func keep(_ change: AccountChange) throws {
    try db.execute(
      """
      INSERT INTO accounts (account, state, merged_into, at, log_offset) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (account) DO UPDATE
      SET state = excluded.state, merged_into = excluded.merged_into, at = excluded.at, log_offset = excluded.log_offset
      WHERE accounts.at < excluded.at OR (accounts.at = excluded.at AND accounts.log_offset < excluded.log_offset)
      """, [change.account, change.state, change.mergedInto, change.place.at, change.place.offset])
  }
}
