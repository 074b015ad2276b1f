/// The people with their functions, groups and principals, and the grants to principals (`people.yaml`).
public struct Roster: Sendable, Hashable, Codable {
  /// The people by key, for example `dana`; a principal belongs to at most one person.
  public var people: [PersonID: Person]
  /// What principals may do beyond their person's rights; default none.
  public var grants: [Grant]
  /// Groups whose approvals count only from proven, not from claimed, identities.
  public var provenOnly: [String]
  /// The delegations, by which one person acts for another; default none.
  public var delegates: [Delegation]

  public init(
    people: [PersonID: Person] = [:], grants: [Grant] = [], provenOnly: [String] = [], delegates: [Delegation] = []
  ) {
    self.people = people
    self.grants = grants
    self.provenOnly = provenOnly
    self.delegates = delegates
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    people = try container.decode([PersonID: Person].self, forKey: .people)
    grants = try container.decodeIfPresent([Grant].self, forKey: .grants) ?? []
    provenOnly = try container.decodeIfPresent([String].self, forKey: .provenOnly) ?? []
    delegates = try container.decodeIfPresent([Delegation].self, forKey: .delegates) ?? []
  }
}

/// One person on the roster.
public struct Person: Sendable, Hashable, Codable {
  /// The full name, for example `Dana Reyes`.
  public var name: String
  /// The functions they are a member of; default none.
  public var functions: [LaunchFunction]
  /// The functions this person leads and may answer polls, waive items and assign items for; default none.
  public var lead: [LaunchFunction]
  /// The person's groups besides their functions, which also count as groups; for example `legal`. Default none.
  public var groups: [String]
  /// The person's roles: `product-ops` gives every right; default none.
  public var roles: [String]
  /// The identities proven by the transport that belong to this person; default none, in which case others can only
  /// claim to act for them.
  public var principals: [Principal]

  public init(
    name: String, functions: [LaunchFunction] = [], lead: [LaunchFunction] = [], groups: [String] = [],
    roles: [String] = [], principals: [Principal] = []
  ) {
    self.name = name
    self.functions = functions
    self.lead = lead
    self.groups = groups
    self.roles = roles
    self.principals = principals
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    functions = try container.decodeIfPresent([LaunchFunction].self, forKey: .functions) ?? []
    lead = try container.decodeIfPresent([LaunchFunction].self, forKey: .lead) ?? []
    groups = try container.decodeIfPresent([String].self, forKey: .groups) ?? []
    roles = try container.decodeIfPresent([String].self, forKey: .roles) ?? []
    principals = try container.decodeIfPresent([Principal].self, forKey: .principals) ?? []
  }
}

/// What a principal may do beyond its person's rights.
public struct Grant: Sendable, Hashable, Codable {
  /// The grantee, for example `uid:990`; it need not belong to a person.
  public var principal: Principal
  /// The person that the principal may act for, or `any`; nil for nobody.
  public var onBehalfOf: String?
  /// What it may publish to the bus; nil if this grant allows nothing.
  public var publish: Publish?
  /// Rights beyond those that follow from functions and roles; nil for none.
  public var rights: [GrantedRight]?

  public init(
    principal: Principal, onBehalfOf: String? = nil, publish: Publish? = nil, rights: [GrantedRight]? = nil
  ) {
    self.principal = principal
    self.onBehalfOf = onBehalfOf
    self.publish = publish
    self.rights = rights
  }

  /// The source and type prefixes that may be published.
  public struct Publish: Sendable, Hashable, Codable {
    /// Prefixes of the events' `source`, for example `//helpdesk/`.
    public var sources: [String]
    /// Prefixes of the events' `type`, for example `dev.gonogo.signal.ticket.`.
    public var types: [String]
    /// The items that `evidence.recorded` may be about, for example `qa` or `kb-article/de`; a key alone includes all
    /// its instances. With this limit, other event types are allowed only if `types` names them in full. Nil for no
    /// limit.
    public var items: [String]?

    public init(sources: [String], types: [String], items: [String]? = nil) {
      self.sources = sources
      self.types = types
      self.items = items
    }

    /// Returns whether it allows evidence about an item, given as `key` or `key/instance`; nil if the event names no
    /// item.
    public func allowsEvidence(about item: String?) -> Bool {
      guard let items else { return true }
      guard let item else { return false }
      return items.contains(item) || items.contains(String(item.prefix { $0 != "/" }))
    }
  }
}

