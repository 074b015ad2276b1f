import Contract
import LaunchModel
import Logging

/// One run of a consumer: its position, and its state between fetches.
struct ConsumerRun {
  let consumer: EventConsumer
  /// The offset up to which everything has taken effect.
  private(set) var offset: Int64
  /// The offset last written to the store, which may be behind `offset` if the events in between did not match.
  private var stored: Int64
  private var committed: Int64?
  private var committedAt: ContinuousClock.Instant?
  private var storedAt = ContinuousClock.now
  private var hasWarnedOfPruning = false
  /// Whether the log may have more than the last fetch returned. If so, the next fetch does not wait for further
  /// events, because the offset is reported to the bus only once it is known to be the end.
  private var mayHaveMore = false
  /// The events fetched while the last transaction was applied; nil if none were.
  private var ahead: FetchedStretch?
  /// The number of waits for an offset that have been served.
  private var demandsMet: Int64

  /// The maximum number of simultaneous calls to the quarantine.
  private static let quarantineWidth = 32

  private enum Wake: Sendable {
    case fetched(after: Int64, Result<FetchedStretch, any Error>)
    case demand
    case quarantineDue
  }

  init(consumer: EventConsumer, offset: Int64) {
    self.consumer = consumer
    self.offset = offset
    stored = offset
    demandsMet = consumer.progress.demandCount - (consumer.progress.wanted == nil ? 0 : 1)
  }

  /// Consumes until the task is cancelled.
  mutating func work() async throws {
    try await withThrowingTaskGroup(of: Wake.self) { group in
      defer { group.cancelAll() }
      var pause = consumer.pace.backOff
      await commitIfDue(isCaughtUp: true)
      fetch(in: &group)
      listen(in: &group)
      waitForQuarantine(in: &group)
      while let wake = try await group.next() {
        try Task.checkCancellation()
        switch wake {
        case .demand:
          demandsMet = consumer.progress.demandCount
          try await meetDemand()
          listen(in: &group)
        case .quarantineDue:
          try await retryQuarantined()
          try await checkStore()
          waitForQuarantine(in: &group)
        case .fetched(let after, .success(let stretch)):
          pause = consumer.pace.backOff
          consumer.progress.record(failure: nil)
          // If the store went back in the meantime, the events before these are missing.
          if after <= offset { try await process(stretch) }
          fetch(in: &group)
        case .fetched(_, .failure(let error)):
          consumer.progress.record(failure: error)
          logUnreachable(error)
          switch (error as? Problem)?.code {
          case "ahead-of-log":
            try await checkStore()
            await commitAgain()
          case "corrupt-event": await commitIfDue(isCaughtUp: true)
          default: break
          }
          fetch(in: &group, after: pause.jittered())
          pause = min(pause * 2, consumer.pace.maxBackOff)
        }
      }
    }
  }

  // MARK: Fetching

  private mutating func fetch(in group: inout ThrowingTaskGroup<Wake, any Error>, after pause: Duration = .zero) {
    if let fetched = ahead, fetched.end > offset {
      ahead = nil
      group.addTask { [offset] in .fetched(after: offset, .success(fetched)) }
      return
    }
    ahead = nil
    let (consumer, offset) = (consumer, offset)
    let wait = mayHaveMore ? .zero : consumer.pace.longPoll
    group.addTask {
      try await Task.sleep(for: pause)
      do {
        return .fetched(
          after: offset,
          .success(
            FetchedStretch(
              try await consumer.bus.fetch(
                after: offset, types: consumer.types, max: consumer.pace.batch, wait: wait))))
      } catch {
        try Task.checkCancellation()
        return .fetched(after: offset, .failure(error))
      }
    }
  }

  private func waitForQuarantine(in group: inout ThrowingTaskGroup<Wake, any Error>) {
    let pause = consumer.pace.quarantineEvery
    group.addTask {
      try await Task.sleep(for: pause)
      return .quarantineDue
    }
  }

  private func listen(in group: inout ThrowingTaskGroup<Wake, any Error>) {
    let (progress, seen) = (consumer.progress, demandsMet)
    group.addTask {
      try await progress.demand(after: seen)
      return .demand
    }
  }

  /// Fetches without waiting for new events, while a call waits for a later offset and the log has more.
  private mutating func meetDemand() async throws {
    while let wanted = consumer.progress.wanted, wanted > offset {
      let before = offset
      do {
        let stretch = FetchedStretch(try await FetchedStretch.fetchNow(consumer, after: offset))
        consumer.progress.record(failure: nil)
        try await process(stretch)
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        consumer.progress.record(failure: error)
        // The waiting call is answered `lagging`; the long poll retries.
        return logUnreachable(error)
      }
      guard offset > before else { break }
    }
    // The fetch that waits at the bus may take long.
    await commitIfDue(isCaughtUp: true)
  }

