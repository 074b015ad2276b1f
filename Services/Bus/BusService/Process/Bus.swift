public import BusCore
public import Contract
public import LaunchModel
public import Logging
import Messaging
public import ServiceKit
public import ZeroMQ

/// The bus: its open log and the handlers of its calls.
public final class Bus: Sendable {
  /// How long a call waits for the log's thread if the log is shared, because its database may fail to answer.
  static let storeLimit = Duration.seconds(2)

  /// How often consumer offsets and rejected events are flushed. If the log is shared, also how often it is polled for
  /// changes by other buses, in case a notification was lost.
  private var maintenance: Duration { context.isShared ? .milliseconds(250) : .seconds(1) }

  /// The methods that the bus answers.
  public let routes: [RouteDescription]

  private let context: BusContext
  private let thread: LogThread
  private let server: RPCServer

  /// Assembles the bus; it starts serving when `run` is called.
  ///
  /// - Parameters:
  /// - store: the bus's log and metadata store, which `run` closes when it returns.
  /// - ownPrincipals: the principals under which this process runs, and the services of its installation.
  /// - replyBytes: maximum bytes of replies waiting for peers that do not read them.
  ///   - wrapping: wraps the log, for example to make it fail in a test.
  /// - onFailure: called when the disk has failed; the process must then exit, and recovers when it restarts.
  /// - Throws: `StartError` if the clock is behind the log; `LogError` if the metadata store cannot be read.
  public init(
    store: sending LogStore, limits: BusLimits = BusLimits(), clock: any ServiceClock, reactor: Reactor,
    endpoints: [Endpoint], logger: Logger, ownPrincipals: Set<Principal> = [ProcessIdentity.ownPrincipal],
    replyBytes: Int = 64 << 20, wrapping: (any EventLog) -> any EventLog = { $0 },
    onFailure: @escaping @Sendable (LogError) -> Void
  ) throws {
    let log = wrapping(store.log)
    try Self.requireClock(clock, notBefore: log.newestStoredAt)
    context = BusContext(
      limits: limits, clock: clock, ownPrincipals: ownPrincipals,
      tail: LogTail(bounds: log.bounds, recentBytes: limits.recentBytes, maximumWaiters: limits.waitingFetches),
      committedOffsets: CommittedOffsets(offsets: try store.metadataStore.consumers()), isShared: store.peers != nil,
      watch: store.peers?.watch, logger: logger)
    let writer = try LogWriter(store: store, log: log, context: context)
    try Self.fillLostOffsets(writer, context.committedOffsets)
    thread = LogThread(writer: writer, limits: limits, readsKeys: !context.isShared, onFailure: onFailure)
    context.watch?.onChange { [tail = context.tail, thread] outage in
      tail.record(outage: outage)
      if let outage { thread.answerWaiting(outage.problem) }
    }
    var router = BusCallRouter()
    LogHandlers(context: context, thread: thread).register(on: &router)
    QuarantineHandlers(context: context, thread: thread).register(on: &router)
    let identity = ProcessIdentity(service: .bus, startedAt: clock.now())
    ProcessHandlers(context: context, identity: identity).register(on: &router)
    routes = router.descriptions
    server = RPCServer(
      reactor: reactor, endpoints: endpoints, service: .bus,
      configuration: RPCServer.Configuration(
        maxInFlight: 8_192, maxInFlightBytes: limits.queuedBytes, replyBytes: replyBytes),
      handler: BusHandler(routes: router.routes, context: context),
      batchHandler: PublishIntake(thread: thread, context: context),
      isStranger: { [context] in context.roster.roster.isStranger($0, to: context.ownPrincipals) }, logger: logger)
  }

  /// Fills the log up to the highest committed offset, in case an older log was restored but the offsets are newer.
  private static func fillLostOffsets(_ writer: LogWriter, _ committedOffsets: CommittedOffsets) throws {
    for (consumer, offset) in committedOffsets.all.sorted(by: { $0.key < $1.key }) {
      guard offset - writer.log.bounds.head <= LogWriter.maximumLostEvents else {
        throw StartError(
          .wrongData,
          "the log ends at offset \(writer.log.bounds.head), but \(consumer) has processed events up to \(offset): "
            + "restore the log that belongs to these offsets")
      }
      try writer.fillLostOffsets(through: offset, processedBy: consumer)
    }
  }

