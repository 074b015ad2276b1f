import BusCore
import Contract
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// The log and its metadata store, used only on the log thread.
final class LogWriter {
  private let store: LogStore
  /// The other buses that share the log; nil if the log cannot be shared.
  var peers: LogPeers? { store.peers }
  let log: any EventLog
  let metadataStore: any BusMetadataStore
  let tail: LogTail
  let committedOffsets: CommittedOffsets
  let clock: any ServiceClock
  private let statistics: CallStatistics
  private let rejections: RejectionBuffer
  let damage: DamageRegister
  private let unknownSignals: UnknownSignals
  let logger: Logger
  /// Whether events have to wait because a long log's record of sources and ids is being read.
  var isReadingKeys = false
  /// The disk failure after which nothing is stored any more; nil if there was none.
  private var failure: LogError?
  private let ownPrincipals: Set<Principal>
  /// The current roster, shared with other threads.
  let roster: CurrentRoster
  private let eventBytes: Int
  private var outage: OutageLog

  /// - Parameter log: the store's log, or a wrapper around it.
  init(store: LogStore, log: any EventLog, context: BusContext) throws(LogError) {
    self.store = store
    self.log = log
    metadataStore = store.metadataStore
    tail = context.tail
    committedOffsets = context.committedOffsets
    clock = context.clock
    statistics = context.statistics
    unknownSignals = context.unknownSignals
    logger = context.logger
    ownPrincipals = context.ownPrincipals
    roster = context.roster
    damage = context.damage
    eventBytes = context.limits.eventBytes
    rejections = RejectionBuffer(metadataStore: store.metadataStore, clock: context.clock, logger: context.logger)
    outage = OutageLog(logger: context.logger)
    recordDamage()
    if let event = try metadataStore.rosterEvent() { adopt(rosterEvent: event) }
  }

  /// Stores the events of the calls in one commit and answers the calls.
  ///
  /// - Throws: `LogError.failed` if the process must exit; the calls have already been answered then.
  func publish(_ calls: [ValidatedPublish]) throws(LogError) {
    let started = ContinuousClock.now
    var calls = calls
    let outcomes: [AppendOutcome]
    do throws(LogError) {
      outcomes = try store(&calls)
    } catch {
      reply(calls.map { ($0.call, .failure(error.problem)) }, started)
      if case .failed = error { throw error }
      outage.record(error)
      return
    }
    outage.end()
    var first = 0
    for index in calls.indices {
      let end = first + calls[index].events.count
      calls[index].record(outcomes[first..<end])
      first = end
    }
    for call in calls {
      for (event, offset) in call.doubtful { unknownSignals.record(event, at: offset) }
    }
    reply(calls.map { ($0.call, .success($0.reply)) }, started)
    for call in calls { rejections.add(call.rejections) }
  }

  /// Stores one event that an operator publishes again, using the operator's rights.
  func republish(_ bytes: [UInt8], as principal: Principal) throws(LogError) -> PublishResult {
    try withCurrentRoster { () throws(LogError) in
      var validator = makeValidator()
      let event: ScannedEvent
      do throws(EventRejection) {
        event = try validator.validate(bytes, from: principal)
      } catch {
        return PublishResult(.rejected, error: error)
      }
      return try store([event]).first.map { PublishResult($0) } ?? PublishResult(.rejected)
    }
  }

  /// Stores the events of the calls. If another bus has adopted a new roster since they were validated, they are
  /// validated again.
  private func store(_ calls: inout [ValidatedPublish]) throws(LogError) -> [AppendOutcome] {
    try withCurrentRoster { () throws(LogError) in
      let version = roster.versioned.version
      if calls.contains(where: { $0.rosterVersion != version }) {
        var validator = makeValidator()
        calls = calls.map { $0.rosterVersion == version ? $0 : validator.validate($0.call) }
      }
      return try store(calls.flatMap(\.events))
    }
  }

  /// Runs the body, and once more with the current roster if it fails with `LogError.rosterChanged`.
  private func withCurrentRoster<R>(_ body: () throws(LogError) -> R) throws(LogError) -> R {
    do throws(LogError) {
      return try body()
    } catch {
      guard case .rosterChanged = error else { throw error }
    }
    try catchUp()
    return try body()
  }

  private func makeValidator() -> EventValidator {
    var validator = EventValidator(maximumBytes: eventBytes, roster: roster, ownPrincipals: ownPrincipals)
    validator.refresh()
    return validator
  }

  /// Flushes consumer offsets and rejected events, and reads the events that other buses have stored.
  func maintain() throws(LogError) {
    rejections.flush()
    try syncConsumers()
    try catchUp()
  }

  /// Runs `maintain`, but logs an outage instead of throwing it; the next run tries again.
  ///
  /// - Throws: `LogError.failed` if the process must end.
  func maintainLoggingOutages() throws(LogError) { try loggingOutages { () throws(LogError) in try maintain() } }

