import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage

/// Builds projections from the bus's log, from just before their window up to the offset at which the consumer began to update
/// them.
///
/// Each step reads one page of the log and stores its effect and the next offset in one transaction, so that each event is added
/// once even if several workers step at once or a step is repeated after a crash.
struct Backfill: Sendable {
  /// Events of one fetch.
  private static let page = 1_000

  let environment: ServiceEnvironment

  /// Whether a projection is incomplete, of one launch or of any.
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

  /// Reads one page for the projections that are furthest behind.
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
    guard let first = pending.compactMap(\.row.next).min() else { return false }
    let types = Set(pending.flatMap(\.spec.types)).sorted()
    let batch = try await environment.bus.fetch(after: first - 1, types: types, max: Self.page)
    let head = max(batch.head, batch.events.last?.offset ?? 0)
    guard head >= first else {
      throw Problem.unavailable(
        "log-behind", title: "the bus has lost processed events",
        "the bus's log ends at offset \(head), but events up to \(first) were processed: "
          + "was it restored from a backup?")
    }
    try await add(batch.events, upTo: head, to: pending)
    return true
  }

  private func pending(_ launch: LaunchID?) async throws -> [KnownProjection] {
    try await environment.database.read { db in
      let register = ProjectionCatalog(db)
      guard try register.hasPending() else { return [] }
      return try (launch.map { try register.all(of: $0) } ?? register.all()).filter { !$0.row.isComplete }
    }
  }

  /// Looks up where in the log each window begins: an event's time is at most 5 minutes after it was stored.
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
    let counted = events.compactMap { event in MetricEvent.counted(event) { documentTypes.contains($0) } }
    try await environment.database.write { db in
      for projection in projections {
        guard let next = projection.row.next, next <= head else { continue }
        let through = min(head, projection.row.until)
        guard try ProjectionCatalog(db).advance(projection.row, from: next, to: through + 1) else { continue }
        var added = Projection()
        for event in counted where (next...max(next, through)).contains(event.offset) {
          added.apply(event, of: projection.spec)
        }
        try ProjectionRepository(db).add(added, to: projection.row.id)
      }
    }
  }
}
