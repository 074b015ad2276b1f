public import JSON
public import LaunchModel

/// The methods that every service answers (contract.md, section 2).
public enum ServiceRoutes {
  /// Whether the service answers, and who it is; the one call that anybody may make.
  public static func ping(_ service: ServiceName) -> Route<NoParameters, ServicePing> {
    Route(service, "service.ping", .read)
  }

  /// Name, version and methods.
  public static func info(_ service: ServiceName) -> Route<NoParameters, ServiceInfo> {
    Route(service, "service.info", .read)
  }

  /// Counts and latencies by method, and how far the bus has been processed.
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

  /// Whether audit chains are whole, and the first broken link of each that is not.
  public static func auditVerify(_ service: ServiceName) -> Route<AuditVerifyParameters, AuditVerification> {
    Route(service, "audit.verify", .read)
  }
}

/// The version of gonogo, which the executables print and the services report.
public enum ProductVersion {
  /// The version that this was built as.
  public static let current = "0.1.0"
}

/// A sign of life.
public struct ServicePing: Codable, Sendable, Hashable {
  /// The service that answers, as `tiering`.
  public var service: ServiceName
  /// The process id on its host.
  public var pid: Int
  /// The version of gonogo that it was built from, as `0.1.0`.
  public var version: String
  /// The service's clock.
  public var now: Timestamp
  /// `GONOGO_CLOCK`, where the clock is not the system's.
  public var clock: String?

  public init(service: ServiceName, pid: Int, version: String, now: Timestamp, clock: String? = nil) {
    self.service = service
    self.pid = pid
    self.version = version
    self.now = now
    self.clock = clock
  }
}

/// What runs there.
public struct ServiceInfo: Codable, Sendable, Hashable {
  /// The service that answers, as `tiering`.
  public var name: ServiceName
  /// Another one with every start.
  public var instance: String
  /// The version of gonogo that it was built from, as `0.1.0`.
  public var version: String
  /// The process id on its host.
  public var pid: Int
  /// When the process started, by the service's clock.
  public var startedAt: Timestamp
  /// The names of all its methods, sorted.
  public var methods: [String]
  /// `GONOGO_CLOCK`, where the clock is not the system's.
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

/// How a service has been doing since it started.
public struct ServiceStats: Codable, Sendable, Hashable {
  /// The version of gonogo that it was built from, as `0.1.0`.
  public var build: String
  /// When the process started, by the service's clock; all counts are from then on.
  public var startedAt: Timestamp
  /// By method; only those that were called.
  public var methods: [String: MethodStats]
  /// How far it has followed the bus; nil for the bus itself.
  public var consumer: ConsumerStats?
  /// Announcements that the bus does not have yet, and those that it refused.
  public var outbox: OutboxStats?

  public init(
    build: String, startedAt: Timestamp, methods: [String: MethodStats], consumer: ConsumerStats? = nil,
    outbox: OutboxStats? = nil
  ) {
    self.build = build
    self.startedAt = startedAt
    self.methods = methods
    self.consumer = consumer
    self.outbox = outbox
  }
}

/// The calls of one method; times are upper bounds in milliseconds, up to a fifth too high.
public struct MethodStats: Codable, Sendable, Hashable {
  /// How many calls were answered, failed ones too.
  public var requests: Int
  /// How many of them failed.
  public var errors: Int
  /// The latest failure; nil while there is none.
  public var lastError: LastError?
  /// The median.
  public var p50Ms: Double
  /// The time that 9 of 10 calls did not exceed.
  public var p90Ms: Double
  /// The time that 99 of 100 calls did not exceed.
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

/// The last failure of a method.
public struct LastError: Codable, Sendable, Hashable {
  /// The problem's stable word, as `launch-not-found`.
  public var code: String
  /// What was wrong, and the mend; the problem's title where it had no detail.
  public var detail: String
  /// When it was answered, by the service's clock.
  public var at: Timestamp

  public init(code: String, detail: String, at: Timestamp) {
    self.code = code
    self.detail = detail
    self.at = at
  }
}

/// How far a consumer has followed the bus.
public struct ConsumerStats: Codable, Sendable, Hashable {
  /// As the bus knows it, as `metrics`.
  public var name: String
  /// The last offset that it has processed; 0 for none.
  public var offset: Int64
  /// The bus's head, where it could be asked.
  public var head: Int64?
  /// How many offsets it is behind the head; nil where the head is not known.
  public var lag: Int64?
  /// Whether this process is the one of all replicas that applies events and sweeps; nil where that is not known.
  public var working: Bool?

