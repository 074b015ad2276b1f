import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage

/// Computes figures as of an earlier moment: adoption from the stored change log, everything
/// else from the bus's log up to that moment.
struct LogReplay: Sendable {
  private static let page = 1_024

  let environment: ServiceEnvironment
  let memory: AdoptionMemory
  /// When the caller stops waiting.
  let deadline: ContinuousClock.Instant

  /// Returns the offset of the last event stored by that moment, after waiting until this replica has processed it.
  func limit(at moment: Timestamp) async throws -> Int64 {
    let after = try await environment.bus.at(Timestamp(microseconds: moment.microseconds + 1))
    guard try await environment.progress.wait(for: after - 1, until: deadline) else { throw tooLong() }
    return after - 1
  }

  /// Loads the measured launch as known at an offset.
  func load(_ question: MeasuredLaunch.Question, upTo limit: Int64) async throws -> MeasuredLaunch {
    while true {
      let loaded = try await environment.database.read { [memory, question] db -> (MeasuredLaunch, Kept)? in
        var measured = try MeasuredLaunch(question, memory.signals, db)
        let kept = try memory.current(db) { state in
          (state.accounts.known(upTo: limit), try Kept(measured, upTo: limit, state, db))
        }
        guard let kept else { return nil }
        measured.evidence.accounts = kept.0
        return (measured, kept.1)
      }
      guard let (stored, kept) = loaded else { continue }
      var measured = stored
      let bounds = try await environment.bus.head()
      let replayed = measured.neededSpecs.subtracting(kept.projections.keys)
      for (spec, projection) in try await projections(of: replayed, measured, upTo: limit, bounds) {
        measured.evidence.projections[spec] = projection
      }
      let latest = try await latestUsage(kept, upTo: limit)
      for (spec, var projection) in kept.projections {
        if case .adoption(_, let span) = spec { projection.watermark = span.watermark(latest) }
        measured.evidence.projections[spec] = projection
      }
      return measured
    }
  }

  /// The stored adoption data, as of an offset.
  private struct Kept: Sendable {
    /// The stored projections, without their watermarks.
    var projections: [ProjectionSpec: Projection] = [:]
    /// The last mark of usage at or before that offset.
    var mark: (offset: Int64, latest: Timestamp?)

    init(_ measured: MeasuredLaunch, upTo limit: Int64, _ state: borrowing AdoptionState, _ db: any Transaction) throws
    {
      let store = AdoptionRepository(db)
      mark = try store.mark(upTo: limit)
      guard let attempt = measured.attempt else { return }
      for spec in measured.neededSpecs {
        guard case .adoption(_, let span) = spec,
          let row = try ProjectionCatalog(db).complete(spec, of: measured.launch, attempt: attempt.number, at: limit)
        else { continue }
        var columns = AdoptionColumns(span)
        for changes in try store.changes(of: row.id, upTo: limit) {
          try changes.forEach { if $0.offset <= limit { columns.apply($0) } }
        }
        var figures = state.figures(
          columns, for: measured.adoptionWindows, state.accounts.known(upTo: limit), latest: nil, asOf: measured.now,
          bySegment: measured.bySegment)
        figures.prunedBefore = row.prunedBefore
        projections[spec] = figures
      }
    }
  }

  /// Returns the latest occurrence time of any use or activity up to an offset, from the mark and the events after it,
  /// without events from before the earliest span.
  private func latestUsage(_ kept: Kept, upTo limit: Int64) async throws -> Timestamp? {
    guard let start = kept.projections.keys.map(\.start).min() else { return nil }
    let first = try await environment.bus.at(start.adding(seconds: -EventTime.tolerance))
    var latest = kept.mark.latest
    try await forEachEvent(after: max(kept.mark.offset, first - 1), upTo: limit, ProjectionSpec.usageTypes) { stored in
      let moment: Timestamp? =
        if let usage = stored.plainUsage {
          usage.time ?? stored.storedAt
        } else {
          MetricEvent.counted(stored, readsDocument: { _ in false })?.at
        }
      if let moment { latest = max(latest ?? moment, moment) }
    }
    return latest
  }

  /// Returns the projections of events up to an offset, built from the log.
  private func projections(
    of specs: Set<ProjectionSpec>, _ measured: MeasuredLaunch, upTo limit: Int64, _ bounds: LogBounds
  ) async throws -> [ProjectionSpec: Projection] {
    guard let start = specs.map(\.start).min() else { return [:] }
    let first = try await environment.bus.at(start.adding(seconds: -EventTime.tolerance))
    var tallies: [ProjectionSpec: Projection] = [:]
    var adoption: [ProjectionSpec: AdoptionProjection] = [:]
    for spec in specs {
      if case .adoption(let feature, let span) = spec {
        adoption[spec] = AdoptionProjection(feature: feature, span)
      } else {
        tallies[spec] = Projection()
      }
    }
    let documentTypes = Set(specs.filter(\.readsDocuments).flatMap(\.types))
    try await forEachEvent(after: first - 1, upTo: limit, Set(specs.flatMap(\.types)).sorted()) { stored in
      guard let event = MetricEvent.counted(stored, readsDocument: { documentTypes.contains($0) }) else { return }
      for spec in specs {
        tallies[spec]?.apply(event, of: spec)
        adoption[spec]?.apply(event)
      }
    }
    for (spec, projection) in adoption {
      tallies[spec] = projection.projection(
        for: measured.adoptionWindows, accounts: measured.evidence.accounts, asOf: measured.now,
        bySegment: measured.bySegment)
    }
    let isPruned = bounds.first > 1 && first <= bounds.first
    return tallies.mapValues { projection in
      var projection = projection
      projection.prunedBefore = isPruned ? bounds.first : nil
      return projection
    }
  }

  /// Runs the body for each event of the types with an offset above `offset`, up to `limit`.
  ///
  /// - Throws: `unavailable` with code `lagging` if the deadline passes first.
  func forEachEvent(
    after offset: Int64, upTo limit: Int64, _ types: [String], _ body: (StoredEvent) -> Void
  ) async throws {
    var after = offset
    while after < limit {
      guard .now < deadline else { throw tooLong() }
      let batch = try await environment.bus.fetch(after: after, types: types, max: Self.page)
      for event in batch.events where event.offset <= limit { body(event) }
      let head = max(batch.head, batch.events.last?.offset ?? 0)
      guard head > after else { break }
      after = head
    }
  }

  private func tooLong() -> Problem {
    .unavailable(
      "lagging", title: "the log is still being read",
      "reading the log takes longer than the call's time limit; raise it with --timeout (_meta.ttlMs)")
  }
}
