import JSON
public import Contract
public import LaunchModel
public import Messaging
public import Storage

/// One domain of the system: its store's schema, its calls, its events and its jobs.
///
/// ServiceKit provides everything around it: settings, identity, idempotency, audit, outbox, the consumer, shutdown.
public protocol DomainService: Sendable {
  /// The service's name, which is also that of its socket, its store and its consumer.
  static var name: ServiceName { get }
  /// The schema's migrations, append-only; ids begin with the service's name, such as `tiering/001-launches`.
  static var migrations: [Migration] { get }

  /// The tables whose rows the audit chains cover; none by default. Tables whose rows can be derived from others are
  /// left out.
  static var auditedTables: [AuditedTable] { get }

  /// The batch sizes of its consumer; the default suits handlers that load data for each event.
  static var pace: ConsumerPace { get }

  /// Creates the service after its store has been migrated.
  init(_ environment: ServiceEnvironment) async throws

  /// Registers the handlers of the calls it answers.
  func register(on calls: inout ServiceRouter)

  /// Registers the handlers of the events it acts on; none by default.
  func register(on events: inout EventRouter)

  /// Work that runs at intervals; none by default.
  var jobs: [Job] { get }

  /// Called once, after the migrations and before the first call, for example to adopt built-in documents.
  func started(_ environment: ServiceEnvironment) async throws

  /// Returns the first link of a chain that the store contradicts, such as a sealed document that was changed later;
  /// `audit.verify` reports it. Nil by default.
  func contradiction(to links: [AuditLink], of launch: String, _ transaction: any Transaction) throws -> BrokenLink?
}

extension DomainService {
  public static var auditedTables: [AuditedTable] { [] }
  public static var pace: ConsumerPace { ConsumerPace() }
  public func register(on events: inout EventRouter) {}
  public var jobs: [Job] { [] }
  public func started(_ environment: ServiceEnvironment) async throws {}
  public func contradiction(
    to links: [AuditLink], of launch: String, _ transaction: any Transaction
  ) throws -> BrokenLink? { nil }
}

/// The caller and the time of a call, and its `_meta`.
public struct CallContext: Sendable {
  /// The caller, as identified by the roster. If the caller may make the call only under a delegation, this is the
  /// caller acting under it.
  public internal(set) var actor: Actor
  /// The call's `_meta`; empty if it has none.
  public let meta: CallMeta
  /// The time on the service's clock when the call began; in a transaction, the transaction's own time.
  public internal(set) var now: Timestamp
  /// When the caller stops waiting.
  public let deadline: ContinuousClock.Instant
  /// The dependencies of the service.
  public let environment: ServiceEnvironment

  /// Checks that the current version is the one that the caller has seen, if the call names it
  /// (`_meta.expectedVersion`).
  ///
  /// - Throws: `Problem` of kind `conflict` with code `version-conflict` and the members `expected` and `current`.
  public func requireVersion(_ current: Int) throws {
    guard let expected = meta.expectedVersion, expected != current else { return }
    throw Problem(
      .conflict, code: "version-conflict", title: "changed by someone else meanwhile",
      detail: "you saw version \(expected), but it is now at version \(current); review it and repeat the change",
      extra: ["expected": .integer(Int64(expected)), "current": .integer(Int64(current))])
  }
}

/// Work that runs at intervals, such as handling what has become due. A failure is logged, and the next run tries
/// again.
public struct Job: Sendable {
  /// The name in the log.
  public let name: String
  /// Wall-clock time from the end of one pass to the start of the next.
  public let every: Duration
  /// Does all the work that is due.
  public let body: @Sendable (ServiceEnvironment) async throws -> Void

  public init(
    _ name: String, every: Duration, body: @escaping @Sendable (ServiceEnvironment) async throws -> Void
  ) {
    self.name = name
    self.every = every
    self.body = body
  }
}
