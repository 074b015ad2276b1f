import Storage
import Synchronization
import TestSupport
import Testing

/// Behavior specific to a server: other writers, lost connections, restarts.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES")) struct PostgreSQLDatabaseTests {
  @Test("Two writers to one schema lose no increment") func twoWriters() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let openers = [
        try await StorageEngine.postgreSQL.open(in: folder), try await StorageEngine.postgreSQL.open(in: folder),
      ]
      try await openers[0].migrate([DatabaseTests.table])
      try await openers[0].write { tx in try tx.execute("INSERT INTO stored (k, n) VALUES ('count', 0)") }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for n in 0..<100 {
          group.addTask {
            try await openers[n % 2].write { tx in
              let row = try #require(try tx.queryOne("SELECT n FROM stored WHERE k = 'count'"))
              let count = try row.int("n")
              try tx.execute("UPDATE stored SET n = ? WHERE k = 'count'", [count + 1])
            }
          }
        }
        try await group.waitForAll()
      }
      let count = try await openers[1].read { try $0.queryOne("SELECT n FROM stored")?.int("n") }
      #expect(count == 100)
      for opener in openers { try await opener.close() }
    }
  }

  @Test("Concurrent migrations are applied once") func racingMigrations() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let migrations = [
        DatabaseTests.table, Migration(id: "test/002-row", sql: ["INSERT INTO stored (k) VALUES ('made')"]),
      ]
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 {
          group.addTask {
            let opener = try await StorageEngine.postgreSQL.open(in: folder)
            try await opener.migrate(migrations)
            #expect(try await DatabaseTests.keys(opener) == ["made"])
            try await opener.close()
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("Text that is too long for a key is an invalid value") func tooLongKey() async throws {
    try await StorageEngine.postgreSQL.withDatabase([DatabaseTests.table]) { db in
      // Random letters, so that the server cannot compress them.
      let long = String((0..<60_000).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" })
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in try tx.execute("INSERT INTO stored (k) VALUES (?)", [long]) }
      }
      #expect(error?.code == .value)
      #expect(error?.message.contains(long) == false)
    }
  }

  @Test("A read is a single snapshot and cannot write") func snapshot() async throws {
    try await StorageEngine.postgreSQL.withDatabase { db in
      let row = try await db.read { tx in
        try tx.queryOne(
          """
          SELECT current_setting('transaction_isolation') AS isolation,
            current_setting('transaction_read_only') AS read_only
          """)
      }
      #expect(try row?.text("isolation") == "repeatable read")
      #expect(try row?.text("read_only") == "on")
    }
  }
}

/// Lost connections and their effect on the transaction.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES")) struct PostgreSQLLossTests {
  private static let suicide = "SELECT pg_terminate_backend(pg_backend_pid())"

  @Test("If the connection is lost before the commit, the write is retried and takes effect once")
  func lostBeforeCommit() async throws {
    try await StorageEngine.postgreSQL.withDatabase([DatabaseTests.table]) { db in
      let runs = Mutex(0)
      try await db.write { tx in
        let run = runs.withLock { runs in
          runs += 1
          return runs
        }
        try tx.execute("INSERT INTO stored (k) VALUES ('a')")
        if run == 1 { _ = try tx.query(Self.suicide) }
      }
      #expect(runs.withLock { $0 } == 2)
      #expect(try await DatabaseTests.keys(db) == ["a"])
    }
  }

  @Test("A read whose connection is lost is retried") func lostDuringRead() async throws {
    try await StorageEngine.postgreSQL.withDatabase([DatabaseTests.table]) { db in
      let runs = Mutex(0)
      let answer = try await db.read { tx in
        let run = runs.withLock { runs in
          runs += 1
          return runs
        }
        if run == 1 { _ = try tx.query(Self.suicide) }
        return try tx.query("SELECT k FROM stored").count
      }
      #expect(answer == 0)
      #expect(runs.withLock { $0 } == 2)
    }
  }

  @Test("A write that keeps losing its connection fails and changes nothing") func alwaysLost() async throws {
    try await StorageEngine.postgreSQL.withDatabase([DatabaseTests.table]) { db in
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          try tx.execute("INSERT INTO stored (k) VALUES ('a')")
          _ = try tx.query(Self.suicide)
        }
      }
      #expect(error?.code == .unavailable)
      #expect(error?.message.contains("nothing was changed") == true)
      #expect(error?.isFatal == false)
      let keys = try await DatabaseTests.keys(db)
      #expect(keys == [])
    }
  }

  @Test("A write whose connection is lost during the commit is not retried") func lostDuringCommit() async throws {
    // The deferred trigger terminates the session while the server commits.
    let trap = Migration(
      id: "test/002-trap",
      sql: [
        """
        CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.n = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END'
        """,
        """
        CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON stored DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION end_session()
        """,
      ])
    try await StorageEngine.postgreSQL.withDatabase([DatabaseTests.table, trap]) { db in
      let runs = Mutex(0)
      let error = await #expect(throws: StorageError.self) {
        try await db.write { tx in
          runs.withLock { $0 += 1 }
          try tx.execute("INSERT INTO stored (k, n) VALUES ('a', 1)")
        }
      }
      #expect(error?.code == .outcomeUnknown)
      #expect(error?.message.contains("check before you repeat it") == true)
      #expect(runs.withLock { $0 } == 1)
      try await db.write { tx in try tx.execute("INSERT INTO stored (k, n) VALUES ('b', 2)") }
      #expect(try await DatabaseTests.keys(db) == ["b"])
    }
  }

  @Test(
    "The store recovers together with the server and has all acknowledged data",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"), .timeLimit(.minutes(2)))
  func recovery() async throws {
    try await withPostgreSQLServer { server in
      let db = try await DatabaseLocation.postgreSQL(url: server.url, schema: "gonogo_test").open { error in
        Issue.record("an unreachable server must not end the process: \(error)")
      }
      try await db.migrate([DatabaseTests.table])
      for round in 1...3 {
        try await db.write { tx in try tx.execute("INSERT INTO stored (k) VALUES (?)", ["\(round)"]) }
        #expect(try await DatabaseTests.keys(db).count == round)
        try await server.stop()
        for _ in 0..<3 {
          let write = await #expect(throws: StorageError.self) {
            try await db.write { tx in try tx.execute("INSERT INTO stored (k) VALUES ('lost')") }
          }
          #expect(write?.code == .unavailable)
          let read = await #expect(throws: StorageError.self) { _ = try await DatabaseTests.keys(db) }
          #expect(read?.code == .unavailable)
        }
        try await server.start()
        #expect(try await keys(db, within: .seconds(20)) == (1...round).map(String.init))
      }
      try await db.close()
    }
  }

  /// Retries until the store answers; it reconnects automatically, with pauses.
  private func keys(_ db: any Database, within limit: Duration) async throws -> [String] {
    let deadline = ContinuousClock.now + limit
    while true {
      do {
        return try await DatabaseTests.keys(db)
      } catch let error as StorageError where error.code == .unavailable && .now < deadline {
        await Task.yield()
      }
    }
  }
}
