import JSON
public import LaunchModel

/// An event type announced by a service, with the type of its payload.
public struct EventType<Payload: Codable & Sendable>: Sendable {
  /// The CloudEvents `type`, for example `dev.gonogo.launch.proposed.v1`.
  public let name: String

  public init(_ name: String) { self.name = name }
}

/// The members that the `data` of every announcement has in addition to its payload (contract.md, section 5).
public struct AnnouncementHeader: Codable, Sendable, Hashable {
  /// The launch's id, also the event's `subject`; a word such as `templates` for documents.
  public var launch: String
  /// The version, which counts changes to anything that decisions depend on.
  public var version: Int
  /// Who did it: `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// When it was done, also the event's `time`.
  public var at: Timestamp
  /// The head of the announcing service's audit chain for this launch, including the link for this event.
  public var chain: ChainHead
  /// The reason given; nil if there was none.
  public var reason: String?

  public init(launch: String, version: Int, by: String, at: Timestamp, chain: ChainHead, reason: String? = nil) {
    self.launch = launch
    self.version = version
    self.by = by
    self.at = at
    self.chain = chain
    self.reason = reason
  }
}

/// The head of an audit chain: the number of links and the SHA-256 of the last one.
public struct ChainHead: Codable, Sendable, Hashable {
  /// The number of links; 0 for none.
  public var length: Int
  /// The last link's SHA-256, lower-case hex, which covers all links before it.
  public var hash: String

  /// The head of an empty chain; its hash serves as the predecessor of the first link.
  public static let empty = ChainHead(length: 0, hash: String(repeating: "0", count: 64))

  public init(length: Int, hash: String) {
    self.length = length
    self.hash = hash
  }
}

/// The prefixes that determine which event types and sources belong to whom (contract.md, sections 3 to 5).
public enum EventNamespace {
  /// The type prefix of this product.
  public static let own = "dev.gonogo."
  /// The type prefix of signals, which other systems publish; all other types of this product belong to services.
  public static let signals = "dev.gonogo.signal."
  /// The type prefixes of all announcements, so that a consumer of announcements can skip the far more numerous
  /// signals.
  public static let announcements = [
    "launch", "checklist", "decision", "halt", "exposure", "hypercare", "metrics", "metricdefaults", "review", "action",
    "learning", "template", "policy", "roster", "calendar", "notice",
  ].map { "\(own)\($0)." }
  /// Whether events of the type are announced by a service: the product's own types, apart from signals.
  public static func isAnnouncement(_ type: String) -> Bool { type.hasPrefix(own) && !type.hasPrefix(signals) }

  /// The source prefix of the services.
  public static let serviceSources = "/gonogo/"
}

/// The reason why an event cannot take effect: an error in the event itself, which every retry would repeat.
///
/// A consumer quarantines the event at once. Failures of a store, a disk or the network are not `EventError`s; those
/// are retried.
public struct EventError: Error, Sendable, Hashable {
  /// A stable word, such as `malformed-data`.
  public var code: String
  /// What is wrong, where, and what was expected.
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = Excerpt.shortening(detail)
  }

  /// The bytes are not a CloudEvents 1.0 event in structured JSON.
  public static func malformedEvent(_ detail: String) -> EventError {
    EventError(code: "malformed-event", detail: detail)
  }

  /// The data do not fit the event's type.
  public static func malformedData(_ detail: String) -> EventError {
    EventError(code: "malformed-data", detail: detail)
  }

  /// The event's time is in the future.
  public static func futureTime(_ detail: String) -> EventError { EventError(code: "future-time", detail: detail) }
}
