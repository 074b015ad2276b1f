import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit

/// Computes figures as of an earlier moment, from the log up to that moment.
struct LogReplay: Sendable {
  private static let page = 1_000

  let environment: ServiceEnvironment
  /// When the caller stops waiting.
  let deadline: ContinuousClock.Instant

  /// Returns the last offset stored by that moment, once it has been processed here.
  func limit(at moment: Timestamp) async throws -> Int64 {
    let after = try await environment.bus.at(Timestamp(microseconds: moment.microseconds + 1))
    guard try await environment.progress.wait(for: after - 1, until: deadline) else { throw tooLong() }
    return after - 1
  }

  /// Returns the projections of the events up to an offset.
  func projections(of specs: Set<ProjectionSpec>, upTo limit: Int64) async throws -> [ProjectionSpec: Projection] {
    guard let start = specs.map(\.start).min() else { return [:] }
    let bounds = try await environment.bus.head()
    let first = try await environment.bus.at(start.adding(seconds: -EventTime.tolerance))
    let isPruned = bounds.first > 1 && first <= bounds.first
    let empty = Projection(prunedBefore: isPruned ? bounds.first : nil)
    var projections = Dictionary(uniqueKeysWithValues: specs.map { ($0, empty) })
    let types = Set(specs.flatMap(\.types)).sorted()
    let documentTypes = Set(specs.filter(\.readsDocuments).flatMap(\.types))
    var after = first - 1
    while after < limit {
      guard .now < deadline else { throw tooLong() }
      let batch = try await environment.bus.fetch(after: after, types: types, max: Self.page)
      for event in batch.events where event.offset <= limit {
        guard let counted = MetricEvent.counted(event, readsDocument: { documentTypes.contains($0) }) else { continue }
        for spec in specs { projections[spec]?.apply(counted, of: spec) }
      }
      let head = max(batch.head, batch.events.last?.offset ?? 0)
      guard head > after else { break }
      after = head
    }
    return projections
  }

  private func tooLong() -> Problem {
    .unavailable(
      "lagging", title: "the log is still being read",
      "reading the log up to that moment takes longer than the call waits; allow more time with _meta.ttlMs")
  }
}
