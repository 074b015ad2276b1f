/// What every session is set to, and what the server must be, before it is used.
enum PostgreSQLSession {
  /// Readable by every statement here: 13 is the oldest that is maintained when this is written.
  private static let oldestVersion: Int64 = 130_000

  /// A client that is gone without a word is noticed within half a minute. Limits apply only where URL, role and server set none. The schema's name is an argument.
  private static let settings = """
    SELECT current_setting('server_version_num')::int8 AS version, current_setting('server_encoding') AS encoding,
      current_setting('synchronous_commit') AS synchronous_commit, current_setting('fsync') AS fsync,
      current_setting('transaction_read_only') AS read_only,
      set_config('search_path', ?, false), set_config('bytea_output', 'hex', false),
      set_config('extra_float_digits', '1', false), set_config('standard_conforming_strings', 'on', false),
      set_config('statement_timeout', CASE current_setting('statement_timeout')
        WHEN '0' THEN '30s' ELSE current_setting('statement_timeout') END, false),
      set_config('lock_timeout', CASE current_setting('lock_timeout')
        WHEN '0' THEN '10s' ELSE current_setting('lock_timeout') END, false),
      set_config('idle_in_transaction_session_timeout', CASE current_setting('idle_in_transaction_session_timeout')
        WHEN '0' THEN '5s' ELSE current_setting('idle_in_transaction_session_timeout') END, false),
      set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),
      set_config('tcp_keepalives_count', '3', false)
    """

  /// - Throws: `StorageError` with code `.notDurable` for a server that acknowledges what is not on disk, `.unsupported` for
  ///   one that cannot be worked with, `.unavailable` for one that takes no writes.
  static func begin(_ connection: PostgreSQLConnection, _ address: PostgreSQLAddress) throws(StorageError) {
    let row: Row
    do {
      let transaction = PostgreSQLTransaction(connection, begin: [])
      guard let first = try transaction.queryOne(settings, [address.quotedSchema]) else {
        throw StorageError(.unsupported, "PostgreSQL at \(address.place) tells nothing of its settings")
      }
      row = first
      try check(row, address)
    } catch {
      throw error as? StorageError ?? StorageError(.unavailable, "\(error)")
    }
  }

  private static func check(_ row: Row, _ address: PostgreSQLAddress) throws {
    let server = "PostgreSQL at \(address.place)"
    guard try row.integer("version") >= oldestVersion else {
      throw StorageError(.unsupported, "\(server) is older than version 13; use a newer one")
    }
    guard try row.text("encoding") == "UTF8" else {
      throw StorageError(
        .unsupported,
        "\(server) has the encoding \(try row.text("encoding")); make the database with ENCODING 'UTF8' TEMPLATE template0"
      )
    }
    guard try row.text("read_only") == "off" else {
      throw StorageError(.unavailable, "\(server) takes no writes: it is a standby, or read-only by its settings")
    }
    for setting in ["synchronous_commit", "fsync"] where try row.text(setting) == "off" {
      throw StorageError(
        .notDurable,
        "\(server) would acknowledge changes that are not on disk: \(setting) is off; set it to on for this user or server"
      )
    }
  }
}
