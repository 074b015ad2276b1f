import LaunchModel

/// Whom the roster takes a caller for.
struct CallerIdentity {
  let roster: Roster?
  /// The principal that this process runs as: the other services of the installation, which need no entry to read.
  let own: Principal

  func actor(_ principal: Principal, onBehalfOf person: PersonID?) throws -> Actor {
    guard let roster else {
      return Actor(
        person: person ?? principal.rawValue, principal: principal, isClaimed: person != nil, isBeforeRoster: true)
    }
    do {
      return try roster.actor(principal: principal, onBehalfOf: person)
    } catch let problem {
      guard principal == own, person == nil else { throw problem }
      return Actor(person: principal.rawValue, principal: principal)
    }
  }
}