  /// Fetches the events for a further transaction; nil if the bus is unreachable, which the next fetch reports if it
  /// lasts.
  private static func fetchAhead(_ consumer: EventConsumer, after offset: Int64) async -> FetchedStretch? {
    do {
      return try await FetchedStretch.ahead(consumer, after: offset)
    } catch {
      return nil
    }
  }

  /// Whether a call waits for an offset that is near. Smaller transactions are then used, and the offset is announced
  /// after each; a consumer that is far behind first catches up in large ones.
  private var isAwaited: Bool {
    guard let wanted = consumer.progress.wanted, wanted > offset else { return false }
    return wanted - offset <= Int64(consumer.pace.near)
  }

  // MARK: Applying

  /// Applies fetched events. If the store went back, the events from there on are fetched again instead.
  private mutating func process(_ fetched: FetchedStretch) async throws {
    do {
      try await applyAll(fetched)
    } catch let behind as StoreWentBack {
      try await goBack(to: behind.offset)
    }
  }

  /// Applies fetched events, together with further fetches that may share their transaction; events that were applied
  /// before are skipped.
  ///
  /// While a consumer that is behind applies a transaction, the events of the next one are fetched and read.
  private mutating func applyAll(_ fetched: FetchedStretch) async throws {
    var stretch = fetched
    await stretch.extend(to: isAwaited ? consumer.pace.awaited : consumer.pace.transaction, consumer)
    try Task.checkCancellation()
    warnIfPruned(stretch.batch)
    mayHaveMore = stretch.hasMore(consumer.pace)
    let events = stretch.events(after: offset)
    let prepared = events.count == stretch.batch.events.count ? stretch.prepared : []
    let end = max(offset, stretch.end)
    if events.isEmpty {
      try await pass(to: end)
    } else if mayHaveMore, !isAwaited {
      let consumer = consumer
      async let next = Self.fetchAhead(consumer, after: end)
      try await applyParts(of: events, prepared, upTo: end)
      ahead = await next
    } else {
      try await applyParts(of: events, prepared, upTo: end)
    }
    consumer.progress.advance(to: offset)
    await commitIfDue(isCaughtUp: !mayHaveMore)
  }

  /// Applies events in one transaction, or in several while a call waits for one of them.
  private mutating func applyParts(
    of events: [StoredEvent], _ prepared: [any PreparedEvents], upTo end: Int64
  ) async throws {
    var rest = events[...]
    while !rest.isEmpty {
      let part = isAwaited ? Array(rest.prefix(consumer.pace.awaited)) : Array(rest)
      rest.removeFirst(part.count)
      let isWhole = part.count == events.count
      try await apply(part, isWhole ? prepared : [], upTo: rest.isEmpty ? end : part.last?.offset ?? end)
      consumer.progress.advance(to: offset)
      if !rest.isEmpty { await commitIfDue(isCaughtUp: false) }
    }
  }

  private mutating func warnIfPruned(_ batch: FetchedBatch) {
    guard let first = batch.first, first > offset + 1, !hasWarnedOfPruning else { return }
    hasWarnedOfPruning = true
    consumer.logger.warning(
      "events were pruned before this consumer saw them",
      metadata: ["consumer": "\(consumer.name)", "after": "\(offset)", "first": "\(first)"])
  }

  /// Moves past events that do not match. This is written to the store only every 2 s, because passing them again is
  /// harmless.
  private mutating func pass(to end: Int64) async throws {
    offset = end
    guard stored < end, .now - storedAt > .seconds(2) else { return }
    try await consumer.persistently("offset") { try await consumer.sink.apply([], after: stored, upTo: end) }
    noteStored(end)
  }

  private mutating func noteStored(_ end: Int64) {
    offset = end
    stored = end
    storedAt = .now
  }

  /// Applies the events that can take effect and quarantines the others, before the offset moves past them.
  private mutating func apply(
    _ events: [StoredEvent], _ prepared: [any PreparedEvents], upTo end: Int64
  ) async throws {
    var remaining = events
    var readAhead = prepared
    while true {
      do {
        try await consumer.persistently("apply") {
          try await consumer.sink.apply(remaining, prepared: readAhead, after: stored, upTo: end)
        }
        return noteStored(end)
      } catch let refused as RefusedEvents {
        readAhead = []
        try await quarantine(refused.refusals)
        let offsets = Set(refused.refusals.map(\.event.offset))
        remaining.removeAll { offsets.contains($0.offset) }
      }
    }
  }

  // MARK: A store that lost transactions

