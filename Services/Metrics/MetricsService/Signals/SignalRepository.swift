import Contract
import JSON
import LaunchModel
import MetricsCore
import Storage

/// The signals of low-volume streams. Each event is stored, so that figures can be
/// computed for any window and any earlier moment.
struct SignalRepository {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Stores a signal; storing it again has no effect.
  func save(_ evidence: LowVolumeSignal) throws {
    switch evidence {
    case .account(let change): try save(change)
    case .ticket(let event): try save(event)
    case .score(let score):
      try db.execute(
        """
        INSERT INTO satisfaction_scores (log_offset, at, stored_at, ticket, satisfied, account, feature, channel)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log_offset) DO NOTHING
        """,
        [
          score.offset, score.at, score.storedAt, score.ticket, score.isSatisfied, score.account, score.feature,
          score.channel,
        ])
    case .vote(let vote):
      try db.execute(
        """
        INSERT INTO article_votes (log_offset, at, stored_at, article, locale, voter, helpful)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log_offset) DO NOTHING
        """, [vote.offset, vote.at, vote.storedAt, vote.article, vote.locale, vote.voter, vote.isHelpful])
    case .publication(let publication):
      try db.execute(
        """
        INSERT INTO article_publications (log_offset, at, stored_at, article, locale, feature, launch)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log_offset) DO NOTHING
        """,
        [
          publication.offset, publication.at, publication.storedAt, publication.article, publication.locale,
          publication.feature, publication.launch,
        ])
    }
  }

  /// Stores an account change. If it has a lower offset than a stored one, because it was released from quarantine, the
  /// generation changes, so that caches reload all changes.
  private func save(_ change: AccountChange) throws {
    let isNew = try db.execute(
      """
      INSERT INTO account_changes (log_offset, at, stored_at, account, state, merged_into, segment)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log_offset) DO NOTHING
      """,
      [
        change.offset, change.at, change.storedAt, change.account, change.state.rawValue, change.mergedInto,
        change.segment,
      ])
    guard isNew == 1 else { return }
    try db.execute(
      """
      UPDATE projection_state SET
        account_generation = account_generation + CASE WHEN account_offset > ? THEN 1 ELSE 0 END,
        account_offset = CASE WHEN account_offset > ? THEN account_offset ELSE ? END
      """, [change.offset, change.offset, change.offset])
  }

  private func save(_ event: TicketEvent) throws {
    try db.execute(
      """
      INSERT INTO ticket_events
        (log_offset, at, stored_at, ticket, opens, account, feature, tags, channel, merged_into)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (log_offset) DO NOTHING
      """,
      [
        event.offset, event.at, event.storedAt, event.ticket, event.opens, event.account, event.feature,
        try event.tags.map { try SQLValue.json($0) }, event.channel, event.mergedInto,
      ])
  }
}

extension SignalRepository {
  /// The changes of accounts after an offset, in the order of the log.
  func accountChanges(after offset: Int64) throws -> [AccountChange] {
    let rows = try db.query(
      """
      SELECT log_offset, at, stored_at, account, state, merged_into, segment
      FROM account_changes WHERE log_offset > ? ORDER BY log_offset
      """, [offset])
    return try rows.compactMap { row in
      guard let state = AccountState(rawValue: try row.text("state")) else { return nil }
      return AccountChange(
        account: try row.text("account"), at: try row.timestamp("at"), offset: try row.integer("log_offset"),
        storedAt: try row.optionalTimestamp("stored_at"), state: state,
        mergedInto: try row.optionalText("merged_into"), segment: try row.optionalText("segment"))
    }
  }

  /// The events of tickets after an offset, in the order of the log.
  func tickets(after offset: Int64) throws -> [TicketEvent] {
    let rows = try db.query(
      """
      SELECT log_offset, at, stored_at, ticket, opens, account, feature, tags, channel, merged_into
      FROM ticket_events WHERE log_offset > ? ORDER BY log_offset
      """, [offset])
    return try rows.map { row in
      let tags = try row.optionalText("tags") == nil ? nil : try row.json("tags", as: [String].self)
      return TicketEvent(
        ticket: try row.text("ticket"), at: try row.timestamp("at"), offset: try row.integer("log_offset"),
        storedAt: try row.timestamp("stored_at"), opens: try row.bool("opens"),
        account: try row.optionalText("account"),
        feature: try row.optionalText("feature"), tags: tags, channel: try row.optionalText("channel"),
        mergedInto: try row.optionalText("merged_into"))
    }
  }

  /// The scores after an offset, in the order of the log.
  func scores(after offset: Int64) throws -> [SatisfactionScore] {
    let rows = try db.query(
      """
      SELECT log_offset, at, stored_at, ticket, satisfied, account, feature, channel
      FROM satisfaction_scores WHERE log_offset > ? ORDER BY log_offset
      """, [offset])
    return try rows.map { row in
      SatisfactionScore(
        ticket: try row.text("ticket"), at: try row.timestamp("at"), offset: try row.integer("log_offset"),
        storedAt: try row.timestamp("stored_at"), isSatisfied: try row.bool("satisfied"),
        account: try row.optionalText("account"), feature: try row.optionalText("feature"),
        channel: try row.optionalText("channel"))
    }
  }

  /// The votes of a span of time.
  func votes(_ span: Range<Timestamp>, upTo limit: Int64) throws -> [ArticleVote] {
    let rows = try db.query(
      """
      SELECT log_offset, at, stored_at, article, locale, voter, helpful
      FROM article_votes WHERE at >= ? AND at < ? AND log_offset <= ? ORDER BY log_offset
      """, [span.lowerBound, span.upperBound, limit])
    return try rows.map { row in
      ArticleVote(
        article: try row.text("article"), locale: try row.text("locale"), voter: try row.text("voter"),
        at: try row.timestamp("at"), offset: try row.integer("log_offset"), storedAt: try row.timestamp("stored_at"),
        isHelpful: try row.bool("helpful"))
    }
  }

  /// All publications up to an offset.
  func publications(upTo limit: Int64) throws -> [ArticlePublication] {
    let rows = try db.query(
      """
      SELECT log_offset, at, stored_at, article, locale, feature, launch
      FROM article_publications WHERE log_offset <= ? ORDER BY log_offset
      """, [limit])
    return try rows.map { row in
      ArticlePublication(
        article: try row.text("article"), locale: try row.text("locale"), at: try row.timestamp("at"),
        offset: try row.integer("log_offset"), storedAt: try row.timestamp("stored_at"),
        feature: try row.optionalText("feature"), launch: try row.optionalText("launch"))
    }
  }
}
