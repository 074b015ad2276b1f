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
