import Contract
import Digests
import JSON
import LaunchModel
import ServiceKit
import Storage

/// The calls about the roster.
struct RosterHandlers {
  let context: ChecklistContext

  /// The maximum number of departed people that an adoption names; `roster.holdings` returns all.
  private static let mostDepartures = 20

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showRoster) { [context] _, _ in
      try await context.environment.database.read { try RosterHistory(db: $0).current() }
    }
    router.read(ChecklistRoutes.checkRoster) { [context] _, call in
      try Rights.require(call.actor, .read)
      return try await context.environment.database.read { db in
        ReferenceReport(faults: try RosterReferences(db: db, context: context, now: call.now).faults(on: nil))
      }
    }
    router.read(ChecklistRoutes.previewRoster) { [context] params, call in
      try Rights.require(call.actor, .read)
      let roster = try Roster(reading: params.document)
      return try await context.environment.database.read { db in
        let references = RosterReferences(db: db, context: context, now: call.now)
        let known = Set(try references.faults(on: nil))
        return ReferenceReport(faults: try references.faults(on: roster).filter { !known.contains($0) })
      }
    }
    router.change(ChecklistRoutes.adoptRoster) { [context] params, call, tx in
      try Rights.require(call.actor, .productOps)
      let before = try RosterHistory(db: tx.db).current().document
      var adopted = try RosterChange(tx: tx).adopt(try Roster(reading: params.document), reason: params.reason)
      let references = RosterReferences(db: tx.db, context: context, now: tx.now)
      let warnings =
        (Self.warnings(adopted.document, call.actor.principal) ?? [])
        + (try references.warnings(on: adopted.document) ?? [])
      adopted.warnings = warnings.isEmpty ? nil : warnings
      let leaving = before.people.filter { adopted.document.people[$0.key] == nil }
      let departures = try references.departures(from: leaving.mapValues(\.allGroups), on: adopted.document)
      adopted.departures = departures.isEmpty ? nil : Array(departures.prefix(Self.mostDepartures))
      return adopted
    }
  }

  /// Returns a warning if the caller loses Product Ops rights by adopting the roster, which may be unintended.
  private static func warnings(_ roster: Roster, _ principal: Principal) -> [String]? {
    guard !roster.reachesProductOps(principal) else { return nil }
    return [
      "under this roster \(principal) cannot act as Product Ops, so you cannot adopt the next roster; only its Product "
        + "Ops members can"
    ]
  }
}

/// Adopts versions of the roster.
struct RosterChange {
  let tx: ServiceTransaction

  /// The subject of the audit chain and of events, in place of a launch.
  static let subject = "roster"

  /// Adopts a roster as the next version. Each service checks rights by it once it has processed the event.
  ///
  /// Adopting a roster equal to the current version changes nothing, and is not an error.
  func adopt(_ roster: Roster, reason: String? = nil) throws -> RosterAdopted {
    let history = RosterHistory(db: tx.db)
    let current = try history.current()
    let digest = SHA256Digest.hex(ofCanonical: try JSONCoding.value(roster))
    guard roster != current.document else {
      return RosterAdopted(rosterVersion: current.rosterVersion, digest: digest, document: roster)
    }
    let adopted = RosterAdopted(rosterVersion: current.rosterVersion + 1, digest: digest, document: roster)
    try history.add(adopted, by: tx.actor.description, at: tx.now)
    try tx.announce(
      Announcements.rosterAdopted, launch: Self.subject, version: adopted.rosterVersion, reason: reason, adopted)
    return adopted
  }
}

/// The adopted versions of the roster.
struct RosterHistory {
  let db: any Transaction

  /// Returns the current version; version 0 and empty if none was adopted.
  func current() throws -> RosterView {
    guard
      let row = try db.queryOne("SELECT version, at, actor, document FROM rosters ORDER BY version DESC LIMIT 1")
    else { return RosterView(rosterVersion: 0, document: Roster()) }
    return RosterView(
      rosterVersion: try row.int("version"), document: try row.json("document", as: Roster.self),
      adoptedAt: try row.timestamp("at"), adoptedBy: try row.text("actor"))
  }

  func add(_ adopted: RosterAdopted, by actor: String, at now: Timestamp) throws {
    try db.execute(
      "INSERT INTO rosters (version, at, actor, digest, document) VALUES (?, ?, ?, ?, ?)",
      [adopted.rosterVersion, now, actor, adopted.digest, try SQLValue.json(adopted.document)])
  }
}
