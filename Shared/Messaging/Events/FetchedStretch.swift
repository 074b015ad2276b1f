import Contract
import LaunchModel

/// Events of one or several fetches, to be applied in one transaction.
struct FetchedStretch: Sendable {
  var batch: FetchedBatch
  /// The events of the last fetch.
  var lastCount: Int
  /// What the sink read of the events ahead of their transaction, fetch by fetch; empty if it has not.
  private var read: [any PreparedEvents] = []
  /// How many events that is.
  private var readCount = 0

  init(_ batch: FetchedBatch) {
    self.batch = batch
    lastCount = batch.events.count
  }

  /// The offset up to which the log was searched.
  var end: Int64 { max(batch.head, batch.events.last?.offset ?? 0) }

  /// Whether the log may have more than was fetched.
  func hasMore(_ pace: ConsumerPace) -> Bool { lastCount >= pace.batch }

  /// What the sink read of the events, in their order; empty unless it has read all of them.
  var prepared: [any PreparedEvents] { readCount == batch.events.count ? read : [] }

  /// The events after an offset.
  func events(after offset: Int64) -> [StoredEvent] {
    guard let first = batch.events.first, first.offset <= offset else { return batch.events }
    return batch.events.filter { $0.offset > offset }
  }

  /// Adds the following fetches, as many as may share a transaction. What was fetched before a failure is kept; the next fetch
  /// reports the failure if it lasts.
  mutating func extend(to most: Int, _ consumer: EventConsumer) async {
    while await extendOnce(to: most, consumer) != nil {}
  }

  /// Adds the following fetch.
  ///
  /// - Returns: its events; nil if nothing was added.
  private mutating func extendOnce(to most: Int, _ consumer: EventConsumer) async -> [StoredEvent]? {
    guard hasMore(consumer.pace), batch.events.count + lastCount <= most else { return nil }
    do {
      let next = try await Self.fetchNow(consumer, after: end)
      lastCount = next.events.count
      batch.events += next.events
      batch.head = max(batch.head, next.head)
      return next.events
    } catch {
      return nil
    }
  }

  /// Fetches as many events as may share a transaction. While each fetch is under way, the sink reads the events of the
  /// one before.
  static func ahead(_ consumer: EventConsumer, after offset: Int64) async throws -> FetchedStretch {
    let first = try await fetchNow(consumer, after: offset)
    return await withTaskGroup(of: Reading.self) { group in
      var stretch = FetchedStretch(first)
      var fetches = 0
      var latest: [StoredEvent]? = first.events
      while let events = latest {
        let place = fetches
        group.addTask { Reading(place: place, events: consumer.sink.prepare(events)) }
        fetches += 1
        latest = await stretch.extendOnce(to: consumer.pace.transaction, consumer)
      }
      var readings: [Reading] = []
      for await reading in group { readings.append(reading) }
      let read = readings.sorted { $0.place < $1.place }.compactMap(\.events)
      if read.count == fetches { (stretch.read, stretch.readCount) = (read, stretch.batch.events.count) }
      return stretch
    }
  }

  /// What the sink read of one fetch.
  private struct Reading: Sendable {
    /// The number of the fetch.
    var place: Int
    /// Nil if the sink reads them when they are applied.
    var events: (any PreparedEvents)?
  }

  static func fetchNow(_ consumer: EventConsumer, after offset: Int64) async throws -> FetchedBatch {
    try await consumer.bus.fetch(after: offset, types: consumer.types, max: consumer.pace.batch)
  }
}
