/// What is done to a schema as a whole.
enum PostgreSQLSchema {
  /// Applies the migrations that are missing. The caller sees to it that nobody else writes.
  static func migrate(
    _ migrations: [Migration], _ address: PostgreSQLAddress, _ transaction: any Transaction
  ) throws {
    // How long a migration takes is nobody's fault.
    _ = try transaction.query("SELECT set_config('statement_timeout', '0', true)")
    try make(address, transaction)
    let types = ColumnTypes(text: "TEXT COLLATE \"C\"", bytes: "BYTEA")
    try SchemaMigrator(types: types).migrate(migrations, transaction)
  }

  /// Only where it is not there: a user without the right to make it can be given one that is.
  private static func make(_ address: PostgreSQLAddress, _ transaction: any Transaction) throws {
    let found = try transaction.query("SELECT 1 AS one FROM pg_namespace WHERE nspname = ?", [address.schema])
    guard found.isEmpty else { return }
    do {
      try transaction.execute("CREATE SCHEMA \(address.quotedSchema)")
    } catch let error as StorageError where error.code == .forbidden {
      throw StorageError(
        .forbidden,
        "the user may not make the schema \(address.schema) in PostgreSQL at \(address.place): grant it CREATE on the "
          + "database, or make the schema with AUTHORIZATION for this user", underlying: error)
    }
  }
}
