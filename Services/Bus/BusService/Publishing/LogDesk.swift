import BusCore
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Everything that only the log's own thread touches: the log, and the ledger beside it.
final class LogDesk {
  private let database: BusDatabase
  let log: any EventLog
  let ledger: Ledger
  let tail: Tail
  let register: ConsumerRegister
  let clock: any ServiceClock
  private let statistics: CallStatistics
  private let refusals: RefusalRecord
  let logger: Logger
  private let own: Set<Principal>
  /// The roster in force, for whoever asks from another thread.
  private let roster: CurrentRoster
  private let eventBytes: Int

  init(database: BusDatabase, log: any EventLog, ledger: Ledger, parts: BusParts) throws(LogFault) {
    self.database = database
    self.log = log
    self.ledger = ledger
    tail = parts.tail
    register = parts.register
    clock = parts.clock
    statistics = parts.statistics
    logger = parts.logger
    own = parts.own
    roster = parts.roster
    eventBytes = parts.limits.eventBytes
    refusals = RefusalRecord(ledger: ledger, clock: parts.clock, logger: parts.logger)
    if let event = try ledger.rosterEvent() { adopt(rosterEvent: event) }
  }

  /// Stores the events of the calls in one commit, and answers the calls.
  ///
  /// - Throws: `LogFault.failed` when the process must end; the calls have been answered then as well.
  func publish(_ calls: [JudgedCall]) throws(LogFault) {
    let started = ContinuousClock.now
    let outcomes: [AppendOutcome]
    do throws(LogFault) {
      outcomes = try store(calls.flatMap(\.events))
    } catch {
      reply(calls.map { ($0.call, .failure(error.problem)) }, started)
      if case .failed = error { throw error }
      logger.error("nothing can be stored", metadata: ["error": "\(error)"])
      return
    }
    var calls = calls
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
  func publishAgain(_ bytes: [UInt8], as principal: Principal) throws(LogFault) -> PublishResult {
    var judge = EventJudge(maximumBytes: eventBytes, roster: roster, own: own)
    judge.refresh()
    let event: ScannedEvent
    do throws(EventRejection) {
      event = try judge.judge(bytes, from: principal)
    } catch {
      return PublishResult(.rejected, error: error)
    }
    return try store([event]).first.map { PublishResult($0) } ?? PublishResult(.rejected)
  }

  /// Writes down what may be written a little late: how far consumers are, and what was refused.
  func maintain() throws(LogFault) {
    refusals.flush()
    try saveConsumers()
  }

  /// Writes everything down and closes the file.
  func close() throws(LogFault) {
    try maintain()
    try database.close()
  }

  func store(_ events: [ScannedEvent]) throws(LogFault) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    let outcomes = try log.append(events, at: clock.now())
    guard let storedAt = log.newestStoredAt else { return outcomes }
    var stored: [LoggedEvent] = []
    stored.reserveCapacity(events.count)
    for case (let event, .stored(let offset)) in zip(events, outcomes) {
      stored.append(LoggedEvent(event, offset: offset, storedAt: storedAt))
      if Self.isRoster(event) { try take(rosterEvent: event.bytes) }
    }
    tail.append(stored)
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

extension LogDesk {
  private static let rosterType = Array(Announcements.rosterAdopted.name.utf8)

  private static func isRoster(_ event: ScannedEvent) -> Bool {
    event.type.count == rosterType.count && event.withBytes(of: event.type) { $0.elementsEqual(rosterType) }
  }

  /// Lets a roster that has just been stored come into force, after keeping it apart from what may be pruned.
  private func take(rosterEvent bytes: [UInt8]) throws(LogFault) {
    do throws(LogFault) {
      try ledger.save(rosterEvent: bytes)
    } catch {
      // The event is in the log all the same; without room beside it, it is in force until the next start.
      guard case .diskFull = error else { throw error }
      logger.error("the roster cannot be kept", metadata: ["error": "\(error)"])
    }
    adopt(rosterEvent: bytes)
  }

  private func adopt(rosterEvent bytes: [UInt8]) {
    do {
      roster.set(try RosterEvent.roster(in: bytes))
    } catch {
      logger.error("a roster that was announced cannot be read", metadata: ["error": "\(error)"])
    }
  }
}
