public import Contract
public import LaunchModel

/// The facts that a decision depends on. If any of them becomes worse, a GO becomes stale.
public struct DecisionBasis: Sendable, Hashable, Codable {
  /// The version of the launch's record, as counted by tiering.
  public var launchVersion: Int
  /// The version of the checklist template that the launch uses.
  public var templateVersion: Int
  /// The launch's tier, from 0 (the most demanding) to 3.
  public var tier: Tier
  /// The launch date, local to `timeZone`.
  public var date: LocalDate
  /// The IANA name of the launch's zone, such as `America/New_York`.
  public var timeZone: String
  /// The facts that the tier and the items' conditions depend on.
  public var facts: Facts
  /// The key that identifies the feature in signals.
  public var feature: String
  /// The languages that items are expanded for, such as `de`.
  public var locales: [String]
  /// The customer segments that items are expanded for, such as `enterprise`.
  public var segments: [String]
  /// The flag and the stages of exposure; nil if the plan has none.
  public var rollout: Rollout?
  /// Whether the launch is neither cancelled nor postponed.
  public var isRunning: Bool
  /// By how many days the date is too early for the window and lead times; 0 if it is not, or if the shortfall is
  /// waived.
  public var shortfallDays: Int
  /// The date's conflicts that were not accepted, such as `blackout year-end`; nil in decisions older than this field.
  public var conflicts: [String]?
  /// The number of open conflicts, if `conflicts` lists only the first of them; else nil.
  public var openConflicts: Int?
  /// The digest of the sealed metrics; nil if they were not sealed.
  public var seal: String?
  /// The blocking items.
  public var items: [Item]
  /// The polled functions' answers.
  public var votes: [Vote]

  /// What was known of one blocking item.
  public struct Item: Sendable, Hashable, Codable {
    /// Its key in the template, such as `load-test`.
    public var key: ItemKey
    /// The locale, segment or deal stage it was expanded for; nil if it was not expanded.
    public var instance: String?
    /// The function responsible for it.
    public var function: LaunchFunction
    /// The stored state, without derived flags such as `overdue`.
    public var state: ItemState
    /// How close it was to being satisfied on that day.
    public var level: ItemStanding.Level
    /// The day it happened; nil if it is not done.
    public var doneOn: LocalDate?
    /// The evidence, each piece as kind and value, such as `link https://…`.
    public var evidence: [String]
    /// The approvals that count, such as `legal: lena`.
    public var approvals: [String]

    /// Its key and instance.
    var reference: ItemReference { ItemReference(key: key, instance: instance) }

    /// A piece of evidence as kind and value.
    static func text(_ piece: Evidence) -> String { "\(piece.kind.rawValue) \(piece.value)" }

    /// Whether evidence has been replaced since, which can happen only to kinds of which the latest piece replaces
    /// earlier ones.
    func hasLostEvidence(of item: ChecklistItem?) -> Bool {
      EvidenceKind.allCases.filter(\.standsAlone).contains { kind in
        let before = evidence.filter { $0.hasPrefix("\(kind.rawValue) ") }
        guard !before.isEmpty else { return false }
        let now = Set((item?.evidence ?? []).filter { $0.kind == kind }.map(Self.text))
        return !now.isSuperset(of: before)
      }
    }
  }

  /// One function's answer to the poll.
  public struct Vote: Sendable, Hashable, Codable {
    /// The function whose lead answered.
    public var function: LaunchFunction
    /// Go or no-go.
    public var answer: PollAnswer.Answer
  }
}

extension LaunchChecklist {
  /// Returns the facts that a decision made at a moment would depend on.
  public func basis(at moment: LaunchMoment) -> DecisionBasis {
    var basis = basisWithoutEvidence(at: moment)
    for (index, item) in items.filter(\.blocksGo).enumerated() {
      basis.items[index].evidence = item.evidence.map(DecisionBasis.Item.text)
    }
    return basis
  }

  /// Returns the same basis without the items' evidence, which can be of any size.
  fileprivate func basisWithoutEvidence(at moment: LaunchMoment) -> DecisionBasis {
    let plan = record.plan
    return DecisionBasis(
      launchVersion: record.version, templateVersion: templateVersion, tier: record.tier, date: plan.date,
      timeZone: plan.timeZone, facts: plan.facts, feature: plan.feature, locales: plan.locales,
      segments: plan.segments, rollout: plan.rollout, isRunning: isRunning,
      shortfallDays: record.shortfall.map { $0.waived == nil ? $0.days : 0 } ?? 0,
      conflicts: record.openConflicts.map(\.name), openConflicts: record.conflictCount?.open, seal: seal?.digest,
      items: items.filter(\.blocksGo).map { basis(of: $0, at: moment) },
      votes: votes.map { DecisionBasis.Vote(function: $0.function, answer: $0.answer) })
  }

