public import LaunchModel

extension LaunchChecklist {
  /// Every reason against GO; none means that GO is recommended.
  ///
  /// - Parameter isExposed: whether customers have it now, in which case a date that has passed is none.
  public func reasonsAgainstGo(at moment: LaunchMoment, isExposed: Bool) -> [ReadinessReason] {
    launchReasons(at: moment, isExposed: isExposed) + itemReasons(at: moment) + pollReasons
  }

  private func launchReasons(at moment: LaunchMoment, isExposed: Bool) -> [ReadinessReason] {
    var reasons = stop.map { [$0] } ?? []
    if record.tier != .minor, !isExposed, record.plan.date < moment.today {
      reasons.append(
        ReadinessReason(
          code: "date-passed", detail: "the launch date \(record.plan.date) has passed: reschedule the launch"))
    }
    if let shortfall = record.shortfall, shortfall.waived == nil {
      let because = shortfall.because.joined(separator: ", ")
      reasons.append(
        ReadinessReason(
          code: "shortfall",
          detail:
            "the date is \(shortfall.days) \(shortfall.days == 1 ? "day" : "days") too early (\(because)): move it or waive the shortfall"
        )
      )
    }
    for conflict in record.openConflicts {
      let detail = "\(conflict.reason): move the launch, or accept the conflict"
      reasons.append(ReadinessReason(code: "conflict", detail: detail))
    }
    if record.tier.isMeasured, seal == nil {
      reasons.append(ReadinessReason(code: "not-sealed", detail: "the success metrics are not sealed"))
    }
    return reasons
  }

  private func itemReasons(at moment: LaunchMoment) -> [ReadinessReason] {
    items.filter(\.blocksGo).compactMap { item in
      let standing = standing(of: item, at: moment)
      guard standing.level != .satisfied, let code = standing.code else { return nil }
      return ReadinessReason(
        code: code, item: item.definition.key, instance: item.instance, function: item.definition.function,
        detail: standing.detail ?? item.name)
    }
  }

  private var pollReasons: [ReadinessReason] {
    guard record.tier.hasPoll else { return [] }
    return polled.compactMap { function in
      guard let vote = votes.first(where: { $0.function == function }) else {
        return ReadinessReason(
          code: "poll-missing", function: function, detail: "\(function.title) has not answered the poll")
      }
      guard vote.answer == .noGo else { return nil }
      let note = vote.note.map { ": \($0)" } ?? ""
      return ReadinessReason(
        code: "poll-no-go", function: function, detail: "\(function.title) answers no-go (\(vote.by))\(note)")
    }
  }
}
