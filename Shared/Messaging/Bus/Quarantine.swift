public import LaunchModel

/// An event that a consumer could not process; the event is the message's one part.
public struct QuarantineReport: Codable, Sendable, Hashable {
  public var consumer: String
  /// The event's offset; absent where it was refused before it was stored.
  public var offset: Int64?
  /// A stable word for the reason.
  public var code: String
  public var detail: String
  public var attempts: Int

  public init(consumer: String, offset: Int64?, code: String, detail: String, attempts: Int) {
    self.consumer = consumer
    self.offset = offset
    self.code = code
    self.detail = detail
    self.attempts = attempts
  }
}

/// An event in quarantine.
public struct QuarantineEntry: Codable, Sendable, Hashable {
  public var id: Int64
  public var consumer: String
  public var offset: Int64?
  public var code: String
  public var detail: String
  public var attempts: Int
  public var at: Timestamp
  /// Whether an operator has asked for another try, which its consumer then makes.
  public var retry: Bool

  public init(
    id: Int64, consumer: String, offset: Int64?, code: String, detail: String, attempts: Int, at: Timestamp,
    retry: Bool = false
  ) {
    self.id = id
    self.consumer = consumer
    self.offset = offset
    self.code = code
    self.detail = detail
    self.attempts = attempts
    self.at = at
    self.retry = retry
  }
}

/// Which entries to list; every filter that is given must hold.
public struct QuarantineFilter: Codable, Sendable, Hashable {
  public var consumer: String?
  /// Only those that another try was asked for, or only those that it was not.
  public var retry: Bool?

  public init(consumer: String? = nil, retry: Bool? = nil) {
    self.consumer = consumer
    self.retry = retry
  }
}

/// Entries by id; the events are the message's parts in the same order.
public struct QuarantineList: Codable, Sendable, Hashable {
  public var entries: [QuarantineEntry]

  public init(entries: [QuarantineEntry]) { self.entries = entries }
}

/// One entry.
public struct QuarantineReference: Codable, Sendable, Hashable {
  public var id: Int64

  public init(id: Int64) { self.id = id }
}
