public import JSON
public import LaunchModel

/// The methods that every service has (contract.md, section 2).
public enum ServiceRoutes {
  /// Checks that the service responds, and identifies it; the only call that anyone may make.
  public static func ping(_ service: ServiceName) -> Route<NoParameters, ServicePing> {
    Route(service, "service.ping", .read)
  }

  /// The name, version and methods of the service.
  public static func info(_ service: ServiceName) -> Route<NoParameters, ServiceInfo> {
    Route(service, "service.info", .read)
  }

  /// Counts and latencies by method, and the progress on the bus.
  public static func stats(_ service: ServiceName) -> Route<NoParameters, ServiceStats> {
    Route(service, "service.stats", .read)
  }

  /// The service's OpenRPC document.
  public static func discover(_ service: ServiceName) -> Route<NoParameters, JSONValue> {
    Route(service, "rpc.discover", .read)
  }

  /// A launch's audit chain in this service.
  public static func auditShow(_ service: ServiceName) -> Route<AuditShowParameters, AuditTrail> {
    Route(service, "audit.show", .read)
  }

  /// Verifies audit chains; the result has the first broken link of each chain that is not intact.
  public static func auditVerify(_ service: ServiceName) -> Route<AuditVerifyParameters, AuditVerification> {
    Route(service, "audit.verify", .read)
  }
}

/// The version of gonogo that executables print and services report.
public enum ProductVersion {
  /// The version of this build.
  public static let current = "0.1.0"
}

/// The answer to a ping.
public struct ServicePing: Codable, Sendable, Hashable {
  /// The responding service, for example `tiering`.
  public var service: ServiceName
  /// The process id on its host.
  public var pid: Int
  /// The version of gonogo it was built from, for example `0.1.0`.
  public var version: String
  /// The current time by the service's clock.
  public var now: Timestamp
  /// The value of `GONOGO_CLOCK`; nil for the system's clock.
  public var clock: String?

  public init(service: ServiceName, pid: Int, version: String, now: Timestamp, clock: String? = nil) {
    self.service = service
    self.pid = pid
    self.version = version
    self.now = now
    self.clock = clock
  }
}

/// A running service.
public struct ServiceInfo: Codable, Sendable, Hashable {
  /// The responding service, for example `tiering`.
  public var name: ServiceName
  /// An id that is different with every start.
  public var instance: String
  /// The version of gonogo it was built from, for example `0.1.0`.
  public var version: String
  /// The process id on its host.
  public var pid: Int
  /// When the process started, by the service's clock.
  public var startedAt: Timestamp
  /// The names of all its methods, sorted.
  public var methods: [String]
  /// The value of `GONOGO_CLOCK`; nil for the system's clock.
  public var clock: String?

  public init(
    name: ServiceName, instance: String, version: String, pid: Int, startedAt: Timestamp, methods: [String],
    clock: String? = nil
  ) {
    self.name = name
    self.instance = instance
    self.version = version
    self.pid = pid
    self.startedAt = startedAt
    self.methods = methods
    self.clock = clock
  }
}

/// Statistics of a service since it started.
public struct ServiceStats: Codable, Sendable, Hashable {
  /// The version of gonogo it was built from, for example `0.1.0`.
  public var build: String
  /// When the process started, by the service's clock; all counts begin then.
  public var startedAt: Timestamp
  /// Statistics by method, for methods that have been called at least once.
  public var methods: [String: MethodStats]
  /// The progress on the bus; nil for the bus itself.
  public var consumer: ConsumerStats?
  /// Announcements not on the bus: not sent yet, or rejected; nil if the service has no outbox.
  public var outbox: OutboxStats?
  /// The damage known in the bus's log, by ascending offset; nil for other services.
  public var damage: [LogDamage]?
  /// Stored events whose type is below `dev.gonogo.signal.` but is not a known signal; nil for services other than the
  /// bus.
  public var unknownSignals: [UnknownSignal]?
  /// Why its store is unusable at present; nil if it is usable. During the outage, `consumer` and `outbox` are nil.
  public var outage: String?

  public init(
    build: String, startedAt: Timestamp, methods: [String: MethodStats], consumer: ConsumerStats? = nil,
    outbox: OutboxStats? = nil, damage: [LogDamage]? = nil, unknownSignals: [UnknownSignal]? = nil,
    outage: String? = nil
  ) {
    self.outage = outage
    self.build = build
    self.startedAt = startedAt
    self.methods = methods
    self.consumer = consumer
    self.outbox = outbox
    self.damage = damage
    self.unknownSignals = unknownSignals
  }
}

