import Foundation
import Storage
import TestSupport
import Testing

/// Statements and locks that take too long; the limits are set in the URL.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"), .timeLimit(.minutes(1)))
struct PostgreSQLLimitTests {
  @Test("A statement that takes too long is stopped and changes nothing") func slowStatement() async throws {
    try await withOpeners(limit: "statement_timeout=200ms") { _, limited in
      let error = await #expect(throws: StorageError.self) {
        try await limited.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES ('a')")
          _ = try tx.query("SELECT pg_sleep(600)")
        }
      }
      #expect(error?.code == .timeout)
      let keys = try await DatabaseTests.keys(limited)
      #expect(keys == [])
    }
  }

  @Test("A write that waits too long for another writer fails as retryable") func lockTimeout() async throws {
    try await withOpeners(limit: "lock_timeout=100ms") { other, limited in
      let (holding, held) = AsyncStream.makeStream(of: Void.self)
      async let write: Void = other.write { tx in
        try tx.execute("INSERT INTO stored (k) VALUES ('first')")
        held.yield()
        _ = try tx.query("SELECT pg_sleep(1)")
      }
      for await _ in holding { break }
      let error = await #expect(throws: StorageError.self) {
        try await limited.write { tx in try tx.execute("INSERT INTO stored (k) VALUES ('second')") }
      }
      #expect(error?.code == .locked)
      try await write
      try await limited.write { tx in try tx.execute("INSERT INTO stored (k) VALUES ('second')") }
      let keys = try await DatabaseTests.keys(limited)
      #expect(keys == ["first", "second"])
    }
  }

  /// Opens one schema twice, the second time with its own limit.
  private func withOpeners(
    limit: String, _ body: (any Database, any Database) async throws -> Void
  ) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else { return }
      var components = try #require(URLComponents(string: url))
      components.queryItems = [URLQueryItem(name: "options", value: "-c \(limit)")]
      let limited = try #require(components.string)
      let first = try await StorageEngine.postgreSQL.open(in: folder)
      try await first.migrate([DatabaseTests.table])
      let second = try await DatabaseLocation.postgreSQL(url: limited, schema: schema).open { _ in }
      try await body(first, second)
      try await second.close()
      try await first.close()
    }
  }
}
