public import LaunchModel

/// Where a service's store is.
public enum DatabaseLocation: Sendable, Hashable {
  /// A SQLite file; its folder must exist.
  case sqlite(path: String)
  /// A schema on a PostgreSQL server, made where it is not there. The URL may name several hosts; its password stays out of
  /// messages.
  case postgreSQL(url: String, schema: String)

  /// The location that settings ask for.
  ///
  /// - Parameters:
  ///   - url: `GONOGO_DATABASE_URL`; nil for SQLite below the folder.
  ///   - folder: the service's own data folder.
  ///   - service: whose store it is; on PostgreSQL its schema is `gonogo_<service>`.
  /// - Throws: `StorageError` with code `.unsupported` for a URL of another kind.
  public static func resolve(url: String?, folder: String, service: ServiceName) throws -> DatabaseLocation {
    guard let url else { return .sqlite(path: "\(folder)/store.sqlite") }
    guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
      throw StorageError(
        .unsupported, "GONOGO_DATABASE_URL must begin with postgres://; unset it to use SQLite below GONOGO_DATA")
    }
    return .postgreSQL(url: url, schema: "gonogo_\(service.rawValue)")
  }

  /// Opens the store; a SQLite file's lock is taken, a server is connected to.
  ///
  /// - Parameter onFatal: called once, on the store's thread, when the disk failed (`StorageError.isFatal`); the process
  ///   should exit. Every later call throws that error.
  public func open(onFatal: @escaping @Sendable (StorageError) -> Void) async throws -> any Database {
    switch self {
    case .sqlite(let path): try await SQLiteDatabase.open(path: path, onFatal: onFatal)
    case .postgreSQL(let url, let schema):
      try await PostgreSQLDatabase.open(url: url, schema: schema, onFatal: onFatal)
    }
  }
}
