import JSON
import LaunchModel
import MetricsCore
import Storage

/// The light signals, each event as it was, so that any window and any earlier moment can be asked about.
struct SignalStore {
  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// Keeps what an event adds; the same event again changes nothing.
  func keep(_ evidence: LightEvidence) throws {
    switch evidence {
    case .account(let change):
      try db.execute(
        """
        INSERT INTO account_changes (log_offset, at, account, state, merged_into) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (log_offset) DO NOTHING
        """, [change.offset, change.at, change.account, change.state.rawValue, change.mergedInto])
    case .ticket(let event): try keep(event)
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

  private func keep(_ event: TicketEvent) throws {
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
