/// Where a service's store is.
public enum DatabaseLocation: Sendable, Hashable {
  /// A SQLite file; its folder must exist.
  case sqlite(path: String)

  /// The location that settings ask for.
  ///
  /// - Parameters:
  ///   - url: `GONOGO_DATABASE_URL`; nil for SQLite below the folder.
  ///   - folder: the service's own data folder.
  public static func resolve(url: String?, folder: String) throws -> DatabaseLocation {
    guard let url else { return .sqlite(path: "\(folder)/store.sqlite") }
    if url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") {
      throw StorageError(
        .unsupported,
        "GONOGO_DATABASE_URL names PostgreSQL, which this build does not have; unset it to use SQLite below GONOGO_DATA"
      )
    }
    throw StorageError(
      .unsupported, "GONOGO_DATABASE_URL must begin with postgres://; unset it to use SQLite below GONOGO_DATA")
  }

  /// Opens the store and takes its lock.
  ///
  /// - Parameter onFatal: called once, on the store's thread, when the disk failed (`StorageError.isFatal`); the process
  ///   should exit. Every later call throws that error.
  public func open(onFatal: @escaping @Sendable (StorageError) -> Void) async throws -> any Database {
    switch self {
    case .sqlite(let path): try await SQLiteDatabase.open(path: path, onFatal: onFatal)
    }
  }
}
