public import BusCore
public import Contract
public import LaunchModel
public import Logging
import Messaging
public import ServiceKit
public import ZeroMQ

/// The bus put together: its log taken up, its calls ready to be served.
public final class Bus: Sendable {
  /// How often what may be written a little late is written; and, where the log is shared, how often is looked at what the other
  /// buses have done, should their notice be lost.
  private var maintenance: Duration { parts.isShared ? .milliseconds(250) : .seconds(1) }

  private let parts: BusContext
  private let thread: LogThread
  private let server: RPCServer

  /// Puts the bus together; it serves once it is run.
  ///
  /// - Parameters:
  ///   - store: its log and ledger, which it closes when it has run.
  ///   - own: the principals this process runs as, and the services of its installation.
  ///   - wrapping: what stands before the log, as to let it fail in a test.
  ///   - onFailure: called when the disk has failed; the process must end, and recovers when it starts again.
  /// - Throws: `StartError` where the clock is behind the log; `LogError` where the ledger cannot be read.
  public init(
    store: sending LogStore, limits: BusLimits = BusLimits(), clock: any ServiceClock, reactor: Reactor,
    endpoints: [Endpoint], logger: Logger, own: Set<Principal> = [ProcessIdentity.ownPrincipal],
    wrapping: (any EventLog) -> any EventLog = { $0 }, onFailure: @escaping @Sendable (LogError) -> Void
  ) throws {
    let log = wrapping(store.log)
    try Self.refuseClock(clock, behind: log.newestStoredAt)
    parts = BusContext(
      limits: limits, clock: clock, own: own,
      tail: LogTail(bounds: log.bounds, recentBytes: limits.recentBytes, maximumWaiters: limits.waitingFetches),
      register: CommittedOffsets(offsets: try store.ledger.consumers()), isShared: store.neighbours != nil,
      logger: logger)
    let desk = try LogWriter(store: store, log: log, parts: parts)
    try Self.markLost(desk, parts.register)
    thread = LogThread(desk: desk, limits: limits, onFailure: onFailure)
    var router = BusCallRouter()
    EventHandlers(parts: parts, thread: thread).register(on: &router)
    QuarantineHandlers(parts: parts, thread: thread).register(on: &router)
    let identity = ProcessIdentity(service: .bus, startedAt: clock.now())
    ProcessHandlers(parts: parts, identity: identity).register(on: &router)
    server = RPCServer(
      reactor: reactor, endpoints: endpoints, service: .bus,
      configuration: RPCServer.Configuration(maxInFlight: 8_192, maxInFlightBytes: 2 * limits.queuedBytes),
      handler: BusHandler(routes: router.routes, parts: parts),
      batchHandler: PublishIntake(thread: thread, parts: parts), logger: logger)
  }

  /// An older log may have been restored beside a register that knows of more.
  private static func markLost(_ desk: LogWriter, _ register: CommittedOffsets) throws {
    for (consumer, offset) in register.offsets.sorted(by: { $0.key < $1.key }) {
      guard offset - desk.log.bounds.head <= LogWriter.mostLost else {
        throw StartError(
          .wrongData,
          "the log ends at offset \(desk.log.bounds.head), and \(consumer) has processed events up to \(offset): "
            + "restore the log that these belong to")
      }
      try desk.markLost(through: offset, processedBy: consumer)
    }
  }

  private static func refuseClock(_ clock: any ServiceClock, behind newest: Timestamp?) throws(StartError) {
    let now = clock.now()
    guard let newest, now < newest else { return }
    throw StartError(
      .wrongData,
      "the clock says \(now), and the newest event was stored at \(newest): "
        + "set the clock right, or start with the GONOGO_CLOCK that the log was written under")
  }

  /// The ends of the log.
  public var bounds: LogBounds { parts.tail.bounds }

  /// Whether the roster in force knows the key.
  public func isOnRoster(_ key: CurveKey) -> Bool { parts.roster.roster?.knows(key) == true }

  /// How many fetches wait for events.
  public var waitingFetches: Int { parts.tail.waiting }

  /// Binds the endpoints, so that clients can connect; calls wait until `run`.
  public func bind() async throws { try await server.bind() }

  /// Serves until `beginShutdown` or cancellation; then answers what has been taken up, and closes the log.
  public func run() async throws {
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await self.maintain() }
        if parts.isShared { group.addTask { try await PeerListener(parts: self.parts, thread: self.thread).listen() } }
        try await server.run()
        group.cancelAll()
      }
    } catch {
      try await thread.perform { try $0.close() }
      throw error
    }
    try await thread.perform { try $0.close() }
  }

  /// Lets `run` drain and return. From any thread, any number of times.
  public func beginShutdown() {
    server.beginShutdown()
    parts.tail.close()
  }

  private func maintain() async throws {
    while !Task.isCancelled {
      do { try await Task.sleep(for: maintenance) } catch { return }
      try await thread.perform { try $0.maintainRegularly() }
    }
  }
}

/// What the parts of the bus share.
struct BusContext: Sendable {
  let limits: BusLimits
  let clock: any ServiceClock
  /// The principals this process runs as, and the services of its installation.
  let own: Set<Principal>
  let tail: LogTail
  let register: CommittedOffsets
  /// Whether other buses may have the log open as well.
  let isShared: Bool
  let roster = CurrentRoster()
  let statistics = CallStatistics()
  let logger: Logger
}

/// How much the bus takes at once.
public struct BusLimits: Sendable, Hashable {
  /// Bytes of one event, up to 1 MiB. Default 64 KiB.
  public var eventBytes: Int
  /// Events of one call. Default 1,024.
  public var eventsPerCall: Int
  /// Events that wait to be stored; with more, calls are answered `busy`. Default 65,536.
  public var queuedEvents: Int
  /// Bytes of events that wait to be stored; with more, calls are answered `busy`. Default 64 MiB.
  public var queuedBytes: Int
  /// Events of one commit: what waits when the log is free, at most. Default 4,096.
  public var eventsPerCommit: Int
  /// Fetches that wait for events; more are answered `busy`. Default 1,024.
  public var waitingFetches: Int
  /// Bytes of the newest events that are kept in memory. Default 64 MiB.
  public var recentBytes: Int

  public init(
    eventBytes: Int = EventScanner.defaultMaximumBytes, eventsPerCall: Int = 1_024, queuedEvents: Int = 65_536,
    queuedBytes: Int = 64 << 20, eventsPerCommit: Int = 4_096, waitingFetches: Int = 1_024,
    recentBytes: Int = 64 << 20
  ) {
    self.eventBytes = eventBytes
    self.eventsPerCall = eventsPerCall
    self.queuedEvents = queuedEvents
    self.queuedBytes = queuedBytes
    self.eventsPerCommit = eventsPerCommit
    self.waitingFetches = waitingFetches
    self.recentBytes = recentBytes
  }
}
