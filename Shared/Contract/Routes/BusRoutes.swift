public import LaunchModel

/// The bus's methods (contract.md, section 3). Events travel as parts beside the call, byte for byte.
public enum BusRoutes {
  /// Parts: the events, 1 to 1,024. Answered only when what was stored is on disk.
  public static let publish = Route<NoParameters, PublishedEvents>(.bus, "events.publish", .change)
  /// Answered with the events as parts, in the order of `events`.
  public static let fetch = Route<FetchParameters, FetchedEvents>(.bus, "events.fetch", .read)
  /// How far the log reaches now, and its first offset that is left.
  public static let head = Route<NoParameters, LogBounds>(.bus, "events.head", .read)
  /// Where the log stood at a moment: for questions as of that moment.
  public static let at = Route<AtParameters, OffsetFound>(.bus, "events.at", .read)
  /// Answered when every registered consumer has reached a head that no longer grows.
  public static let settle = Route<NoParameters, LogBounds>(.bus, "events.settle", .read)
  /// Tells how far a consumer has come, for lag figures, `settle` and pruning; the first registers it.
  public static let commit = Route<CommitParameters, ConsumerPosition>(.bus, "events.commit", .change)
  /// The registered consumers with their lag.
  public static let consumers = Route<NoParameters, ConsumerPositions>(.bus, "events.consumers", .read)
  /// Takes a consumer off the register, so that it holds back neither pruning nor `settle`.
  public static let forget = Route<ForgetParameters, ConsumerPositions>(.bus, "events.forget", .change)
  /// Deletes the events up to an offset; never past a registered consumer.
  public static let prune = Route<PruneParameters, LogBounds>(.bus, "events.prune", .change)
  /// Parts: the event, or none where the log still has it. A second add of a consumer and offset replaces the first.
  public static let quarantineAdd = Route<QuarantineAddParameters, QuarantineEntry>(.bus, "quarantine.add", .change)
  /// Answered with the events as parts, in the order of `entries`.
  public static let quarantineList = Route<QuarantineListParameters, QuarantineList>(.bus, "quarantine.list", .read)
  /// Hands entries back: a consumer finds its own by `quarantine.list` with status `retrying`, applies them, and then
  /// discards them or adds them again. What the bus itself refused is published again at once.
  public static let quarantineRetry = Route<QuarantineSelection, QuarantineList>(.bus, "quarantine.retry", .change)
  /// Drops entries for good; the log keeps the events that it has.
  public static let quarantineDiscard = Route<QuarantineSelection, QuarantineCount>(
    .bus, "quarantine.discard", .change)
}

/// One result for each part of `events.publish`, in order.
public struct PublishedEvents: Codable, Sendable, Hashable {
  /// As many as there were parts, in their order.
  public var results: [PublishResult]

  public init(results: [PublishResult]) { self.results = results }
}

/// What became of one published event.
public struct PublishResult: Codable, Sendable, Hashable {
  /// What the bus did with the event.
  public enum Status: String, Codable, Sendable, Hashable {
    /// It is on disk.
    case stored
    /// The same event had been stored before, at `offset`.
    case duplicate
    /// It was not stored, for the reason in `error`.
    case rejected
  }

  /// Whether it is in the log; `duplicate` is a success, so that a publisher may send again.
  public var status: Status
  /// Where it stands in the log, from 1; nil where it was rejected.
  public var offset: Int64?
  /// Why it was refused; nil unless it was.
  public var error: EventRejection?

  public init(_ status: Status, offset: Int64? = nil, error: EventRejection? = nil) {
    self.status = status
    self.offset = offset
    self.error = error
  }
}

/// Why the bus refused one event.
public struct EventRejection: Error, Codable, Sendable, Hashable {
  /// A stable word, as `id-reused`, `forbidden`, `too-large`, `duplicate-key`, `invalid-attribute`.
  public var code: String
  /// What is wrong with the event, and the mend.
  public var detail: String
  /// The JSON Pointer of the member concerned, where there is one.
  public var pointer: String?

