public import Contract
public import LaunchModel

/// A launch's exposure, computed from its steps in the order in which they happened; a step recorded late therefore
/// changes the past.
public struct Exposure: Sendable, Hashable {
  /// The steps, ordered by when they happened, then by when they were recorded.
  public let steps: [ExposureStep]
  /// The launch attempts, numbered from 1: a rollback ends an attempt, and the next exposure starts another.
  public let attempts: [ExposureAttempt]
  /// The steps that each ended an attempt, in the order of `steps`.
  public let rollbacks: [ExposureStep]

  /// Folds the steps of one launch, given in any order.
  public init(_ steps: [ExposureStep]) {
    self.steps = steps.sorted { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
    var attempts: [ExposureAttempt] = []
    var rollbacks: [ExposureStep] = []
    for step in self.steps {
      let isLive = attempts.last.map { $0.rolledBackAt == nil } ?? false
      if step.percentage > 0, !isLive {
        attempts.append(ExposureAttempt(attempt: attempts.count + 1, startedAt: step.at))
      } else if step.percentage == 0, isLive {
        attempts[attempts.count - 1].rolledBackAt = step.at
        attempts[attempts.count - 1].rolledBackBy = step.by
        attempts[attempts.count - 1].rollbackReason = step.reason
        rollbacks.append(step)
      }
    }
    self.attempts = attempts
    self.rollbacks = rollbacks
  }

  /// The percentage of customers exposed at a moment.
  public func percentage(at moment: Timestamp) -> Double { steps.last { $0.at <= moment }?.percentage ?? 0 }

  /// The percentage of customers exposed after the last step.
  public var percentage: Double { steps.last?.percentage ?? 0 }

  /// Returns the attempt that was running at a moment, including what is known about it now; nil if no customer had the
  /// feature then.
  public func attempt(at moment: Timestamp) -> ExposureAttempt? {
    attempts.last { attempt in attempt.startedAt <= moment && (attempt.rolledBackAt.map { moment < $0 } ?? true) }
  }

  /// The steps that raised the percentage, each of which needed a GO in force.
  public var advances: [ExposureStep] {
    var before = 0.0
    return steps.filter { step in
      defer { before = step.percentage }
      return step.percentage > before
    }
  }
}

/// One recorded step of exposure: from `at` on, `percentage` percent of customers have the feature.
public struct ExposureStep: Sendable, Hashable, Codable {
  /// The position in the order of recording, from 1.
  public var sequence: Int
  /// When it happened.
  public var at: Timestamp
  /// From 0 (a rollback) to 100.
  public var percentage: Double
  /// When it became known.
  public var recordedAt: Timestamp
  /// Who recorded it, as shown in histories; the `source id` of the event if it came from one.
  public var by: String
  /// The reason given, or what the event said; nil if there was none. Every rollback has one, except those recorded
  /// before a reason was required.
  public var reason: String?
  /// The `source id` of the event it came from; nil if a person recorded it.
  public var event: String?
  /// How many decisions had been made when it was recorded; nil in steps older than this field.
  public var decisions: Int?

  public init(
    sequence: Int, at: Timestamp, percentage: Double, recordedAt: Timestamp, by: String, reason: String? = nil,
    event: String? = nil, decisions: Int? = nil
  ) {
    self.sequence = sequence
    self.at = at
    self.percentage = percentage
    self.recordedAt = recordedAt
    self.by = by
    self.reason = reason
    self.event = event
    self.decisions = decisions
  }
}

/// The exposure changes that a person can record.
public enum ExposureVerb: String, Sendable, Hashable, CaseIterable {
  case ship, stage, rollback
}

extension Exposure {
  /// Returns the step that a person records.
  ///
  /// `ship` starts an attempt, at the requested percentage or else at the first stage of a gradual rollout or else at
  /// 100. `stage` changes a running attempt; `rollback` ends it.
  ///
  /// - Throws: if the time is in the future, the percentage is missing or out of range, the step contradicts the
  ///   exposure known for that moment, or a rollback has no reason.
  public func step(
    _ verb: ExposureVerb, _ request: ExposureRequest, rollout: Rollout?, by actor: Actor, now: Timestamp
  ) throws(Problem) -> ExposureStep {
    let at = request.at ?? now
    guard at <= now else { throw Problem.unfit("at", "\(at) is in the future; the time is now \(now)") }
    let share = try share(verb, request, rollout: rollout, before: percentage(at: at), at)
    let reason = request.reason?.trimmedOrNil
    if share == 0, reason == nil { throw Problem.missing("reason", "a rollback needs a reason (--reason TEXT)") }
    return ExposureStep(
      sequence: nextSequence, at: at, percentage: share, recordedAt: now, by: actor.description, reason: reason)
  }

