public import LaunchModel

/// A feed: a type of event from one source.
public struct FeedName: Sendable, Hashable, Codable, Comparable {
  /// The event type, such as `dev.gonogo.signal.ticket.opened.v1`.
  public var type: String
  /// The CloudEvents source, such as `//helpdesk/`.
  public var source: String

  public init(type: String, source: String) {
    self.type = type
    self.source = source
  }

  public static func < (left: Self, right: Self) -> Bool { (left.type, left.source) < (right.type, right.source) }
}

/// The data of `feed.gap`: a bridge reports that a feed did not deliver for a while.
public struct FeedGap: SignalPayload {
  public static let type = SignalType.feedGap
  public static let summary = "A feed did not deliver its events for a while, and they are missing until it is filled."

  /// The feed.
  public let feed: FeedName
  /// The beginning of the gap.
  public let from: Timestamp
  /// The end of the gap.
  public let to: Timestamp

  public init(_ fields: inout SignalReader) throws(EventError) {
    feed = try fields.feed("feed", "The feed: the type and source of its events.")
    from = try fields.moment("from", "The first moment from which events are missing.", example: "2027-03-01T08:00:00Z")
    to = try fields.moment("to", "The moment up to which events are missing.", example: "2027-03-01T11:30:00Z")
    guard from <= to else { throw fields.fault("to", expected: "a moment that is not before data.from") }
  }
}

/// The data of `feed.filled`: the events missing in a gap have been delivered.
public struct FeedFilled: SignalPayload {
  public static let type = SignalType.feedFilled
  public static let summary = "The events that were missing from a feed have been delivered."

  /// The feed.
  public let feed: FeedName
  /// The beginning of the gap that was filled.
  public let from: Timestamp
  /// The end of the gap that was filled.
  public let to: Timestamp

  public init(_ fields: inout SignalReader) throws(EventError) {
    feed = try fields.feed("feed", "The feed: the type and source of its events.")
    from = try fields.moment(
      "from",
      "The first moment from which events had been missing.", example: "2027-03-01T08:00:00Z")
    to = try fields.moment("to", "The moment up to which events had been missing.", example: "2027-03-01T11:30:00Z")
    guard from <= to else { throw fields.fault("to", expected: "a moment that is not before data.from") }
  }
}
