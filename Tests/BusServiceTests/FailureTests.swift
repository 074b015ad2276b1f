import BusCore
import Foundation
import Contract
import LaunchModel
import Messaging
import Synchronization
import Testing
import TestSupport

@testable import BusService

/// Wraps a log so that appends can be made to fail or to block.
final class TestLog: EventLog {
  /// Controls the log from other threads.
  final class Controls: Sendable {
    private let state = Mutex<(failure: LogError?, isOnce: Bool, appends: [Int])>((nil, false, []))
    private let refreshError = Mutex<LogError?>(nil)
    private let readError = Mutex<LogError?>(nil)
    private let gate = Mutex<[@Sendable () -> Void]>([])
    private let isReadingKeys = Mutex(false)

    /// Whether the record of sources and ids of the log is not read yet.
    func readKeys(forever isReading: Bool) { isReadingKeys.withLock { $0 = isReading } }
    fileprivate var hasKeysToRead: Bool { isReadingKeys.withLock(\.self) }

    /// The error that appends throw from now on.
    func fail(with failure: LogError?) {
      state.withLock {
        $0.failure = failure
        $0.isOnce = false
      }
    }

    /// The error that the next append alone throws.
    func failOnce(with failure: LogError) {
      state.withLock {
        $0.failure = failure
        $0.isOnce = true
      }
    }

    /// The error that looking for other buses' events throws from now on.
    func failRefreshing(with error: LogError?) { refreshError.withLock { $0 = error } }

    /// The error that reads throw from now on.
    func failReading(with error: LogError?) { readError.withLock { $0 = error } }

    fileprivate func checkRefresh() throws(LogError) { if let error = refreshError.withLock(\.self) { throw error } }
    fileprivate func checkRead() throws(LogError) { if let error = readError.withLock(\.self) { throw error } }

    /// How many events each append had, those that failed as well.
    var appends: [Int] { state.withLock { $0.appends } }

    fileprivate func note(_ count: Int) -> LogError? {
      state.withLock { state in
        state.appends.append(count)
        defer { if state.isOnce { state.failure = nil } }
        return state.failure
      }
    }

    /// Called at the start of each append, on the log's thread.
    func beforeAppend(_ body: (@Sendable () -> Void)?) { gate.withLock { $0 = body.map { [$0] } ?? [] } }

    fileprivate func enter() { for body in gate.withLock({ $0 }) { body() } }
  }

  private let log: any EventLog
  private let controls: Controls

  init(_ log: any EventLog, _ controls: Controls) {
    self.log = log
    self.controls = controls
  }

  var bounds: LogBounds { log.bounds }
  var newestStoredAt: Timestamp? { log.newestStoredAt }
  var rosterOffset: Int64 { log.rosterOffset }

  func readKeys() throws(LogError) -> Bool {
    if controls.hasKeysToRead { return false }
    return try log.readKeys()
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome] {
    controls.enter()
    if let failure = controls.note(events.count) { throw failure }
    return try log.append(events, at: time)
  }

  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage {
    try controls.checkRead()
    return try log.read(after: offset, matching: filter, limits: limits)
  }

  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64 { try log.firstOffset(storedSince: time) }
  var damage: [LogDamage] { log.damage }
  func verify(from cursor: VerificationCursor, atMost count: Int) throws(LogError) -> VerificationPage {
    try log.verify(from: cursor, atMost: count)
  }
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    try log.prune(through: offset, atMost: count)
  }
  func refresh() throws(LogError) {
    try controls.checkRefresh()
    try log.refresh()
  }
}

@Suite("Disk failures and overload")
struct FailureTests {
  private func setup(_ controls: TestLog.Controls, _ limits: BusLimits = BusLimits()) -> BusSetup {
    BusSetup(limits: limits, wrapping: { TestLog($0, controls) })
  }

