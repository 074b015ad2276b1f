import Dispatch
import Foundation
import Contract
import LaunchModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import BusCore

/// A log that several processes have open, each with a thread of its own.
@Suite(
  "One log on PostgreSQL, shared by several processes",
  .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
struct SharedLogTests {
  private static let noTime = Timestamp(microseconds: 0)

  /// A log that is open on a thread of its own.
  private final class Neighbour: Sendable {
    private let queue = DispatchQueue(label: "neighbour")
    /// Only bodies on `queue` use it, which runs one at a time.
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

  /// Runs the body with several processes' logs, and a store beside them.
  private func withNeighbours(
    _ count: Int, _ body: ([Neighbour], any Storage.Database, String) async throws -> Void
  ) async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      var neighbours: [Neighbour] = []
      for _ in 0..<count { neighbours.append(try await Neighbour(in: folder)) }
      let beside = try await StorageEngine.postgreSQL.open(in: folder)
      try await body(neighbours, beside, folder)
      try await beside.close()
      for neighbour in neighbours { try await neighbour.close() }
    }
  }

  @Test("What they append at once has one order without a gap, in which each one's own order is kept")
  func oneOrder() async throws {
    try await withNeighbours(3) { neighbours, _, _ in
      let outcomes = try await withThrowingTaskGroup(of: (Int, [AppendOutcome]).self) { group in
        for (name, neighbour) in neighbours.enumerated() {
          group.addTask {
            var outcomes: [AppendOutcome] = []
            for number in 0..<40 {
              // The clocks of hosts differ: each is an hour behind the one before.
              let time = Timestamp(microseconds: Int64(number) * 1_000 - Int64(name) * 3_600_000_000)
              outcomes += try await neighbour.append(["\(name)-\(number)-a", "\(name)-\(number)-b"], at: time)
            }
            return (name, outcomes)
          }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      let events = try await neighbours[0].perform { log in
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

  @Test("The same event sent to two of them at once is stored once")
  func oneEventOnce() async throws {
    try await withNeighbours(2) { neighbours, _, _ in
      for number in 0..<20 {
        async let first = neighbours[0].append(["x\(number)", "a\(number)"])
        async let second = neighbours[1].append(["b\(number)", "x\(number)"])
        let outcomes = try await (first[0], second[1])
        guard case (.stored(let stored), .duplicate(let known)) = outcomes else {
          guard case (.duplicate(let known), .stored(let stored)) = outcomes else {
            Issue.record("stored twice, or not at all: \(outcomes)")
            return
          }
          #expect(stored == known)
          continue
        }
        #expect(stored == known)
      }
    }
  }

  @Test("An offset that is given first is committed first: a reader after the head never misses one that comes late")
  func noOffsetComesLate() async throws {
    try await withNeighbours(3) { neighbours, beside, folder in
      try await Self.holdUp("com.example.slow", beside)
      let held = try await HeldTransaction.begin("SELECT pg_advisory_xact_lock(1)", in: folder)
      async let slow = neighbours[0].append(["slow"], type: "com.example.slow")
      try await Self.waiters(1, of: "advisory", beside)
      async let quick = neighbours[1].append(["quick"])
      try await Self.waiters(1, of: "transactionid", beside)
      let seen = try await neighbours[2].perform { log in
        try log.refresh()
        return log.bounds.head
      }
      #expect(seen == 0, "the quick one has no offset before the slow one is committed")
      try await held.commit()
      #expect(try await slow == [.stored(1)])
      #expect(try await quick == [.stored(2)])
    }
  }

  @Test("A sequence would not do: the same two transactions, and the reader misses one for ever")
  func aSequenceSkips() async throws {
    try await withNeighbours(1) { _, beside, folder in
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

  @Test("Events judged under a roster that is no longer in force are not stored")
  func rosterOfAnother() async throws {
    try await withNeighbours(2) { neighbours, _, _ in
      _ = try await neighbours[0].append(["1"], type: Announcements.rosterAdopted.name)
      await #expect(throws: LogError.rosterChanged) { try await neighbours[1].append(["2"]) }
      await #expect(throws: LogError.rosterChanged) { try await neighbours[1].append(["1"]) }
      try await neighbours[1].perform { try $0.refresh() }
      #expect(try await neighbours[1].append(["2"]) == [.stored(2)])
    }
  }

  @Test("Notices reach the others, and not the sender")
  func notices() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let location = try StorageEngine.postgreSQL.location(in: folder)
      let (sending, hearing) = (try await LogStore.open(location), try await LogStore.open(location))
      let (own, heard) = (Heard(), Heard())
      let listeners = [
        try sending.peers?.listen { own.note($0) }, try hearing.peers?.listen { heard.note($0) },
      ]
      // Each begins by saying that something may have been missed.
      try await own.until([.appended])
      try await heard.until([.appended])
      _ = try sending.log.append([LogFixture.event("a")], at: Self.noTime)
      try sending.peers?.notify(.settling)
      try await heard.until([.appended, .appended, .settling])
      _ = try hearing.log.append([LogFixture.event("b")], at: Self.noTime)
      try await own.until([.appended, .appended])
      for listener in listeners { listener?.stop() }
      try sending.close()
      try hearing.close()
    }
  }
}

// MARK: - Transactions that are held up

extension SharedLogTests {
  /// Lets an append of events of that type wait within its transaction, until nobody holds the lock 1.
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

  /// Waits until so many sessions wait for a lock of that kind.
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

/// A transaction of a session and a thread of its own, in which a statement has been run, and which is not committed yet.
private final class HeldTransaction: Sendable {
  private let queue = DispatchQueue(label: "held transaction")
  private let condition = NSCondition()
  private let isLetGo = Mutex(false)
  private let failure = Mutex<(any Error)?>(nil)

  static func begin(_ sql: String, in folder: String) async throws -> HeldTransaction {
    guard case .postgreSQL(let url, let schema) = try StorageEngine.postgreSQL.location(in: folder) else {
      throw StorageError(.unsupported, "a server is needed")
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
        waitToBeLetGo()
      }
    } catch {
      failure.withLock { $0 = error }
      if !hasBegun { begun.resume(throwing: error) }
    }
  }

  private func waitToBeLetGo() {
    condition.lock()
    while !isLetGo.withLock(\.self) { condition.wait() }
    condition.unlock()
  }

  private func letGo() {
    condition.lock()
    isLetGo.withLock { $0 = true }
    condition.broadcast()
    condition.unlock()
  }

  func commit() async throws {
    letGo()
    await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    if let error = failure.withLock(\.self) { throw error }
  }
}

/// What was heard.
private final class Heard: Sendable {
  private let notices = Mutex<[PeerNotification]>([])

  func note(_ notice: PeerNotification) { notices.withLock { $0.append(notice) } }

  func until(_ expected: [PeerNotification]) async throws {
    let deadline = ContinuousClock.now + .testTimeout
    while notices.withLock({ $0.count }) < expected.count, ContinuousClock.now < deadline { await Task.yield() }
    #expect(notices.withLock(\.self) == expected)
  }
}
