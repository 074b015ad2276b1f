import CPostgres
import Digests

/// Which server, database and schema a store is in.
struct PostgreSQLAddress: Sendable {
  /// The URL as it was given, password and all: for libpq alone, never for a message.
  let url: String
  /// The service's own schema.
  let schema: String
  /// The server and the database as messages name them: `db1,db2/gonogo`.
  let place: String

  /// Reads the URL as libpq does, several hosts and parameters included.
  ///
  /// - Throws: `StorageError` with code `.address` that says what is wrong, without the password.
  init(url: String, schema: String) throws(StorageError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &message) else {
      let reason = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      throw StorageError(
        .address,
        "GONOGO_DATABASE_URL cannot be read: \(Self.hidingPassword(of: url, in: reason)); "
          + "it should look like postgres://user:password@host:5432/database")
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
    place = "\(host)\(port)/\(given["dbname"] ?? given["user"] ?? "the user's database")"
    self.url = url
    self.schema = schema
  }

  /// What libpq connects with, in this order: a later one goes before an earlier one, so the URL overrides what stands
  /// before it.
  var parameters: [(String, String)] {
    [
      ("application_name", schema), ("connect_timeout", "5"), ("target_session_attrs", "read-write"),
      ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"), ("tcp_user_timeout", "20000"),
      ("dbname", url), ("client_encoding", "UTF8"),
    ]
  }

  /// The schema as SQL writes it.
  var quotedSchema: String { "\"\(schema.replacing("\"", with: "\"\""))\"" }

  /// By which writers and migrations of the schema keep out of each other's way.
  var lockKey: Int64 { Int64(SHA256Digest.hex(of: "gonogo \(schema)".utf8).prefix(15), radix: 16) ?? 0 }

  private static func hidingPassword(of url: String, in message: String) -> String {
    let message = message.onOneLine
    guard let match = url.firstMatch(of: #/^[a-z]+:\/\/[^:@\/]*:(.+)@/#) else { return message }
    return message.replacing(match.1, with: "…")
  }
}

extension String {
  /// Its lines joined by spaces.
  var onOneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
