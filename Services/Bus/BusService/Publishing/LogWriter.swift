import BusCore
import Foundation
import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Everything that only the log's own thread touches: the log, and the ledger beside it.
final class LogWriter {
  private let store: LogStore
  /// The other buses that share the log; nil where there can be none.
  var neighbours: LogPeers? { store.neighbours }
  let log: any EventLog
  let ledger: any BusMetadataStore
  let tail: LogTail
  let register: CommittedOffsets
  let clock: any ServiceClock
  private let statistics: CallStatistics
  private let refusals: RejectionBuffer
  let logger: Logger
  private let own: Set<Principal>
  /// The roster in force, for whoever asks from another thread.
  let roster: CurrentRoster
  private let eventBytes: Int
  private var outage: OutageLog

  /// - Parameter log: the store's, or what stands before it.
  init(store: LogStore, log: any EventLog, parts: BusContext) throws(LogError) {
    self.store = store
    self.log = log
    ledger = store.ledger
    tail = parts.tail
    register = parts.register
    clock = parts.clock
    statistics = parts.statistics
    logger = parts.logger
    own = parts.own
    roster = parts.roster
    eventBytes = parts.limits.eventBytes
    refusals = RejectionBuffer(ledger: store.ledger, clock: parts.clock, logger: parts.logger)
    outage = OutageLog(logger: parts.logger)
    if let event = try ledger.rosterEvent() { adopt(rosterEvent: event) }
  }

  /// Stores the events of the calls in one commit, and answers the calls.
  ///
  /// - Throws: `LogError.failed` when the process must end; the calls have been answered then as well.
  func publish(_ calls: [ValidatedPublish]) throws(LogError) {
    let started = ContinuousClock.now
    var calls = calls
    let outcomes: [AppendOutcome]
    do throws(LogError) {
      outcomes = try store(&calls)
    } catch {
      reply(calls.map { ($0.call, .failure(error.problem)) }, started)
      if case .failed = error { throw error }
      outage.note(error)
      return
    }
    outage.end()
    var first = 0
    for index in calls.indices {
      let end = first + calls[index].events.count
      calls[index].note(outcomes[first..<end])
      first = end
    }
    reply(calls.map { ($0.call, .success($0.reply)) }, started)
    for call in calls { refusals.note(call.refusals) }
  }

  /// Stores one event that an operator sends again, with that operator's rights.
  func publishAgain(_ bytes: [UInt8], as principal: Principal) throws(LogError) -> PublishResult {
    try underTheRoster { () throws(LogError) in
      var judge = judge()
      let event: ScannedEvent
      do throws(EventRejection) {
        event = try judge.judge(bytes, from: principal)
      } catch {
        return PublishResult(.rejected, error: error)
      }
      return try store([event]).first.map { PublishResult($0) } ?? PublishResult(.rejected)
    }
  }

  /// Stores the events of the calls. Those that were judged under another roster than the one in force, as where another bus has
  /// had one adopted, are judged once more.
  private func store(_ calls: inout [ValidatedPublish]) throws(LogError) -> [AppendOutcome] {
    try underTheRoster { () throws(LogError) in
      let version = roster.versioned.version
      if calls.contains(where: { $0.roster != version }) {
        var judge = judge()
        calls = calls.map { $0.roster == version ? $0 : judge.judge($0.call) }
      }
      return try store(calls.flatMap(\.events))
    }
  }

  /// Runs the body, and again where the roster is not the one that is in force.
  private func underTheRoster<R>(_ body: () throws(LogError) -> R) throws(LogError) -> R {
    do throws(LogError) {
      return try body()
    } catch {
      guard case .rosterChanged = error else { throw error }
    }
    try catchUp()
    return try body()
  }

  private func judge() -> EventValidator {
    var judge = EventValidator(maximumBytes: eventBytes, roster: roster, own: own)
    judge.refresh()
    return judge
  }

