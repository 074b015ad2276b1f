import JSON
public import LaunchModel

/// The bus's methods (contract.md, section 3). Events travel as message parts beside the call, byte for byte.
public enum BusRoutes {
  /// Takes 1 to 1,024 events as parts; answers only once the stored events are on disk.
  public static let publish = Route<NoParameters, PublishedEvents>(.bus, "events.publish", .change)
  /// Returns the events as parts, in the order of `events`.
  public static let fetch = Route<FetchParameters, FetchedEvents>(.bus, "events.fetch", .read)
  /// The newest offset and the oldest one that is still stored.
  public static let head = Route<NoParameters, LogBounds>(.bus, "events.head", .read)
  /// The log's position at a moment, for questions as of that moment.
  public static let at = Route<AtParameters, OffsetFound>(.bus, "events.at", .read)
  /// Answers once every registered consumer has reached the head and the head no longer grows.
  public static let settle = Route<NoParameters, LogBounds>(.bus, "events.settle", .read)
  /// Records a consumer's progress, which lag figures, `settle` and pruning use; the first call registers the consumer.
  public static let commit = Route<CommitParameters, ConsumerPosition>(.bus, "events.commit", .change)
  /// The registered consumers with their lag.
  public static let consumers = Route<NoParameters, ConsumerPositions>(.bus, "events.consumers", .read)
  /// Unregisters a consumer, so that it no longer holds back pruning or `settle`.
  public static let forget = Route<ForgetParameters, ConsumerPositions>(.bus, "events.forget", .change)
  /// Deletes the events up to an offset, but never beyond a registered consumer's position.
  public static let prune = Route<PruneParameters, LogBounds>(.bus, "events.prune", .change)
  /// Verifies a part of the log on disk while the bus runs; repeat it with the returned `next` until that is nil.
  public static let verify = Route<VerifyParameters, LogVerification>(.bus, "events.verify", .read)
  /// Adds an event to the quarantine; takes the event as a part, or no part if the log still has it. Adding the same
  /// consumer and offset again replaces the entry.
  public static let quarantineAdd = Route<QuarantineAddParameters, QuarantineEntry>(.bus, "quarantine.add", .change)
  /// Returns the events as parts, in the order of `entries`.
  public static let quarantineList = Route<QuarantineListParameters, QuarantineList>(.bus, "quarantine.list", .read)
  /// Releases entries for another try: a consumer finds its own with `quarantine.list` and status `retrying`, applies
  /// them, and then discards or re-adds them. Events that the bus itself rejected are published again at once.
  public static let quarantineRetry = Route<QuarantineSelection, QuarantineList>(.bus, "quarantine.retry", .change)
  /// Deletes entries permanently; the events stay in the log.
  public static let quarantineDiscard = Route<QuarantineSelection, QuarantineCount>(
    .bus, "quarantine.discard", .change)
}

/// The results of `events.publish`.
public struct PublishedEvents: Codable, Sendable, Hashable {
  /// One result for each part, in the same order.
  public var results: [PublishResult]

  public init(results: [PublishResult]) { self.results = results }
}

/// The outcome for one published event.
public struct PublishResult: Codable, Sendable, Hashable {
  /// What the bus did with the event.
  public enum Status: String, Codable, Sendable, Hashable, CaseIterable {
    /// The event is on disk.
    case stored
    /// The same event was already stored, at `offset`.
    case duplicate
    /// The event was not stored; `error` has the reason.
    case rejected
  }

  /// What the bus did with the event; `duplicate` counts as success, so that a publisher can safely retry.
  public var status: Status
  /// The event's offset in the log, starting at 1; nil if it was rejected.
  public var offset: Int64?
  /// Why it was rejected; nil unless it was.
  public var error: EventRejection?
  /// A doubt about an accepted event; nil if there is none.
  public var warning: EventWarning?

  public init(_ status: Status, offset: Int64? = nil, error: EventRejection? = nil, warning: EventWarning? = nil) {
    self.status = status
    self.offset = offset
    self.error = error
    self.warning = warning
  }
}

