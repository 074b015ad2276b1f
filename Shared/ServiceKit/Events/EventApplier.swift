import Contract
import JSON
import LaunchModel
import Messaging
public import Storage

/// Applies the bus's events to the service's store through its router: effect and offset in one transaction.
struct EventApplier: EventSink {
  let environment: ServiceEnvironment
  let router: EventRouter
  let consumer: String

  func offset() async throws -> Int64 {
    try await environment.database.read { try ConsumerOffsets.offset(consumer, $0) }
  }

  func apply(_ events: [StoredEvent], after stored: Int64, upTo offset: Int64) async throws {
    try await apply(try decode(events)) { tx, apply in
      let processed = try ConsumerOffsets.offset(consumer, tx.db)
      guard processed >= stored else { throw StoreWentBack(to: processed) }
      try apply(processed)
      try ConsumerOffsets.advance(consumer, to: offset, tx.db)
    }
  }

  func applyLate(_ event: StoredEvent) async throws {
    try await apply(try decode([event])) { _, apply in try apply(0) }
  }

  func reread() async throws { try await environment.rereadRoster() }

  /// A batch, decoded.
  private struct Batch: Sendable {
    let runs: [any EventRun]
    /// Every service stores the adopted roster, to check rights by.
    let rosters: [RosterAdopted]
  }

  private func decode(_ events: [StoredEvent]) throws -> Batch {
    var (runs, refusals) = router.decode(events)
    var rosters: [RosterAdopted] = []
    for stored in events {
      do throws(EventError) {
        let event = try stored.event()
        guard event.type == Announcements.rosterAdopted.name else { continue }
        rosters.append(try event.announced(Announcements.rosterAdopted).payload)
      } catch  where !refusals.contains(where: { $0.event.offset == stored.offset }) {
        refusals.append(RefusedEvents.Refusal(stored, error))
      } catch {
        // The router refused it already.
      }
    }
    guard refusals.isEmpty else { throw RefusedEvents(refusals) }
    return Batch(runs: runs, rosters: rosters)
  }

  /// Applies a batch in one transaction. If a handler refuses an event, a second transaction finds all that are refused, with
  /// savepoints around ever smaller parts; it commits if none is.
  ///
  /// - Parameter body: runs in the transaction; its function applies the events after an offset.
  private func apply(
    _ batch: Batch, _ body: @escaping @Sendable (ServiceTransaction, (Int64) throws -> Void) throws -> Void
  ) async throws {
    do {
      try await transaction(batch) { tx in
        try body(tx) { processed in
          do {
            for run in batch.runs { try run.apply(after: processed, tx) }
          } catch {
            throw Self.refusal(error) ?? error
          }
        }
      }
    } catch is EventError {
      try await transaction(batch) { tx in
        try body(tx) { processed in
          let refusals = try batch.runs.flatMap { try $0.applyEach(after: processed, tx, refusal: Self.refusal) }
          guard refusals.isEmpty else { throw RefusedEvents(refusals) }
        }
      }
    }
  }

  private func transaction(
    _ batch: Batch, _ body: @escaping @Sendable (ServiceTransaction) throws -> Void
  ) async throws {
    _ = try await environment.commit(as: .service(environment.service)) { tx in
      for roster in batch.rosters { try tx.adopt(roster) }
      try body(tx)
    }
  }

  /// The error as a fault of the event, if it would repeat however often the event was tried; nil for a failure of the store.
  private static func refusal(_ error: any Error) -> EventError? {
    switch error {
    case let error as EventError: error
    case let problem as Problem where !problem.retryable:
      EventError(code: problem.code, detail: problem.detail.isEmpty ? problem.title : problem.detail)
    case let error as JSONError: .malformedData("\(error.pointer): \(error.detail)")
    case let error as StorageError where error.code == .constraint || error.code == .value:
      EventError(code: error.code.rawValue, detail: error.message)
    default: nil
    }
  }
}

/// The committed offset of each bus consumer, stored in the same transaction as the effects of its events.
public enum ConsumerOffsets {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  static let migrations = [
    Migration(
      id: "offsets/001-offsets",
      sql: ["CREATE TABLE consumer_offsets (consumer TEXT PRIMARY KEY, processed BIGINT NOT NULL)"])
  ]

  /// Returns the last offset whose effect is stored; 0 for a consumer without one.
  public static func offset(_ consumer: String, _ transaction: any Transaction) throws -> Int64 {
    let row = try transaction.queryOne("SELECT processed FROM consumer_offsets WHERE consumer = ?", [consumer])
    return try row?.integer("processed") ?? 0
  }

  /// Moves the offset forward; an earlier offset has no effect.
  static func advance(
    _ consumer: String, to offset: Int64, _ transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed) VALUES (?, ?)
      ON CONFLICT (consumer) DO UPDATE SET processed = excluded.processed
      WHERE consumer_offsets.processed < excluded.processed
      """, [consumer, offset])
  }
}