  /// Runs `catchUp`, but logs an outage instead of throwing it; the next run tries again.
  ///
  /// - Throws: `LogError.failed` if the process must end.
  func catchUpLoggingOutages() throws(LogError) { try loggingOutages { () throws(LogError) in try catchUp() } }

  /// Runs `syncConsumers`, but logs an outage instead of throwing it; the next run tries again.
  ///
  /// - Throws: `LogError.failed` if the process must end.
  func syncConsumersLoggingOutages() throws(LogError) {
    try loggingOutages { () throws(LogError) in try syncConsumers() }
  }

  private func loggingOutages(_ body: () throws(LogError) -> Void) throws(LogError) {
    do throws(LogError) {
      try body()
      outage.end()
    } catch {
      if case .failed = error { throw error }
      outage.record(error)
    }
  }

  /// Flushes everything and closes the store.
  func close() throws(LogError) {
    do throws(LogError) {
      try maintain()
    } catch {
      guard case .unavailable = error else { throw error }
      logger.warning("consumer offsets and rejected events could not be flushed", metadata: ["error": "\(error)"])
    }
    try store.close()
  }

  /// Appends the events and delivers them to the readers.
  ///
  /// - Throws: `LogError`. After `LogError.failed`, every call throws it again: what is on disk after a failed write or
  ///   flush is unknown, so nothing more may be acknowledged before the process ends.
  func store(_ events: [ScannedEvent]) throws(LogError) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    if let failure { throw failure }
    let outcomes: [AppendOutcome]
    do throws(LogError) {
      outcomes = try log.append(events, at: clock.now())
    } catch {
      if case .failed = error { failure = error }
      throw error
    }
    if outcomes.contains(where: \.isDamage) { recordDamage() }
    guard let storedAt = log.newestStoredAt else { return outcomes }
    var stored: [LoggedEvent] = []
    stored.reserveCapacity(events.count)
    for case (let event, .stored(let offset)) in zip(events, outcomes) {
      stored.append(LoggedEvent(event, offset: offset, storedAt: storedAt))
    }
    do throws(LogError) {
      try catchUp(through: log.bounds.head - Int64(stored.count))
      deliver(stored)
    } catch {
      // The events are stored, but earlier events from other buses cannot be read at present; readers wait until they
      // can be.
      outage.record(error)
    }
    return outcomes
  }

  private func reply(_ answers: [(call: PendingCall, outcome: CallOutcome)], _ started: ContinuousClock.Instant) {
    PendingCall.answer(answers)
    let duration = ContinuousClock.now - started
    for (call, outcome) in answers {
      switch outcome {
      case .success: statistics.record(call.call.method, duration)
      case .failure(let problem): statistics.record(call.call.method, duration, problem, at: clock.now())
      }
    }
  }
}

extension LogWriter {
  /// Appends all events that the log has beyond the tail's end to the tail, so that the tail has no gap.
  func catchUp() throws(LogError) {
    try log.refresh()
    do throws(LogError) {
      try catchUp(through: log.bounds.head)
      tail.record(damage: nil)
    } catch {
      if case .corrupt = error { tail.record(damage: error) }
      throw error
    }
    if log.bounds.first > tail.bounds.first { tail.prune(before: log.bounds.first) }
  }

  /// Appends events from the log to the tail, up to an offset.
  func catchUp(through offset: Int64) throws(LogError) {
    while tail.bounds.head < offset {
      var limits = ReadLimits()
      limits.examined = min(limits.examined, Int(offset - tail.bounds.head))
      deliver(try read(after: tail.bounds.head, matching: .all, limits: limits).events)
    }
  }

  /// Appends stored events to the tail, whose last event they must directly follow, and adopts a roster among them.
  func deliver(_ events: [LoggedEvent]) {
    for event in events where Self.isRoster(event) { adopt(rosterEvent: event.bytes) }
    tail.append(events)
  }

  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  private static func isRoster(_ event: LoggedEvent) -> Bool {
    event.type.count == rosterType.count
      && event.type.withBytes(in: event.bytes, unescaped: event.unescaped) { $0.elementsEqual(rosterType) }
  }

  func adopt(rosterEvent bytes: [UInt8]) {
    do {
      roster.set(try RosterEvent.roster(in: bytes))
    } catch {
      logger.error("an adopted roster cannot be read", metadata: ["error": "\(error)"])
    }
  }
}

extension LogWriter {
  /// Saves the consumer offsets that are not yet on disk.
  func saveConsumers() throws(LogError) {
    let unsaved = committedOffsets.takeUnsaved()
    do throws(LogError) {
      try metadataStore.save(consumers: unsaved)
    } catch {
      committedOffsets.markUnsaved(unsaved.keys)
      throw error
    }
  }

