public import LaunchModel

/// The location of a service's store.
public enum DatabaseLocation: Sendable, Hashable {
  /// A SQLite file; its folder must exist.
  case sqlite(path: String)
  /// A schema on a PostgreSQL server, created if missing. The URL may name several hosts; its password never appears in
  /// messages.
  case postgreSQL(url: String, schema: String)

  /// Returns the location that the settings specify.
  ///
  /// - Parameters:
  ///   - url: the value of `GONOGO_DATABASE_URL`; nil for SQLite in `folder`.
  ///   - folder: the service's own data folder.
  ///   - service: the store's owner; its schema on PostgreSQL is `gonogo_<service>`.
  /// - Throws: `StorageError` with code `.unsupported` if the URL is not a PostgreSQL URL.
  public static func resolve(url: String?, folder: String, service: ServiceName) throws -> DatabaseLocation {
    guard let url else { return .sqlite(path: "\(folder)/store.sqlite") }
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw StorageError(
        .unsupported, "GONOGO_DATABASE_URL must begin with postgres://; unset it to use SQLite below GONOGO_DATA")
    }
    return .postgreSQL(url: url, schema: "gonogo_\(service.rawValue)")
  }

  /// Opens the store: locks the SQLite file, or connects to the server.
  ///
  /// - Parameters:
  ///   - migrations: the program's migrations. With them, a SQLite file of a newer program is refused before a byte of
  /// it is changed; without them, and on a server, `Database.migrate` refuses it.
  ///   - onFatal: called once, on the store's thread, after a disk failure (`StorageError.isFatal`). The process should
  /// then exit: every later call throws the same error.
  public func open(
    for migrations: [Migration] = [], onFatal: @escaping @Sendable (StorageError) -> Void
  ) async throws -> any Database {
    switch self {
    case .sqlite(let path): try await SQLiteDatabase.open(path: path, migrations: migrations, onFatal: onFatal)
    case .postgreSQL(let url, let schema):
      try await PostgreSQLDatabase.open(url: url, schema: schema, onFatal: onFatal)
    }
  }
}
