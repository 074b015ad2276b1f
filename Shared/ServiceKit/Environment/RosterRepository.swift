import LaunchModel
import Storage

/// An adopted roster with its version.
struct AdoptedRoster: Sendable, Hashable {
  let version: Int
  let roster: Roster
}

/// The adopted roster, which every service stores to check rights.
enum RosterRepository {
  static let migrations = [
    Migration(
      id: "roster/001-adopted",
      sql: ["CREATE TABLE adopted_roster (one BIGINT PRIMARY KEY, version BIGINT NOT NULL, roster TEXT NOT NULL)"])
  ]

  /// Under the chain of rosters, as rights are checked by it.
  static let audited = AuditedTable(
    "adopted_roster", of: .fixed("roster"), prefix: "adopted-roster", columns: ["version", "roster"]
  ) { "version \(try $0.int("version"))" }

  static func load(_ transaction: any Transaction) throws -> AdoptedRoster? {
    guard let row = try transaction.queryOne("SELECT version, roster FROM adopted_roster WHERE one = 1") else {
      return nil
    }
    return AdoptedRoster(version: try row.int("version"), roster: try row.json("roster", as: Roster.self))
  }

  /// Loads the roster if it is newer than a version.
  static func load(_ transaction: any Transaction, after version: Int?) throws -> AdoptedRoster? {
    let row = try transaction.queryOne("SELECT version FROM adopted_roster WHERE one = 1")
    guard let row, try row.int("version") > version ?? .min else { return nil }
    return try load(transaction)
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
