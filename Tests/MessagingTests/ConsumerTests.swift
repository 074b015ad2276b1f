import JSON
import Contract
import LaunchModel
import Logging
import Testing
import ZeroMQ

@testable import Messaging

@Suite struct ConsumerTests {
  private static func events(_ ids: some Sequence<Int>, type: String = "dev.gonogo.signal.feature.used.v1")
    -> [CloudEvent]
  {
    ids.map { CloudEvent(id: "\($0)", source: "/s", type: type) }
  }

  private static let pace = ConsumerPace(
    batch: 10, transaction: 40, longPoll: .seconds(600), backOff: .milliseconds(1),
    maxBackOff: .milliseconds(5), quarantineEvery: .milliseconds(1))

  /// Runs a consumer against a bus around the body, and stops it after.
  private func withConsumer(
    _ bus: FakeBus, _ store: Store, types: [String] = [], pace: ConsumerPace = pace,
    _ body: @Sendable @escaping (OffsetWaiter) async throws -> Void
  ) async throws {
    // A long fetch may still wait when a test is over.
    try await withServer(bus, configuration: .init(drainTimeout: .zero)) { served in
      let progress = OffsetWaiter()
      let consumer = EventConsumer(
        name: "metrics", types: types, bus: BusClient(client: try served.client()), sink: store, progress: progress,
        pace: pace, logger: silent)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await consumer.run() }
        try await body(progress)
        group.cancelAll()
      }
    }
  }

  @Test("Earlier and later events take effect once and in order")
  func order() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...25))
    try await withConsumer(bus, store) { progress in
      try await progress.reaches(25)
      for number in 26...40 {
        bus.append(Self.events([number]))
        try await progress.reaches(Int64(number))
      }
    }
    #expect(store.ids == (1...40).map(String.init))
    #expect(store.storedOffset == 40)
  }

  @Test("A consumer that is behind applies several fetches in one transaction")
  func catchingUp() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...95))
    try await withConsumer(bus, store) { progress in try await progress.reaches(95) }
    #expect(store.ids == (1...95).map(String.init))
    #expect(store.transactions == [40, 40, 15])
  }

  @Test("While a transaction is applied, the events of the next one are read")
  func readAhead() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...95))
    // Nobody waits for an offset, which would make transactions smaller.
    try await withConsumer(bus, store) { _ in
      try await eventually("all events have had their effect") { store.ids.count == 95 }
    }
    #expect(store.ids == (1...95).map(String.init))
    #expect(store.transactions == [40, 40, 15])
    #expect(store.readAhead == [40, 15] && store.misread.isEmpty, "\(store.readAhead)")
  }

  @Test("What was read ahead is not applied to the events that are left after a refusal, nor after unreadable bytes")
  func readAheadRefused() async throws {
    let (bus, store) = (FakeBus(), Store(poison: ["57"]))
    bus.append(Self.events(1...95))
    bus.append(raw: Array("{".utf8), type: "dev.gonogo.signal.feature.used.v1")
    bus.append(Self.events(97...120))
    try await withConsumer(bus, store) { _ in
      try await eventually("all other events have had their effect") { store.ids.count == 118 }
    }
    #expect(store.ids == (1...120).filter { $0 != 57 && $0 != 96 }.map(String.init))
    #expect(bus.quarantine.map(\.offset) == [57, 96])
    #expect(store.readAhead == [40] && store.misread.isEmpty, "\(store.readAhead)")
  }

  @Test("While a call waits for an offset that is near, transactions are smaller and the offset is known after each")
  func awaited() async throws {
    let (bus, store) = (FakeBus(), Store())
    let pace = ConsumerPace(
      batch: 40, transaction: 80, awaited: 10, longPoll: .seconds(600), quarantineEvery: .seconds(600))
    try await withConsumer(bus, store, pace: pace) { progress in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await progress.reaches(35) }
        try await eventually("somebody waits") { progress.wanted == 35 }
        bus.append(Self.events(1...35))
        try await group.waitForAll()
      }
    }
    #expect(store.ids == (1...35).map(String.init))
    #expect(store.transactions.allSatisfy { $0 <= 10 }, "\(store.transactions)")
  }

  @Test("The bus learns the final offset even if the last transaction was exactly full", arguments: [10, 40, 80])
  func exactlyFull(count: Int) async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...count))
    try await withConsumer(bus, store) { progress in
      try await eventually("the end is reported while the log does not grow") {
        bus.committed("metrics") == Int64(count) && progress.lag == 0
      }
    }
    #expect(store.ids == (1...count).map(String.init))
  }

  @Test("Hundreds of faulty events are quarantined, each once, and the other events keep their order")
  func manyRefused() async throws {
    let (bus, store) = (FakeBus(), Store(poison: Set((1...300).filter { $0 % 3 == 0 }.map(String.init))))
    bus.append(Self.events(1...300))
    try await withConsumer(bus, store) { progress in try await progress.reaches(300) }
    #expect(store.ids == (1...300).filter { $0 % 3 != 0 }.map(String.init))
    #expect(bus.quarantine.compactMap(\.offset).sorted() == (1...300).filter { $0 % 3 == 0 }.map(Int64.init))
  }

  @Test("A consumer starts after the last offset in its store")
  func resuming() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...20))
    try await store.apply([], after: 0, upTo: 12)
    try await withConsumer(bus, store) { progress in try await progress.reaches(20) }
    #expect(store.ids == (13...20).map(String.init))
  }

  @Test("A store that lost transactions gets their events again, with the next events")
  func storeWentBack() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...20))
    var pace = Self.pace
    pace.quarantineEvery = .seconds(600)
    try await withConsumer(bus, store, pace: pace) { progress in
      try await progress.reaches(20)
      store.goBack(to: 12)
      bus.append(Self.events([21]))
      try await eventually("all events have had their effect") { store.storedOffset == 21 && store.ids.count == 21 }
      try await progress.reaches(21)
    }
    #expect(store.ids == (1...21).map(String.init))
  }

  @Test("A store that lost transactions gets their events again even if the log does not grow")
  func storeWentBackWhileIdle() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...45))
    try await withConsumer(bus, store) { progress in
      try await progress.reaches(45)
      store.goBack(to: 3)
      try await eventually("all events have had their effect") { store.ids.count == 45 }
      try await progress.reaches(45)
    }
    #expect(store.ids == (1...45).map(String.init))
    #expect(store.storedOffset == 45)
  }

  @Test("A faulty event is quarantined at once with its reason; the others are applied")
  func poison() async throws {
    let (bus, store) = (FakeBus(), Store(poison: ["7"]))
    bus.append(Self.events(1...12))
    try await withConsumer(bus, store) { progress in try await progress.reaches(12) }
    #expect(store.ids == (1...12).filter { $0 != 7 }.map(String.init))
    let entry = try #require(bus.quarantine.first)
    #expect(bus.quarantine.count == 1)
    #expect(entry.consumer == "metrics" && entry.offset == 7 && entry.attempts == 1)
    #expect(entry.code == "poison" && entry.detail == "7 is bad")
    #expect(store.tries("7") == 1, "a fault that can only repeat is not tried again")
  }

  @Test("Bytes that are not an event are quarantined as well")
  func malformed() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events([1]))
    bus.append(raw: bytes("{}"), type: "x")
    bus.append(Self.events([3]))
    try await withConsumer(bus, store) { progress in try await progress.reaches(3) }
    #expect(store.ids == ["1", "3"])
    #expect(bus.quarantine.map(\.code) == ["malformed-event"])
  }

  @Test("A failing store is retried for as long as it fails, and nothing is quarantined or skipped")
  func storeDown() async throws {
    let (bus, store) = (FakeBus(), Store(storeFailures: 20))
    bus.append(Self.events(1...3))
    try await withConsumer(bus, store) { progress in try await progress.reaches(3) }
    #expect(store.ids == ["1", "2", "3"])
    #expect(bus.quarantine.isEmpty)
  }

  @Test("The progress shows why the consumer cannot process the next events, until it can")
  func failure() async throws {
    let (bus, store) = (FakeBus(), Store(storeFailures: .max))
    bus.append(Self.events(1...3))
    var pace = Self.pace
    pace.quarantineEvery = .seconds(600)
    try await withConsumer(bus, store, pace: pace) { progress in
      try await eventually("the store's failure is known") { progress.failure is Store.StoreDown }
      store.heal()
      try await progress.reaches(3)
      try await eventually("nothing is known to fail") { progress.failure == nil }
      bus.setFailing([BusRoutes.fetch.method])
      bus.append(Self.events([4]))
      try await eventually("the bus's failure is known") { (progress.failure as? Problem)?.code == "disk-full" }
      bus.setFailing([])
      bus.append(Self.events([5]))
      try await progress.reaches(5)
      try await eventually("nothing is known to fail") { progress.failure == nil }
    }
  }

  @Test("While the quarantine cannot be written, the offset does not move past the event")
  func quarantineDown() async throws {
    let (bus, store) = (FakeBus(), Store(poison: ["2"]))
    bus.append(Self.events(1...3))
    bus.setFailing([BusRoutes.quarantineAdd.method])
    try await withConsumer(bus, store) { progress in
      try await eventually("the quarantine is tried again") { bus.calls(BusRoutes.quarantineAdd.method) >= 3 }
      #expect(store.storedOffset == 0)
      bus.setFailing([])
      try await progress.reaches(3)
    }
    #expect(store.ids == ["1", "3"])
    #expect(bus.quarantine.map(\.offset) == [2])
  }

  @Test("A failing bus is asked again")
  func busDown() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events(1...3))
    bus.setFailing([BusRoutes.fetch.method, BusRoutes.commit.method])
    try await withConsumer(bus, store) { progress in
      try await eventually("the bus is asked again") { bus.calls(BusRoutes.fetch.method) >= 3 }
      bus.setFailing([])
      try await progress.reaches(3)
    }
    #expect(store.ids == ["1", "2", "3"])
  }

  @Test(
    "Only types with a prefix are fetched; waiting for an offset beyond them does not wait for the long poll"
  )
  func prefixes() async throws {
    let (bus, store) = (FakeBus(), Store())
    bus.append(Self.events([1], type: "dev.gonogo.launch.proposed.v1"))
    bus.append(Self.events([2], type: "dev.gonogo.signal.ticket.opened.v1"))
    try await withConsumer(bus, store, types: ["dev.gonogo.launch."]) { progress in
      try await progress.reaches(1)
      bus.append(Self.events(3...30, type: "dev.gonogo.signal.ticket.opened.v1"))
      try await progress.reaches(30)
    }
    #expect(store.ids == ["1"])
  }

  @Test("The bus learns the consumer's offset, and the progress shows its lag")
  func committing() async throws {
    let (bus, store) = (FakeBus(), Store(storeFailures: .max))
    bus.append(Self.events(1...25))
    try await withConsumer(bus, store) { progress in
      try await eventually("the progress knows a lag") { progress.lag != nil }
      #expect(progress.lag == 25, "nothing has had its effect")
      #expect(bus.committed("metrics") == 0)
      store.heal()
      try await eventually("the bus hears of the end") { bus.committed("metrics") == 25 }
      try await eventually("the progress hears of no lag") { progress.lag == 0 }
    }
  }

  @Test("An event that an operator retries takes effect late, and leaves the quarantine")
  func retrying() async throws {
    let (bus, store) = (FakeBus(), Store(poison: ["2"]))
    bus.append(Self.events(1...3))
    try await withConsumer(bus, store) { progress in
      try await progress.reaches(3)
      bus.retryAll()
      bus.append(Self.events([4]))
      // Still bad: it goes back, with two attempts behind it.
      try await eventually("it goes back") { bus.quarantine.first?.attempts == 2 }
      store.heal()
      bus.retryAll()
      bus.append(Self.events([5]))
      try await eventually("it leaves the quarantine") { bus.quarantine.isEmpty }
      try await progress.reaches(5)
    }
    #expect(store.ids == ["1", "3", "4", "5"])
    #expect(store.late == ["2"])
  }

  @Test("Stopping ends a fetch that waits on the bus")
  func stopping() async throws {
    let bus = FakeBus()
    try await withServer(bus, configuration: .init(drainTimeout: .zero)) { served in
      try await Self.stops(try served.client()) { _ in bus.calls(BusRoutes.fetch.method) == 1 }
    }
  }

  @Test("Stopping ends attempts to reach an unreachable bus")
  func stoppingWithoutBus() async throws {
    try await withFolder { folder in
      try await withReactor { reactor in
        let client = RPCClient(
          reactor: reactor, service: .bus, endpoints: [try Endpoint(path: "\(folder)/none.sock")], logger: silent)
        // The commit and at least one fetch have failed.
        try await Self.stops(client) { $0.count >= 2 }
      }
    }
  }

  /// Runs a consumer until the condition holds for its warnings so far, and expects it to end when it is cancelled.
  private static func stops(_ client: RPCClient, when isThere: (Tally) -> Bool) async throws {
    let (warnings, ended) = (Tally(), Latch())
    var logger = Logger(label: "test") { _ in WarningCounter(warnings: warnings) }
    logger.logLevel = .warning
    let consumer = EventConsumer(
      name: "metrics", types: [], bus: BusClient(client: client), sink: Store(), pace: pace, logger: logger)
    let task = Task {
      defer { ended.open() }
      try await consumer.run()
    }
    try await eventually("the consumer is there") { isThere(warnings) }
    #expect(!ended.isOpen, "it runs until it is stopped")
    task.cancel()
    try await ended.opens()
    try await task.value
  }
}

/// Counts what is logged.
private struct WarningCounter: LogHandler {
  let warnings: Tally
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.warning

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { warnings.add() }
}
