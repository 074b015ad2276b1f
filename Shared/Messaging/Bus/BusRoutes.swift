public import LaunchModel

/// The bus's methods (contract.md, section 3). Events travel as parts, never in parameters or results.
public enum BusRoutes {
  public static let publish = Route<NoParameters, PublishAnswer>(.bus, "events.publish", .change)
  public static let fetch = Route<FetchRequest, FetchAnswer>(.bus, "events.fetch", .read)
  public static let head = Route<NoParameters, BusHead>(.bus, "events.head", .read)
  public static let at = Route<OffsetRequest, OffsetAnswer>(.bus, "events.at", .read)
  public static let settle = Route<NoParameters, BusHead>(.bus, "events.settle", .read)
  public static let commit = Route<ConsumerOffset, ConsumerOffset>(.bus, "events.commit", .change)
  public static let addQuarantined = Route<QuarantineReport, QuarantineEntry>(.bus, "quarantine.add", .change)
  public static let listQuarantined = Route<QuarantineFilter, QuarantineList>(.bus, "quarantine.list", .read)
  public static let retryQuarantined = Route<QuarantineReference, QuarantineEntry>(.bus, "quarantine.retry", .change)
  public static let discardQuarantined = Route<QuarantineReference, QuarantineEntry>(.bus, "quarantine.discard", .change)
}

/// What became of each event of a message, in the order of its parts.
public struct PublishAnswer: Codable, Sendable, Hashable {
  public var results: [PublishResult]

  public init(results: [PublishResult]) { self.results = results }
}

/// What became of one published event.
public struct PublishResult: Codable, Sendable, Hashable {
  /// How the bus judged it.
  public enum Status: String, Codable, Sendable, Hashable {
    /// It is on disk.
    case stored
    /// The same event, byte for byte, was on disk before.
    case duplicate
    /// It is not stored; `error` says why.
    case rejected
  }

  public var status: Status
  /// Where it is stored; absent where it was rejected.
  public var offset: Int64?
  public var error: Rejection?

  public init(status: Status, offset: Int64? = nil, error: Rejection? = nil) {
    self.status = status
    self.offset = offset
    self.error = error
  }
}

/// Why the bus refused an event.
public struct Rejection: Codable, Sendable, Hashable {
  /// A stable word, as `id-reused`.
  public var code: String
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }
}

/// Asks for events after an offset.
public struct FetchRequest: Codable, Sendable, Hashable {
  public var after: Int64
  /// Prefixes of types; nil or empty for all.
  public var types: [String]?
  /// At most so many events; default 500.
  public var max: Int?
  /// How long to wait for the first, in milliseconds; default 0.
  public var waitMs: Int?

  public init(after: Int64, types: [String]? = nil, max: Int? = nil, waitMs: Int? = nil) {
    self.after = after
    self.types = types
    self.max = max
    self.waitMs = waitMs
  }
}

/// The places of fetched events, whose bytes are the message's parts in the same order.
public struct FetchAnswer: Codable, Sendable, Hashable {
  public var events: [EventPlace]
  /// How far the log was searched: there is nothing more that matches up to here.
  public var head: Int64

  public init(events: [EventPlace], head: Int64) {
    self.events = events
    self.head = head
  }
}

/// Where and when an event was stored.
public struct EventPlace: Codable, Sendable, Hashable {
  public var offset: Int64
  public var storedAt: Timestamp

  public init(offset: Int64, storedAt: Timestamp) {
    self.offset = offset
    self.storedAt = storedAt
  }
}

/// The ends of the log.
public struct BusHead: Codable, Sendable, Hashable {
  /// The last offset; 0 for an empty log.
  public var head: Int64
  /// The first offset that has not been pruned.
  public var first: Int64

  public init(head: Int64, first: Int64) {
    self.head = head
    self.first = first
  }
}

/// Asks for the first offset stored at a time or later.
public struct OffsetRequest: Codable, Sendable, Hashable {
  public var time: Timestamp

  public init(time: Timestamp) { self.time = time }
}

/// The first offset stored at the time or later; the head's successor where there is none yet.
public struct OffsetAnswer: Codable, Sendable, Hashable {
  public var offset: Int64

  public init(offset: Int64) { self.offset = offset }
}

/// How far a consumer has come.
public struct ConsumerOffset: Codable, Sendable, Hashable {
  public var consumer: String
  public var offset: Int64

  public init(consumer: String, offset: Int64) {
    self.consumer = consumer
    self.offset = offset
  }
}