  /// Writes down what may be written a little late: how far consumers are, and what was refused.
  func maintain() throws(LogError) {
    refusals.flush()
    try shareConsumers()
    try catchUp()
  }

  /// The same at regular intervals: what cannot be written now is written later.
  ///
  /// - Throws: `LogError.failed` when the process must end.
  func maintainRegularly() throws(LogError) { try retryingLater { () throws(LogError) in try maintain() } }

  /// Delivers what other buses have stored; what cannot be read now is read later.
  ///
  /// - Throws: `LogError.failed` when the process must end.
  func catchUpRegularly() throws(LogError) { try retryingLater { () throws(LogError) in try catchUp() } }

  private func retryingLater(_ body: () throws(LogError) -> Void) throws(LogError) {
    do throws(LogError) {
      try body()
      outage.end()
    } catch {
      if case .failed = error { throw error }
      outage.note(error)
    }
  }

  /// Writes everything down and closes the store.
  func close() throws(LogError) {
    do throws(LogError) {
      try maintain()
    } catch {
      guard case .unavailable = error else { throw error }
      logger.warning("what is written late could not be written", metadata: ["error": "\(error)"])
    }
    try store.close()
  }

  func store(_ events: [ScannedEvent]) throws(LogError) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    let outcomes = try log.append(events, at: clock.now())
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
      // What others stored before them cannot be read at present. They are stored all the same; who reads can wait.
      outage.note(error)
    }
    return outcomes
  }

  private func reply(_ answers: [(call: PendingCall, outcome: CallOutcome)], _ started: ContinuousClock.Instant) {
    PendingCall.answer(answers)
    let duration = ContinuousClock.now - started
    for (call, outcome) in answers {
      switch outcome {
      case .success: statistics.note(call.call.method, duration)
      case .failure(let problem): statistics.note(call.call.method, duration, problem, at: clock.now())
      }
    }
  }
}

extension LogWriter {
  /// Delivers what the log has and the tail does not, so that the tail has no gap.
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

  /// Hands on what the log has up to an offset.
  func catchUp(through offset: Int64) throws(LogError) {
    while tail.bounds.head < offset {
      var limits = ReadLimits()
      limits.examined = min(limits.examined, Int(offset - tail.bounds.head))
      deliver(try log.read(after: tail.bounds.head, matching: .all, limits: limits).events)
    }
  }

  /// Hands events on that are in the log, the next ones after the tail; a roster among them comes into force.
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
      logger.error("a roster that was announced cannot be read", metadata: ["error": "\(error)"])
    }
  }
}

extension LogWriter {
  /// Writes down how far consumers are.
  func saveConsumers() throws(LogError) {
    let unsaved = register.takeUnsaved()
    do throws(LogError) {
      try ledger.save(consumers: unsaved)
    } catch {
      register.noteUnsaved(unsaved.keys)
      throw error
    }
  }

  /// Writes down how far consumers are, and takes over what other buses have written.
  func shareConsumers() throws(LogError) {
    try saveConsumers()
    if neighbours != nil { register.takeOver(try ledger.consumers()) }
  }

  /// Takes a consumer off the register, on disk first.
  func forget(consumer: String) throws(LogError) {
    try ledger.forget(consumer: consumer)
    register.forget(consumer)
  }

