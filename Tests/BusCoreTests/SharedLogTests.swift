import Dispatch
import Foundation
import Contract
import LaunchModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import BusCore

/// A log that is open in several processes, each simulated by its own thread.
@Suite(
  "One log on PostgreSQL, shared by several processes",
  .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct SharedLogTests {
  private static let noTime = Timestamp(microseconds: 0)

  /// A log that is open on its own thread.
  private final class LogProcess: Sendable {
    private let queue = DispatchQueue(label: "process")
    /// Used only by bodies on `queue`, which runs one at a time.
    private nonisolated(unsafe) let store: LogStore

    init(in folder: String) async throws {
      store = try await LogStore.open(StorageEngine.postgreSQL.location(in: folder))
    }

    func perform<R: Sendable>(_ body: @escaping @Sendable (any EventLog) throws -> R) async throws -> R {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result { try body(self.store.log) }) }
      }
    }

    func append(
      _ ids: [String], type: String = "com.example.a", at time: Timestamp = SharedLogTests.noTime
    ) async throws -> [AppendOutcome] {
      try await perform { log in try log.append(ids.map { try LogFixture.event($0, type: type) }, at: time) }
    }

    func close() async throws { try await perform { _ in try self.store.close() } }
  }

  /// Runs the body with the logs of several processes, and a second connection to their database.
  private func withProcesses(
    _ count: Int, _ body: ([LogProcess], any Storage.Database, String) async throws -> Void
  ) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      var processes: [LogProcess] = []
      for _ in 0..<count { processes.append(try await LogProcess(in: folder)) }
      let beside = try await StorageEngine.postgreSQL.open(in: folder)
      try await body(processes, beside, folder)
      try await beside.close()
      for process in processes { try await process.close() }
    }
  }

  @Test("Concurrent appends get a single dense order that preserves the order of each process")
  func oneOrder() async throws {
    try await withProcesses(3) { processes, _, _ in
      let outcomes = try await withThrowingTaskGroup(of: (Int, [AppendOutcome]).self) { group in
        for (name, process) in processes.enumerated() {
          group.addTask {
            var outcomes: [AppendOutcome] = []
            for number in 0..<40 {
              // The clocks of hosts differ: each is an hour behind the previous one.
              let time = Timestamp(microseconds: Int64(number) * 1_000 - Int64(name) * 3_600_000_000)
              outcomes += try await process.append(["\(name)-\(number)-a", "\(name)-\(number)-b"], at: time)
            }
            return (name, outcomes)
          }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      let events = try await processes[0].perform { log in
        try log.refresh()
        return try log.read(after: 0, matching: .all, limits: ReadLimits()).events
      }
      #expect(events.map(\.offset) == Array(1...240))
      #expect(zip(events, events.dropFirst()).allSatisfy { $0.storedAt <= $1.storedAt })
      for name in 0..<3 {
        let own = events.filter { String(decoding: $0.bytes, as: UTF8.self).contains("\"id\":\"\(name)-") }
        #expect(outcomes[name] == own.map { .stored($0.offset) })
      }
    }
  }

  @Test("An event sent to two processes at once is stored once")
  func oneEventOnce() async throws {
    try await withProcesses(2) { processes, _, _ in
      for number in 0..<20 {
        async let first = processes[0].append(["x\(number)", "a\(number)"])
        async let second = processes[1].append(["b\(number)", "x\(number)"])
        let outcomes = try await (first[0], second[1])
        guard case (.stored(let stored), .duplicate(let known)) = outcomes else {
          guard case (.duplicate(let known), .stored(let stored)) = outcomes else {
            Issue.record("the event was stored twice or not at all: \(outcomes)")
            return
          }
          #expect(stored == known)
          continue
        }
        #expect(stored == known)
      }
    }
  }

  @Test("Offsets are committed in order, so that a reader past the head never misses a late commit")
  func noOffsetComesLate() async throws {
    try await withProcesses(3) { processes, beside, folder in
      try await Self.holdUp("com.example.slow", beside)
      let held = try await HeldTransaction.begin("SELECT pg_advisory_xact_lock(1)", in: folder)
      async let slow = processes[0].append(["slow"], type: "com.example.slow")
      try await Self.waiters(1, of: "advisory", beside)
      async let quick = processes[1].append(["quick"])
      try await Self.waiters(1, of: "transactionid", beside)
      let seen = try await processes[2].perform { log in
        try log.refresh()
        return log.bounds.head
      }
      #expect(seen == 0, "the quick append gets no offset until the slow one has committed")
      try await held.commit()
      #expect(try await slow == [.stored(1)])
      #expect(try await quick == [.stored(2)])
    }
  }

  @Test("A database sequence would not work: with the same two transactions, a reader misses one event forever")
  func aSequenceSkips() async throws {
    try await withProcesses(1) { _, beside, folder in
      try await beside.write { tx in
        try tx.execute("CREATE TABLE plain_log (\"offset\" BIGSERIAL PRIMARY KEY, id TEXT NOT NULL)")
      }
      let insert = "INSERT INTO plain_log (id) VALUES ('one of two') RETURNING \"offset\""
      let slow = try await HeldTransaction.begin(insert, in: folder)
      let quick = try await HeldTransaction.begin(insert, in: folder)
      try await quick.commit()
      let head = try await Self.offsets(after: 0, beside).last ?? 0
      #expect(head == 2)
      try await slow.commit()
      #expect(try await Self.offsets(after: head, beside) == [])
      #expect(try await Self.offsets(after: 0, beside) == [1, 2])
    }
  }

  @Test("Events validated under an outdated roster are not stored")
  func rosterOfAnother() async throws {
    try await withProcesses(2) { processes, _, _ in
      _ = try await processes[0].append(["1"], type: Announcements.rosterAdopted.name)
      await #expect(throws: LogError.rosterChanged) { try await processes[1].append(["2"]) }
      await #expect(throws: LogError.rosterChanged) { try await processes[1].append(["1"]) }
      try await processes[1].perform { try $0.refresh() }
      #expect(try await processes[1].append(["2"]) == [.stored(2)])
    }
  }

  @Test("Notifications reach the other processes, but not the sender")
  func notices() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let location = try StorageEngine.postgreSQL.location(in: folder)
      let (sending, receiving) = (try await LogStore.open(location), try await LogStore.open(location))
      let (own, received) = (ReceivedNotifications(), ReceivedNotifications())
      let listeners = [
        try sending.peers?.listen { own.note($0) }, try receiving.peers?.listen { received.note($0) },
      ]
      // Each listener starts with a notification, because it may have missed earlier ones.
      try await own.until([.appended])
      try await received.until([.appended])
      _ = try sending.log.append([LogFixture.event("a")], at: Self.noTime)
      try sending.peers?.notify(.settling)
      try await received.until([.appended, .appended, .settling])
      _ = try receiving.log.append([LogFixture.event("b")], at: Self.noTime)
      try await own.until([.appended, .appended])
      for listener in listeners { listener?.stop() }
      try sending.close()
      try receiving.close()
    }
  }
}

