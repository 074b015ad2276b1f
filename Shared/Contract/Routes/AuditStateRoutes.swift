public import LaunchModel

extension ServiceRoutes {
  /// Checks a service's store against its audit chain for a launch; the gate asks this of every service it depends on.
  public static func auditCheck(_ service: ServiceName) -> Route<AuditCheckParameters, AuditCheck> {
    Route(service, "audit.check", .read)
  }

  /// Accepts the store's state although it contradicts the chain, with a reason that the chain records.
  public static func auditAccept(_ service: ServiceName) -> Route<AuditAcceptParameters, AuditAccepted> {
    Route(service, "audit.accept", .change)
  }
}

/// The state of the store according to a link of an audit chain.
///
/// A value is the SHA-256 of the rows in lower-case hex and, after a space, a short description of them, such as
/// `9f86d0… done, approved by lena`; `absent` if the rows no longer exist.
public struct LinkState: Codable, Sendable, Hashable {
  /// The state after this link, by key, for example `item:kb-article/de`; only the keys that it changed.
  public var set: [String: String]
  /// The state of the store before this link, if it contradicted the chain because someone had changed it without
  /// gonogo; otherwise nil.
  public var found: [String: String]?
  /// The generation of audited tables that this chain covers; nil for 1, the tables audited from the start.
  public var covers: Int?

  /// The value of a key that has no rows.
  public static let absent = "absent"

  public init(set: [String: String] = [:], found: [String: String]? = nil, covers: Int? = nil) {
    self.set = set
    self.found = found
    self.covers = covers
  }
}

/// A range of lengths of an audit chain.
public struct AnnouncedRange: Codable, Sendable, Hashable {
  /// The first length.
  public var from: Int
  /// The last length.
  public var to: Int

  public init(from: Int, to: Int) {
    self.from = from
    self.to = to
  }
}

/// Selects the chain to compare with the store, and the links that it must contain.
public struct AuditCheckParameters: Codable, Sendable, Hashable {
  /// The launch's id; a chain of documents has a subject such as `templates`.
  public var launch: String
  /// Heads of that chain that a decision cites, each of which the chain must contain; nil to skip that check.
  public var cited: [ChainHead]?

  public init(launch: String, cited: [ChainHead]? = nil) {
    self.launch = launch
    self.cited = cited
  }
}

/// The result of comparing a service's store with its audit chain.
public struct AuditCheck: Codable, Sendable, Hashable {
  /// The head of the chain; nil if the service has no chain for it.
  public var head: ChainHead?
  /// The first difference; nil if there is none.
  public var broken: BrokenLink?

  public init(head: ChainHead?, broken: BrokenLink? = nil) {
    self.head = head
    self.broken = broken
  }
}

/// Selects the state to accept as it is.
public struct AuditAcceptParameters: Codable, Sendable, Hashable {
  /// The launch's id, or the subject of a chain of documents, such as `roster`.
  public var launch: String
  /// Why the state is correct, or why it cannot be restored.
  public var reason: String

  public init(launch: String, reason: String) {
    self.launch = launch
    self.reason = reason
  }
}

/// The state that was accepted.
public struct AuditAccepted: Codable, Sendable, Hashable {
  /// The launch's id, or the subject of a chain of documents.
  public var launch: String
  /// The head of the chain, including the link that records the acceptance.
  public var head: ChainHead
  /// The keys whose state contradicted the chain, for example `item:kb-article/de`.
  public var keys: [String]

  public init(launch: String, head: ChainHead, keys: [String]) {
    self.launch = launch
    self.head = head
    self.keys = keys
  }
}