  public init(name: String, offset: Int64, head: Int64? = nil, working: Bool? = nil) {
    self.name = name
    self.offset = offset
    self.head = head
    self.working = working
    lag = head.map { max(0, $0 - offset) }
  }
}

/// Announcements that are not on the bus.
public struct OutboxStats: Codable, Sendable, Hashable {
  /// Stored with their change and not yet acknowledged by the bus.
  public var unsent: Int
  /// Refused by the bus, kept, and tried again at the next start.
  public var rejected: Int

  public init(unsent: Int, rejected: Int) {
    self.unsent = unsent
    self.rejected = rejected
  }
}

/// Whose audit chain to show.
public struct AuditShowParameters: Codable, Sendable, Hashable {
  /// The launch's id; a chain of documents has its own subject, as `templates`.
  public var launch: String

  public init(launch: String) { self.launch = launch }
}

/// A service's audit chain for one launch.
public struct AuditTrail: Codable, Sendable, Hashable {
  /// The service that keeps the chain.
  public var service: ServiceName
  /// The launch that the chain is about.
  public var launch: String
  /// Nil where the service has nothing about the launch.
  public var head: ChainHead?
  /// From the first to the last.
  public var links: [AuditLink]

  public init(service: ServiceName, launch: String, head: ChainHead?, links: [AuditLink]) {
    self.service = service
    self.launch = launch
    self.head = head
    self.links = links
  }
}

/// One link of an audit chain.
public struct AuditLink: Codable, Sendable, Hashable {
  /// Its place in the chain, from 1.
  public var length: Int
  /// When it was recorded.
  public var at: Timestamp
  /// Who did it, as `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// An event type, or the service's own word.
  public var action: String
  /// What was recorded, as an event's payload; the hash covers it.
  public var detail: JSONValue
  /// SHA-256 in lower-case hex.
  public var hash: String

  public init(length: Int, at: Timestamp, by: String, action: String, detail: JSONValue, hash: String) {
    self.length = length
    self.at = at
    self.by = by
    self.action = action
    self.detail = detail
    self.hash = hash
  }
}

/// Which chains to verify: one launch's, or all.
public struct AuditVerifyParameters: Codable, Sendable, Hashable {
  /// Only this launch's chain; nil for all chains of the service.
  public var launch: String?
  /// Ends of that launch's chain that announcements cite, each of which must be in it; nil to compare with none.
  public var announced: [ChainHead]?

  public init(launch: String? = nil, announced: [ChainHead]? = nil) {
    self.launch = launch
    self.announced = announced
  }
}

/// Whether a service's audit chains hold.
public struct AuditVerification: Codable, Sendable, Hashable {
  /// The service whose chains were verified.
  public var service: ServiceName
  /// Whether every chain holds; with none to verify it is true.
  public var intact: Bool
  /// Each that was verified, with its first broken link where it has one.
  public var chains: [VerifiedChain]

  public init(service: ServiceName, chains: [VerifiedChain]) {
    self.service = service
    intact = chains.allSatisfy { $0.broken == nil }
    self.chains = chains
  }
}

/// One chain's verification.
public struct VerifiedChain: Codable, Sendable, Hashable {
  /// The launch that the chain is about.
  public var launch: String
  /// Its stored end, of length 0 where the whole chain is missing.
  public var head: ChainHead
  /// The first link that does not hold.
  public var broken: BrokenLink?

  public init(launch: String, head: ChainHead, broken: BrokenLink?) {
    self.launch = launch
    self.head = head
    self.broken = broken
  }
}

/// Where an audit chain stops holding.
public struct BrokenLink: Codable, Sendable, Hashable {
  /// The first link that does not hold, from 1.
  public var length: Int
  /// What is wrong with it, as `the link is missing`.
  public var detail: String

  public init(length: Int, detail: String) {
    self.length = length
    self.detail = detail
  }
}

/// One table of a store that was moved to another engine, as the process that moved it reports it, a line of JSON each.
public struct MovedTable: Sendable, Hashable, Codable {
  /// Its name.
  public var table: String
  /// How many rows it has.
  public var rows: Int
  /// SHA-256 over all rows in the order of the primary key, in lower-case hex; the same on both sides.
  public var digest: String
  /// Whether the rows were there before; false where they were copied.
  public var wasThere: Bool

  public init(table: String, rows: Int, digest: String, wasThere: Bool = false) {
    self.table = table
    self.rows = rows
    self.digest = digest
    self.wasThere = wasThere
  }
}

/// How `gonogo migrate` and the processes that it runs speak with each other.
public enum MoveSetting {
  /// The variable that names the database to move to; in the environment, because arguments are seen by everybody.
  public static let target = "GONOGO_MIGRATE_TO"
}