// MARK: - Held-up transactions

extension SharedLogTests {
  /// Makes an append of events of that type wait within its transaction until lock 1 is free.
  private static func holdUp(_ type: String, _ database: any Storage.Database) async throws {
    try await database.write { tx in
      try tx.execute(
        """
        CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF position(''\(type)''::bytea IN NEW.bytes) > 0 THEN PERFORM pg_advisory_xact_lock(1); END IF; RETURN NULL; END'
        """)
      try tx.execute("CREATE TRIGGER hold_up AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION hold_up()")
    }
  }

  /// Waits until that many sessions wait for a lock of that kind.
  private static func waiters(_ count: Int, of kind: String, _ database: any Storage.Database) async throws {
    var found = 0
    while found < count {
      found = try await database.read { tx in
        try tx.queryOne(
          "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = current_schema() AND wait_event = ?",
          [kind])?.int(
            "n")
          ?? 0
      }
    }
  }

  private static func offsets(after offset: Int64, _ database: any Storage.Database) async throws -> [Int64] {
    try await database.read { tx in
      try tx.query("SELECT \"offset\" FROM plain_log WHERE \"offset\" > ? ORDER BY \"offset\"", [offset]).map {
        try $0.integer("offset")
      }
    }
  }
}

/// An open transaction with its own session and thread, which has run a statement but not committed.
private final class HeldTransaction: Sendable {
  private let queue = DispatchQueue(label: "held transaction")
  private let condition = NSCondition()
  private let isReleased = Mutex(false)
  private let failure = Mutex<(any Error)?>(nil)

  static func begin(_ sql: String, in folder: String) async throws -> HeldTransaction {
    guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else {
      throw StorageError(.unsupported, "requires a PostgreSQL server")
    }
    let held = HeldTransaction()
    try await withCheckedThrowingContinuation { continuation in
      held.queue.async { held.run(sql, url, schema, continuation) }
    }
    return held
  }

  private func run(_ sql: String, _ url: String, _ schema: String, _ begun: CheckedContinuation<Void, any Error>) {
    var hasBegun = false
    do {
      try BlockingStore(url: url, schema: schema).transaction { tx in
        _ = try tx.query(sql, [])
        hasBegun = true
        begun.resume()
        waitForRelease()
      }
    } catch {
      failure.withLock { $0 = error }
      if !hasBegun { begun.resume(throwing: error) }
    }
  }

  private func waitForRelease() {
    condition.lock()
    while !isReleased.withLock(\.self) { condition.wait() }
    condition.unlock()
  }

  private func release() {
    condition.lock()
    isReleased.withLock { $0 = true }
    condition.broadcast()
    condition.unlock()
  }

  func commit() async throws {
    release()
    await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    if let error = failure.withLock(\.self) { throw error }
  }
}

/// The received notifications.
private final class ReceivedNotifications: Sendable {
  private let notices = Mutex<[PeerNotification]>([])

  func note(_ notice: PeerNotification) { notices.withLock { $0.append(notice) } }

  func until(_ expected: [PeerNotification]) async throws {
    let deadline = ContinuousClock.now + .testTimeout
    while notices.withLock({ $0.count }) < expected.count, ContinuousClock.now < deadline { await Task.yield() }
    #expect(notices.withLock(\.self) == expected)
  }
}
