/// What is done to a schema as a whole.
enum PostgreSQLSchema {
  /// How long to wait for a schema that another session has: a process that was killed leaves one that ends by itself.
  private static let patience = "3s"

  /// What the session is set to that holds a schema: a client that is gone without a word is noticed within half a minute.
  private static let settings = """
    SELECT set_config('lock_timeout', ?, true), set_config('tcp_keepalives_idle', '15', false),
      set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)
    """

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

  /// Takes the schema for this session alone, until it ends.
  ///
  /// - Throws: `StorageError` with code `.locked` where another session has it.
  static func lock(
    _ connection: PostgreSQLConnection, _ address: PostgreSQLAddress, _ purpose: String
  ) throws(StorageError) {
    do {
      let transaction = PostgreSQLTransaction(connection, begin: ["BEGIN ISOLATION LEVEL READ COMMITTED"])
      _ = try transaction.query(settings, [patience])
      _ = try transaction.query("SELECT pg_advisory_lock(?)", [address.holderKey])
      try transaction.commit()
    } catch let error as StorageError where error.code == .locked {
      throw StorageError(
        .locked,
        "\(purpose), in the schema \(address.schema) on PostgreSQL at \(address.place), is in use by another process; "
          + "stop that one first")
    } catch let failure as PostgreSQLFailure {
      throw PostgreSQLErrors.lost(failure, address)
    } catch {
      throw error as? StorageError ?? StorageError(.unavailable, "\(error)")
    }
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
