import Contract
import LaunchModel
import Logging

/// One run of a consumer, with what it remembers.
struct ConsumerRun {
  let consumer: EventConsumer
  /// Everything up to here has had its effect.
  private(set) var offset: Int64
  /// What the store has as the offset; it may be behind where nothing matched.
  private var stored: Int64
  private var committed: Int64?
  private var committedAt: ContinuousClock.Instant?
  private var storedAt = ContinuousClock.now
  private var lookedIntoQuarantineAt = ContinuousClock.now
  private var hasWarnedOfPruning = false
  /// Of those who have begun to wait at the gate, how many have been looked after.
  private var demandsMet: Int64

  private enum Wake: Sendable {
    case fetched(Result<FetchedBatch, any Error>)
    case demand
  }

  init(consumer: EventConsumer, offset: Int64) {
    self.consumer = consumer
    self.offset = offset
    stored = offset
    demandsMet = consumer.gate.demandCount - (consumer.gate.wanted == nil ? 0 : 1)
  }

  /// Works until the task is cancelled.
  mutating func work() async throws {
    try await withThrowingTaskGroup(of: Wake.self) { group in
      defer { group.cancelAll() }
      var pause = consumer.pace.backOff
      await commitIfDue(isCaughtUp: true)
      fetch(in: &group, after: .zero)
      listen(in: &group)
      while let wake = try await group.next() {
        try Task.checkCancellation()
        switch wake {
        case .demand:
          demandsMet = consumer.gate.demandCount
          try await meetDemand()
          listen(in: &group)
        case .fetched(.success(let batch)):
          pause = consumer.pace.backOff
          try await take(batch)
          fetch(in: &group, after: .zero)
        case .fetched(.failure(let error)):
          report(error)
          if (error as? Problem)?.code == "ahead-of-log" { await tellPosition() }
          fetch(in: &group, after: pause.jittered())
          pause = min(pause * 2, consumer.pace.maxBackOff)
        }
        try await tryQuarantinedAgain()
      }
    }
  }

  private func fetch(in group: inout ThrowingTaskGroup<Wake, any Error>, after pause: Duration) {
    let (consumer, offset) = (consumer, offset)
    group.addTask {
      try await Task.sleep(for: pause)
      do {
        return .fetched(
          .success(
            try await consumer.bus.fetch(
              after: offset, types: consumer.types, max: consumer.pace.batch, wait: consumer.pace.longPoll)))
      } catch {
        try Task.checkCancellation()
        return .fetched(.failure(error))
      }
    }
  }

  private func listen(in group: inout ThrowingTaskGroup<Wake, any Error>) {
    let (gate, seen) = (consumer.gate, demandsMet)
    group.addTask {
      try await gate.demand(after: seen)
      return .demand
    }
  }

  /// Asks without waiting, for as long as somebody waits for more and there is more.
  private mutating func meetDemand() async throws {
    while let wanted = consumer.gate.wanted, wanted > offset {
      let before = offset
      do {
        try await take(
          try await consumer.bus.fetch(after: offset, types: consumer.types, max: consumer.pace.batch))
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        // The one that waits is told that this service lags; the long fetch goes on trying.
        return report(error)
      }
      guard offset > before else { return }
    }
  }

  /// Lets a batch have its effect. What is known from an earlier one is passed over.
  private mutating func take(_ batch: FetchedBatch) async throws {
    if let first = batch.first, first > offset + 1, !hasWarnedOfPruning {
      hasWarnedOfPruning = true
      consumer.logger.warning(
        "events that this consumer had not seen have been pruned",
        metadata: ["consumer": "\(consumer.name)", "after": "\(offset)", "first": "\(first)"])
    }
    let events = batch.events.filter { $0.offset > offset }
    let end = max(offset, batch.head, events.last?.offset ?? 0)
    if events.isEmpty {
      try await pass(to: end)
    } else {
      try await apply(events, upTo: end)
    }
    consumer.gate.advance(to: offset)
    await commitIfDue(isCaughtUp: batch.events.count < consumer.pace.batch)
  }