/// A right that the roster can grant on its own.
public enum GrantedRight: String, Codable, Sendable, Hashable, CaseIterable {
  /// Proposing launches; members of a function have this right anyway.
  case propose
  /// Registering a consumer with the bus and reporting its progress, which holds back pruning.
  case consume
  /// Putting events into quarantine.
  case quarantine
  /// Halting the line and lifting the halt.
  case halt
}

extension Roster {
  /// Whether it has no people, as before the first adoption.
  public var isEmpty: Bool { people.isEmpty }

  /// Returns the person to whom a principal belongs; nil if there is none.
  public func person(of principal: Principal) -> PersonID? {
    people.first { $0.value.principals.contains(principal) }?.key
  }

  /// Returns the actor for a call by a principal, optionally on behalf of a person.
  ///
  /// Before a roster is adopted, names are accepted as given. A principal without a person acts as itself, without
  /// rights. If the person delegated to the caller, the caller acts under that delegation rather than on the person's
  /// behalf, so that the record shows both.
  ///
  /// - Parameter now: the moment at which delegations must be valid; nil to ignore delegations.
  /// - Throws: `forbidden` if the principal may not act for that person; `invalid` if the person is not on the roster.
  public func actor(
    principal: Principal, onBehalfOf name: PersonID? = nil, at now: Timestamp? = nil
  ) throws(Problem) -> Actor {
    guard !isEmpty else {
      return Actor(
        person: name ?? principal.rawValue, principal: principal, isClaimed: name != nil, isBeforeRoster: true)
    }
    let own = person(of: principal)
    let actor = addingStandIns(
      to: Actor(
        person: own ?? principal.rawValue, principal: principal, entry: own.flatMap { people[$0] },
        granted: granted(to: [principal])),
      at: now)
    guard let name, name != own else { return actor }
    guard grants.contains(where: { $0.principal == principal && ($0.onBehalfOf == "any" || $0.onBehalfOf == name) })
    else {
      if let standIn = actor.standIns.first(where: { $0.rightsHolder == name }) { return standIn }
      throw .forbidden(
        code: "on-behalf-of-not-granted", title: "not allowed to act for others",
        "\(principal) may not act on behalf of \(name); the roster needs a grant with onBehalfOf for it")
    }
    guard let entry = people[name] else {
      throw .invalid(
        "unknown-person", title: "unknown person", pointer: "/_meta/onBehalfOf",
        "\(name) is not on the roster" + suggestion(for: name))
    }
    return addingStandIns(
      to: Actor(
        person: name, principal: principal, isClaimed: true, entry: entry, granted: granted(to: entry.principals)),
      at: now)
  }

  func granted(to principals: [Principal]) -> Set<GrantedRight> {
    Set(grants.filter { principals.contains($0.principal) }.flatMap { $0.rights ?? [] })
  }

  /// Requires that people are on the roster, because only those can own, do or attend something.
  ///
  /// - Throws: `invalid` with code `unknown-person`, with the nearest name for each missing person.
  public func requireKnown(_ people: [PersonID], at pointer: String) throws(Problem) {
    guard !isEmpty else { return }
    let unknown = people.filter { self.people[$0] == nil }
    guard !unknown.isEmpty else { return }
    let named = unknown.map { "\($0.excerpt)\(suggestion(for: $0))" }.joined(separator: ", ")
    throw Problem(
      .invalid, code: "unknown-person", title: "unknown person",
      detail: "not on the roster: \(named); see gonogo roster show",
      errors: unknown.map { FieldError(pointer: pointer, detail: absence(of: $0)) })
  }

  /// Returns the message that a name is not on the roster, with the nearest one that is.
  public func absence(of name: String) -> String {
    "\"\(name.excerpt)\" is not on the roster\(suggestion(for: name))"
  }

  /// Returns ` (did you mean "lena"?)` for a similar key or full name, otherwise an empty string.
  private func suggestion(for name: String) -> String {
    let full = people.first { $0.value.name.lowercased() == name.lowercased() }?.key
    return full.map { Suggestion.text(naming: [$0]) } ?? Suggestion.text(for: name, among: people.keys.sorted())
  }

  /// Returns whether the principal belongs to a Product Ops person or may act for one, and so could adopt another
  /// roster.
  public func reachesProductOps(_ principal: Principal) -> Bool {
    if let own = person(of: principal), people[own]?.isProductOps == true { return true }
    return grants.contains { grant in
      guard grant.principal == principal, let name = grant.onBehalfOf else { return false }
      return people.contains { $0.value.isProductOps && (name == "any" || name == $0.key) }
    }
  }

