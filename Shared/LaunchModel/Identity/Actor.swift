/// Who performs an action, as established by the transport and the roster.
public struct Actor: Sendable, Hashable, Codable {
  /// The person's key on the roster; before a roster is adopted, the given name or the principal itself.
  public var person: PersonID
  /// The principal authenticated by the transport.
  public var principal: Principal
  /// Whether the person is only claimed: a principal acts on their behalf, and the transport has not proved who they
  /// are.
  public var isClaimed: Bool
  /// The person's roster entry; nil before a roster is adopted and for services.
  public var entry: Person?
  /// Whether no roster has been adopted yet; everyone then has every right, with a warning.
  public var isBeforeRoster: Bool
  /// Whether the principal belongs to the installation's own processes, which may read regardless of the roster.
  public var isInstallation: Bool
  /// The rights that the roster grants to the person's principals.
  public var granted: Set<GrantedRight>
  /// The delegation under which the person acts for another one, whose roster entry and grants then count; nil if the
  /// person acts as themselves.
  public var delegation: Delegation?
  /// The same person acting for each of those who have delegated to them; empty if the actor already acts under a
  /// delegation.
  public var standIns: [Actor]

  public init(
    person: PersonID, principal: Principal, isClaimed: Bool = false, entry: Person? = nil, isBeforeRoster: Bool = false,
    isInstallation: Bool = false, granted: Set<GrantedRight> = [], delegation: Delegation? = nil,
    standIns: [Actor] = []
  ) {
    self.person = person
    self.principal = principal
    self.isClaimed = isClaimed
    self.entry = entry
    self.isBeforeRoster = isBeforeRoster
    self.isInstallation = isInstallation
    self.granted = granted
    self.delegation = delegation
    self.standIns = standIns
  }

  /// The actor as recorded in audit entries and events: `dana`, `aiko for lena`, or `dana (claimed by uid:1000)`.
  public var description: String {
    let name = delegation.map { "\(person) for \($0.from)" } ?? person
    return isClaimed ? "\(name) (claimed by \(principal))" : name
  }

  /// The actor for work that a service does on its own, such as a job or an event handler.
  public static func service(_ name: ServiceName) -> Actor {
    Actor(person: "gonogo-\(name.rawValue)", principal: Principal("service:\(name.rawValue)"))
  }
}

/// A service that answers calls.
public enum ServiceName: String, Sendable, Codable, CaseIterable, Hashable {
  case bus, tiering, checklist, metrics, review

  /// The `source` of its events.
  public var eventSource: String { "/gonogo/\(rawValue)" }
}

/// The authenticated caller: `uid:1000` from the kernel on Unix sockets, `key:…` from CURVE on TCP.
public struct Principal: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind, a colon and the id, for example `uid:1000`.
  public var rawValue: String

  public init(_ rawValue: String) { self.rawValue = rawValue }

  /// The principal of a user id on this host.
  public static func uid(_ id: UInt32) -> Principal { Principal("uid:\(id)") }

  /// The principal of whoever holds a CURVE secret key, given the public key as 40 characters of Z85.
  public static func key(_ text: String) -> Principal { Principal("key:\(text)") }

  /// The raw value, for example `uid:1000`.
  public var description: String { rawValue }

  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
