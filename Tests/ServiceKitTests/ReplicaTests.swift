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

  /// What the counter stands at, as Dana is told.
  private static func poked(_ service: ServiceHarness<CounterService>, _ meta: CallMeta) async throws -> Int {
    try await service.call(CounterService.show, .init(name: "poked", by: 0), as: "dana", meta: meta).value
  }

  /// Takes the lease, from whoever has it.
  private static func take(_ holder: String, _ database: any Database) async throws -> Lease {
    try await database.write { tx in
      let standing = try Leases.standing(LeaseHolder.name, tx)
      return try #require(try Leases.take(LeaseHolder.name, for: holder, over: standing, tx))
    }
  }

  @Test("Work under a lease that another has taken meanwhile changes nothing, and is told to end")
  func fencing() async throws {
    try await withServiceHarness(CounterService.self) { service in
      let database = service.environment.database
      let lease = try await Self.take("first", database)
      try await FencedWork.$lease.withValue(lease) {
        try await service.receive(Self.poke("1"))
        try await service.sweep()
        // What follows stands for a replica that was stopped for a while and goes on as if nothing had happened.
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

  @Test("What events and jobs do under a lease keeps it: a holder that is busy needs no other beat")
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

  @Test("A call needs no lease")
  func calls() async throws {
    try await withServiceHarness(CounterService.self) { service in
      _ = try await Self.take("another", service.environment.database)
      #expect(try await service.call(Counter.add, .init(name: "a", by: 2)).value == 2)
    }
  }

  @Test(
    "Of two replicas one works; when it is stopped the other does at once, and when it falls silent after a term",
    .enabled(if: StorageEngine.serverURL != nil, "needs GONOGO_TEST_POSTGRES"))
  func changingHands() async throws {
    try await StorageEngine.postgreSQL.withDatabase(Leases.migrations) { database in
      let worked = Worked()
      func keeper(_ name: String, term: Duration) -> LeaseHolder {
        LeaseHolder(
          database: database, holder: name,
          pace: LeasePace(term: term, heartbeatInterval: .milliseconds(20), pollInterval: .milliseconds(10)),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      }
      func run(_ name: String, term: Duration) -> Task<Void, any Error> {
        Task {
          try await keeper(name, term: term).run(standBy: {}) {
            worked.begin(name)
            defer { worked.end(name) }
            // The work of somebody who never has enough of it.
            try await Task.sleep(for: .seconds(600))
          }
        }
      }
      let first = run("first", term: .seconds(300))
      try await worked.until(["first"])
      let second = run("second", term: .seconds(300))
      first.cancel()
      // Within the term: the first has given the lease up.
      try await worked.until(["first", "second"])
      #expect(worked.atOnce == 1)
      // Another takes it, and is never heard of again; the second loses it, and gets it back after a term.
      _ = try await Self.take("silent", database)
      let third = run("third", term: .milliseconds(200))
      try await worked.until(["first", "second", "third"])
      #expect(worked.atOnce == 1)
      for task in [second, third] { task.cancel() }
      for task in [first, second, third] { try await task.value }
    }
  }

  @Test(
    "A replica that stands by reaches an offset when another has processed it, and hears of the roster",
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
            // Nothing of these concerns the service: nobody processes them, and yet everything up to them is known.
            let other = CloudEvent(id: "2", source: "//test", type: "com.example.other")
            let head = try await bus.publish([other.encoded()], timeout: .seconds(1)).last?.offset
            #expect(try await Self.poked(waiting, CallMeta(after: head)) == 1)
            #expect(waiting.environment.roster?.people["dana"] != nil)
            // One that concerns it is waited for until it was processed, by whomever.
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

/// Who worked, one after the other, and how many at the same time.
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

  /// Waits until those have worked, in this order.
  func until(_ names: [String]) async throws {
    #expect(try await begun.wait(for: Int64(names.count), until: .now + .testTimeout))
    #expect(state.withLock(\.names) == names)
  }
}