  private static func requireClock(_ clock: any ServiceClock, notBefore newest: Timestamp?) throws(StartError) {
    let now = clock.now()
    guard let newest, now < newest else { return }
    throw StartError(
      .wrongData,
      "the clock is at \(now), before the newest event in the log, stored at \(newest): "
        + "correct the clock, or set the GONOGO_CLOCK that the log was written with")
  }

  /// The bounds of the log.
  public var bounds: LogBounds { context.tail.bounds }

  /// Whether the current roster knows the key.
  public func isOnRoster(_ key: CurveKey) -> Bool { context.roster.roster?.knows(key) == true }

  /// The number of fetches that are waiting for events.
  public var waitingFetches: Int { context.tail.waiterCount }

  /// The number of events that were accepted and are waiting to be stored.
  public var waitingEvents: Int { thread.waitingEvents }

  /// Binds the endpoints, so that clients can connect. Calls wait until `run`.
  public func bind() async throws { try await server.bind() }

  /// Serves until `beginShutdown` or cancellation; then answers the calls already accepted and closes the log.
  public func run() async throws {
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await self.maintain() }
        // A database server can verify its own pages, but SQLite does not.
        if !context.isShared {
          group.addTask {
            try await self.thread.readKeys()
            try await LogVerifier(thread: self.thread).verifyAll()
          }
        }
        if context.isShared {
          group.addTask { try await PeerListener(context: self.context, thread: self.thread).listen() }
        }
        try await server.run()
        group.cancelAll()
      }
    } catch {
      try await thread.perform { try $0.close() }
      throw error
    }
    try await thread.perform { try $0.close() }
  }

  /// Makes `run` answer the calls already accepted and return. May be called from any thread, any number of times.
  public func beginShutdown() {
    server.beginShutdown()
    context.tail.close()
  }

  private func maintain() async throws {
    while !Task.isCancelled {
      do { try await Task.sleep(for: maintenance) } catch { return }
      try await thread.perform { try $0.maintainLoggingOutages() }
    }
  }
}

/// The state and settings that the components of the bus share.
struct BusContext: Sendable {
  let limits: BusLimits
  let clock: any ServiceClock
  /// The principals under which this process runs, and the services of its installation.
  let ownPrincipals: Set<Principal>
  let tail: LogTail
  let committedOffsets: CommittedOffsets
  /// Whether other buses may have the log open as well.
  let isShared: Bool
  /// Confirms the bounds of a shared log; nil if the log is not shared, or if the log's thread must be asked instead.
  var watch: LogWatch?
  let roster = CurrentRoster()
  let statistics = CallStatistics()
  /// The damage known in the log.
  let damage = DamageRegister()
  let unknownSignals = UnknownSignals()
  let logger: Logger

  /// Throws unless the database of a shared log answers, so that no call is answered from outdated memory.
  ///
  /// - Throws: `unavailable`, with the reason.
  func requireStore() throws(Problem) {
    if let failure = watch?.failure { throw failure.problem }
  }
}

/// How much the bus accepts at once.
public struct BusLimits: Sendable, Hashable {
  /// Maximum bytes of one event, up to 1 MiB. Default 64 KiB.
  public var eventBytes: Int
  /// Maximum number of events in one call. Default 1,024.
  public var eventsPerCall: Int
  /// Maximum number of events waiting to be stored; beyond it, calls are answered with `busy`. Default 65,536.
  public var queuedEvents: Int
  /// Maximum bytes of events waiting to be stored; beyond it, calls are answered with `busy`. Default 48 MiB.
  public var queuedBytes: Int
  /// Maximum number of events in one commit. Default 4,096.
  public var eventsPerCommit: Int
  /// Maximum number of fetches waiting for events; beyond it, calls are answered with `busy`. Default 1,024.
  public var waitingFetches: Int
  /// Bytes of recent events kept in memory. Default 48 MiB.
  public var recentBytes: Int

  public init(
    eventBytes: Int = EventScanner.defaultMaximumBytes, eventsPerCall: Int = 1_024, queuedEvents: Int = 65_536,
    queuedBytes: Int = 48 << 20, eventsPerCommit: Int = 4_096, waitingFetches: Int = 1_024,
    recentBytes: Int = 48 << 20
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
