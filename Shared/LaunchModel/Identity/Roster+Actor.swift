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
