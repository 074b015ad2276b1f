import Contract
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

/// The error that callers get if the connection to the server is lost during the commit.
@Suite(.enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct PostgreSQLCallTests {
  private typealias Counter = CounterService

  /// Terminates the session while the server commits a counter of 13.
  private static let trap = [
    """
    CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN IF NEW.n = 13 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; END'
    """,
    """
    CREATE CONSTRAINT TRIGGER trap AFTER INSERT OR UPDATE ON counters DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION end_session()
    """,
  ]

  @Test("A call with an unknown outcome is retryable only with an idempotency key", arguments: ["key", nil])
  func unknownOutcome(_ key: String?) async throws {
    try await withServiceHarness(CounterService.self, on: .postgreSQL) { service in
      try await service.environment.database.write { tx in
        for statement in Self.trap { try tx.execute(statement) }
      }
      let problem = await #expect(throws: Problem.self) {
        try await service.call(Counter.add, .init(name: "a", by: 13), meta: CallMeta(idempotencyKey: key))
      }
      #expect(problem?.code == "outcome-unknown")
      #expect(problem?.kind == .unavailable)
      #expect(problem?.retryable == (key != nil))
      let counter = try await service.call(Counter.add, .init(name: "a", by: 2))
      #expect(counter.value == 2)
    }
  }
}