/// A doubt about an event that the bus accepted.
public struct EventWarning: Codable, Sendable, Hashable {
  /// A stable identifier: `unknown-signal` for a type below `dev.gonogo.signal.` that no service consumes.
  public var code: String
  /// What is doubtful about the event and how to fix it.
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }
}

/// Why the bus rejected an event.
public struct EventRejection: Error, Codable, Sendable, Hashable {
  /// A stable identifier, for example `id-reused`, `forbidden`, `too-large`, `duplicate-key`, `invalid-attribute`.
  public var code: String
  /// What is wrong with the event and how to fix it.
  public var detail: String
  /// The JSON Pointer of the member at fault; nil if there is none.
  public var pointer: String?

  public init(code: String, detail: String, pointer: String? = nil) {
    self.code = code
    self.detail = Excerpt.shortening(detail)
    self.pointer = pointer.map { Excerpt.of($0) }
  }
}

/// Selects the events to fetch from the log.
public struct FetchParameters: Codable, Sendable, Hashable {
  /// Only events after this offset; 0 for the whole log.
  public var after: Int64
  /// Prefixes of the event types to fetch; nil or empty for all.
  public var types: [String]?
  /// The maximum number of events, up to 1,024; default 500.
  public var max: Int?
  /// How long to wait for a first event, in milliseconds, up to 20,000; default 0.
  public var waitMs: Int?

  public init(after: Int64, types: [String]? = nil, max: Int? = nil, waitMs: Int? = nil) {
    self.after = after
    self.types = types
    self.max = max
    self.waitMs = waitMs
  }
}

/// The result of a fetch; the events themselves are the reply's parts.
public struct FetchedEvents: Codable, Sendable, Hashable {
  /// One entry for each part of the reply, in the same order, by ascending offset; empty if the wait timed out.
  public var events: [EventPlace]
  /// The offset up to which the log was searched: pass it as `after` in the next fetch.
  public var head: Int64
  /// The oldest offset still stored; greater than `after` + 1 if events in between were pruned.
  public var first: Int64?

  public init(events: [EventPlace], head: Int64, first: Int64? = nil) {
    self.events = events
    self.head = head
    self.first = first
  }
}

/// The offset and storage time of an event.
public struct EventPlace: Codable, Sendable, Hashable {
  /// The offset in the log, starting at 1; dense and ascending.
  public var offset: Int64
  /// When the bus stored it; never earlier than the preceding event.
  public var storedAt: Timestamp

  public init(offset: Int64, storedAt: Timestamp) {
    self.offset = offset
    self.storedAt = storedAt
  }
}

/// The first and the last offset of the log.
public struct LogBounds: Codable, Sendable, Hashable {
  /// The offset of the newest event; 0 if there has been none.
  public var head: Int64
  /// The offset of the oldest event still stored; `head` + 1 if there is none.
  public var first: Int64

  public init(head: Int64, first: Int64) {
    self.head = head
    self.first = first
  }
}

/// A moment to look up in the log.
public struct AtParameters: Codable, Sendable, Hashable {
  /// The earliest storage time to look for.
  public var time: Timestamp

  public init(time: Timestamp) { self.time = time }
}

/// The first offset stored at or after a moment; `head` + 1 if there is none yet.
public struct OffsetFound: Codable, Sendable, Hashable {
  /// The offset of that event, starting at 1.
  public var offset: Int64
  /// The oldest offset still stored; if it is greater than `offset`, the events stored at that moment have been pruned.
  public var first: Int64?

  public init(offset: Int64, first: Int64? = nil) {
    self.offset = offset
    self.first = first
  }
}

/// A consumer's progress in the log; the first commit registers the consumer.
public struct CommitParameters: Codable, Sendable, Hashable {
  /// The consumer's name, for example `metrics`.
  public var consumer: String
  /// The last offset it has processed; 0 for none.
  public var offset: Int64

  public init(consumer: String, offset: Int64) {
    self.consumer = consumer
    self.offset = offset
  }
}

/// The name of a registered consumer.
public struct ForgetParameters: Codable, Sendable, Hashable {
  /// The name as returned by `events.consumers`.
  public var consumer: String

  public init(consumer: String) { self.consumer = consumer }
}

