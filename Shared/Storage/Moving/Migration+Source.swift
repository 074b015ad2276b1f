extension Migration {
  /// Makes sure that a SQLite store has all of the program's migrations, and no others, without changing it.
  ///
  /// - Throws: `StorageError` with code `.schema` where it is older or newer.
  public static func requireCurrent(_ migrations: [Migration], _ transaction: any Transaction) throws {
    let recorded = try transaction.query("SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")
    let rows = recorded.isEmpty ? [] : try transaction.query("SELECT id, checksum FROM schema_migrations")
    var checksums: [String: String] = [:]
    for row in rows { checksums[try row.text("id")] = try row.text("checksum") }
    try SchemaMigrator.refuseNewer(checksums, migrations)
    try SchemaMigrator.refuseEdited(checksums, migrations)
    let missing = migrations.map(\.id).filter { checksums[$0] == nil }
    guard missing.isEmpty else { throw StorageError.olderStore(missing: missing) }
  }
}

extension StorageError {
  /// A store that this program would bring up to date first, which a move does not: the source stays as it is.
  public static func olderStore(missing: [String]) -> StorageError {
    StorageError(
      .schema,
      "the store was written by an older program: it lacks the migrations \(missing.joined(separator: ", ")). "
        + "Start this version on it once, stop it, and move it then")
  }
}
