import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage

/// Builds projections from the bus's log: from just before their window up to the
/// offset from which the consumer updates them.
///
/// Each step reads a part of the log and stores its effect and the next offset in one transaction. So each event is
/// added exactly once, even if several workers run at the same time or a step is repeated after a crash.
struct Backfill: Sendable {
  /// The maximum number of events in one fetch.
  private static let page = 1_024
  /// The number of events that one step reads, if the log has so many.
  private static let step = 16_384

  let environment: ServiceEnvironment
  let memory: AdoptionMemory

  /// Whether any projection is incomplete, of one launch or of all.
  func isPending(_ launch: LaunchID? = nil) async throws -> Bool { try await !pending(launch).isEmpty }

  /// Completes all projections.
  func run() async throws {
    while try await step(nil) {}
  }

  /// Completes the projections of one launch.
  ///
  /// - Throws: `unavailable` with code `lagging` if the deadline passes first.
  func complete(_ launch: LaunchID, until deadline: ContinuousClock.Instant) async throws {
    while try await step(launch) {
      guard .now < deadline else {
        throw Problem.unavailable(
          "lagging", title: "the figures are not complete yet",
          "the log is still being read for \(launch); try again, or allow more time with _meta.ttlMs", retryAfterMs: 500
        )
      }
    }
  }

  /// Reads the next part of the log for all incomplete projections, from the offset of the one furthest behind.
  ///
  /// - Returns: false if all projections are complete.
  private func step(_ launch: LaunchID?) async throws -> Bool {
    let pending = try await pending(launch)
    guard !pending.isEmpty else { return false }
    let unlocated = pending.filter { $0.row.next == nil }
    if !unlocated.isEmpty {
      try await locate(unlocated)
      return true
    }
    guard let first = pending.compactMap(\.row.next).min(), let last = pending.map(\.row.until).max() else {
      return false
    }
    let types = Set(pending.flatMap(\.spec.types)).sorted()
    let (events, head) = try await read(from: first, through: last, types)
    guard head >= first else {
      throw Problem.unavailable(
        "log-behind", title: "the bus has lost processed events",
        "the bus's log ends at offset \(head), but events up to \(first) were processed: "
          + "was it restored from a backup?")
    }
    try await add(events, upTo: head, to: pending)
    return true
  }

  /// Reads the log in several fetches.
  ///
  /// - Returns: the events, and the offset up to which the log was read.
  private func read(
    from first: Int64, through last: Int64, _ types: [String]
  ) async throws -> (events: [StoredEvent], head: Int64) {
    var events: [StoredEvent] = []
    var head = first - 1
    while head < last, events.count < Self.step {
      let batch = try await environment.bus.fetch(after: head, types: types, max: Self.page)
      let searched = max(batch.head, batch.events.last?.offset ?? 0)
      guard searched > head else { break }
      events += batch.events
      head = searched
    }
    return (events, head)
  }

  private func pending(_ launch: LaunchID?) async throws -> [KnownProjection] {
    try await environment.database.read { db in
      let catalog = ProjectionCatalog(db)
      guard try !catalog.pendingIDs().isEmpty else { return [] }
      return try (launch.map { try catalog.all(of: $0) } ?? catalog.all()).filter { !$0.row.isComplete }
    }
  }

  /// Finds the offset at which each window begins. An event's time is at most 5 minutes after it was stored.
  private func locate(_ projections: [KnownProjection]) async throws {
    let bounds = try await environment.bus.head()
    for projection in projections {
      let moment = projection.spec.start.adding(seconds: -EventTime.tolerance)
      let start = try await environment.bus.at(moment)
      let isPruned = bounds.first > 1 && start <= bounds.first
      try await environment.database.write { db in
        try ProjectionCatalog(db).begin(projection.row, at: start, prunedBefore: isPruned ? bounds.first : nil)
      }
    }
  }

  private func add(_ events: [StoredEvent], upTo head: Int64, to projections: [KnownProjection]) async throws {
    let documentTypes = Set(projections.filter(\.spec.readsDocuments).flatMap(\.spec.types))
    let inputs = events.compactMap { Input($0, documentTypes) }
    try await environment.database.write { [memory] db in
      let catalog = ProjectionCatalog(db)
      try catalog.lock()
      let advanced = try projections.compactMap { projection -> Advance? in
        guard let next = projection.row.next, next <= head else { return nil }
        let through = min(head, projection.row.until)
        // Another worker may already have added this part.
        guard try catalog.advance(projection.row, from: next, to: through + 1) else { return nil }
        return Advance(projection: projection, offsets: next...max(next, through))
      }
      for advance in advanced where advance.target == nil {
        var added = Projection()
        for case .event(let event) in inputs where advance.offsets.contains(event.offset) {
          added.apply(event, of: advance.projection.spec)
        }
        try ProjectionRepository(db).add(added, to: advance.projection.row.id)
      }
      let targets = advanced.compactMap(\.target)
      guard !targets.isEmpty else { return }
      try memory.latest(db) { state in
        let known = state.knownWhileFilling()
        var batch = AdoptionBatch(targets)
        for input in inputs { input.add(to: &batch, known) }
        try AdoptionRepository(db).save(
          batch, addedTo: known, after: state.position, tails: state.tails, consumedUpTo: nil)
      }
    }
  }

  /// A projection with the offsets of the events to add.
  private struct Advance {
    var projection: KnownProjection
    var offsets: ClosedRange<Int64>

    /// The target in the adoption batch; nil for a projection with tallies.
    var target: AdoptionBatch.Target? {
      guard case .adoption(let feature, let span) = projection.spec else { return nil }
      return AdoptionBatch.Target(id: projection.row.id, feature: feature, span: span, offsets: offsets)
    }
  }

  /// An event as counted by projections.
  private enum Input: Sendable {
    case usage(PlainUsage, StoredEvent)
    case event(MetricEvent)

    /// Returns nil if the consumer quarantines the event.
    init?(_ stored: StoredEvent, _ documentTypes: Set<String>) {
      if let usage = stored.plainUsage, !documentTypes.contains(usage.type) {
        self = .usage(usage, stored)
      } else if let event = MetricEvent.counted(stored, readsDocument: { documentTypes.contains($0) }) {
        self = .event(event)
      } else {
        return nil
      }
    }

    func add(to batch: inout AdoptionBatch, _ known: borrowing AdoptionBatch.Known) {
      switch self {
      case .usage(let usage, let stored): batch.add(usage, of: stored, isOutOfOrder: false, to: known)
      case .event(let event): batch.add(event, isOutOfOrder: false, to: known)
      }
    }
  }
}