  /// Deletes the oldest events, at most so many.
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    let bounds = try log.prune(through: offset, atMost: count)
    tail.prune(before: bounds.first)
    return bounds
  }

  /// The bytes of the event at an offset.
  func bytes(at offset: Int64) throws -> [UInt8] {
    let page = try log.read(after: offset - 1, matching: .all, limits: ReadLimits(events: 1, examined: 1))
    guard let event = page.events.first, event.offset == offset else {
      throw Problem.notFound("unknown-offset", "the log has no event at offset \(offset); send it as a part")
    }
    return event.bytes
  }

  /// Tries an event in quarantine again: publishes what was refused, and marks anything else for its consumer.
  ///
  /// - Returns: the entry as it is now; nil where it has left the quarantine.
  func retry(
    _ event: QuarantinedEvent, as principal: Principal, at now: Timestamp
  ) throws(LogError) -> QuarantineEntry? {
    var entry = event.entry
    guard entry.consumer == RejectionBuffer.consumer else {
      entry.status = .retrying
      try ledger.markRetrying([entry.id])
      return entry
    }
    guard let error = try publishAgain(event.bytes, as: principal).error else {
      _ = try ledger.discard([entry.id])
      return nil
    }
    (entry.code, entry.detail, entry.at) = (error.code, error.detail, now)
    entry.attempts += 1
    try ledger.update(entry)
    return entry
  }
}

extension LogWriter {
  /// How many events may have been lost for the bus to go on by itself.
  static let mostLost: Int64 = 1_000_000
  /// The type of what stands in the place of a lost event.
  static let lostType = EventNamespace.own + "log.lost.v1"
  private static let step: Int64 = 1_000

  /// Fills the log up to an offset that a consumer has processed and that the log does not reach, because an older one was
  /// restored.
  ///
  /// Otherwise the next events would get the offsets of those that are lost, and whoever has passed those would never see
  /// them. What is lost is said in quarantine and in the log.
  func markLost(through offset: Int64, processedBy consumer: String) throws(LogError) {
    let end = log.bounds.head
    guard offset > end else { return }
    let reason =
      "the log ended at offset \(end), and \(consumer) has processed events up to \(offset): an older log was restored, "
      + "and events \(end + 1) to \(offset) are lost"
    logger.critical("events are lost", metadata: ["reason": "\(reason)"])
    while log.bounds.head < offset {
      let first = log.bounds.head + 1
      _ = try store(
        try (first...min(offset, first + Self.step - 1)).map { number throws(LogError) in try Self.lost(number) })
    }
    let entry = QuarantineEntry(
      id: 0, consumer: RejectionBuffer.consumer, offset: end + 1, code: "events-lost", detail: reason, attempts: 1,
      at: clock.now(), status: .held)
    _ = try ledger.quarantine([QuarantinedEvent(entry: entry, bytes: try Self.lost(end + 1).bytes)])
  }

  /// What stands in the place of the event of that offset.
  private static func lost(_ offset: Int64) throws(LogError) -> ScannedEvent {
    let event: JSONValue = [
      "specversion": "1.0", "id": .string("\(offset)-\(UUID().uuidString)"),
      "source": .string(ServiceName.bus.eventSource), "type": .string(lostType), "data": ["offset": .integer(offset)],
    ]
    var scanner = EventScanner()
    do throws(EventRejection) {
      return try scanner.scan(event.serialized())
    } catch {
      throw .failed("the mark of a lost event is no event: \(error.detail)")
    }
  }
}

extension LogError {
  /// As callers are told.
  var problem: Problem {
    switch self {
    case .diskFull:
      .unavailable(
        "disk-full", title: "the bus's disk is full", "nothing was stored; make room and send it again",
        retryAfterMs: 1_000)
    case .unavailable:
      .unavailable(
        "store-unavailable", title: "The bus's database cannot be reached",
        "the bus's log says why; what was sent may be stored or not, and is stored once when it is sent again",
        retryAfterMs: 500)
    case .rosterChanged:
      .unavailable(
        "roster-changed", title: "the roster is being changed",
        "nothing was stored; send it again, and it is judged by the new one", retryAfterMs: 100)
    case .corrupt(let offset):
      Problem(
        .unavailable, code: "corrupt-event", title: "an event is damaged on disk",
        detail: "the event at offset \(offset) is not what was stored: its checksum does not fit; restore a backup")
    case .failed:
      .unavailable(
        "log-failed", title: "the bus's log has failed",
        "the bus restarts; whether the events were stored shows when they are sent again", retryAfterMs: 1_000)
    }
  }
}
