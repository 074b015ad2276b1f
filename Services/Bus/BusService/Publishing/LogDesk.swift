import BusCore
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Everything that only the log's own thread touches: the log, and the ledger beside it.
final class LogDesk {
  private let store: LogStore
  /// The other buses that share the log; nil where there can be none.
  var neighbours: LogNeighbours? { store.neighbours }
  let log: any EventLog
  let ledger: any Ledger
  let tail: Tail
  let register: ConsumerRegister
  let clock: any ServiceClock
  private let statistics: CallStatistics
  private let refusals: RefusalRecord
  let logger: Logger
  private let own: Set<Principal>
  /// The roster in force, for whoever asks from another thread.
  let roster: CurrentRoster
  private let eventBytes: Int
  private var outage: Outage

  /// - Parameter log: the store's, or what stands before it.
  init(store: LogStore, log: any EventLog, parts: BusParts) throws(LogFault) {
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
    refusals = RefusalRecord(ledger: store.ledger, clock: parts.clock, logger: parts.logger)
    outage = Outage(logger: parts.logger)
    if let event = try ledger.rosterEvent() { adopt(rosterEvent: event) }
  }

  /// Stores the events of the calls in one commit, and answers the calls.
  ///
  /// - Throws: `LogFault.failed` when the process must end; the calls have been answered then as well.
  func publish(_ calls: [JudgedCall]) throws(LogFault) {
    let started = ContinuousClock.now
    var calls = calls
    let outcomes: [AppendOutcome]
    do throws(LogFault) {
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
  func publishAgain(_ bytes: [UInt8], as principal: Principal) throws(LogFault) -> PublishResult {
    try underTheRoster { () throws(LogFault) in
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
  private func store(_ calls: inout [JudgedCall]) throws(LogFault) -> [AppendOutcome] {
    try underTheRoster { () throws(LogFault) in
      let version = roster.versioned.version
      if calls.contains(where: { $0.roster != version }) {
        var judge = judge()
        calls = calls.map { $0.roster == version ? $0 : judge.judge($0.call) }
      }
      return try store(calls.flatMap(\.events))
    }
  }

  /// Runs the body, and again where the roster is not the one that is in force.
  private func underTheRoster<R>(_ body: () throws(LogFault) -> R) throws(LogFault) -> R {
    do throws(LogFault) {
      return try body()
    } catch {
      guard case .rosterChanged = error else { throw error }
    }
    try catchUp()
    return try body()
  }

  private func judge() -> EventJudge {
    var judge = EventJudge(maximumBytes: eventBytes, roster: roster, own: own)
    judge.refresh()
    return judge
  }

  /// Writes down what may be written a little late: how far consumers are, and what was refused.
  func maintain() throws(LogFault) {
    refusals.flush()
    try shareConsumers()
    try catchUp()
  }

  /// Does that every now and then; what cannot be written is written later.
  func maintainRegularly() {
    do throws(LogFault) {
      try maintain()
      outage.end()
    } catch {
      outage.note(error)
    }
  }

  /// Hands on what other buses have stored; what cannot be read is read later.
  func catchUpRegularly() {
    do throws(LogFault) {
      try catchUp()
      outage.end()
    } catch {
      outage.note(error)
    }
  }

  /// Writes everything down and closes the store.
  func close() throws(LogFault) {
    do throws(LogFault) {
      try maintain()
    } catch {
      guard case .unavailable = error else { throw error }
      logger.warning("what is written late could not be written", metadata: ["error": "\(error)"])
    }
    try store.close()
  }

  func store(_ events: [ScannedEvent]) throws(LogFault) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    let outcomes = try log.append(events, at: clock.now())
    guard let storedAt = log.newestStoredAt else { return outcomes }
    var stored: [LoggedEvent] = []
    stored.reserveCapacity(events.count)
    for case (let event, .stored(let offset)) in zip(events, outcomes) {
      stored.append(LoggedEvent(event, offset: offset, storedAt: storedAt))
    }
    do throws(LogFault) {
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