  /// Goes on over events that do not match; the store hears of it only now and then, for going over them again is harmless.
  private mutating func pass(to end: Int64) async throws {
    offset = end
    guard stored < end, .now - storedAt > .seconds(2) else { return }
    try await consumer.persistently("offset") { try await consumer.effects.apply([], upTo: end) }
    noteStored(end)
  }

  private mutating func noteStored(_ end: Int64) {
    offset = end
    stored = end
    storedAt = .now
  }

  private mutating func apply(_ events: [StoredEvent], upTo end: Int64) async throws {
    do {
      try await consumer.persistently("apply") { try await consumer.effects.apply(events, upTo: end) }
    } catch is EventError {
      for event in events {
        try await applyAlone(event)
        noteStored(event.offset)
        consumer.gate.advance(to: offset)
      }
      guard end > offset else { return }
      try await consumer.persistently("offset") { try await consumer.effects.apply([], upTo: end) }
    }
    noteStored(end)
  }

  /// Applies one event, or puts it aside after five failures of its own.
  private func applyAlone(_ event: StoredEvent) async throws {
    let failure = try await attempt {
      try await consumer.persistently("apply") { try await consumer.effects.apply([event], upTo: event.offset) }
    }
    guard let failure else { return }
    try await quarantine(event, failure, attempts: consumer.pace.attempts)
    try await consumer.persistently("offset") { try await consumer.effects.apply([], upTo: event.offset) }
  }

  /// Tries it as often as an event may be tried; the last fault where none succeeded.
  private func attempt(_ body: () async throws -> Void) async throws -> EventError? {
    var pause = consumer.pace.attemptBackOff
    for attempt in 1... {
      do {
        try await body()
        return nil
      } catch let fault as EventError {
        if attempt >= consumer.pace.attempts { return fault }
      }
      try await Task.sleep(for: pause)
      pause *= 2
    }
    return nil
  }

  private func quarantine(_ event: StoredEvent, _ fault: EventError, attempts: Int) async throws {
    consumer.logger.error(
      "an event goes to quarantine",
      metadata: [
        "consumer": "\(consumer.name)", "offset": "\(event.offset)", "code": "\(fault.code)",
        "detail": "\(fault.detail)",
      ])
    try await consumer.persistently("quarantine") {
      _ = try await consumer.bus.quarantine(event, consumer: consumer.name, fault: fault, attempts: attempts)
    }
  }

  /// Tries what an operator asks to be tried again. It can take effect twice where the process dies between effect and discard.
  private mutating func tryQuarantinedAgain() async throws {
    guard .now - lookedIntoQuarantineAt >= consumer.pace.quarantineEvery else { return }
    lookedIntoQuarantineAt = .now
    let filter = QuarantineListParameters(consumer: consumer.name, status: .retrying)
    do {
      for (entry, bytes) in try await consumer.bus.quarantined(filter) {
        let event = StoredEvent(offset: entry.offset ?? 0, storedAt: entry.at, bytes: bytes)
        let failure = try await attempt {
          try await consumer.persistently("retry") { try await consumer.effects.applyLate(event) }
        }
        if let failure {
          try await quarantine(event, failure, attempts: entry.attempts + consumer.pace.attempts)
        } else {
          try await consumer.bus.discardQuarantined([entry.id])
        }
      }
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      report(error)
    }
  }

  /// Tells the bus how far it is, now and then also where it says so for the second time: a replica that was cut off may have
  /// told otherwise meanwhile. The bus not being there is nothing to stop for.
  private mutating func commitIfDue(isCaughtUp: Bool) async {
    if committed == offset, let committedAt, .now - committedAt < consumer.pace.commitAgainEvery { return }
    if !isCaughtUp, let committedAt, .now - committedAt < consumer.pace.commitEvery { return }
    do {
      let position = try await consumer.bus.commit(consumer: consumer.name, offset: offset)
      consumer.gate.record(lag: position.lag)
      committed = offset
      committedAt = .now
    } catch is CancellationError {
      return
    } catch {
      report(error)
    }
  }

  /// Says again how far it is, so that the bus hears that its log was longer.
  private mutating func tellPosition() async {
    committed = nil
    await commitIfDue(isCaughtUp: true)
  }

  private func report(_ error: any Error) {
    consumer.logger.warning("the bus does not answer", metadata: ["consumer": "\(consumer.name)", "error": "\(error)"])
  }
}
