public import LaunchModel

/// What a decision rests on: a worsening of any of it makes a GO stale.
public struct DecisionBasis: Sendable, Hashable, Codable {
  /// Of the launch's record, as tiering counts it.
  public var launchVersion: Int
  /// Of the checklist template that the launch runs on.
  public var templateVersion: Int
  /// From 0, the most demanding, to 3.
  public var tier: Tier
  /// The launch date, local to `timeZone`.
  public var date: LocalDate
  /// The IANA name of the launch's zone, as `America/New_York`.
  public var timeZone: String
  /// What the tier was computed from and conditions of items look at.
  public var facts: Facts
  /// The key that signals name the feature by.
  public var feature: String
  /// The languages that items are expanded for, as `de`.
  public var locales: [String]
  /// The customer segments that items are expanded for, as `enterprise`.
  public var segments: [String]
  /// The flag and the stages of exposure; nil where the plan has none.
  public var rollout: Rollout?
  /// Whether the launch is neither cancelled nor postponed.
  public var isRunning: Bool
  /// Days by which the date is too early for window and lead times, where nobody waived that; else 0.
  public var shortfallDays: Int
  /// The conflicts of the date that nobody had accepted, as `blackout year-end`; nil in a decision from before they counted.
  public var conflicts: [String]?
  /// The digest of the sealed metrics.
  public var seal: String?
  /// The items that stand in the way of GO.
  public var items: [Item]
  /// The polled functions' answers.
  public var votes: [Vote]

  /// What was known of one blocking item.
  public struct Item: Sendable, Hashable, Codable {
    /// Its key in the template, as `load-test`.
    public var key: ItemKey
    /// The locale, segment or deal stage it was expanded for; nil where it was not expanded.
    public var instance: String?
    /// Who answers for it.
    public var function: LaunchFunction
    /// As it is stored; derived flags such as `overdue` are not part of it.
    public var state: ItemState
    /// Whether it stood in the way of GO on that day.
    public var level: ItemStanding.Level
    /// The day it happened; nil while it is not done.
    public var doneOn: LocalDate?
    /// As `link https://…`.
    public var evidence: [String]
    /// As `legal: lena`.
    public var approvals: [String]

    /// Its key and instance.
    var reference: ItemReference { ItemReference(key: key, instance: instance) }
  }

  /// One function's answer.
  public struct Vote: Sendable, Hashable, Codable {
    /// On whose behalf its lead answered.
    public var function: LaunchFunction
    /// Go or no-go.
    public var answer: PollAnswer.Answer
  }
}

extension LaunchChecklist {
  /// What a decision would rest on at that moment.
  public func basis(at moment: LaunchMoment) -> DecisionBasis {
    let plan = record.plan
    return DecisionBasis(
      launchVersion: record.version, templateVersion: templateVersion, tier: record.tier, date: plan.date,
      timeZone: plan.timeZone, facts: plan.facts, feature: plan.feature, locales: plan.locales,
      segments: plan.segments, rollout: plan.rollout, isRunning: isRunning,
      shortfallDays: record.shortfall.map { $0.waived == nil ? $0.days : 0 } ?? 0,
      conflicts: record.openConflicts.map(\.name), seal: seal?.digest,
      items: items.filter(\.blocksGo).map { basis(of: $0, at: moment) },
      votes: votes.map { DecisionBasis.Vote(function: $0.function, answer: $0.answer) })
  }

  private func basis(of item: ChecklistItem, at moment: LaunchMoment) -> DecisionBasis.Item {
    let counted = item.sheet(provenOnly: moment.provenOnly)
    return DecisionBasis.Item(
      key: item.definition.key, instance: item.instance, function: item.definition.function, state: item.state,
      level: standing(of: item, at: moment).level, doneOn: item.doneOn,
      evidence: item.evidence.map { "\($0.kind.rawValue) \($0.value)" },
      approvals: counted.rules.flatMap { rule in counted.counted(for: rule.group).map { "\(rule.group): \($0.by)" } })
  }
}

extension LaunchRecord {
  /// The conflicts of its date that nobody has accepted.
  var openConflicts: [LaunchConflict] { conflicts.filter { $0.accepted == nil } }
}

extension LaunchConflict {
  /// As `same-week fast-search`.
  var name: String { "\(kind.rawValue) \(other)" }
}
