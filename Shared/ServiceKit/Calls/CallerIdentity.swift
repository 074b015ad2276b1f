import LaunchModel

/// Whom the roster takes a caller for, and whether it may call at all.
struct CallerIdentity {
  let roster: Roster?
  /// The principals that this process runs as: the other services of the installation, which need no entry to read.
  let own: Set<Principal>

  /// - Throws: `forbidden` for somebody who is not on the roster (product.md, section 6: nothing but `ping`).
  func actor(_ principal: Principal, onBehalfOf person: PersonID?) throws(Problem) -> Actor {
    var actor = try (roster ?? Roster()).actor(principal: principal, onBehalfOf: person)
    actor.isInstallation = own.contains(principal) && !actor.isClaimed
    guard actor.isBeforeRoster || actor.entry != nil || actor.isInstallation else {
      throw .forbidden(
        code: "not-on-roster", title: "not on the roster",
        "\(principal) belongs to nobody on the roster; ask Product Ops to add it to people.yaml")
    }
    return actor
  }
}
