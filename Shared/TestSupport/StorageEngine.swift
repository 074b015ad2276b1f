public import Storage

/// The engines that a store test runs on.
public enum StorageEngine: String, Sendable, CaseIterable, CustomStringConvertible {
  case sqlite

  /// Those that this machine has.
  public static var allAvailable: [StorageEngine] { allCases }

  public var description: String { rawValue }

  /// Runs the body with an empty store of its own.
  public func withDatabase<R>(
    _ migrations: [Migration] = [], _ body: (any Database) async throws -> R
  ) async throws -> R {
    try await withTemporaryFolder { folder in
      let database = try await open(in: folder)
      do {
        try await database.migrate(migrations)
        let result = try await body(database)
        try await database.close()
        return result
      } catch {
        try await database.close()
        throw error
      }
    }
  }

  /// The store that the folder stands for; opened again, it is the same one.
  public func open(in folder: String) async throws -> any Database {
    switch self {
    case .sqlite: try await DatabaseLocation.sqlite(path: "\(folder)/store.sqlite").open { _ in }
    }
  }
}
