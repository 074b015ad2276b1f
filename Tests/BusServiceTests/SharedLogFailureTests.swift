import BusCore
import Contract
import Glibc
import LaunchModel
import Logging
import Messaging
import ServiceKit
import Synchronization
import TestSupport
import Testing

@testable import BusService

@Suite("Failures while reading a log that other buses write to")
struct SharedLogFailureTests {
  @Test("While the database is unreachable, the bus does not report the end of the log")
  func outage() async throws {
    try await withSharedLog { shared async throws in
      let away = LogError.unavailable("the server is away")
      shared.controls.failRefreshing(with: away)
      await #expect(throws: away) { try await shared.view.bounds() }
      #expect(try await shared.fetch(after: 0) == 2, "what is stored is stored")
      await #expect(throws: away, "whether there is more is not known") { try await shared.fetch(after: 2) }
      #expect(shared.failures.all.isEmpty)
    }
  }

  @Test("An outage ends the fetches that wait, and those that begin while it lasts")
  func outageWhileWaiting() async throws {
    try await withSharedLog { shared async throws in
      let away = LogError.unavailable("the server is away")
      let waiting = Task { try await shared.fetch(after: 2, wait: .seconds(600)) }
      while shared.view.context.tail.waiterCount == 0 { await Task.yield() }
      shared.view.context.tail.record(outage: away)
      await #expect(throws: away) { try await waiting.value }
      await #expect(throws: away) { try await shared.fetch(after: 2, wait: .seconds(600)) }
      shared.view.context.tail.record(outage: nil)
      #expect(try await shared.fetch(after: 2) == 0)
    }
  }

  @Test("Calls do not wait for a log thread that waits for its database")
  func stuckThread() async throws {
    try await withSharedLog { shared async throws in
      let (isHeld, isReleased) = (Flag(), Flag())
      async let held: Void = shared.thread.perform { _ in
        isHeld.raise()
        while !isReleased.isRaised { sched_yield() }
      }
      while !isHeld.isRaised { await Task.yield() }
      let problem = await #expect(throws: LogError.self) {
        try await shared.thread.perform(within: .milliseconds(20)) { $0.log.bounds }
      }
      if case .unavailable = problem {} else { Issue.record("\(String(describing: problem))") }
      isReleased.raise()
      try await held
      #expect(try await shared.thread.perform(within: .testTimeout) { $0.log.bounds.head } == 2)
    }
  }

  @Test(
    "Any other failure is reported to whoever asks for the head or fetches",
    arguments: [LogError.corrupt(offset: 3), .failed("the database has lost events"), .diskFull("the disk is full")])
  func failure(_ fault: LogError) async throws {
    try await withSharedLog { shared async throws in
      shared.controls.failRefreshing(with: fault)
      await #expect(throws: fault) { try await shared.view.bounds() }
      await #expect(throws: fault) { try await shared.fetch(after: 7) }
      let endsTheProcess = if case .failed = fault { true } else { false }
      #expect(shared.failures.all == (endsTheProcess ? [fault, fault] : []))
    }
  }

  @Test("A damaged event beyond the known part of the log ends fetches that reach it, until it can be read")
  func damage() async throws {
    try await withSharedLog { shared async throws in
      // Another bus has stored a third event.
      try await shared.thread.perform { writer in
        var scanner = EventScanner()
        _ = try writer.log.append([try scanner.scan(RunningBus.event("c"))], at: writer.clock.now())
      }
      shared.controls.failReading(with: .corrupt(offset: 3))
      try await shared.thread.perform { try $0.catchUpLoggingOutages() }
      #expect(try await shared.fetch(after: 1) == 1, "what is known is read from memory")
      await #expect(throws: LogError.corrupt(offset: 3)) { try await shared.fetch(after: 2) }
      shared.controls.failReading(with: nil)
      try await shared.thread.perform { try $0.catchUpLoggingOutages() }
      #expect(try await shared.fetch(after: 2) == 1)
    }
  }

  @Test("A log that fails during maintenance ends the process")
  func maintenance() async throws {
    try await withSharedLog { shared async throws in
      let fault = LogError.failed("the database has lost events")
      shared.controls.failRefreshing(with: fault)
      await #expect(throws: fault) { try await shared.thread.perform { try $0.maintainLoggingOutages() } }
      #expect(shared.failures.all == [fault])
      shared.controls.failRefreshing(with: .unavailable("the server is away"))
      try await shared.thread.perform { try $0.maintainLoggingOutages() }
      #expect(shared.failures.all == [fault], "an outage passes")
    }
  }
}

/// A flag that one thread raises and another one sees.
private final class Flag: Sendable {
  private let value = Atomic<Bool>(false)

  var isRaised: Bool { value.load(ordering: .acquiring) }
  func raise() { value.store(true, ordering: .releasing) }
}

/// The parts of a bus that shares its log with others, with two events.
private struct SharedLog: Sendable {
  let controls: TestLog.Controls
  let failures: Recorder<LogError>
  let view: LogView
  let thread: LogThread

  /// How many events a fetch is answered with.
  func fetch(after offset: Int64, wait: Duration = .zero) async throws -> Int {
    let request = FetchParameters(after: offset, waitMs: Int(wait.components.seconds) * 1_000)
    return try await FetchHandler(tail: view.context.tail, thread: thread, view: view)
      .answer(request, until: .now + .seconds(3_600)).parts.count
  }
}

private func withSharedLog(_ body: (SharedLog) async throws -> Void) async throws {
  try await StorageEngine.standard.withFolder { folder in
    let store = try await LogStore.open(StorageEngine.standard.location(in: folder))
    let controls = TestLog.Controls()
    let failures = Recorder<LogError>()
    let context = BusContext(
      limits: BusLimits(), clock: SystemClock(), ownPrincipals: [ProcessIdentity.ownPrincipal],
      tail: LogTail(bounds: store.log.bounds, recentBytes: 1 << 20, maximumWaiters: 8),
      committedOffsets: CommittedOffsets(offsets: [:]), isShared: true,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let writer = try LogWriter(store: store, log: TestLog(store.log, controls), context: context)
    let thread = LogThread(writer: writer, limits: context.limits) { failures.record($0) }
    try await thread.perform { writer in
      var scanner = EventScanner()
      _ = try writer.store(["a", "b"].map { try scanner.scan(RunningBus.event($0)) })
    }
    try await body(
      SharedLog(controls: controls, failures: failures, view: LogView(context: context, thread: thread), thread: thread)
    )
    controls.failRefreshing(with: nil)
    try await thread.perform { try $0.close() }
  }
}
