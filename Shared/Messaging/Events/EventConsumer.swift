public import Contract
import LaunchModel
public import Logging

/// Pulls events from the bus and applies each once, in order, until it is cancelled.
///
/// It asks the bus for events after its offset and waits there for up to 20 s; if a call waits for a later offset, it
/// asks at once. An event with an error of its own is quarantined at once, with the reason, and the other events are
/// applied without it. Any other failure is retried for as long as it lasts, and shows as lag.
public struct EventConsumer: Sendable {
  /// The name under which the bus knows it, such as `metrics`.
  public let name: String
  /// The consumer's offset, for `_meta.after` and for lag figures.
  public let progress: OffsetWaiter

  let types: [String]
  let bus: BusClient
  let sink: any EventSink
  let pace: ConsumerPace
  let logger: Logger

  /// - Parameters:
  ///   - name: the name under which the bus knows the consumer, such as `metrics`.
  ///   - types: prefixes of the types to fetch; empty for all types.
  public init(
    name: String, types: [String], bus: BusClient, sink: any EventSink, progress: OffsetWaiter = OffsetWaiter(),
    pace: ConsumerPace = ConsumerPace(), logger: Logger
  ) {
    self.name = name
    self.progress = progress
    self.types = types
    self.bus = bus
    self.sink = sink
    self.pace = pace
    self.logger = logger
  }

  /// Consumes until the task is cancelled, and then returns.
  public func run() async throws {
    // Another replica may continue without this failure.
    defer { progress.record(failure: nil) }
    do {
      var run = ConsumerRun(consumer: self, offset: try await persistently("offset") { try await sink.offset() })
      progress.advance(to: run.offset)
      try await run.work()
    } catch is CancellationError {
      return
    }
  }

  /// Retries the body until it succeeds; it is otherwise ended only by cancellation, refused events, or a store that
  /// went back.
  func persistently<R: Sendable>(_ step: String, _ body: () async throws -> R) async throws -> R {
    var pause = pace.backOff
    while true {
      do {
        let result = try await body()
        progress.record(failure: nil)
        return result
      } catch let refused as RefusedEvents {
        throw refused
      } catch let behind as StoreWentBack {
        throw behind
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        progress.record(failure: error)
        logger.warning(
          "cannot consume events; retrying", metadata: ["consumer": "\(name)", "step": "\(step)", "error": "\(error)"])
      }
      try await Task.sleep(for: pause.jittered())
      pause = min(pause * 2, pace.maxBackOff)
    }
  }
}

/// The batch sizes of a consumer, and its pauses.
public struct ConsumerPace: Sendable, Hashable {
  /// The maximum number of events in one fetch. Default 500; the bus returns at most 1,024 at once.
  public var batch: Int
  /// The maximum number of events in one transaction, in which a consumer that is behind applies several fetches.
  /// Default 4,000.
  public var transaction: Int
  /// The maximum number of events in one transaction while a call waits for one of the next `near` offsets. Default
  /// 100.
  public var awaited: Int
  /// The distance up to which an offset counts as near. Default 4,000, at most `transaction`.
  public var near: Int
  /// How long a fetch waits at the bus for events. Default 20 s.
  public var longPoll: Duration
  /// The pause after the first failure of store, disk or network, doubled with each further failure. Default 100 ms.
  public var backOff: Duration
  /// The maximum pause after a failure. Default 2 s.
  public var maxBackOff: Duration
  /// The minimum time between two reports of the offset to the bus while there is more to do. Default 500 ms.
  public var commitEvery: Duration
  /// The time after which an unchanged offset is reported again. Default 10 s.
  public var commitAgainEvery: Duration
  /// The time between two polls for quarantined events to retry. Default 5 s.
  public var quarantineEvery: Duration

