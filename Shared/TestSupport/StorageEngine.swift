import Foundation
public import Storage

/// The engines on which store tests run.
public enum StorageEngine: String, Sendable, CaseIterable, CustomStringConvertible {
  case sqlite
  /// Needs `GONOGO_TEST_POSTGRES`, the URL of a server on which tests may create schemas and databases.
  case postgreSQL = "postgresql"

  /// The engines available on this machine.
  public static var allAvailable: [StorageEngine] { serverURL == nil ? [.sqlite] : allCases }

  /// The engine for tests of services: `GONOGO_TEST_ENGINE`, or SQLite by default.
  public static let standard =
    ProcessInfo.processInfo.environment["GONOGO_TEST_ENGINE"].flatMap { StorageEngine(rawValue: $0) } ?? .sqlite

  /// The PostgreSQL server's URL; nil if none is configured.
  public static let serverURL = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES"]

  public var description: String { rawValue }

  /// Runs the body with a new store to which the migrations have been applied.
  public func withDatabase<R>(
    _ migrations: [Migration] = [], _ body: (any Database) async throws -> R
  ) async throws -> R {
    try await withFolder { folder in
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

  /// Runs the body with a new folder that identifies a store, and removes both afterwards.
  public func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
    try await withTemporaryFolder { folder in
      do {
        let result = try await body(folder)
        try await remove(in: folder)
        return result
      } catch {
        try await remove(in: folder)
        throw error
      }
    }
  }

  /// Opens the store identified by the folder. Opening it again yields the same data.
  public func open(in folder: String) async throws -> any Database { try await location(in: folder).open { _ in } }

  /// Returns the location of the store identified by the folder.
  public func location(in folder: String) throws -> DatabaseLocation {
    switch self {
    case .sqlite: return .sqlite(path: "\(folder)/store.sqlite")
    case .postgreSQL:
      guard let url = Self.serverURL else {
        throw StorageError(.unavailable, "set GONOGO_TEST_POSTGRES to the URL of a PostgreSQL server to test on")
      }
      return .postgreSQL(url: url, schema: Self.schema(folder))
    }
  }

  private static func schema(_ folder: String) -> String { "test_\(URL(filePath: folder).lastPathComponent)" }

  private func remove(in folder: String) async throws {
    guard self == .postgreSQL else { return }
    let database = try await open(in: folder)
    try await database.write { try $0.execute("DROP SCHEMA IF EXISTS \"\(Self.schema(folder))\" CASCADE") }
    try await database.close()
  }
}