  /// Checks for lost transactions: if the store has lost any, goes back with it and applies their events again.
  /// Otherwise this would go unnoticed while the log is idle.
  private mutating func checkStore() async throws {
    do {
      let found = try await consumer.sink.offset()
      guard found < stored else { return }
      try await goBack(to: found)
      // The fetch that waits at the bus is for later events.
      var before = offset
      repeat {
        before = offset
        try await process(FetchedStretch(try await FetchedStretch.fetchNow(consumer, after: offset)))
      } while mayHaveMore && offset > before
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      logUnreachable(error)
    }
  }

  private mutating func goBack(to end: Int64) async throws {
    consumer.logger.error(
      "the store has lost transactions; their events are applied again",
      metadata: ["consumer": "\(consumer.name)", "had": "\(stored)", "has": "\(end)"])
    try await consumer.persistently("reread") { try await consumer.sink.reread() }
    noteStored(end)
    committed = nil
    ahead = nil
    mayHaveMore = true
    consumer.progress.goBack(to: end)
  }

  // MARK: Quarantine

  private func quarantine(_ refusals: [RefusedEvents.Refusal]) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      let lanes = min(Self.quarantineWidth, refusals.count)
      for lane in 0..<lanes {
        group.addTask {
          for index in stride(from: lane, to: refusals.count, by: lanes) {
            try await quarantine(refusals[index], attempts: 1)
          }
        }
      }
    }
  }

  private func quarantine(_ refusal: RefusedEvents.Refusal, attempts: Int) async throws {
    let (event, error) = (refusal.event, refusal.error)
    consumer.logger.error(
      "event quarantined",
      metadata: [
        "consumer": "\(consumer.name)", "offset": "\(event.offset)", "code": "\(error.code)",
        "detail": "\(error.detail)",
      ])
    _ = try await consumer.persistently("quarantine") {
      try await consumer.bus.quarantine(event, consumer: consumer.name, error: error, attempts: attempts)
    }
  }

  /// Applies the quarantined events that an operator wants retried. An event takes effect twice if the process dies
  /// between its effect and its removal from the quarantine.
  private func retryQuarantined() async throws {
    var after: Int64?
    do {
      while true {
        let filter = QuarantineListParameters(consumer: consumer.name, status: .retrying, after: after)
        let page = try await consumer.bus.quarantined(filter)
        guard let last = page.last else { return }
        after = last.entry.id
        try await retry(page)
      }
    } catch let cancellation as CancellationError {
      throw cancellation
    } catch {
      logUnreachable(error)
    }
  }

  private func retry(_ page: [(entry: QuarantineEntry, event: [UInt8])]) async throws {
    for (entry, bytes) in page {
      let event = try await storedEvent(entry, bytes)
      do {
        try await consumer.persistently("retry") { try await consumer.sink.applyLate(event) }
        try await consumer.bus.discardQuarantined([entry.id])
      } catch let refused as RefusedEvents {
        for refusal in refused.refusals { try await quarantine(refusal, attempts: entry.attempts + 1) }
      }
    }
  }

  /// Returns the event with the time at which the bus stored it, which counts as the time of an event without `time`;
  /// for a pruned event, the time at which it was quarantined.
  private func storedEvent(_ entry: QuarantineEntry, _ bytes: [UInt8]) async throws -> StoredEvent {
    let offset = entry.offset ?? 0
    let found = try await consumer.bus.fetch(after: max(0, offset - 1), max: 1).events.first
    if let found, found.offset == offset { return found }
    return StoredEvent(offset: offset, storedAt: entry.at, bytes: bytes)
  }

  // MARK: Reporting

  /// Reports the offset to the bus if it is due. An unchanged offset is also repeated from time to time, because a
  /// replica that was cut off may have reported another one in the meantime. An unreachable bus does not stop the
  /// consumer.
  private mutating func commitIfDue(isCaughtUp: Bool) async {
    if committed == offset, let committedAt, .now - committedAt < consumer.pace.commitAgainEvery { return }
    if !isCaughtUp, let committedAt, .now - committedAt < consumer.pace.commitEvery { return }
    do {
      let position = try await consumer.bus.commit(consumer: consumer.name, offset: offset)
      consumer.progress.record(lag: position.lag)
      committed = offset
      committedAt = .now
    } catch is CancellationError {
      return
    } catch {
      logUnreachable(error)
    }
  }

  /// Repeats the offset, so that a bus whose log is shorter learns that it has lost events.
  private mutating func commitAgain() async {
    committed = nil
    await commitIfDue(isCaughtUp: true)
  }

  private func logUnreachable(_ error: any Error) {
    let isDamage = (error as? Problem)?.code == "corrupt-event"
    consumer.logger.log(
      level: isDamage ? .error : .warning,
      isDamage ? "the log is damaged; this consumer cannot continue" : "cannot reach the bus",
      metadata: ["consumer": "\(consumer.name)", "offset": "\(offset)", "error": "\(error)"])
  }
}
