public import LaunchModel

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