  /// Returns whether the principal may publish an event with that source and type; before a roster is adopted, anyone
  /// may.
  ///
  /// Grants that are limited to items also depend on the item that the evidence is about: see
  /// `Grant.Publish.allowsEvidence`.
  public func allowsPublishing(_ principal: Principal, source: String, type: String) -> Bool {
    guard !isEmpty else { return true }
    if let own = person(of: principal), people[own]?.isProductOps == true { return true }
    return grants.contains { grant in
      guard grant.principal == principal, let publish = grant.publish else { return false }
      return publish.sources.contains(where: source.hasPrefix) && publish.types.contains(where: type.hasPrefix)
    }
  }
}

/// A right that an action requires (product.md, section 6).
public enum Right: Sendable, Hashable {
  case productOps
  /// The launch's owner.
  case ownLaunch(owner: PersonID)
  /// The function's lead.
  case leads(LaunchFunction)
  /// A member of the function.
  case memberOf(LaunchFunction)
  case onRoster
  /// Proposing launches: members of a function, and anyone who is granted the right.
  case propose
  /// Reading: anyone on the roster, and the installation's own processes, which call each other.
  case read
  /// A member of the group; nobody can approve for a group to which they do not belong, not even Product Ops.
  case approves(group: String)
  /// A right that the roster grants by name; Product Ops has it anyway.
  case granted(GrantedRight)

  /// Who holds the right, as phrased in messages.
  public var holder: String {
    switch self {
    case .productOps: "Product Ops"
    case .ownLaunch(let owner): "the launch's owner (\(owner)) or Product Ops"
    case .leads(let function): "\(function.title)'s lead or Product Ops"
    case .memberOf(let function): "a member of \(function.title) or Product Ops"
    case .onRoster, .read: "anyone on the roster"
    case .propose: "members of a function, and whoever the roster grants the right propose,"
    case .approves(let group): "a member of the group \(group)"
    case .granted(let right): "Product Ops, or anyone with a grant of rights: [\(right.rawValue)],"
    }
  }
}

/// The authorization rules.
public enum Rights {
  /// Whether the actor has the right; before a roster is adopted, everyone has every right.
  public static func allows(_ actor: Actor, _ right: Right) -> Bool {
    if actor.isBeforeRoster || actor.isService { return true }
    if actor.isInstallation, right == .read { return true }
    if case .granted(let granted) = right, actor.granted.contains(granted) { return true }
    guard let entry = actor.entry else { return false }
    if case .approves(let group) = right { return entry.isIn(group) }
    if entry.isProductOps { return true }
    switch right {
    case .productOps, .approves, .granted: return false
    case .ownLaunch(let owner): return actor.rightsHolder == owner
    case .leads(let function): return entry.lead.contains(function)
    case .memberOf(let function): return entry.functions.contains(function) || entry.lead.contains(function)
    case .propose: return !entry.functions.isEmpty || !entry.lead.isEmpty || actor.granted.contains(.propose)
    case .onRoster, .read: return true
    }
  }

  /// - Throws: `forbidden`, naming who is allowed, unless the actor has the right.
  public static func require(_ actor: Actor, _ right: Right) throws(Problem) {
    guard !allows(actor, right) else { return }
    try require(actor, anyOf: [right])
  }

  /// - Throws: `forbidden`, naming who is allowed, unless the actor has one of the rights.
  public static func require(_ actor: Actor, anyOf rights: [Right]) throws(Problem) {
    guard !rights.contains(where: { allows(actor, $0) }) else { return }
    guard actor.entry != nil else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "nobody on the roster has the principal \(actor.principal); add it to a person's principals and adopt the "
          + "roster")
    }
    let holders = rights.map(\.holder).joined(separator: ", or ")
    throw .forbidden("\(actor.person) may not do this; \(holders) may")
  }
}

extension Person {
  /// Whether the person has every right.
  public var isProductOps: Bool { roles.contains("product-ops") }

  /// The groups that the person is in, including their functions, each of which is also a group.
  public var allGroups: Set<String> { Set(groups).union(functions.map(\.rawValue)) }

  /// Whether the person is in the group; every function is also a group.
  public func isIn(_ group: String) -> Bool { groups.contains(group) || functions.contains { $0.rawValue == group } }
}

extension Actor {
  /// Whether it is a service acting on its own.
  public var isService: Bool { principal.rawValue.hasPrefix("service:") }
}
