import Contract
import LaunchModel

/// Events from one or several fetches, to be applied in one transaction.
struct FetchedStretch: Sendable {
  var batch: FetchedBatch
  /// The number of events in the last fetch.
  var lastCount: Int

  init(_ batch: FetchedBatch) {
    self.batch = batch
    lastCount = batch.events.count
  }

  /// The offset up to which the log was searched.
  var end: Int64 { max(batch.head, batch.events.last?.offset ?? 0) }

  /// Returns whether the log may have more than was fetched.
  func hasMore(_ pace: ConsumerPace) -> Bool { lastCount >= pace.batch }

  /// Adds further fetches, as many as may share a transaction. Events fetched before a failure are kept; the next fetch
  /// reports the failure if it lasts.
  mutating func extend(to most: Int, _ consumer: EventConsumer) async {
    while hasMore(consumer.pace), batch.events.count + lastCount <= most {
      do {
        let next = try await Self.fetchNow(consumer, after: end)
        lastCount = next.events.count
        batch.events += next.events
        batch.head = max(batch.head, next.head)
      } catch {
        return
      }
    }
  }

  static func fetchNow(_ consumer: EventConsumer, after offset: Int64) async throws -> FetchedBatch {
    try await consumer.bus.fetch(after: offset, types: consumer.types, max: consumer.pace.batch)
  }
}