  public init(code: String, detail: String, pointer: String? = nil) {
    self.code = code
    self.detail = detail
    self.pointer = pointer
  }
}

/// What to fetch from the log.
public struct FetchParameters: Codable, Sendable, Hashable {
  /// The offset after which to search; 0 for the whole log.
  public var after: Int64
  /// Prefixes of event types; none for all.
  public var types: [String]?
  /// At most so many events, default 500, up to 1,024.
  public var max: Int?
  /// How long to wait for a first event, default 0, up to 20,000.
  public var waitMs: Int?

  public init(after: Int64, types: [String]? = nil, max: Int? = nil, waitMs: Int? = nil) {
    self.after = after
    self.types = types
    self.max = max
    self.waitMs = waitMs
  }
}

/// What a fetch found; the events themselves are the reply's parts.
public struct FetchedEvents: Codable, Sendable, Hashable {
  /// One entry for each part of the reply, in its order, offsets ascending; none where the wait ended first.
  public var events: [EventPlace]
  /// How far the log was searched: what to give as `after` next.
  public var head: Int64
  /// The first offset that is left; more than `after` + 1 where events in between were pruned.
  public var first: Int64?

  public init(events: [EventPlace], head: Int64, first: Int64? = nil) {
    self.events = events
    self.head = head
    self.first = first
  }
}

/// Where and when an event was stored.
public struct EventPlace: Codable, Sendable, Hashable {
  /// Its place in the log, from 1, dense and ascending.
  public var offset: Int64
  /// When the bus stored it; never earlier than that of the event before.
  public var storedAt: Timestamp

  public init(offset: Int64, storedAt: Timestamp) {
    self.offset = offset
    self.storedAt = storedAt
  }
}

/// The ends of the log.
public struct LogBounds: Codable, Sendable, Hashable {
  /// The offset of the newest event, 0 while there has been none.
  public var head: Int64
  /// The offset of the oldest event that is left; `head` + 1 where there is none.
  public var first: Int64

  public init(head: Int64, first: Int64) {
    self.head = head
    self.first = first
  }
}

/// A moment to find in the log.
public struct AtParameters: Codable, Sendable, Hashable {
  /// The earliest moment of storing that is looked for.
  public var time: Timestamp

  public init(time: Timestamp) { self.time = time }
}

/// The first offset stored at a moment or later; `head` + 1 where there is none yet.
public struct OffsetFound: Codable, Sendable, Hashable {
  /// The offset of that event, from 1.
  public var offset: Int64
  /// The first offset that is left; a greater one than `offset` was asked of what has been pruned.
  public var first: Int64?

  public init(offset: Int64, first: Int64? = nil) {
    self.offset = offset
    self.first = first
  }
}

/// How far a consumer has processed the log; the first commit registers it.
public struct CommitParameters: Codable, Sendable, Hashable {
  /// The consumer's own name, as `metrics`.
  public var consumer: String
  /// The last offset that it has processed; 0 for none.
  public var offset: Int64

  public init(consumer: String, offset: Int64) {
    self.consumer = consumer
    self.offset = offset
  }
}

/// The name of a registered consumer.
public struct ForgetParameters: Codable, Sendable, Hashable {
  /// As `events.consumers` names it.
  public var consumer: String

  public init(consumer: String) { self.consumer = consumer }
}

/// A registered consumer and how far it is.
public struct ConsumerPosition: Codable, Sendable, Hashable {
  /// The name it committed under, as `metrics`.
  public var consumer: String
  /// The last offset that it said it had processed; 0 for none.
  public var offset: Int64
  /// How many offsets it is behind the head.
  public var lag: Int64

  public init(consumer: String, offset: Int64, lag: Int64) {
    self.consumer = consumer
    self.offset = offset
    self.lag = lag
  }
}

/// All registered consumers, by name.
public struct ConsumerPositions: Codable, Sendable, Hashable {
  /// Every one that ever committed and was not forgotten.
  public var consumers: [ConsumerPosition]
  /// The offset of the newest event, against which `lag` is measured.
  public var head: Int64

