public import Logging

/// Takes events from the bus and lets them have their effect, each once, in order, for ever.
///
/// It asks the bus for what comes after its offset and waits there for up to 20 s; when somebody waits at the gate, it asks at
/// once. An event that cannot take effect because of itself is tried five times and then goes to the bus's quarantine, with the
/// reason; any other failure is retried until it is mended, and shows as lag.
public struct EventConsumer: Sendable {
  /// By which the bus knows it, as `metrics`; its offset is committed under it.
  public let name: String
  /// Follows the offset, for `after`, and for lag figures.
  public let gate: OffsetWaiter

  let types: [String]
  let bus: BusClient
  let effects: any EventEffects
  let pace: ConsumerPace
  let logger: Logger

  /// - Parameters:
  ///   - name: by which the bus knows the consumer, as `metrics`.
  ///   - types: prefixes of types; none for all.
  public init(
    name: String, types: [String], bus: BusClient, effects: any EventEffects, gate: OffsetWaiter = OffsetWaiter(),
    pace: ConsumerPace = ConsumerPace(), logger: Logger
  ) {
    self.name = name
    self.gate = gate
    self.types = types
    self.bus = bus
    self.effects = effects
    self.pace = pace
    self.logger = logger
  }

  /// Consumes until the task is cancelled, and then returns.
  public func run() async throws {
    do {
      var run = ConsumerRun(consumer: self, offset: try await persistently("offset") { try await effects.offset() })
      gate.advance(to: run.offset)
      try await run.work()
    } catch is CancellationError {
      return
    }
  }

  /// Does it until it succeeds; only a fault of an event, or cancellation, ends it otherwise.
  func persistently<R>(_ what: String, _ body: () async throws -> R) async throws -> R {
    var pause = pace.backOff
    while true {
      do {
        return try await body()
      } catch let fault as EventError {
        throw fault
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        logger.warning(
          "consuming is held up", metadata: ["consumer": "\(name)", "step": "\(what)", "error": "\(error)"])
      }
      try await Task.sleep(for: pause.jittered())
      pause = min(pause * 2, pace.maxBackOff)
    }
  }
}

/// How fast a consumer goes about it.
public struct ConsumerPace: Sendable, Hashable {
  /// Events of one fetch and transaction, at most. Default 500.
  public var batch: Int
  /// How long a fetch waits on the bus. Default 20 s.
  public var longPoll: Duration
  /// Tries of an event that fails because of itself. Default 5.
  public var attempts: Int
  /// The pause after its first failure, doubled with each. Default 20 ms.
  public var attemptBackOff: Duration
  /// The pause after the first failure of store, disk or network, doubled with each. Default 100 ms.
  public var backOff: Duration
  /// The longest such pause. Default 2 s.
  public var maxBackOff: Duration
  /// How often, at most, the bus hears how far the consumer is while there is more to do. Default 500 ms.
  public var commitEvery: Duration
  /// How long after the bus has heard how far the consumer is it hears so again, where nothing has changed. Default 10 s.
  public var commitAgainEvery: Duration
  /// How often the quarantine is asked for what is to be tried again. Default 5 s.
  public var quarantineEvery: Duration

  public init(
    batch: Int = 500, longPoll: Duration = .seconds(20), attempts: Int = 5,
    attemptBackOff: Duration = .milliseconds(20), backOff: Duration = .milliseconds(100),
    maxBackOff: Duration = .seconds(2), commitEvery: Duration = .milliseconds(500),
    commitAgainEvery: Duration = .seconds(10), quarantineEvery: Duration = .seconds(5)
  ) {
    self.batch = batch
    self.longPoll = longPoll
    self.attempts = attempts
    self.attemptBackOff = attemptBackOff
    self.backOff = backOff
    self.maxBackOff = maxBackOff
    self.commitEvery = commitEvery
    self.commitAgainEvery = commitAgainEvery
    self.quarantineEvery = quarantineEvery
  }
}

extension Duration {
  /// From half of it to the whole.
  func jittered() -> Duration { self * Double.random(in: 0.5...1) }
}
