/// Who is who: people with their functions, groups and principals, and what principals are granted (`people.yaml`).
public struct Roster: Sendable, Hashable, Codable {
  public var people: [PersonID: Person]
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
  public var name: String
  public var functions: [LaunchFunction]
  /// The functions this person leads: polls, waivers, assignments.
  public var lead: [LaunchFunction]
  /// Groups beside the functions, each of which is a group too, as `legal`.
  public var groups: [String]
  /// `product-ops` gives every right.
  public var roles: [String]
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
  public var principal: Principal
  /// `any`, or nil: whether the principal may name the person it acts for.
  public var onBehalfOf: String?
  public var publish: Publish?

  public init(principal: Principal, onBehalfOf: String? = nil, publish: Publish? = nil) {
    self.principal = principal
    self.onBehalfOf = onBehalfOf
    self.publish = publish
  }

  /// Prefixes of the sources and types that may be published.
  public struct Publish: Sendable, Hashable, Codable {
    public var sources: [String]
    public var types: [String]

    public init(sources: [String], types: [String]) {
      self.sources = sources
      self.types = types
    }
  }
}
