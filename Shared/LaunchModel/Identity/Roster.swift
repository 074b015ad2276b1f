/// Who is who: people with their functions, groups and principals, and what principals are granted (`people.yaml`).
public struct Roster: Sendable, Hashable, Codable {
  /// By key, as `dana`; a principal belongs to one of them at most.
  public var people: [PersonID: Person]
  /// What principals may do beside their person's rights; default none.
  public var grants: [Grant]
  /// Groups whose approvals count only from proven identities.
  public var provenOnly: [String]

  public init(people: [PersonID: Person] = [:], grants: [Grant] = [], provenOnly: [String] = []) {
    self.people = people
    self.grants = grants
    self.provenOnly = provenOnly
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    people = try container.decode([PersonID: Person].self, forKey: .people)
    grants = try container.decodeIfPresent([Grant].self, forKey: .grants) ?? []
    provenOnly = try container.decodeIfPresent([String].self, forKey: .provenOnly) ?? []
  }
}

/// One person on the roster.
public struct Person: Sendable, Hashable, Codable {
  /// As people call them, as `Dana Reyes`.
  public var name: String
  /// The functions they are a member of; default none.
  public var functions: [LaunchFunction]
  /// The functions this person leads: polls, waivers, assignments.
  public var lead: [LaunchFunction]
  /// Groups beside the functions, each of which is a group too, as `legal`.
  public var groups: [String]
  /// `product-ops` gives every right.
  public var roles: [String]
  /// The proofs by which the transport knows them; default none, and then they can only be claimed.
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

/// What a principal may do beside its person's rights.
public struct Grant: Sendable, Hashable, Codable {
  /// Who is granted it, as `uid:990`; it need not belong to a person.
  public var principal: Principal
  /// `any`, or nil: whether the principal may name the person it acts for.
  public var onBehalfOf: String?
  /// What it may publish to the bus; nil for nothing by this grant.
  public var publish: Publish?

  public init(principal: Principal, onBehalfOf: String? = nil, publish: Publish? = nil) {
    self.principal = principal
    self.onBehalfOf = onBehalfOf
    self.publish = publish
  }

  /// Prefixes of the sources and types that may be published.
  public struct Publish: Sendable, Hashable, Codable {
    /// Beginnings of the events' `source`, as `//helpdesk/`.
    public var sources: [String]
    /// Beginnings of the events' `type`, as `dev.gonogo.signal.ticket.`.
    public var types: [String]

    public init(sources: [String], types: [String]) {
      self.sources = sources
      self.types = types
    }
  }
}

extension Roster {
  /// Whether nobody is on it, as before one was adopted.
  public var isEmpty: Bool { people.isEmpty }

  /// The person to whom a principal belongs.
  public func person(of principal: Principal) -> PersonID? {
    people.first { $0.value.principals.contains(principal) }?.key
  }

  /// Who acts, when a principal calls, perhaps in the name of another.
  ///
  /// Before there is a roster names are taken as given. A principal that is on no one's list acts as itself, without rights.
  /// - Throws: `forbidden`, where the principal may not act for that person; `invalid`, where nobody is called so.
  public func actor(principal: Principal, onBehalfOf name: PersonID? = nil) throws(Problem) -> Actor {
    guard !isEmpty else {
      return Actor(
        person: name ?? principal.rawValue, principal: principal, isClaimed: name != nil, isBeforeRoster: true)
    }
    let own = person(of: principal)
    guard let name, name != own else {
      return Actor(person: own ?? principal.rawValue, principal: principal, entry: own.flatMap { people[$0] })
    }
    guard grants.contains(where: { $0.principal == principal && ($0.onBehalfOf == "any" || $0.onBehalfOf == name) })
    else {
      throw .forbidden(
        code: "on-behalf-of-not-granted", title: "not allowed to act for others",
        "\(principal) may not act on behalf of \(name); the roster's grants would have to say so")
    }
    guard let entry = people[name] else {
      throw .invalid(
        "unknown-person", title: "nobody of that name", pointer: "/_meta/onBehalfOf",
        "there is no \(name) on the roster" + Suggestion.text(for: name, among: people.keys))
    }
    return Actor(person: name, principal: principal, isClaimed: true, entry: entry)
  }