  private func basis(of item: ChecklistItem, at moment: LaunchMoment) -> DecisionBasis.Item {
    let tally = item.approvalTally(provenOnly: moment.provenOnly)
    return DecisionBasis.Item(
      key: item.definition.key, instance: item.instance, function: item.definition.function, state: item.state,
      level: standing(of: item, at: moment).level, doneOn: item.doneOn,
      evidence: [],
      approvals: tally.rules.flatMap { rule in tally.counted(for: rule.group).map { "\(rule.group): \($0.by)" } })
  }
}

extension LaunchConflict {
  /// The kind and the other launch or blackout, such as `same-week fast-search`.
  var name: String { "\(kind.rawValue) \(other)" }
}

extension DecisionBasis {
  /// Returns what has become worse or different since: the reasons why a GO with this basis is stale.
  ///
  /// Improvements are not reasons: an item completed, a no-go vote withdrawn, metrics sealed, or a shortfall waived.
  public func worsenings(in launch: LaunchChecklist, at moment: LaunchMoment) -> [ReadinessReason] {
    let now = launch.basisWithoutEvidence(at: moment)
    // A cancelled or postponed launch has no GO, whatever the basis, so that reason comes first.
    return (launch.stopReason.map { [$0] } ?? []) + launchReasons(now, in: launch)
      + itemReasons(now, in: launch, at: moment) + voteReasons(now)
  }

  private func launchReasons(_ now: DecisionBasis, in launch: LaunchChecklist) -> [ReadinessReason] {
    var reasons: [ReadinessReason] = []
    func add(_ code: String, _ detail: String) { reasons.append(ReadinessReason(code: code, detail: detail)) }
    if tier != now.tier { add("tier-changed", "the tier changed from \(tier.rawValue) to \(now.tier.rawValue)") }
    // Tier 3's GO is not bound to a date.
    if tier != .minor, date != now.date || timeZone != now.timeZone {
      add("date-changed", "the date moved from \(date) (\(timeZone)) to \(now.date) (\(now.timeZone))")
    }
    if facts != now.facts { add("fact-changed", "the launch's facts changed: \(changedFacts(now))") }
    if (feature, locales, segments) != (now.feature, now.locales, now.segments) || rollout != now.rollout {
      add("plan-changed", "the launch's feature, locales, segments or rollout changed")
    }
    if now.shortfallDays > shortfallDays {
      add("shortfall", "the date is now \(now.shortfallDays) \(now.shortfallDays == 1 ? "day" : "days") too early")
    }
    for reason in newConflicts(in: launch.record) { add("conflict", reason) }
    if templateVersion != now.templateVersion {
      add("template-changed", "the launch moved to template version \(now.templateVersion)")
    }
    if let seal, seal != now.seal { add("seal-changed", "the sealed success metrics were amended") }
    return reasons
  }

  /// Returns the date's new conflicts, in words.
  ///
  /// If a date has many conflicts, only the first of them are known by name. A conflict that is listed only because
  /// another one has gone is not new.
  private func newConflicts(in record: LaunchRecord) -> [String] {
    guard let conflicts else { return [] }
    let (before, now) = (openConflicts ?? conflicts.count, record.openConflictCount)
    if openConflicts != nil, now < before { return [] }
    let new = record.openConflicts.filter { !conflicts.contains($0.name) }
    guard new.isEmpty else { return new.map { "the date has a new conflict: \($0.reason)" } }
    return now > before ? ["the date has \(now) open conflicts, \(now - before) more than when it was decided"] : []
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
    let stored = Dictionary(launch.items.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    return now.items.compactMap { item in
      guard let before = known[item.reference] else {
        return item.level == .satisfied ? nil : reason("item-added", item, "was added after the GO and is not done")
      }
      if item.level < before.level {
        return reason(item, since: before, stored[item.reference], launch, moment)
      }
      let hasLost = before.hasLostEvidence(of: stored[item.reference])
      return hasLost ? reason("evidence-changed", item, "no longer has the evidence that it had at the GO") : nil
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
        let detail = "\(function.title) has answered no-go since the GO"
        reasons.append(ReadinessReason(code: "poll-no-go", function: function, detail: detail))
      } else if earlier[function] == .go, current[function] == nil {
        let detail = "\(function.title)'s answer to the poll was cleared"
        reasons.append(ReadinessReason(code: "poll-missing", function: function, detail: detail))
      }
    }
    return reasons
  }
}
