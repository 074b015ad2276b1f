import Dispatch
import Contract
import LaunchModel
import Storage
import TestSupport
import Testing

@testable import BusCore

/// Behavior specific to a server: other processes, and lost connections.
@Suite("The log on PostgreSQL", .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct PostgreSQLEventLogTests {
  /// Terminates the session that inserts an event of type `com.example.trap`, once, at that point of its transaction.
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
    "A connection lost during an append is reestablished, and offsets stay dense",
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

  /// A commit that waits for an absent standby is already on disk; terminating it leaves it unacknowledged.
  @Test(
    "Events whose commit was never acknowledged are found again at their offsets",
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

  /// Terminates the session that waits for a standby, then turns waiting for standbys off.
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

  /// Appends on a thread that may block.
  private static func append(_ events: [ScannedEvent], to store: LogStore) async throws -> [AppendOutcome] {
    // The caller waits, and only touches the store again after this has returned.
    nonisolated(unsafe) let log = store.log
    return try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "append").async {
        continuation.resume(with: Result { try log.append(events, at: Timestamp(microseconds: 0)) })
      }
    }
  }

  @Test("An event that the server rejects is reported, not stored, and does not affect the next append")
  func isRefused() async throws {
    try await withLog(.postgreSQL) { fixture in
      try fixture.append("a")
      try await fixture.changeSchema(["ALTER TABLE events ADD CHECK (octet_length(bytes) < 1000)"])
      let large = try LogFixture.event("b", data: "\"\(String(repeating: "x", count: 2_000))\"")
      let error = #expect(throws: LogError.self) {
        try fixture.log.append([large], at: Timestamp(microseconds: 0))
      }
      guard case .unavailable = error else {
        Issue.record("this error would end the process: \(String(describing: error))")
        return
      }
      #expect(try fixture.append("c") == [.stored(2)])
    }
  }

  @Test("A database that lost acknowledged events ends the process")
  func goesBack() async throws {
    try await withLog(.postgreSQL) { fixture in
      try fixture.append("a", "b")
      try await fixture.changeSchema([
        "DELETE FROM events WHERE \"offset\" = 2", "DELETE FROM event_keys WHERE \"offset\" = 2",
        "UPDATE log_bounds SET head = 1",
      ])
      let error = #expect(throws: LogError.self) { try fixture.append("c") }
      guard case .failed = error else {
        Issue.record("an offset would be assigned twice: \(String(describing: error))")
        return
      }
    }
  }

  @Test("A large batch of duplicates is recognized")
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
  /// Changes the schema in a separate session while the log is open.
  func changeSchema(_ statements: [String]) async throws {
    let database = try await openBeside()
    try await database.write { transaction in
      for statement in statements { try transaction.execute(statement) }
    }
    try await database.close()
  }
}
