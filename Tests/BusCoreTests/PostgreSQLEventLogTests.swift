import Dispatch
import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

/// What only a server does: other processes, and connections that are lost.
@Suite("The log on PostgreSQL", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct PostgreSQLEventLogTests {
  /// Ends the session in which an event of the type `com.example.trap` is stored, at that moment of its transaction, once.
  private static func trap(_ moment: String) -> [String] {
    [
      "CREATE SEQUENCE trapped",
      """
      CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN IF position(''com.example.trap''::bytea IN NEW.bytes) > 0 AND nextval(''trapped'') = 1
        THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END'
      """,
      "CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON events \(moment) FOR EACH ROW EXECUTE FUNCTION end_session()",
    ]
  }

  @Test(
    "A connection that is lost in an append is made again, and offsets stay dense",
    arguments: ["NOT DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED"])
  func losesConnection(moment: String) async throws {
    try await withLog(.postgreSQL) { fixture in
      try fixture.append("a")
      try await fixture.changeSchema(Self.trap(moment))
      let events = try ["b", "c", "b"].map { try LogFixture.event($0, type: "com.example.trap") }
      let outcomes = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      #expect(outcomes == [.stored(2), .stored(3), .duplicate(2)])
      #expect(try fixture.append("d") == [.stored(4)])
      #expect(fixture.log.bounds == LogBounds(head: 4, first: 1))
      #expect(try fixture.ids() == ["a", "b", "c", "d"])
    }
  }

  /// A commit that waits for a standby which does not come is on disk; ended then, it is never answered.
  @Test(
    "Events whose commit was never answered are found to be stored, at the offsets that they have",
    .enabled(if: PostgreSQLServer.isAvailable, "needs GONOGO_TEST_POSTGRES_BIN"), .timeLimit(.minutes(2)))
  func losesTheAnswer() async throws {
    try await withPostgreSQLServer { server in
      let location = DatabaseLocation.postgreSQL(url: server.url, schema: "gonogo_bus")
      let store = try await LogStore.open(location)
      let events = try ["a", "b"].map { try LogFixture.event($0) }
      let other = try await DatabaseLocation.postgreSQL(url: server.url, schema: "other").open { _ in }
      try await server.configure(["synchronous_standby_names": "nobody"])
      async let ended: Void = Self.endWaitingCommit(server, other)
      let outcomes = try await Self.append(events, to: store)
      try await ended
      #expect(outcomes == [.duplicate(1), .duplicate(2)])
      #expect(store.log.bounds == LogBounds(head: 2, first: 1))
      #expect(try store.log.append([LogFixture.event("c")], at: Timestamp(microseconds: 0)) == [.stored(3)])
      try store.close()
      try await other.close()
    }
  }

  /// Ends the session that waits for a standby, and lets nobody wait any more.
  private static func endWaitingCommit(_ server: PostgreSQLServer, _ other: any Storage.Database) async throws {
    var isEnded = false
    while !isEnded {
      isEnded = try await other.read { transaction in
        try !transaction.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        ).isEmpty
      }
    }
    try await server.configure(["synchronous_standby_names": ""])
  }

  /// On a thread that may wait.
  private static func append(_ events: [ScannedEvent], to store: LogStore) async throws -> [AppendOutcome] {
    // The caller waits, and touches the store again only when this has answered.
    nonisolated(unsafe) let log = store.log
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "append").async {
        continuation.resume(with: Result { try log.append(events, at: Timestamp(microseconds: 0)) })
      }
    }
  }

  @Test("A server that refuses an event says so, nothing is stored, and the next append goes on")
  func isRefused() async throws {
    try await withLog(.postgreSQL) { fixture in
      try fixture.append("a")
      try await fixture.changeSchema(["ALTER TABLE events ADD CHECK (octet_length(bytes) < 1000)"])
      let large = try LogFixture.event("b", data: "\"\(String(repeating: "x", count: 2_000))\"")
      let fault = #expect(throws: LogError.self) {
        try fixture.log.append([large], at: Timestamp(microseconds: 0))
      }
      guard case .unavailable = fault else {
        Issue.record("the process would end: \(String(describing: fault))")
        return
      }
      #expect(try fixture.append("c") == [.stored(2)])
    }
  }

  @Test("A database that has lost what was acknowledged ends the process")
  func goesBack() async throws {
    try await withLog(.postgreSQL) { fixture in
      try fixture.append("a", "b")
      try await fixture.changeSchema([
        "DELETE FROM events WHERE \"offset\" = 2", "DELETE FROM event_keys WHERE \"offset\" = 2",
        "UPDATE log_bounds SET head = 1",
      ])
      let fault = #expect(throws: LogError.self) { try fixture.append("c") }
      guard case .failed = fault else {
        Issue.record("an offset would be given twice: \(String(describing: fault))")
        return
      }
    }
  }

  @Test("Every index look-up of a group is one, however large the table")
  func duplicatesOfALargeGroup() async throws {
    try await withLog(.postgreSQL) { fixture in
      let events = try (0..<4_000).map { try LogFixture.event("\($0)") }
      _ = try fixture.log.append(events, at: Timestamp(microseconds: 0))
      let again = try fixture.log.append(events + [LogFixture.event("new")], at: Timestamp(microseconds: 0))
      #expect(again == (1...4_000).map { .duplicate($0) } + [.stored(4_001)])
    }
  }
}

extension LogFixture {
  /// Does something to the schema while the log is open, in a session of its own.
  func changeSchema(_ statements: [String]) async throws {
    let database = try await openBeside()
    try await database.write { transaction in
      for statement in statements { try transaction.execute(statement) }
    }
    try await database.close()
  }
}