/// Stored events of a type that looks like a signal but that no service consumes, for example because it is misspelt.
public struct UnknownSignal: Codable, Sendable, Hashable {
  /// The type as published, for example `dev.gonogo.signal.featureused.v1`; truncated if long.
  public var type: String
  /// The number of such events stored since the bus started.
  public var count: Int
  /// The offset of the latest of them.
  public var lastOffset: Int64

  public init(type: String, count: Int, lastOffset: Int64) {
    self.type = type
    self.count = count
    self.lastOffset = lastOffset
  }
}

/// The calls of one method. Times are upper bounds in milliseconds, at most one fifth too high.
public struct MethodStats: Codable, Sendable, Hashable {
  /// The number of answered calls, including failed ones.
  public var requests: Int
  /// The number of failed calls.
  public var errors: Int
  /// The latest failure; nil if there has been none.
  public var lastError: LastError?
  /// The median time.
  public var p50Ms: Double
  /// The 90th percentile of the time.
  public var p90Ms: Double
  /// The 99th percentile of the time.
  public var p99Ms: Double
  /// The time of the slowest call.
  public var maxMs: Double

  public init(
    requests: Int, errors: Int, lastError: LastError?, p50Ms: Double, p90Ms: Double, p99Ms: Double, maxMs: Double
  ) {
    self.requests = requests
    self.errors = errors
    self.lastError = lastError
    self.p50Ms = p50Ms
    self.p90Ms = p90Ms
    self.p99Ms = p99Ms
    self.maxMs = maxMs
  }
}

/// The latest failure of a method.
public struct LastError: Codable, Sendable, Hashable {
  /// The problem's code, for example `launch-not-found`.
  public var code: String
  /// What was wrong and how to fix it; the problem's title if it had no detail.
  public var detail: String
  /// When the error was returned, by the service's clock.
  public var at: Timestamp

  public init(code: String, detail: String, at: Timestamp) {
    self.code = code
    self.detail = detail
    self.at = at
  }
}

/// The progress of a consumer on the bus.
public struct ConsumerStats: Codable, Sendable, Hashable {
  /// Its name on the bus, for example `metrics`.
  public var name: String
  /// The last offset it has processed; 0 for none.
  public var offset: Int64
  /// The newest offset on the bus; nil if the bus could not be reached.
  public var head: Int64?
  /// How many offsets it is behind the head; nil if the head is unknown.
  public var lag: Int64?
  /// Whether this process is the replica that applies events and runs jobs; nil if unknown.
  public var working: Bool?

  public init(name: String, offset: Int64, head: Int64? = nil, working: Bool? = nil) {
    self.name = name
    self.offset = offset
    self.head = head
    self.working = working
    lag = head.map { max(0, $0 - offset) }
  }
}

/// Announcements that have not reached the bus.
public struct OutboxStats: Codable, Sendable, Hashable {
  /// The number of announcements that the bus has not acknowledged yet.
  public var unsent: Int
  /// The number of announcements that the bus rejected; they stay stored and are retried at the next start.
  public var rejected: Int

  public init(unsent: Int, rejected: Int) {
    self.unsent = unsent
    self.rejected = rejected
  }
}

/// Selects the audit chain to show.
public struct AuditShowParameters: Codable, Sendable, Hashable {
  /// The launch's id; a chain of documents has a subject such as `templates`.
  public var launch: String

  public init(launch: String) { self.launch = launch }
}

/// A service's audit chain for one launch.
public struct AuditTrail: Codable, Sendable, Hashable {
  /// The service that stores the chain.
  public var service: ServiceName
  /// The launch's id, or the subject of a chain of documents.
  public var launch: String
  /// The head of the chain; nil if the service has no chain for it.
  public var head: ChainHead?
  /// The links, from first to last.
  public var links: [AuditLink]
  /// The parameter for the next page, for example `500`; nil on the last one.
  public var next: String?

  public init(service: ServiceName, launch: String, head: ChainHead?, links: [AuditLink]) {
    self.service = service
    self.launch = launch
    self.head = head
    self.links = links
  }
}

