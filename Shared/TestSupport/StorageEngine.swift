import Foundation
public import Storage

/// The engines that a store test runs on.
public enum StorageEngine: String, Sendable, CaseIterable, CustomStringConvertible {
  case sqlite
  /// Where `GONOGO_TEST_POSTGRES` is the URL of a server on which schemas and databases may be made.
  case postgreSQL = "postgresql"

  /// Those that this machine has.
  public static var allAvailable: [StorageEngine] { serverURL == nil ? [.sqlite] : allCases }

  /// What tests of services run on: `GONOGO_TEST_ENGINE`; SQLite by default.
  public static let standard =
    ProcessInfo.processInfo.environment["GONOGO_TEST_ENGINE"].flatMap { StorageEngine(rawValue: $0) } ?? .sqlite

  /// The server's URL, where there is one.
  public static let serverURL = ProcessInfo.processInfo.environment["GONOGO_TEST_POSTGRES"]

  public var description: String { rawValue }

  /// Runs the body with an empty store of its own.
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

  /// Runs the body with a folder that stands for a store of its own, and removes both afterwards.
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

  /// The store that the folder stands for; opened again, it is the same one.
  public func open(in folder: String) async throws -> any Database { try await location(in: folder).open { _ in } }

  /// Where the store is that the folder stands for.
  public func location(in folder: String) throws -> DatabaseLocation {
    switch self {
    case .sqlite: return .sqlite(path: "\(folder)/store.sqlite")
    case .postgreSQL:
      guard let url = Self.serverURL else {
        throw StorageError(.unavailable, "GONOGO_TEST_POSTGRES names no server to test on")
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
