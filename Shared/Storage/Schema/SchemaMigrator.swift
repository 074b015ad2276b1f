import Digests

/// Applies the program's migrations that a database has not recorded yet.
struct SchemaMigrator {
  let types: ColumnTypes

  private static let table = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      id TEXT PRIMARY KEY, position BIGINT NOT NULL, checksum TEXT NOT NULL)
    """

  /// Applies pending migrations within the given transaction.
  func migrate(_ migrations: [Migration], _ transaction: any Transaction) throws {
    try transaction.execute(Self.table)
    let applied = try transaction.query("SELECT id, checksum FROM schema_migrations ORDER BY position")
    var checksums: [String: String] = [:]
    for row in applied { checksums[try row.text("id")] = try row.text("checksum") }
    try Self.checkNotNewer(checksums.keys, migrations)
    try Self.checkUnedited(checksums, migrations)
    var position = applied.count
    for migration in migrations where checksums[migration.id] == nil {
      for statement in migration.statements(types) { try transaction.execute(statement) }
      try transaction.execute(
        "INSERT INTO schema_migrations (id, position, checksum) VALUES (?, ?, ?)",
        [migration.id, position, migration.checksum])
      position += 1
    }
  }

  /// Throws if the database has migrations that the program does not know.
  static func checkNotNewer(_ applied: some Sequence<String>, _ known: [Migration]) throws {
    let unknown = Set(applied).subtracting(known.map(\.id)).sorted()
    guard unknown.isEmpty else {
      throw StorageError(
        .schema,
        "the database was written by a newer program: this one does not know the migrations "
          + "\(unknown.joined(separator: ", ")). Start the newer program, or restore a backup from before it")
    }
  }

  /// Throws if an applied migration was edited, or a new one was inserted before an applied one of the same part.
  static func checkUnedited(_ applied: [String: String], _ known: [Migration]) throws {
    guard Set(known.map(\.id)).count == known.count else {
      throw StorageError(.schema, "this program declares two migrations with the same id; make their ids unique")
    }
    var pending: [Substring: String] = [:]
    for migration in known {
      guard let checksum = applied[migration.id] else {
        pending[migration.part] = migration.id
        continue
      }
      guard checksum == migration.checksum else {
        throw StorageError(
          .schema, "migration \(migration.id) was edited after it was applied; add a new migration instead")
      }
      if let earlier = pending[migration.part] {
        throw StorageError(
          .schema,
          "migration \(earlier) precedes \(migration.id), which has already been applied; "
            + "append new migrations at the end")
      }
    }
  }
}

/// One step of a schema. Migrations are append-only: once released, they must never be edited, moved or removed.
///
/// The column types are `TEXT`, `BIGINT`, `DOUBLE PRECISION` and `BYTES`; the engine substitutes its own for `TEXT` and
/// `BYTES` (`ColumnTypes`).
public struct Migration: Sendable, Hashable {
  /// The id, unique within the database, such as `tiering/001-launches`. The prefix before the `/` names the part; the
  /// migrations of one part must stay in order.
  public let id: String
  /// The statements, in order. All of them run in one transaction.
  public let sql: [String]

  public init(id: String, sql: [String]) {
    self.id = id
    self.sql = sql
  }

  /// The SHA-256 of the statements, in lowercase hexadecimal.
  public var checksum: String { SHA256Digest.hex(of: sql.joined(separator: ";\n").utf8) }

  /// The part that it belongs to; empty if the id has no prefix.
  var part: Substring {
    id.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).dropLast().first ?? ""
  }

  /// Returns the statements with the engine's column types.
  func statements(_ types: ColumnTypes) -> [String] {
    sql.map { $0.replacing(#/\bBYTES\b/#, with: types.bytes).replacing(#/\bTEXT\b/#, with: types.text) }
  }
}

/// An engine's column types, the only difference between the engines in a schema.
struct ColumnTypes {
  /// The type for `TEXT`, which must compare and sort by UTF-8 bytes.
  let text: String
  /// The type for `BYTES`.
  let bytes: String
}