/// A registered consumer and its progress.
public struct ConsumerPosition: Codable, Sendable, Hashable {
  /// The name it committed under, for example `metrics`.
  public var consumer: String
  /// The last offset it reported as processed; 0 for none.
  public var offset: Int64
  /// The number of offsets from its position to the head.
  public var lag: Int64

  public init(consumer: String, offset: Int64, lag: Int64) {
    self.consumer = consumer
    self.offset = offset
    self.lag = lag
  }
}

/// All registered consumers, sorted by name.
public struct ConsumerPositions: Codable, Sendable, Hashable {
  /// Every consumer that has committed and was not unregistered.
  public var consumers: [ConsumerPosition]
  /// The offset of the newest event, from which `lag` is computed.
  public var head: Int64

  public init(consumers: [ConsumerPosition], head: Int64) {
    self.consumers = consumers
    self.head = head
  }
}

/// The offset to prune through, inclusive.
public struct PruneParameters: Codable, Sendable, Hashable {
  /// The last offset to delete; refused if a registered consumer has not reached it.
  public var through: Int64

  public init(through: Int64) { self.through = through }
}

/// An event to quarantine because a consumer could not process it.
public struct QuarantineAddParameters: Codable, Sendable, Hashable {
  /// The consumer that could not process it, for example `metrics`.
  public var consumer: String
  /// The event's offset in the log, starting at 1.
  public var offset: Int64
  /// A stable identifier of the reason.
  public var code: String
  /// What went wrong, for the operator; nil if `code` is enough.
  public var detail: String?
  /// The number of attempts.
  public var attempts: Int

  public init(consumer: String, offset: Int64, code: String, detail: String? = nil, attempts: Int) {
    self.consumer = consumer
    self.offset = offset
    self.code = code
    self.detail = detail
    self.attempts = attempts
  }
}

/// An event in quarantine; the event itself is a part of the reply.
public struct QuarantineEntry: Codable, Sendable, Hashable {
  /// Whether an entry waits for an operator or for its consumer.
  public enum Status: String, Codable, Sendable, Hashable, CaseIterable {
    /// The entry stays until an operator retries or discards it.
    case held
    /// The entry has been released; its consumer will try the event again.
    case retrying
  }

  /// The id that the bus assigned, ascending; `retry` and `discard` refer to it.
  public var id: Int64
  /// The consumer that could not process it; `bus` for events rejected on publishing.
  public var consumer: String
  /// The event's offset in the log; nil for a rejected event.
  public var offset: Int64?
  /// A stable identifier of the reason, for example `invalid-attribute`.
  public var code: String
  /// What went wrong, for the operator; may be empty.
  public var detail: String
  /// The number of attempts; 1 for an event rejected on publishing.
  public var attempts: Int
  /// When it was last put into quarantine.
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

/// Selects the entries to list.
public struct QuarantineListParameters: Codable, Sendable, Hashable {
  /// Only entries of this consumer, or `bus` for rejected events; nil for all.
  public var consumer: String?
  /// Only entries with this status; nil for both.
  public var status: QuarantineEntry.Status?
  /// Only entries with a greater id, for paging.
  public var after: Int64?
  /// The maximum number of entries, up to 1,000; default 100.
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

/// A page of quarantine entries, sorted by id.
public struct QuarantineList: Codable, Sendable, Hashable {
  /// The entries of this page, by ascending id.
  public var entries: [QuarantineEntry]
  /// The number of matching entries on all pages.
  public var total: Int

  public init(entries: [QuarantineEntry], total: Int) {
    self.entries = entries
    self.total = total
  }
}

/// Selects quarantine entries by id, by consumer, or both.
public struct QuarantineSelection: Codable, Sendable, Hashable {
  /// The entries' ids from `quarantine.list`; nil for all entries of `consumer`.
  public var ids: [Int64]?
  /// The consumer whose entries to select; nil for any, in which case `ids` is required.
  public var consumer: String?

  public init(ids: [Int64]? = nil, consumer: String? = nil) {
    self.ids = ids
    self.consumer = consumer
  }
}

/// The number of entries affected.
public struct QuarantineCount: Codable, Sendable, Hashable {
  /// The number of entries deleted; unknown ids do not count.
  public var count: Int

  public init(count: Int) { self.count = count }
}
