import CPostgres
import Digests

/// The server, database and schema of a store.
struct PostgreSQLAddress: Sendable {
  /// The unmodified URL, including the password. Only for libpq; never log it or include it in a message.
  let url: String
  /// The service's own schema.
  let schema: String
  /// The server and the database for messages, such as `db1,db2/gonogo`.
  let displayName: String

  /// Parses the URL with libpq's own parser, so that it may contain several hosts and any libpq parameters.
  ///
  /// - Throws: `StorageError` with code `.address` and libpq's reason, without the password.
  init(url: String, schema: String) throws(StorageError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      let reason = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      throw StorageError(
        .address,
        "invalid GONOGO_DATABASE_URL: \(Self.hidingPassword(of: url, in: reason)); "
          + "expected a URL such as postgres://user:password@host:5432/database")
    }
    defer { PQconninfoFree(options) }
    var given: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { given[String(cString: keyword)] = String(cString: value) }
      option += 1
    }
    let host = given["host"] ?? given["hostaddr"] ?? "the default host"
    let port = given["port"].map { ":\($0)" } ?? ""
    displayName = "\(host)\(port)/\(given["dbname"] ?? given["user"] ?? "the user's database")"
    self.url = url
    self.schema = schema
  }

  /// Returns the connection parameters for libpq. Later ones override earlier ones, so that the URL overrides the
  /// defaults before it.
  ///
  /// - Parameter timeout: how long connecting to each host may take, in seconds.
  func parameters(timeout: Int) -> [(String, String)] {
    [
      ("application_name", schema), ("connect_timeout", "\(timeout)"), ("target_session_attrs", "read-write"),
      ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
      ("dbname", url), ("client_encoding", "UTF8"),
    ]
  }

  /// The schema as a quoted SQL identifier.
  var quotedSchema: String { SQLIdentifier.quoted(schema) }

  /// The key of the advisory lock that serialises writes and migrations of the schema.
  var lockKey: Int64 { Int64(SHA256Digest.hex(of: "gonogo \(schema)".utf8).prefix(15), radix: 16) ?? 0 }

  private static func hidingPassword(of url: String, in message: String) -> String {
    let message = message.onOneLine
    guard let match = url.firstMatch(of: #/^[a-z]+:\/\/[^:@\/]*:(.+)@/#) else { return message }
    return message.replacing(match.1, with: "…")
  }
}

extension String {
  /// The text's lines, joined by spaces.
  var onOneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
