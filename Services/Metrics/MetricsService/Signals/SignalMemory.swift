import LaunchModel
import MetricsCore
import Storage
import Synchronization

/// The stored tickets and scores, cached in memory. The cache only reads the store and is never ahead of it.
///
/// Queries need all tickets and scores, because an attribution or a merge can affect tickets from any time.
final class SignalMemory: Sendable {
  private struct State {
    var tickets = TicketIndex()
    var ticketRows = Rows()
    /// The scores, in the order of the log.
    var scores: [SatisfactionScore] = []
    var scoreRows = Rows()
  }

  /// The number of rows in a table, and the offset of the last one.
  private struct Rows: Equatable {
    var count: Int64 = 0
    var last: Int64 = 0

    init() {}

    static func tickets(_ db: any Transaction) throws -> Rows {
      try Rows(db.queryOne("SELECT count(*) AS n, max(log_offset) AS last FROM ticket_events"))
    }

    static func scores(_ db: any Transaction) throws -> Rows {
      try Rows(db.queryOne("SELECT count(*) AS n, max(log_offset) AS last FROM satisfaction_scores"))
    }

    private init(_ row: Row?) throws {
      guard let row else { return }
      count = try row.integer("n")
      last = try row.optionalInteger("last") ?? 0
    }

    /// Whether the table was in an earlier state than another one. Rows are only ever added.
    func precede(_ other: Rows) -> Bool { count < other.count || last < other.last }
  }

  private let state = Mutex(State())

  /// The tickets in a transaction's snapshot, from events up to an offset.
  func tickets(_ db: any Transaction, upTo limit: Int64) throws -> TicketIndex {
    let rows = try Rows.tickets(db)
    let index = try state.withLock { state -> TicketIndex in
      guard rows != state.ticketRows else { return state.tickets }
      guard !rows.precede(state.ticketRows) else { return TicketIndex(try SignalRepository(db).tickets(after: 0)) }
      let added = try SignalRepository(db).tickets(after: state.ticketRows.last)
      if state.ticketRows.count + Int64(added.count) == rows.count {
        state.tickets.insert(added)
      } else {
        // An event with a lower offset was released from quarantine after later ones.
        state.tickets = TicketIndex(try SignalRepository(db).tickets(after: 0))
      }
      state.ticketRows = rows
      return state.tickets
    }
    return rows.last <= limit ? index : index.keeping { $0.offset <= limit }
  }

  /// The scores in a transaction's snapshot, before a moment and up to an offset, in the order of the log.
  func scores(_ db: any Transaction, before end: Timestamp, upTo limit: Int64) throws -> [SatisfactionScore] {
    let rows = try Rows.scores(db)
    let scores = try state.withLock { state -> [SatisfactionScore] in
      guard rows != state.scoreRows else { return state.scores }
      guard !rows.precede(state.scoreRows) else { return try SignalRepository(db).scores(after: 0) }
      let added = try SignalRepository(db).scores(after: state.scoreRows.last)
      if state.scoreRows.count + Int64(added.count) == rows.count {
        state.scores += added
      } else {
        state.scores = try SignalRepository(db).scores(after: 0)
      }
      state.scoreRows = rows
      return state.scores
    }
    return scores.filter { $0.at < end && $0.offset <= limit }
  }
}