  @Test("A full disk acknowledges nothing and does not stop reads; writes succeed once there is space")
  func fullDisk() async throws {
    let controls = TestLog.Controls()
    try await withBus(setup(controls)) { bus in
      try await bus.publish("a")
      controls.fail(with: .diskFull("the disk is full: /data, 0 MiB free"))
      let problem = await #expect(throws: Problem.self) {
        _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event("b")])
      }
      #expect(problem?.kind == .unavailable)
      #expect(problem?.code == "disk-full")
      #expect(problem?.detail.contains("the disk is full: /data, 0 MiB free") == true)
      #expect(problem?.retryable == true)
      #expect(try await bus.calls.fetch(after: 0).events.count == 1)
      controls.fail(with: nil)
      #expect(try await bus.publish("b").map(\.offset) == [2])
      #expect(bus.failures.all.isEmpty, "the process continues")
    }
  }

  @Test("After a failed flush the process ends, and nothing more is acknowledged")
  func failedFlush() async throws {
    let controls = TestLog.Controls()
    try await withBus(setup(controls)) { bus in
      controls.fail(with: .failed("disk I/O error"))
      for id in ["a", "b"] {
        let problem = await #expect(throws: Problem.self) {
          _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event(id)])
        }
        #expect(problem?.code == "log-failed")
        controls.fail(with: nil)
      }
      #expect(bus.failures.all == [.failed("disk I/O error")])
    }
  }

  @Test(
    "While the sources and ids of a long log are read, events wait and everything else is answered",
    .enabled(if: StorageEngine.standard == .sqlite, "a server answers for its index"))
  func readingKeys() async throws {
    let controls = TestLog.Controls()
    controls.readKeys(forever: true)
    try await withBus(setup(controls)) { bus async throws in
      async let published = bus.publish("a", "b")
      while bus.bus.waitingEvents < 2 { await Task.yield() }
      #expect(try await bus.calls.head().head == 0)
      #expect(try await bus.calls.fetch(after: 0).events.isEmpty)
      #expect(controls.appends.isEmpty)
      controls.readKeys(forever: false)
      #expect(try await published.map(\.status) == [.stored, .stored])
      #expect(controls.appends == [2])
    }
  }

  @Test("Calls that wait behind a failed flush are not acknowledged, even if the disk would take them")
  func failedFlushAhead() async throws {
    let controls = TestLog.Controls()
    let turnstile = Turnstile()
    try await withBus(setup(controls)) { bus in
      controls.beforeAppend { turnstile.pass() }
      try await withThrowingTaskGroup(of: String?.self) { group in
        @Sendable func code(_ id: String) async -> String? {
          do {
            _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event(id)])
            return nil
          } catch {
            return (error as? Problem)?.code
          }
        }
        group.addTask { await code("first") }
        await turnstile.untilThreadWaits()
        for index in 0..<10 { group.addTask { await code("\(index)") } }
        // A call sent after the ten has been answered, so the ten have been accepted.
        _ = try await bus.call("service.ping")
        controls.failOnce(with: .failed("disk I/O error"))
        controls.beforeAppend(nil)
        turnstile.open()
        let codes = try await group.reduce(into: [String?]()) { $0.append($1) }
        #expect(codes == Array(repeating: "log-failed", count: 11))
      }
      #expect(controls.appends == [1])
    }
  }

  @Test("Events that queue up behind a commit share the next one, and are acknowledged after it")
  func groupCommit() async throws {
    let controls = TestLog.Controls()
    let turnstile = Turnstile()
    try await withBus(setup(controls)) { bus in
      controls.beforeAppend { turnstile.pass() }
      try await withThrowingTaskGroup(of: Int64?.self) { group in
        group.addTask { try await bus.publish("first").first?.offset }
        await turnstile.untilThreadWaits()
        for index in 0..<10 { group.addTask { try await bus.publish("\(index)").first?.offset } }
        // A call sent after the ten has been answered, so the ten have been accepted.
        _ = try await bus.call("service.ping")
        controls.beforeAppend(nil)
        turnstile.open()
        let offsets = try await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
        #expect(offsets == Set((1...11).map { Int64($0) }))
      }
      #expect(controls.appends.count < 11)
      #expect(controls.appends.reduce(0, +) == 11)
    }
  }

  @Test("When the queue is full, publishers get busy and the time after which to retry")
  func overload() async throws {
    let controls = TestLog.Controls()
    let turnstile = Turnstile()
    try await withBus(setup(controls, BusLimits(queuedEvents: 2))) { bus in
      controls.beforeAppend { turnstile.pass() }
      await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { _ = try await bus.publish("first") }
        await turnstile.untilThreadWaits()
        for id in ["a", "b"] {
          group.addTask { _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event(id)]) }
        }
        let problem = await #expect(throws: Problem.self) {
          // Until the two have been accepted.
          for index in 0... {
            group.addTask {
              _ = try await bus.client.call(method: "events.publish", parts: [RunningBus.event("x\(index)")])
            }
            try await group.next()
          }
        }
        #expect(problem?.kind == .busy)
        #expect(problem?.retryAfterMs != nil)
        controls.beforeAppend(nil)
        turnstile.open()
        while !group.isEmpty { _ = await group.nextResult() }
      }
    }
  }

  @Test("Shutdown answers accepted calls, completes waiting fetches, and leaves everything on disk")
  func drains() async throws {
    let controls = TestLog.Controls()
    let turnstile = Turnstile()
    try await StorageEngine.standard.withFolder { folder in
      try await withBus(setup(controls), in: folder) { bus in
        controls.beforeAppend { turnstile.pass() }
        defer { turnstile.open() }
        async let published = bus.publish("a")
        async let waiting = bus.calls.fetch(after: 0, wait: .seconds(20))
        await turnstile.untilThreadWaits()
        while bus.bus.waitingFetches == 0 { await Task.yield() }
        bus.bus.beginShutdown()
        let found = try await waiting.events
        #expect(found.isEmpty)
        controls.beforeAppend(nil)
        turnstile.open()
        #expect(try await published.map(\.offset) == [1])
      }
      let head = try await withBus(in: folder) { try await $0.calls.head().head }
      #expect(head == 1)
    }
  }
}

/// Blocks a thread until it is opened, and signals tasks that a thread is waiting.
final class Turnstile: Sendable {
  private let condition = NSCondition()
  /// Guarded by the condition's lock.
  private nonisolated(unsafe) var isOpen = false
  private let arrivals: AsyncStream<Void>
  private let arrived: AsyncStream<Void>.Continuation

  init() { (arrivals, arrived) = AsyncStream.makeStream() }

  /// Blocks the thread until the turnstile is open.
  func pass() {
    arrived.yield()
    condition.withLock {
      while !isOpen { condition.wait() }
    }
  }

  /// Suspends the task until a thread waits.
  func untilThreadWaits() async {
    for await _ in arrivals { return }
  }

  func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }
}
