extension Measurability.Problem: CustomStringConvertible {
  /// The problem and how to fix it, in one sentence without a full stop.
  public var description: String {
    switch self {
    case .pruned(let days):
      "the log was pruned: only \(days == 1 ? "1 day is" : "\(days) days are") left of the last \(PlanTrial.days): "
        + "wait until it has them all"
    case .neverDelivered(let feed):
      "no \(feed) has ever been delivered: connect a source that publishes it"
    case .silent(let feed):
      "\(feed) does not deliver: repair it, or retire or accept it with gonogo metric feeds"
    case .missingField(let feed, let field, let fit):
      "only \(Self.percent(fit)) of the events of \(feed) that count have a usable \(field): "
        + "correct the metric's field, or let the source fill it in"
    case .malformed(let feed, let share):
      "\(Self.percent(share)) of the events of \(feed) do not fit their type and are in quarantine: "
        + "see gonogo event quarantine list"
    case .noMatch:
      "no event of the last 30 days matches the metric's conditions: correct its fields where and of"
    case .noData:
      "nothing was counted in the last 30 days: wait for data, or choose a metric that has some"
    case .noBaseline:
      "there is no baseline to compare the target with: give the metric a number as its baseline"
    case .alreadyMet:
      "the baseline meets the target already: choose a stricter target"
    case .indistinguishable(let power, let needed):
      "a figure at the target is distinguished from the baseline with a probability of only \(Self.percent(power)): "
        + "choose a longer window, or a target further from the baseline\(Self.wanted(needed))"
    case .tooFew(let expected, let needed):
      "\(expected) are expected, and a verdict needs \(needed): choose a longer window"
    case .spikeMissed(let power):
      "twice the forecast raises the alarm with a probability of only \(Self.percent(power)): "
        + "choose a longer window, or watch these tickets in person"
    }
  }

  private static func wanted(_ needed: Int?) -> String {
    needed.map { " (a probability of 80% takes n = \($0))" } ?? ""
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1_000).rounded() / 10
    return "\(Int(exactly: tenths).map(String.init) ?? String(tenths))%"
  }
}