  public init(consumers: [ConsumerPosition], head: Int64) {
    self.consumers = consumers
    self.head = head
  }
}

/// Up to where to prune, that event included.
public struct PruneParameters: Codable, Sendable, Hashable {
  /// The last offset that is deleted; refused where a registered consumer is not that far.
  public var through: Int64

  public init(through: Int64) { self.through = through }
}

/// An event that a consumer could not process.
public struct QuarantineAddParameters: Codable, Sendable, Hashable {
  /// Who could not process it, as `metrics`.
  public var consumer: String
  /// Where it stands in the log, from 1.
  public var offset: Int64
  /// A stable word for the reason.
  public var code: String
  /// What went wrong, for the operator; nil where there is no more than `code`.
  public var detail: String?
  /// How often it was tried.
  public var attempts: Int

  public init(consumer: String, offset: Int64, code: String, detail: String? = nil, attempts: Int) {
    self.consumer = consumer
    self.offset = offset
    self.code = code
    self.detail = detail
    self.attempts = attempts
  }
}

/// One event in quarantine; its bytes are a part of the reply.
public struct QuarantineEntry: Codable, Sendable, Hashable {
  /// Whether an entry waits for an operator or for its consumer.
  public enum Status: String, Codable, Sendable, Hashable {
    /// Nothing happens until it is retried or discarded.
    case held
    /// The consumer is to try it again.
    case retrying
  }

  /// Given by the bus, ascending; `retry` and `discard` take it.
  public var id: Int64
  /// Who could not process it; `bus` for what was refused when it was published.
  public var consumer: String
  /// Where it stands in the log; nil for what was refused.
  public var offset: Int64?
  /// A stable word for the reason, as `invalid-attribute`.
  public var code: String
  /// What went wrong, for the operator; empty where nothing was said.
  public var detail: String
  /// How often it was tried; 1 for what was refused when it was published.
  public var attempts: Int
  /// When it was put there last.
  public var at: Timestamp
  /// Whether it waits for an operator or for its consumer.
  public var status: Status

  public init(
    id: Int64, consumer: String, offset: Int64?, code: String, detail: String, attempts: Int, at: Timestamp,
    status: Status
  ) {
    self.id = id
    self.consumer = consumer
    self.offset = offset
    self.code = code
    self.detail = detail
    self.attempts = attempts
    self.at = at
    self.status = status
  }
}

/// Which entries to list.
public struct QuarantineListParameters: Codable, Sendable, Hashable {
  /// Only entries of this one, `bus` for what was refused; nil for all.
  public var consumer: String?
  /// Only entries that wait for this; nil for both.
  public var status: QuarantineEntry.Status?
  /// Only entries with a greater id, for the next page.
  public var after: Int64?
  /// At most so many, default 100, up to 1,000.
  public var max: Int?

  public init(
    consumer: String? = nil, status: QuarantineEntry.Status? = nil, after: Int64? = nil, max: Int? = nil
  ) {
    self.consumer = consumer
    self.status = status
    self.after = after
    self.max = max
  }
}

/// Entries of the quarantine, by id.
public struct QuarantineList: Codable, Sendable, Hashable {
  /// At most as many as were asked for, ids ascending.
  public var entries: [QuarantineEntry]
  /// How many there are in all, of that consumer and status.
  public var total: Int

  public init(entries: [QuarantineEntry], total: Int) {
    self.entries = entries
    self.total = total
  }
}

/// Entries chosen by id, or all of a consumer.
public struct QuarantineSelection: Codable, Sendable, Hashable {
  /// The entries' ids, as `quarantine.list` gives them; nil for all of `consumer`.
  public var ids: [Int64]?
  /// Whose entries; nil for anybody's, and then `ids` must be given.
  public var consumer: String?

  public init(ids: [Int64]? = nil, consumer: String? = nil) {
    self.ids = ids
    self.consumer = consumer
  }
}

/// How many entries were concerned.
public struct QuarantineCount: Codable, Sendable, Hashable {
  /// How many entries were dropped; ids that are not there count for nothing.
  public var count: Int

  public init(count: Int) { self.count = count }
}