  /// Saves the consumer offsets, and loads offsets that other buses have saved.
  func syncConsumers() throws(LogError) {
    try saveConsumers()
    if peers != nil { committedOffsets.merge(stored: try metadataStore.consumers()) }
  }

  /// Removes a consumer, first from disk, then from memory.
  func forget(consumer: String) throws(LogError) {
    try metadataStore.forget(consumer: consumer)
    committedOffsets.remove(consumer)
  }

  /// Deletes the oldest events up to an offset, at most `count` of them.
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    let bounds = try log.prune(through: offset, atMost: count)
    tail.prune(before: bounds.first)
    recordDamage()
    return bounds
  }

  /// Returns the bytes of the event at an offset.
  func bytes(at offset: Int64) throws -> [UInt8] {
    let page = try read(after: offset - 1, matching: .all, limits: ReadLimits(events: 1, examined: 1))
    guard let event = page.events.first, event.offset == offset else {
      throw Problem.notFound(
        "unknown-offset", "the log has no event at offset \(offset); send the event in a frame of the message")
    }
    return event.bytes
  }

  /// Retries a quarantined event: publishes it again if the bus rejected it, else marks it so that its consumer retries
  /// it.
  ///
  /// - Returns: the updated entry; nil if it has left quarantine.
  func retry(
    _ event: QuarantinedEvent, as principal: Principal, at now: Timestamp
  ) throws(LogError) -> QuarantineEntry? {
    var entry = event.entry
    guard entry.consumer == RejectionBuffer.consumer else {
      entry.status = .retrying
      try metadataStore.markRetrying([entry.id])
      return entry
    }
    guard let error = try republish(event.bytes, as: principal).error else {
      _ = try metadataStore.discard([entry.id])
      return nil
    }
    (entry.code, entry.detail, entry.at) = (error.code, error.detail, now)
    entry.attempts += 1
    try metadataStore.update(entry)
    return entry
  }
}

extension LogWriter {
  /// Maximum number of lost events that the bus replaces automatically; if there are more, it refuses to start.
  static let maximumLostEvents: Int64 = 1_000_000
  private static let fillBatch: Int64 = 1_000

  /// Appends placeholders up to an offset that a consumer has processed but the log does not reach, because an older
  /// log was restored.
  ///
  /// Otherwise new events would reuse the offsets of the lost ones, and consumers already past those offsets would
  /// never see them. The loss is reported in quarantine and in the process log.
  func fillLostOffsets(through offset: Int64, processedBy consumer: String) throws(LogError) {
    // Other buses may have stored events since this bus last read the end of the log.
    if peers != nil, offset > log.bounds.head { try catchUp() }
    let end = log.bounds.head
    guard offset > end else { return }
    let reason =
      "the log ended at offset \(end), but \(consumer) has processed events up to \(offset): an older log was "
      + "restored, and events \(end + 1) to \(offset) are lost"
    logger.critical("events were lost", metadata: ["reason": "\(reason)"])
    while log.bounds.head < offset {
      let first = log.bounds.head + 1
      _ = try store(
        try (first...min(offset, first + Self.fillBatch - 1)).map { number throws(LogError) in
          try LostEvent.placeholder(number)
        })
    }
    _ = try metadataStore.quarantine([try LostEvent.report(end + 1, reason, at: clock.now())])
  }
}

extension LogError {
  /// The error in the form that callers receive.
  var problem: Problem {
    switch self {
    case .diskFull(let detail):
      .unavailable(
        "disk-full", title: "the bus's disk is full",
        "\(detail); nothing was stored: free up space and publish again", retryAfterMs: 1_000)
    case .unavailable(let reason):
      .unavailable(
        "store-unavailable", title: "the bus cannot use its database",
        "\(reason). Events sent meanwhile may or may not be stored; publish them again, duplicates are ignored",
        retryAfterMs: 500)
    case .rosterChanged:
      .unavailable(
        "roster-changed", title: "the roster is changing",
        "nothing was stored; publish again to be checked against the new roster", retryAfterMs: 100)
    case .corrupt(let offset):
      Problem(
        .unavailable, code: "corrupt-event", title: "an event is damaged on disk",
        detail:
          "the event at offset \(offset) is missing, or its checksum does not match; see gonogo doctor --deep for all "
          + "damage, and repair the log with gonogo-bus repair")
    case .damaged(let detail):
      .unavailable(
        "corrupt-log", title: "the bus's log is damaged", "\(detail); nothing was stored", retryAfterMs: 5_000)
    case .failed:
      .unavailable(
        "log-failed", title: "the bus's log has failed",
        "the bus is restarting; the events may or may not be stored: publish them again, duplicates are ignored",
        retryAfterMs: 1_000)
    }
  }
}
