/// Who does something, as far as the roster and the transport can say.
public struct Actor: Sendable, Hashable, Codable {
  /// The person's key on the roster; before there is a roster, the name as given or the principal itself.
  public var person: PersonID
  /// The principal that the transport proved.
  public var principal: Principal
  /// Whether the person was named by a principal acting on their behalf, rather than proven.
  public var isClaimed: Bool
  /// The roster's entry; nil before there is a roster, and for services.
  public var entry: Person?
  /// Whether no roster has been adopted yet: then every right is given, with a warning.
  public var isBeforeRoster: Bool
  /// Whether the principal is that of the installation's own processes, which read whatever the roster says.
  public var isInstallation: Bool

  public init(
    person: PersonID, principal: Principal, isClaimed: Bool = false, entry: Person? = nil, isBeforeRoster: Bool = false,
    isInstallation: Bool = false
  ) {
    self.person = person
    self.principal = principal
    self.isClaimed = isClaimed
    self.entry = entry
    self.isBeforeRoster = isBeforeRoster
    self.isInstallation = isInstallation
  }

  /// As audit entries and events write it: `dana`, or `dana (claimed by uid:1000)`.
  public var description: String { isClaimed ? "\(person) (claimed by \(principal))" : person }

  /// What a service does by itself, as when a sweep or an event acts.
  public static func service(_ name: ServiceName) -> Actor {
    Actor(person: "gonogo-\(name.rawValue)", principal: Principal("service:\(name.rawValue)"))
  }
}

/// A process of the system that answers calls.
public enum ServiceName: String, Sendable, Codable, CaseIterable, Hashable {
  case bus, tiering, checklist, metrics, review

  /// The `source` of its events.
  public var eventSource: String { "/gonogo/\(rawValue)" }
}

/// Who the transport says is calling: `uid:1000` from the kernel on Unix sockets, `key:…` from CURVE on TCP.
public struct Principal: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kind, a colon and the id, as `uid:1000`.
  public var rawValue: String

  public init(_ rawValue: String) { self.rawValue = rawValue }

  /// The principal of a user id of this host.
  public static func uid(_ id: UInt32) -> Principal { Principal("uid:\(id)") }

  /// The principal of whoever has the secret key of that CURVE key, 40 characters of Z85.
  public static func key(_ text: String) -> Principal { Principal("key:\(text)") }

  /// The same text, as `uid:1000`.
  public var description: String { rawValue }

  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
