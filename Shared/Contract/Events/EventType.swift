public import LaunchModel

/// A type of event that a service announces, with the type of its payload.
public struct EventType<Payload: Codable & Sendable>: Sendable {
  /// The CloudEvents `type`, as `dev.gonogo.launch.proposed.v1`.
  public let name: String

  public init(_ name: String) { self.name = name }
}

/// What the `data` of every announced event has beside its payload (contract.md, section 5).
public struct AnnouncementHeader: Codable, Sendable, Hashable {
  /// The launch's id, which is the event's `subject` too; for documents a word, as `templates`.
  public var launch: String
  /// The version of what decisions rest on.
  public var version: Int
  /// Who did it, as `dana`, `dana (claimed by uid:1000)`, or `gonogo-checklist`.
  public var by: String
  /// When it was done, which is the event's `time` too.
  public var at: Timestamp
  /// The state of the announcer's audit chain for this launch, with this entry.
  public var chain: ChainHead
  /// The reason given for it; nil where there was none.
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

/// The end of an audit chain: its number of links and the last link's SHA-256, in lower-case hex.
public struct ChainHead: Codable, Sendable, Hashable {
  /// How many links there are; 0 for none.
  public var length: Int
  /// The last link's SHA-256, which covers all links before it.
  public var hash: String

  /// The end of a chain without links: what stands for the hash before the first.
  public static let empty = ChainHead(length: 0, hash: String(repeating: "0", count: 64))

  public init(length: Int, hash: String) {
    self.length = length
    self.hash = hash
  }
}

/// Which types and sources of events are whose (contract.md, sections 3 to 5).
public enum EventNamespace {
  /// The types of this product.
  public static let own = "dev.gonogo."
  /// Those of them that other systems publish; the others are the services'.
  public static let signals = "dev.gonogo.signal."
  /// The beginnings of the services' types, of every family there is, so that a reader of announcements need not read
  /// the signals, which are many times as many.
  public static let announcements = [
    "launch", "checklist", "decision", "exposure", "metrics", "review", "action", "learning", "template", "policy",
    "roster", "calendar", "notice",
  ].map { "\(own)\($0)." }
  /// The sources of the services.
  public static let serviceSources = "/gonogo/"
}