  /// Returns the step implied by an event about the rollout's flag; nil if the event changes nothing or is already
  /// recorded.
  public func step(
    flagAt at: Timestamp, percentage: Double, event: String, now: Timestamp
  ) -> ExposureStep? {
    guard !steps.contains(where: { $0.event == event }), self.percentage(at: at) != percentage else { return nil }
    return ExposureStep(
      sequence: nextSequence, at: at, percentage: percentage, recordedAt: now, by: event,
      reason: percentage == 0 ? "the flag was set to 0% in production" : nil, event: event)
  }

  private var nextSequence: Int { (steps.map(\.sequence).max() ?? 0) + 1 }

  private func share(
    _ verb: ExposureVerb, _ request: ExposureRequest, rollout: Rollout?, before: Double, _ at: Timestamp
  ) throws(Problem) -> Double {
    switch verb {
    case .ship:
      guard before == 0 else {
        throw Problem.conflict(
          "already-exposed",
          "\(request.launch) was already exposed to \(percent(before)) of customers at \(at); record a stage instead")
      }
      let first = rollout?.kind == .gradual ? rollout?.stages.first : nil
      return try range(request.percentage ?? first ?? 100, above: 0)
    case .stage:
      guard let share = request.percentage else {
        throw Problem.missing("percentage", "a stage needs a percentage from 0 to 100")
      }
      guard before > 0 else { throw notExposed("no attempt to stage", request, at) }
      return try range(share, above: -1)
    case .rollback:
      guard before > 0 else { throw notExposed("nothing to roll back", request, at) }
      return 0
    }
  }

  private func notExposed(_ what: String, _ request: ExposureRequest, _ at: Timestamp) -> Problem {
    .conflict("not-exposed", "\(what): \(request.launch) was not exposed to any customer at \(at)")
  }

  private func range(_ share: Double, above low: Double) throws(Problem) -> Double {
    guard share > low, share >= 0, share <= 100 else {
      let expected = low < 0 ? "from 0 to 100" : "above 0 and at most 100"
      throw Problem.unfit("percentage", "\(percent(share)) is out of range; give a percentage \(expected)")
    }
    return share
  }
}

/// A percentage as shown to people: `5%`, `12.5%`.
func percent(_ share: Double) -> String {
  share == share.rounded() && abs(share) < 1e9 ? "\(Int(share))%" : "\(share)%"
}

extension Exposure {
  /// The prefix of violations for steps taken without a GO in force.
  public static let withoutGo = "no-go-in-force: "
  /// The prefix of violations for steps taken without a GO in force while the line was halted.
  public static let whileHalted = "halted: "

  /// Returns the rules that exposure broke, including violations discovered later: exposed before the metrics were
  /// sealed, with metrics sealed after the planned date, without a GO in force, or while the line was halted.
  ///
  /// Each violation starts with a stable code: `not-sealed`, `sealed-late`, `no-go-in-force` or `halted`.
  ///
  /// - Parameter halts: all halts so far.
  public func violations(
    of record: LaunchRecord, seal: Seal?, decisions: DecisionHistory, halts: [Halt] = [], in zone: ZoneRules
  ) -> [String] {
    let measured = record.tier.isMeasured ? attempts.compactMap { unsealed($0, seal, record, in: zone) } : []
    let ungoverned = advances.filter { !decisions.wasInForce(for: $0, of: self, in: zone) }
    return measured + ungoverned.map { violation(of: $0, decisions) }
      + advances.compactMap { violation(of: $0, record.plan.launch, halts) }
  }

  private func violation(of step: ExposureStep, _ launch: LaunchID, _ halts: [Halt]) -> String? {
    halts.first { $0.closed(launch, at: step.at) }.map { halt in
      "\(Self.whileHalted)shipped while the line was halted "
        + "(\(percent(step.percentage)) exposed since \(step.at); \(halt.summary))"
    }
  }

  private func violation(of step: ExposureStep, _ decisions: DecisionHistory) -> String {
    let ended = decisions.standing(at: step.at)?.rollback(in: self, at: step.at, before: step)
    let because = ended.map { "; the rollback at \($0.at) ended the GO" } ?? ""
    return "\(Self.withoutGo)shipped without a GO (\(percent(step.percentage)) exposed since \(step.at)\(because))"
  }

  private func unsealed(
    _ attempt: ExposureAttempt, _ seal: Seal?, _ record: LaunchRecord, in zone: ZoneRules
  ) -> String? {
    let exposed = "attempt \(attempt.attempt) was exposed at \(attempt.startedAt)"
    guard let seal else { return "not-sealed: \(exposed), but its metrics are not sealed" }
    if seal.sealedAt > attempt.startedAt { return "not-sealed: \(exposed), before its metrics were sealed" }
    let day = zone.localDate(at: seal.sealedAt)
    guard day > record.plan.date else { return nil }
    return "sealed-late: \(exposed); its metrics were sealed on \(day), after the planned date \(record.plan.date)"
  }
}
