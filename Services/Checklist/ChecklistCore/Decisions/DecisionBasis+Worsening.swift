public import LaunchModel

extension DecisionBasis {
  /// What has become worse, or other, since: the reasons for which a GO that rests on this is stale.
  ///
  /// An item done, a no-go vote withdrawn, metrics sealed or a shortfall waived since is an improvement, and no reason.
  public func worsenings(in launch: LaunchChecklist, at moment: LaunchMoment) -> [ReadinessReason] {
    let now = launch.basis(at: moment)
    // A launch that does not run has no GO, whatever was known when it was given.
    return (launch.stop.map { [$0] } ?? []) + launchReasons(now, in: launch) + itemReasons(now, in: launch, at: moment)
      + voteReasons(now)
  }

  private func launchReasons(_ now: DecisionBasis, in launch: LaunchChecklist) -> [ReadinessReason] {
    var reasons: [ReadinessReason] = []
    func add(_ code: String, _ detail: String) { reasons.append(ReadinessReason(code: code, detail: detail)) }
    if tier != now.tier { add("tier-changed", "the tier moved from \(tier.rawValue) to \(now.tier.rawValue)") }
    // Tier 3's GO is not bound to a date.
    if tier != .minor, date != now.date || timeZone != now.timeZone {
      add("date-changed", "the date moved from \(date) (\(timeZone)) to \(now.date) (\(now.timeZone))")
    }
    if facts != now.facts { add("fact-changed", "the facts of the launch changed: \(changedFacts(now))") }
    if (feature, locales, segments) != (now.feature, now.locales, now.segments) || rollout != now.rollout {
      add("plan-changed", "the launch's feature, locales, segments or rollout changed")
    }
    if now.shortfallDays > shortfallDays {
      add("shortfall", "the date is now \(now.shortfallDays) \(now.shortfallDays == 1 ? "day" : "days") too early")
    }
    if let conflicts {
      for conflict in launch.record.openConflicts where !conflicts.contains(conflict.name) {
        add("conflict", "the date is in conflict since: \(conflict.reason)")
      }
    }
    if templateVersion != now.templateVersion {
      add("template-changed", "the launch moved to template version \(now.templateVersion)")
    }
    if let seal, seal != now.seal { add("seal-changed", "the sealed success metrics were amended") }
    return reasons
  }

  private func changedFacts(_ now: DecisionBasis) -> String {
    var names = Flag.allCases.filter { facts.flags[$0] != now.facts.flags[$0] }.map(\.rawValue)
    if facts.kinds != now.facts.kinds { names.append("kinds") }
    if facts.audience != now.facts.audience { names.append("audience") }
    return names.joined(separator: ", ")
  }

  private func itemReasons(
    _ now: DecisionBasis, in launch: LaunchChecklist, at moment: LaunchMoment
  ) -> [ReadinessReason] {
    let known = Dictionary(items.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    return now.items.compactMap { item in
      guard let before = known[item.reference] else {
        return item.level == .satisfied ? nil : reason("item-added", item, "is needed since and not done")
      }
      if item.level < before.level {
        return reason(item, since: before, launch.items.first { $0.reference == item.reference }, launch, moment)
      }
      let hasLost = !Set(before.evidence).isSubset(of: item.evidence)
      return hasLost ? reason("evidence-changed", item, "no longer has the evidence it had") : nil
    }
  }

  private func reason(
    _ item: Item, since before: Item, _ stored: ChecklistItem?, _ launch: LaunchChecklist, _ moment: LaunchMoment
  ) -> ReadinessReason {
    let wasReopened = before.level == .satisfied && [.open, .inProgress, .inReview].contains(item.state)
    let standing = stored.map { launch.standing(of: $0, at: moment) }
    guard wasReopened || standing?.detail == nil else {
      return ReadinessReason(
        code: standing?.code ?? "item-not-done", item: item.key, instance: item.instance, function: item.function,
        detail: standing?.detail ?? "")
    }
    let why = stored?.reason.map { ": \($0)" } ?? ""
    return reason("item-reopened", item, "was \(before.state.rawValue) and is \(item.state.rawValue) again\(why)")
  }

  private func reason(_ code: String, _ item: Item, _ what: String) -> ReadinessReason {
    ReadinessReason(
      code: code, item: item.key, instance: item.instance, function: item.function,
      detail: "\(item.reference.name) (\(item.function.title)) \(what)")
  }

  private func voteReasons(_ now: DecisionBasis) -> [ReadinessReason] {
    let current = Dictionary(now.votes.map { ($0.function, $0.answer) }, uniquingKeysWith: { first, _ in first })
    let earlier = Dictionary(votes.map { ($0.function, $0.answer) }, uniquingKeysWith: { first, _ in first })
    var reasons: [ReadinessReason] = []
    for function in LaunchFunction.allCases.sorted() {
      if current[function] == .noGo, earlier[function] != .noGo {
        let detail = "\(function.title) answers no-go since"
        reasons.append(ReadinessReason(code: "poll-no-go", function: function, detail: detail))
      } else if earlier[function] == .go, current[function] == nil {
        let detail = "\(function.title)'s answer to the poll fell"
        reasons.append(ReadinessReason(code: "poll-missing", function: function, detail: detail))
      }
    }
    return reasons
  }
}