  public init(
    batch: Int = 500, transaction: Int = 4_000, awaited: Int = 100, near: Int = 4_000,
    longPoll: Duration = .seconds(20),
    backOff: Duration = .milliseconds(100),
    maxBackOff: Duration = .seconds(2), commitEvery: Duration = .milliseconds(500),
    commitAgainEvery: Duration = .seconds(10), quarantineEvery: Duration = .seconds(5)
  ) {
    self.batch = batch
    self.transaction = transaction
    self.awaited = awaited
    self.near = min(near, transaction)
    self.longPoll = longPoll
    self.backOff = backOff
    self.maxBackOff = maxBackOff
    self.commitEvery = commitEvery
    self.commitAgainEvery = commitAgainEvery
    self.quarantineEvery = quarantineEvery
  }
}

extension Duration {
  /// Returns a random duration between half of this one and the whole.
  func jittered() -> Duration { self * Double.random(in: 0.5...1) }
}

/// The place where a consumer's events take effect: a store that writes effect and offset in one transaction.
public protocol EventSink: Sendable {
  /// The offset up to which events have taken effect; 0 before any.
  func offset() async throws -> Int64

  /// Applies the events in order and moves the offset to `offset`, in one transaction: all or nothing.
  ///
  /// Without events it only moves the offset: the log has been searched up to there.
  ///
  /// - Parameter stored: the offset last written to the store; events up to it are not in `events`.
  /// - Throws: `StoreWentBack` if the store's offset is lower; nothing was applied then. `RefusedEvents` naming the
  ///   events that cannot take effect because of errors of their own; nothing was applied then, and the others may be
  ///   applied without them. Any other error is a failure of the store.
  func apply(_ events: [StoredEvent], after stored: Int64, upTo offset: Int64) async throws

  /// Reads events ahead of the transaction that applies them, while an earlier one is applied. It changes nothing, and
  /// what it reads depends on the events alone.
  ///
  /// - Returns: nil if they are read when they are applied, for example because one of them cannot be.
  func prepare(_ events: [StoredEvent]) -> (any PreparedEvents)?

  /// Applies events that were read ahead, as `apply(_:after:upTo:)` does.
  ///
  /// - Parameter prepared: what `prepare` returned for consecutive parts of the events, which together are all of them.
  func apply(
    _ events: [StoredEvent], prepared: [any PreparedEvents], after stored: Int64, upTo offset: Int64
  ) async throws

  /// Applies an event from the quarantine, which lies behind the offset, in one transaction; the offset stays.
  ///
  /// - Throws: `RefusedEvents` if it still cannot take effect.
  func applyLate(_ event: StoredEvent) async throws

  /// Reloads cached state of the store after the store has lost transactions.
  func reread() async throws
}

/// Events as a sink read them ahead of their transaction.
public protocol PreparedEvents: Sendable {}

extension EventSink {
  public func prepare(_ events: [StoredEvent]) -> (any PreparedEvents)? { nil }

  public func apply(
    _ events: [StoredEvent], prepared: [any PreparedEvents], after stored: Int64, upTo offset: Int64
  ) async throws {
    try await apply(events, after: stored, upTo: offset)
  }
}

/// The store has lost transactions that it had confirmed, for example because a standby that lagged behind was
/// promoted.
public struct StoreWentBack: Error, Sendable {
  /// The offset that the store has now.
  public let offset: Int64

  public init(to offset: Int64) { self.offset = offset }
}

/// The events of a batch that cannot take effect because of errors of their own.
public struct RefusedEvents: Error, Sendable {
  /// One refused event, with its error.
  public struct Refusal: Sendable {
    /// The event as received.
    public let event: StoredEvent
    /// Why it cannot take effect.
    public let error: EventError

    public init(_ event: StoredEvent, _ error: EventError) {
      self.event = event
      self.error = error
    }
  }

  /// The refused events, at least one, in the order of the log.
  public let refusals: [Refusal]

  public init(_ refusals: [Refusal]) { self.refusals = refusals }
}

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

  /// Adds the following fetches, as many as may share a transaction. What was fetched before a failure is kept; the
  /// next fetch reports the failure if it lasts.
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
