public import Contract
public import LaunchModel

/// A launch's exposure: the fold of its steps by the time at which they happened, so that a late one restates it.
public struct Exposure: Sendable, Hashable {
  /// By occurrence, then by recording.
  public let steps: [ExposureStep]
  /// Each attempt at launching, from 1: a rollback ends one, and what follows is the next.
  public let attempts: [ExposureAttempt]

  /// Folds the steps of one launch, in any order, by when they happened.
  public init(_ steps: [ExposureStep]) {
    self.steps = steps.sorted { ($0.at, $0.sequence) < ($1.at, $1.sequence) }
    var attempts: [ExposureAttempt] = []
    for step in self.steps {
      let isLive = attempts.last.map { $0.rolledBackAt == nil } ?? false
      if step.percentage > 0, !isLive {
        attempts.append(ExposureAttempt(attempt: attempts.count + 1, startedAt: step.at))
      } else if step.percentage == 0, isLive {
        attempts[attempts.count - 1].rolledBackAt = step.at
      }
    }
    self.attempts = attempts
  }

  /// The share of customers that had it at a moment, in percent.
  public func percentage(at moment: Timestamp) -> Double { steps.last { $0.at <= moment }?.percentage ?? 0 }

  /// The share of customers that have it by the last step.
  public var percentage: Double { steps.last?.percentage ?? 0 }

  /// The attempt that was running at a moment, as it is known to have gone since; nil where it was dark.
  public func attempt(at moment: Timestamp) -> ExposureAttempt? {
    attempts.last { attempt in attempt.startedAt <= moment && (attempt.rolledBackAt.map { moment < $0 } ?? true) }
  }

  /// The steps that changed the share upwards: each needed a GO in force.
  public var advances: [ExposureStep] {
    var before = 0.0
    return steps.filter { step in
      defer { before = step.percentage }
      return step.percentage > before
    }
  }
}

/// One recorded step of exposure: from then on, that share of customers had the feature.
public struct ExposureStep: Sendable, Hashable, Codable {
  /// In the order of recording, from 1.
  public var sequence: Int
  /// When it happened.
  public var at: Timestamp
  /// From 0, a rollback, to 100.
  public var percentage: Double
  /// When it became known.
  public var recordedAt: Timestamp
  /// Who recorded it, as history writes it; the event's source and id where one told it.
  public var by: String
  /// Why, as it was given; nil for none, and where an event told it.
  public var reason: String?
  /// The `source id` of the event it was read from; nil where a person recorded it.
  public var event: String?

  public init(
    sequence: Int, at: Timestamp, percentage: Double, recordedAt: Timestamp, by: String, reason: String? = nil,
    event: String? = nil
  ) {
    self.sequence = sequence
    self.at = at
    self.percentage = percentage
    self.recordedAt = recordedAt
    self.by = by
    self.reason = reason
    self.event = event
  }
}

/// What a person records of exposure.
public enum ExposureVerb: String, Sendable, Hashable, CaseIterable {
  case ship, stage, rollback
}

extension Exposure {
  /// The step that a person records, or throws why it does not follow from what is known of that moment.
  ///
  /// `ship` starts an attempt with the rollout's first stage, or whole; `stage` moves a running one; `rollback` ends it.
  public func step(
    _ verb: ExposureVerb, _ request: ExposureRequest, rollout: Rollout?, by actor: Actor, now: Timestamp
  ) throws(Problem) -> ExposureStep {
    let at = request.at ?? now
    guard at <= now else { throw Problem.unfit("at", "\(at) is still to come; it is \(now)") }
    return ExposureStep(
      sequence: nextSequence, at: at,
      percentage: try share(verb, request, rollout: rollout, before: percentage(at: at), at),
      recordedAt: now, by: actor.description, reason: request.reason?.trimmedOrNil)
  }

  /// The step that a flag event of the rollout's flag stands for; nil where it changes nothing or is known already.
  public func step(
    flagAt at: Timestamp, percentage: Double, event: String, now: Timestamp
  ) -> ExposureStep? {
    guard !steps.contains(where: { $0.event == event }), self.percentage(at: at) != percentage else { return nil }
    return ExposureStep(
      sequence: nextSequence, at: at, percentage: percentage, recordedAt: now, by: event, event: event)
  }

  private var nextSequence: Int { (steps.map(\.sequence).max() ?? 0) + 1 }

  private func share(
    _ verb: ExposureVerb, _ request: ExposureRequest, rollout: Rollout?, before: Double, _ at: Timestamp
  ) throws(Problem) -> Double {
    switch verb {
    case .ship:
      guard before == 0 else {
        throw Problem.conflict("already-exposed", "\(percent(before)) had it at \(at) already: record a stage")
      }
      let first = rollout?.kind == .gradual ? rollout?.stages.first : nil
      return try range(request.percentage ?? first ?? 100, above: 0)
    case .stage:
      guard let share = request.percentage else { throw Problem.missing("percentage", "a stage needs its percentage") }
      guard before > 0 else { throw notExposed(at) }
      return try range(share, above: -1)
    case .rollback:
      guard before > 0 else { throw notExposed(at) }
      return 0
    }
  }

  private func notExposed(_ at: Timestamp) -> Problem {
    .conflict("not-exposed", "nobody had it at \(at)")
  }

  private func range(_ share: Double, above low: Double) throws(Problem) -> Double {
    guard share > low, share >= 0, share <= 100 else {
      throw Problem.unfit("percentage", "a percentage is \(low < 0 ? "from" : "above") 0 to 100, not \(percent(share))")
    }
    return share
  }
}

/// A percentage as a person writes it: `5 %`, `12.5 %`.
func percent(_ share: Double) -> String {
  share == share.rounded() && abs(share) < 1e9 ? "\(Int(share)) %" : "\(share) %"
}

extension Exposure {
  /// What was exposed against the rules, also when it became known late: before the metrics were sealed, by metrics that
  /// were sealed after the planned date, or without a GO in force. Each starts with a stable word.
  public func violations(
    of record: LaunchRecord, seal: Seal?, decisions: DecisionHistory, in zone: ZoneRules
  ) -> [String] {
    let measured = record.tier.isMeasured ? attempts.compactMap { unsealed($0, seal, record, in: zone) } : []
    let ungoverned = advances.filter { !decisions.wasInForce(at: $0.at, exposure: self, in: zone) }
    return measured + ungoverned.map { "no-go-in-force: \(percent($0.percentage)) from \($0.at) without a GO in force" }
  }

  private func unsealed(
    _ attempt: ExposureAttempt, _ seal: Seal?, _ record: LaunchRecord, in zone: ZoneRules
  ) -> String? {
    let exposed = "attempt \(attempt.attempt) was exposed at \(attempt.startedAt)"
    guard let seal else { return "not-sealed: \(exposed), and the metrics are not sealed" }
    if seal.sealedAt > attempt.startedAt { return "not-sealed: \(exposed), before the metrics were sealed" }
    let day = zone.localDate(at: seal.sealedAt)
    guard day > record.plan.date else { return nil }
    return "sealed-late: \(exposed); its metrics were sealed on \(day), after the planned date \(record.plan.date)"
  }
}
