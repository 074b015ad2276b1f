import LaunchModel
import ServiceKit
import Storage

/// The calls about the roster.
struct RosterCalls {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showRoster) { [context] _, _ in
      try await context.environment.database.read { try RosterHistory(db: $0).current() }
    }
    router.change(ChecklistRoutes.adoptRoster) { params, call, tx in
      try Rights.require(call.actor, .productOps)
      return try RosterChange(tx: tx).adopt(try Roster(reading: params.document))
    }
  }
}

/// Adopts versions of the roster.
struct RosterChange {
  let tx: ServiceTransaction

  /// What the audit and the events name instead of a launch.
  static let subject = "roster"

  /// Adopts a roster as the next version; every service checks rights by it once the event is there.
  func adopt(_ roster: Roster) throws -> RosterAdopted {
    let history = RosterHistory(db: tx.db)
    let current = try history.current()
    guard roster != current.document else {
      throw Problem.conflict("nothing-changes", "roster version \(current.rosterVersion) says just this")
    }
    let adopted = RosterAdopted(
      rosterVersion: current.rosterVersion + 1, digest: try CanonicalDigest(of: roster).hex, document: roster)
    try history.add(adopted, by: tx.actor.description, at: tx.now)
    try tx.announce(
      Announcements.rosterAdopted, launch: Self.subject, version: adopted.rosterVersion, adopted)
    return adopted
  }
}
