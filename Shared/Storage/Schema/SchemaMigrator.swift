import Digests

/// Brings a database from the migrations it has recorded to those the program knows.
struct SchemaMigrator {
  let types: ColumnTypes

  private static let table = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      id TEXT PRIMARY KEY, position BIGINT NOT NULL, checksum TEXT NOT NULL)
    """

  /// Applies what is missing, within the given transaction.
  func migrate(_ migrations: [Migration], _ transaction: any Transaction) throws {
    try transaction.execute(Self.table)
    let applied = try transaction.query("SELECT id, checksum FROM schema_migrations ORDER BY position")
    var checksums: [String: String] = [:]
    for row in applied { checksums[try row.text("id")] = try row.text("checksum") }
    try Self.refuseNewer(checksums, migrations)
    try Self.refuseEdited(checksums, migrations)
    var position = applied.count
    for migration in migrations where checksums[migration.id] == nil {
      for statement in migration.statements(types) { try transaction.execute(statement) }
      try transaction.execute(
        "INSERT INTO schema_migrations (id, position, checksum) VALUES (?, ?, ?)",
        [migration.id, position, migration.checksum])
      position += 1
    }
  }

  static func refuseNewer(_ applied: [String: String], _ known: [Migration]) throws {
    let unknown = Set(applied.keys).subtracting(known.map(\.id)).sorted()
    guard unknown.isEmpty else {
      throw StorageError(
        .schema,
        "the database was written by a newer program: this one does not know the migrations "
          + "\(unknown.joined(separator: ", ")). Start the newer program, or restore a backup from before it")
    }
  }

  static func refuseEdited(_ applied: [String: String], _ known: [Migration]) throws {
    guard Set(known.map(\.id)).count == known.count else {
      throw StorageError(.schema, "two migrations of this program have the same id")
    }
    var pending: [Substring: String] = [:]
    for migration in known {
      guard let checksum = applied[migration.id] else {
        pending[migration.part] = migration.id
        continue
      }
      guard checksum == migration.checksum else {
        throw StorageError(
          .schema, "migration \(migration.id) was edited after it had been applied; add a new migration instead")
      }
      if let earlier = pending[migration.part] {
        throw StorageError(
          .schema,
          "migration \(earlier) stands before \(migration.id), which has been applied already; "
            + "new migrations go to the end")
      }
    }
  }
}

/// One step of a schema, append-only: once released it is never edited, moved or removed.
///
/// The types are `TEXT`, `BIGINT`, `DOUBLE PRECISION` and `BYTES`; where these differ, the engine puts
/// in its own (`ColumnTypes`).
public struct Migration: Sendable, Hashable {
  /// Unique within the database, as `tiering/001-launches`; what stands before the `/` names the part, whose migrations keep
  /// their order among themselves.
  public let id: String
  /// The statements in order; all of them run in one transaction.
  public let sql: [String]

  public init(id: String, sql: [String]) {
    self.id = id
    self.sql = sql
  }

  /// SHA-256 over the statements, in lower-case hex.
  public var checksum: String { SHA256Digest.hex(of: sql.joined(separator: ";\n").utf8) }

  /// The part that it belongs to; empty where the id names none.
  var part: Substring {
    id.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).dropLast().first ?? ""
  }

  /// The statements with the engine's own types.
  func statements(_ types: ColumnTypes) -> [String] {
    sql.map { $0.replacing(#/\bBYTES\b/#, with: types.bytes).replacing(#/\bTEXT\b/#, with: types.text) }
  }
}

/// All that differs between the engines in a schema.
struct ColumnTypes {
  /// For `TEXT`; compared and sorted by its UTF-8 bytes.
  let text: String
  /// For `BYTES`.
  let bytes: String
}
