import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import Storage
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite struct ReplicaTests {
  private typealias Counter = CounterService

  private static func poke(_ id: String) -> CloudEvent { CounterService.poke(id, amount: 1) }

  /// The value of the counter as returned to Dana.
  private static func poked(_ service: ServiceHarness<CounterService>, _ meta: CallMeta) async throws -> Int {
    try await service.call(CounterService.show, .init(name: "poked", by: 0), as: "dana", meta: meta).value
  }

  /// Takes the lease from its current holder.
  private static func take(_ holder: String, _ database: any Database) async throws -> Lease {
    try await database.write { tx in
      let standing = try Leases.standing(LeaseHolder.name, tx)
      return try #require(try Leases.take(LeaseHolder.name, for: holder, over: standing, tx))
    }
  }

  @Test("Work under a lost lease changes nothing and is cancelled")
  func fencing() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let database = service.environment.database
      let lease = try await Self.take("first", database)
      try await FencedWork.$lease.withValue(lease) {
        try await service.receive(Self.poke("1"))
        try await service.sweep()
        // From here on, this simulates a replica that was suspended and resumed without noticing.
        _ = try await Self.take("second", database)
        _ = try await service.bus.publish([Self.poke("2").encoded()], timeout: .seconds(1))
        let events = service.bus.events
        await #expect(throws: CancellationError.self) {
          try await service.runtime.sink.apply(events, upTo: Int64(events.count))
        }
        for sweep in service.service.jobs {
          await #expect(throws: CancellationError.self) { try await sweep.body(service.environment) }
        }
      }
      #expect(try await service.call(Counter.show, .init(name: "poked", by: 0)).value == 1)
      #expect(try await service.call(Counter.show, .init(name: "swept", by: 0)).value == 1)
      #expect(try await service.runtime.sink.offset() < Int64(service.bus.events.count))
    }
  }

  @Test("Events and jobs processed under a lease renew it, so that a busy holder needs no extra heartbeat")
  func effectsBeat() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let database = service.environment.database
      let lease = try await Self.take("first", database)
      let before = try await database.read { try Leases.standing(LeaseHolder.name, $0) }
      try await FencedWork.$lease.withValue(lease) { try await service.receive(Self.poke("1")) }
      let after = try await database.read { try Leases.standing(LeaseHolder.name, $0) }
      #expect(try #require(after).beats > (try #require(before)).beats)
    }
  }

  @Test("A call that waits for an offset has the rights that apply after the wait")
  func rightsAfterTheWait() async throws {
    try await withServiceHarness(CounterService.self) { service in
      func person(_ name: String) -> Person { Person(name: name, principals: [Principal("key:\(name)")]) }
      try await service.adopt(Roster(people: ["dana": person("dana"), "lena": person("lena")]))
      let offset = service.environment.progress.offset + 100
      let waiting = Task { try await Self.poked(service, CallMeta(ttlMs: 60_000, after: offset)) }
      while service.environment.progress.wanted == nil { await Task.yield() }
      try await service.adopt(Roster(people: ["lena": person("lena")]), version: 2)
      service.environment.progress.advance(to: offset)
      let problem = await #expect(throws: Problem.self) { try await waiting.value }
      #expect(problem?.kind == .forbidden)
    }
  }

  @Test("A call does not need the lease")
  func calls() async throws {
    try await withServiceHarness(CounterService.self) { service in
      _ = try await Self.take("another", service.environment.database)
      #expect(try await service.call(Counter.add, .init(name: "a", by: 2)).value == 2)
    }
  }

  @Test(
    "One of two replicas works; the other takes over at once if it stops, or after a term if it is silent",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func changingHands() async throws {
    try await StorageEngine.postgreSQL.withDatabase(Leases.migrations) { database in
      let worked = Worked()
      func holder(_ name: String, term: Duration) -> LeaseHolder {
        LeaseHolder(
          database: database, holder: name,
          pace: LeasePace(term: term, heartbeatInterval: .milliseconds(20), pollInterval: .milliseconds(10)),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      }
      func run(_ name: String, term: Duration) -> Task<Void, any Error> {
        Task {
          try await holder(name, term: term).run(standBy: {}) {
            worked.begin(name)
            defer { worked.end(name) }
            // Work that ends only when it is cancelled.
            try await Task.sleep(for: .seconds(600))
          }
        }
      }
      let first = run("first", term: .seconds(300))
      try await worked.until(["first"])
      let second = run("second", term: .seconds(300))
      first.cancel()
      // Within the term, because the first has released the lease.
      try await worked.until(["first", "second"])
      #expect(worked.atOnce == 1)
      // A third holder takes it and falls silent; the second loses it, and gets it back after a term.
      _ = try await Self.take("silent", database)
      let third = run("third", term: .milliseconds(200))
      try await worked.until(["first", "second", "third"])
      #expect(worked.atOnce == 1)
      for task in [second, third] { task.cancel() }
      for task in [first, second, third] { try await task.value }
    }
  }

  @Test(
    "A standby replica reaches an offset once the other has processed it, and receives the roster",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func standingBy() async throws {
    try await StorageEngine.postgreSQL.withFolder { folder in
      let bus = MemoryBus(clock: ManualClock(Timestamp(microseconds: 0)))
      try await withServiceHarness(CounterService.self, on: .postgreSQL, in: folder, bus: bus) { working in
        try await withServiceHarness(CounterService.self, on: .postgreSQL, in: folder, bus: bus) { waiting in
          let standBy = StandbyReplica(
            environment: waiting.environment, consumer: "tiering", types: waiting.runtime.subscriptions)
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await standBy.run() }
            defer { group.cancelAll() }
            try await working.adopt(Roster(people: ["dana": Person(name: "Dana", principals: [Principal("key:dana")])]))
            try await working.receive(Self.poke("1"))
            // This event does not concern the service: it is not processed, but everything up to it counts as known.
            let other = CloudEvent(id: "2", source: "//test", type: "com.example.other")
            let head = try await bus.publish([other.encoded()], timeout: .seconds(1)).last?.offset
            #expect(try await Self.poked(waiting, CallMeta(after: head)) == 1)
            #expect(waiting.environment.roster?.people["dana"] != nil)
            // A relevant event is awaited until one of the replicas has processed it.
            let late = try await bus.publish([Self.poke("3").encoded()], timeout: .seconds(1)).first?.offset
            let problem = await #expect(throws: Problem.self) {
              try await Self.poked(waiting, CallMeta(ttlMs: 200, after: late))
            }
            #expect(problem?.code == "lagging")
            try await working.settle()
            #expect(try await Self.poked(waiting, CallMeta(after: late)) == 2)
          }
        }
      }
    }
  }
}

/// Records which holders worked, in order, and how many at the same time.
private final class Worked: Sendable {
  private struct State {
    var names: [String] = []
    var now = 0
    var atOnce = 0
  }

  private let state = Mutex(State())
  private let begun = MonotonicCounter()

  var atOnce: Int { state.withLock(\.atOnce) }

  func begin(_ name: String) {
    state.withLock { state in
      state.names.append(name)
      state.now += 1
      state.atOnce = max(state.atOnce, state.now)
    }
    begun.increment()
  }

  func end(_ name: String) { state.withLock { $0.now -= 1 } }

  /// Waits until these holders have worked, in this order.
  func until(_ names: [String]) async throws {
    #expect(try await begun.wait(for: Int64(names.count), until: .now + .testTimeout))
    #expect(state.withLock(\.names) == names)
  }
}
