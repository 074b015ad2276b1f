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

  /// Applies an event from the quarantine, which is behind the offset, in one transaction; the offset stays.
  ///
  /// - Throws: `RefusedEvents` if it still cannot take effect.
  func applyLate(_ event: StoredEvent) async throws

  /// Reloads cached state of the store after the store has lost transactions.
  func reread() async throws
}

/// The store has lost transactions that it had confirmed, for example because a standby that lagged behind was promoted.
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