/// One link of an audit chain.
public struct AuditLink: Codable, Sendable, Hashable {
  /// Its position in the chain, starting at 1.
  public var length: Int
  /// When it was recorded.
  public var at: Timestamp
  /// Who did it: `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// An event type, or an action named by the service.
  public var action: String
  /// What was recorded, such as an event's payload; covered by the hash.
  public var detail: JSONValue
  /// The SHA-256, lower-case hex.
  public var hash: String
  /// The state of the store after this link, covered by the hash; nil for links that are older than this field.
  public var state: LinkState?

  public init(
    length: Int, at: Timestamp, by: String, action: String, detail: JSONValue, hash: String, state: LinkState? = nil
  ) {
    self.length = length
    self.at = at
    self.by = by
    self.action = action
    self.detail = detail
    self.hash = hash
    self.state = state
  }
}

/// Selects the chains to verify: one launch's, or all.
public struct AuditVerifyParameters: Codable, Sendable, Hashable {
  /// Only this launch's chain; nil for all chains of the service.
  public var launch: String?
  /// Heads of that chain cited by announcements, each of which the chain must contain; nil to skip that check.
  public var announced: [ChainHead]?
  /// Heads of that chain cited by decisions, each of which the chain must contain; nil to skip that check.
  public var cited: [ChainHead]?
  /// The range of lengths for which `announced` has every head on the bus; the answer then lists links that are
  /// `missing` there. Nil to skip that check.
  public var counted: AnnouncedRange?

  public init(
    launch: String? = nil, announced: [ChainHead]? = nil, cited: [ChainHead]? = nil, counted: AnnouncedRange? = nil
  ) {
    self.launch = launch
    self.announced = announced
    self.cited = cited
    self.counted = counted
  }
}

/// The result of verifying a service's audit chains.
public struct AuditVerification: Codable, Sendable, Hashable {
  /// The service whose chains were verified.
  public var service: ServiceName
  /// Whether every chain is intact; true if there are none.
  public var intact: Bool
  /// The verified chains, each with its first broken link, if any.
  public var chains: [VerifiedChain]

  public init(service: ServiceName, chains: [VerifiedChain]) {
    self.service = service
    intact = chains.allSatisfy { $0.broken == nil }
    self.chains = chains
  }
}

/// The result of verifying one chain.
public struct VerifiedChain: Codable, Sendable, Hashable {
  /// The launch's id, or the subject of a chain of documents.
  public var launch: String
  /// The stored head; of length 0 if the whole chain is missing.
  public var head: ChainHead
  /// The first broken link, or the first link that the store contradicts; nil if the chain is intact.
  public var broken: BrokenLink?
  /// The first 100 links whose announcement is neither in `announced` nor in the outbox; nil if there are none, or if
  /// `counted` was nil.
  public var missing: [Int]?
  /// The heads of other services' chains that this chain's decisions cite, by service; nil if there are none.
  public var cites: [String: [ChainHead]]?

  public init(
    launch: String, head: ChainHead, broken: BrokenLink?, missing: [Int]? = nil, cites: [String: [ChainHead]]? = nil
  ) {
    self.launch = launch
    self.head = head
    self.broken = broken
    self.missing = missing
    self.cites = cites
  }
}

/// A broken link in an audit chain, or one that the store contradicts.
public struct BrokenLink: Codable, Sendable, Hashable {
  /// Its position in the chain, starting at 1.
  public var length: Int
  /// What is wrong with it, for example `the link is missing`.
  public var detail: String
  /// The part of the store that contradicts the chain, for example `item:kb-article/de`; nil if the chain itself is
  /// broken.
  public var key: String?

  public init(length: Int, detail: String, key: String? = nil) {
    self.length = length
    self.detail = detail
    self.key = key
  }
}

/// One table of a store that was moved to another engine, as reported in a line of JSON by the process that moved it.
public struct MovedTable: Sendable, Hashable, Codable {
  /// The table's name.
  public var table: String
  /// The number of rows.
  public var rows: Int
  /// The SHA-256 over all rows in primary-key order, lower-case hex; equal in source and target.
  public var digest: String
  /// Whether the target already had the rows; false if they were copied.
  public var wasThere: Bool

  public init(table: String, rows: Int, digest: String, wasThere: Bool = false) {
    self.table = table
    self.rows = rows
    self.digest = digest
    self.wasThere = wasThere
  }
}

/// How `gonogo migrate` communicates with the processes that it runs.
public enum MoveSetting {
  /// The environment variable that names the target database; it is not an argument, because any user can see a
  /// process's arguments.
  public static let target = "GONOGO_MIGRATE_TO"
}
