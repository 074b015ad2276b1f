import BusCore
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Everything that only the log's own thread touches: the log, the ledger beside it, and who may publish.
final class LogDesk {
  private let database: BusDatabase
  let log: any EventLog
  let ledger: Ledger
  let tail: Tail
  let register: ConsumerRegister
  private let clock: any ServiceClock
  private let statistics: CallStatistics
  private let refusals: RefusalRecord
  private let logger: Logger
  private let own: Principal
  private var scanner: EventScanner
  private(set) var rights: PublishRights
  /// The roster in force, for whoever asks from another thread.
  private let roster: CurrentRoster

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
    scanner = EventScanner(maximumBytes: parts.limits.eventBytes)
    refusals = RefusalRecord(ledger: ledger, clock: parts.clock, logger: parts.logger)
    rights = PublishRights(roster: nil, own: parts.own)
    if let event = try ledger.rosterEvent() { adopt(rosterEvent: event) }
  }

  /// Stores the events of the calls in one commit, and answers the calls.
  ///
  /// - Throws: `LogFault.failed` when the process must end; the calls have been answered then as well.
  func publish(_ calls: [PendingCall]) throws(LogFault) {
    let started = ContinuousClock.now
    var answers = calls.map { PublishAnswer(parts: $0.call.parts.count) }
    var accepted: [ScannedEvent] = []
    var places: [(call: Int, part: Int)] = []
    for (index, call) in calls.enumerated() {
      for (part, bytes) in call.call.parts.enumerated() {
        do throws(EventRejection) {
          accepted.append(try admit(bytes, from: call.call.principal))
          places.append((index, part))
        } catch {
          answers[index][part] = PublishResult(.rejected, error: error)
          refusals.note(bytes, error)
        }
      }
    }
    do throws(LogFault) {
      for (outcome, place) in zip(try store(accepted), places) {
        answers[place.call][place.part] = Self.result(outcome)
        if case .idReused = outcome, let error = answers[place.call][place.part]?.error {
          refusals.note(calls[place.call].call.parts[place.part], error)
        }
      }
    } catch {
      reply(calls.map { ($0, .failure(error.problem)) }, started)
      if case .failed = error { throw error }
      logger.error("nothing can be stored", metadata: ["error": "\(error)"])
      return
    }
    reply(zip(calls, answers).map { ($0, .success(CallReply(result: $1.json))) }, started)
  }

  /// Stores one event that an operator sends again, with that operator's rights.
  func publishAgain(_ bytes: [UInt8], as principal: Principal) throws(LogFault) -> PublishResult {
    do throws(EventRejection) {
      let event = try admit(bytes, from: principal)
      do throws(LogFault) {
        let outcome = try store([event]).first
        return outcome.map(Self.result) ?? PublishResult(.rejected)
      } catch {
        throw EventRejection(code: "unavailable", detail: "\(error)")
      }
    } catch {
      return PublishResult(.rejected, error: error)
    }
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

  private func admit(_ bytes: [UInt8], from principal: Principal) throws(EventRejection) -> ScannedEvent {
    let event = try scanner.scan(bytes)
    if let refusal = rights.refusal(event, by: principal) { throw refusal }
    return event
  }

  private func store(_ events: [ScannedEvent]) throws(LogFault) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    let outcomes = try log.append(events, at: clock.now())
    guard let storedAt = log.newestStoredAt else { return outcomes }
    var stored: [LoggedEvent] = []
    stored.reserveCapacity(events.count)
    for case (let event, .stored(let offset)) in zip(events, outcomes) {
      stored.append(LoggedEvent(offset: offset, storedAt: storedAt, bytes: event.bytes, type: event.type))
      if Self.isRoster(event) { try take(rosterEvent: event.bytes) }
    }
    tail.append(stored)
    return outcomes
  }

  private static func result(_ outcome: AppendOutcome) -> PublishResult {
    switch outcome {
    case .stored(let offset): PublishResult(.stored, offset: offset)
    case .duplicate(let offset): PublishResult(.duplicate, offset: offset)
    case .idReused(let offset):
      PublishResult(
        .rejected,
        error: EventRejection(
          code: "id-reused", detail: "the event at offset \(offset) has the same source and id, and other content",
          pointer: "/id"))
    }
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
      let adopted = try RosterEvent.roster(in: bytes)
      rights = PublishRights(roster: adopted, own: own)
      roster.set(adopted)
    } catch {
      logger.error("a roster that was announced cannot be read", metadata: ["error": "\(error)"])
    }
  }
}
