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
