import Contract
import LaunchModel
import Storage

/// An adopted roster with its version.
struct AdoptedRoster: Sendable, Hashable {
  let version: Int
  let roster: Roster
}

/// The adopted roster, which every service stores in order to check rights.
enum RosterRepository {
  static let migrations = [
    Migration(
      id: "roster/001-adopted",
      sql: ["CREATE TABLE adopted_roster (one BIGINT PRIMARY KEY, version BIGINT NOT NULL, roster TEXT NOT NULL)"])
  ]

  /// The subject of the audit chain of rosters.
  static let subject = "roster"

  /// The audited table, covered by the chain of rosters, because rights are checked by it.
  static let audited = AuditedTable(
    "adopted_roster", of: .fixed(subject), prefix: "adopted-roster", columns: ["version", "roster"]
  ) { "version \(try $0.int("version"))" }

  /// Loads the roster; nil if none was ever adopted, or none newer than the given version.
  ///
  /// Without a roster everyone has every right. Therefore a deleted roster must not be taken for one that was never
  /// adopted, nor a changed one for the adopted one.
  ///
  /// - Throws: `StorageError` with code `unreadable` if the stored roster is not the last one in its audit chain.
  static func load(
    _ transaction: any Transaction, after version: Int? = nil, trusting state: StateLedger
  ) throws -> AdoptedRoster? {
    if let version {
      let row = try transaction.queryOne("SELECT version FROM adopted_roster WHERE one = 1")
      guard let row, try row.int("version") > version else { return nil }
    }
    if let broken = try state.distrust(of: subject, in: audited, transaction) {
      throw StorageError(
        .unreadable,
        "the stored roster, which rights are checked against, differs from the adopted one: link \(broken.length) of "
          + "the chain \(subject): \(broken.detail). Restore the store from a backup")
    }
    let row = try transaction.queryOne("SELECT version, roster FROM adopted_roster WHERE one = 1")
    return try row.map {
      AdoptedRoster(version: try $0.int("version"), roster: try $0.json("roster", as: Roster.self))
    }
  }

  /// Refuses to accept a missing roster, because everyone would have every right after the next start.
  static func requireAcceptable(_ subject: String, _ transaction: any Transaction, _ state: StateLedger) throws {
    guard subject == Self.subject,
      try transaction.queryOne("SELECT version FROM adopted_roster WHERE one = 1") == nil,
      try state.distrust(of: subject, in: audited, transaction) != nil
    else { return }
    throw Problem.conflict(
      "roster-missing", title: "the adopted roster is missing",
      "a missing roster cannot be accepted, because everybody would have every right: first adopt a corrected roster "
        + "(gonogo roster adopt) or restore the store from a backup, then accept any difference that remains")
  }

  /// Saves the roster unless a newer one is stored.
  static func save(_ roster: AdoptedRoster, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO adopted_roster (one, version, roster) VALUES (1, ?, ?)
      ON CONFLICT (one) DO UPDATE SET version = excluded.version, roster = excluded.roster
      WHERE adopted_roster.version < excluded.version
      """, [roster.version, try SQLValue.json(roster.roster)])
  }
}
