public import LaunchModel

extension ServiceRoutes {
  /// Whether a service's store holds what its audit chain of a launch says; asked of the owners by the gate.
  public static func auditCheck(_ service: ServiceName) -> Route<AuditCheckParameters, AuditCheck> {
    Route(service, "audit.check", .read)
  }

  /// Accepts the state of the store where it contradicts the chain, with a reason that stays in the chain.
  public static func auditAccept(_ service: ServiceName) -> Route<AuditAcceptParameters, AuditAccepted> {
    Route(service, "audit.accept", .change)
  }
}

/// What a link of an audit chain says about the store.
///
/// A value is the SHA-256 of the rows in lower-case hex and, after a space, a few words of what they say, such as
/// `9f86d0… done, approved by lena`; `absent` if there are none any more.
public struct LinkState: Codable, Sendable, Hashable {
  /// The state that this link led to, by key, for example `item:kb-article/de`; only what it changed.
  public var set: [String: String]
  /// What the store held before, where it contradicted the chain: somebody had changed it past gonogo. Nil if nothing
  /// did.
  public var found: [String: String]?
  /// The generation of the service's audited tables that this chain covers; nil for 1, the tables that were audited first.
  public var covers: Int?

  /// The value of a key without rows.
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

/// Selects the chain to compare with the store, and what else it must hold.
public struct AuditCheckParameters: Codable, Sendable, Hashable {
  /// The launch's id; a chain of documents has a subject such as `templates`.
  public var launch: String
  /// Heads of that chain that a decision cites, each of which must be in it; nil to skip that check.
  public var cited: [ChainHead]?

  public init(launch: String, cited: [ChainHead]? = nil) {
    self.launch = launch
    self.cited = cited
  }
}

/// Whether a service's store holds what its audit chain says.
public struct AuditCheck: Codable, Sendable, Hashable {
  /// The head of the chain; nil if the service has none.
  public var head: ChainHead?
  /// The first difference; nil if there is none.
  public var broken: BrokenLink?

  public init(head: ChainHead?, broken: BrokenLink? = nil) {
    self.head = head
    self.broken = broken
  }
}

/// Which state to accept as it is.
public struct AuditAcceptParameters: Codable, Sendable, Hashable {
  /// The launch's id, or the subject of a chain of documents, such as `roster`.
  public var launch: String
  /// Why it is right, or why it cannot be restored.
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
  /// The head of the chain, with the link that accepts it.
  public var head: ChainHead
  /// The keys whose state contradicted the chain, for example `item:kb-article/de`.
  public var keys: [String]

  public init(launch: String, head: ChainHead, keys: [String]) {
    self.launch = launch
    self.head = head
    self.keys = keys
  }
}
