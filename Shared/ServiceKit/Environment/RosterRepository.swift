import LaunchModel
import Storage

/// A roster with its version.
struct AdoptedRoster: Sendable, Hashable {
  let version: Int
  let roster: Roster
}

/// The adopted roster as every service keeps it, to check rights by.
enum RosterRepository {
  static let migrations = [
    Migration(
      id: "roster/001-adopted",
      sql: ["CREATE TABLE adopted_roster (one BIGINT PRIMARY KEY, version BIGINT NOT NULL, roster TEXT NOT NULL)"])
  ]

  static func load(_ transaction: any Transaction) throws -> AdoptedRoster? {
    guard let row = try transaction.queryOne("SELECT version, roster FROM adopted_roster WHERE one = 1") else {
      return nil
    }
    return AdoptedRoster(version: try row.int("version"), roster: try row.json("roster", as: Roster.self))
  }

  /// The roster, where it is a later one than that version.
  static func load(_ transaction: any Transaction, after version: Int?) throws -> AdoptedRoster? {
    let row = try transaction.queryOne("SELECT version FROM adopted_roster WHERE one = 1")
    guard let row, try row.int("version") > version ?? .min else { return nil }
    return try load(transaction)
  }

  /// Keeps the roster, unless a later one is kept.
  static func keep(_ roster: AdoptedRoster, _ transaction: any Transaction) throws {
    try transaction.execute(
      """
      INSERT INTO adopted_roster (one, version, roster) VALUES (1, ?, ?)
      ON CONFLICT (one) DO UPDATE SET version = excluded.version, roster = excluded.roster
      WHERE adopted_roster.version < excluded.version
      """, [roster.version, try SQLValue.json(roster.roster)])
  }
}
