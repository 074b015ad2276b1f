import Contract
import Digests
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
    try await apply(try decode(events), after: stored, upTo: offset)
  }

  private func apply(_ batch: Batch, after stored: Int64, upTo offset: Int64) async throws {
    try await apply(batch) { tx, apply in
      let processed = try ConsumerOffsets.offset(consumer, tx.db)
      guard processed >= stored else { throw StoreWentBack(to: processed) }
      try apply(processed)
      try ConsumerOffsets.advance(consumer, to: offset, tx.db)
    }
  }

  func prepare(_ events: [StoredEvent]) -> (any PreparedEvents)? {
    do {
      return try decode(events)
    } catch {
      // They are refused when they are applied.
      return nil
    }
  }

  func apply(
    _ events: [StoredEvent], prepared: [any PreparedEvents], after stored: Int64, upTo offset: Int64
  ) async throws {
    let batches = prepared.compactMap { $0 as? Batch }
    let isComplete = !batches.isEmpty && batches.count == prepared.count
    try await apply(isComplete ? Batch(joining: batches) : decode(events), after: stored, upTo: offset)
  }

  func applyLate(_ event: StoredEvent) async throws {
    try await apply(try decode([event])) { _, apply in try apply(0) }
  }

  func reread() async throws { try await environment.rereadRoster() }

  /// A batch, decoded.
  private struct Batch: PreparedEvents {
    let runs: [any EventRun]
    /// The adopted rosters, which every service stores in order to check rights.
    let rosters: [RosterAdopted]

    init(runs: [any EventRun], rosters: [RosterAdopted]) {
      self.runs = runs
      self.rosters = rosters
    }

    /// Batches that follow each other in the log, as one.
    init(joining batches: [Batch]) {
      runs = batches.flatMap(\.runs).joiningHandlers()
      rosters = batches.flatMap(\.rosters)
    }
  }

  private static let rosterAdopted = Array(Announcements.rosterAdopted.name.utf8)

  private func decode(_ events: [StoredEvent]) throws -> Batch {
    var (runs, refusals) = router.decode(events)
    var rosters: [RosterAdopted] = []
    for stored in events where stored.mayHaveType(Self.rosterAdopted) {
      do throws(EventError) {
        let event = try stored.event()
        guard event.type == Announcements.rosterAdopted.name else { continue }
        rosters.append(try event.announced(Announcements.rosterAdopted).payload)
      } catch  where !refusals.contains(where: { $0.event.offset == stored.offset }) {
        refusals.append(RefusedEvents.Refusal(stored, error))
      } catch {
        // The router has already refused it.
      }
    }
    guard refusals.isEmpty else { throw RefusedEvents(refusals) }
    return Batch(runs: runs, rosters: rosters)
  }

  /// Applies a batch in one transaction. If a handler refuses an event, a second transaction finds all events that are
  /// refused, with savepoints around ever smaller parts; it commits if none is.
  ///
  /// - Parameter body: runs in the transaction; the function that it receives applies the events after an offset.
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

  /// Returns the error as an error of the event, if every retry would repeat it; nil for a failure of the store.
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
///
/// If an offset is moved forward, the skipped events never take effect; if it is moved back, some take effect twice.
/// Therefore each offset is sealed with a digest, and reading one that was changed without gonogo is an error.
public enum ConsumerOffsets {
  /// The migrations for its tables; pass them to `Database.migrate` before the service's own.
  static let migrations = [
    Migration(
      id: "offsets/001-offsets",
      sql: ["CREATE TABLE consumer_offsets (consumer TEXT PRIMARY KEY, processed BIGINT NOT NULL)"]),
    // An offset from before this migration is accepted as it is, until it moves.
    Migration(
      id: "offsets/002-seals",
      sql: [
        "ALTER TABLE consumer_offsets ADD COLUMN seal TEXT",
        "UPDATE consumer_offsets SET seal = 'unsealed:' || processed",
      ]),
  ]

  /// The word under which `audit.verify` reports a changed offset.
  static let subject = "offsets"

  /// Returns the last offset whose effect is stored; 0 for a consumer without one.
  ///
  /// - Throws: `StorageError` with code `unreadable` if it was changed without gonogo.
  public static func offset(_ consumer: String, _ transaction: any Transaction) throws -> Int64 {
    guard let row = try row(consumer, transaction) else { return 0 }
    if let fault = row.fault { throw StorageError(.unreadable, fault) }
    return row.processed
  }

  /// Records that a new store has processed nothing yet, so that an offset missing later must have been deleted.
  ///
  /// - Throws: `StorageError` with code `unreadable` if the offset was changed or deleted without gonogo.
  static func begin(_ consumer: String, _ chain: AuditChain, _ transaction: any Transaction) throws {
    if let fault = try fault(consumer, chain, transaction) { throw StorageError(.unreadable, fault) }
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed, seal) VALUES (?, 0, ?)
      ON CONFLICT (consumer) DO NOTHING
      """, [consumer, seal(consumer, 0)])
  }

  /// Returns what is wrong with the offset; nil if nothing is.
  static func fault(_ consumer: String, _ chain: AuditChain, _ transaction: any Transaction) throws -> String? {
    if let row = try row(consumer, transaction) { return row.fault }
    // A store that has adopted a roster has either processed its event or recorded that it began to process events.
    guard try chain.head(launch: RosterRepository.subject, transaction) != nil else { return nil }
    return "the offset of \(consumer) in the bus's log was deleted from the store outside gonogo. Events would be "
      + "applied a second time: restore the store from a backup"
  }

  /// Moves the offset forward; an earlier offset has no effect.
  static func advance(
    _ consumer: String, to offset: Int64, _ transaction: any Transaction
  ) throws {
    try transaction.execute(
      """
      INSERT INTO consumer_offsets (consumer, processed, seal) VALUES (?, ?, ?)
      ON CONFLICT (consumer) DO UPDATE SET processed = excluded.processed, seal = excluded.seal
      WHERE consumer_offsets.processed < excluded.processed
      """, [consumer, offset, seal(consumer, offset)])
  }

  /// Returns the SHA-256 of consumer and offset.
  static func seal(_ consumer: String, _ processed: Int64) -> String {
    SHA256Digest.hex(of: Array("\(consumer):\(processed)".utf8))
  }

  private static func row(
    _ consumer: String, _ transaction: any Transaction
  ) throws -> (processed: Int64, fault: String?)? {
    let row = try transaction.queryOne("SELECT processed, seal FROM consumer_offsets WHERE consumer = ?", [consumer])
    guard let row else { return nil }
    let (processed, found) = (try row.integer("processed"), try row.optionalText("seal"))
    guard found != seal(consumer, processed), found != "unsealed:\(processed)" else { return (processed, nil) }
    return (
      processed,
      "the offset of \(consumer) in the bus's log, \(processed), was changed in the store outside gonogo. Events would "
        + "be skipped, or applied a second time: restore the store from a backup, or reset the offset to its former "
        + "value"
    )
  }
}