  /// Whether a principal is a Product Ops person's, or may act for one, and so could adopt another roster.
  public func reachesProductOps(_ principal: Principal) -> Bool {
    if let own = person(of: principal), people[own]?.isProductOps == true { return true }
    return grants.contains { grant in
      guard grant.principal == principal, let name = grant.onBehalfOf else { return false }
      return people.contains { $0.value.isProductOps && (name == "any" || name == $0.key) }
    }
  }

  /// Whether a principal may publish an event of that source and type; before there is a roster, anybody may.
  public func allowsPublishing(_ principal: Principal, source: String, type: String) -> Bool {
    guard !isEmpty else { return true }
    if let own = person(of: principal), people[own]?.isProductOps == true { return true }
    return grants.contains { grant in
      guard grant.principal == principal, let publish = grant.publish else { return false }
      return publish.sources.contains(where: source.hasPrefix) && publish.types.contains(where: type.hasPrefix)
    }
  }
}

/// What it takes to do something (product.md, section 6).
public enum Right: Sendable, Hashable {
  case productOps
  /// A launch's owner.
  case ownLaunch(owner: PersonID)
  /// A function's lead.
  case leads(LaunchFunction)
  /// A function's member.
  case memberOf(LaunchFunction)
  case onRoster
  /// Reading: whoever is on the roster, and the installation's own processes, which ask one another.
  case read
  /// A member of a group; nobody approves for a group they are not in, Product Ops included.
  case approves(group: String)

  /// As a message names who may.
  public var holder: String {
    switch self {
    case .productOps: "Product Ops"
    case .ownLaunch(let owner): "the launch's owner (\(owner)) or Product Ops"
    case .leads(let function): "\(function.title)'s lead or Product Ops"
    case .memberOf(let function): "a member of \(function.title) or Product Ops"
    case .onRoster, .read: "somebody on the roster"
    case .approves(let group): "a member of the group \(group)"
    }
  }
}

/// The rules of who may do what.
public enum Rights {
  /// Whether the actor has the right; before there is a roster, everybody has every one.
  public static func allows(_ actor: Actor, _ right: Right) -> Bool {
    if actor.isBeforeRoster || actor.isService { return true }
    if actor.isInstallation, right == .read { return true }
    guard let entry = actor.entry else { return false }
    if case .approves(let group) = right { return entry.isIn(group) }
    if entry.isProductOps { return true }
    switch right {
    case .productOps, .approves: return false
    case .ownLaunch(let owner): return actor.person == owner
    case .leads(let function): return entry.lead.contains(function)
    case .memberOf(let function): return entry.functions.contains(function) || entry.lead.contains(function)
    case .onRoster, .read: return true
    }
  }

  /// - Throws: `forbidden`, saying who may, unless the actor has the right.
  public static func require(_ actor: Actor, _ right: Right) throws(Problem) {
    guard !allows(actor, right) else { return }
    try require(actor, anyOf: [right])
  }

  /// - Throws: `forbidden`, saying who may, unless the actor has one of the rights.
  public static func require(_ actor: Actor, anyOf rights: [Right]) throws(Problem) {
    guard !rights.contains(where: { allows(actor, $0) }) else { return }
    guard actor.entry != nil else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "\(actor.principal) is nobody's principal on the roster; add it to a person's principals and adopt the roster")
    }
    let holders = rights.map(\.holder).joined(separator: ", or ")
    throw .forbidden("\(actor.person) may not do this; \(holders) may")
  }
}

extension Person {
  /// Whether the person has every right.
  public var isProductOps: Bool { roles.contains("product-ops") }

  /// Whether the person is in that group; every function is a group too.
  public func isIn(_ group: String) -> Bool { groups.contains(group) || functions.contains { $0.rawValue == group } }
}

extension Actor {
  /// Whether a service does this by itself.
  public var isService: Bool { principal.rawValue.hasPrefix("service:") }
}
