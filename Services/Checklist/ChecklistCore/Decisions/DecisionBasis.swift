public import LaunchModel

/// What a decision rests on: a worsening of any of it makes a GO stale.
public struct DecisionBasis: Sendable, Hashable, Codable {
  public var launchVersion: Int
  public var templateVersion: Int
  public var tier: Tier
  public var date: LocalDate
  public var timeZone: String
  public var facts: Facts
  public var feature: String
  public var locales: [String]
  public var segments: [String]
  public var rollout: Rollout?
  public var isRunning: Bool
  /// Days by which the date is before the earliest, where nobody waived that; else 0.
  public var shortfallDays: Int
  /// The digest of the sealed metrics.
  public var seal: String?
  /// The items that stand in the way of GO.
  public var items: [Item]
  /// The polled functions' answers.
  public var votes: [Vote]

  /// What was known of one blocking item.
  public struct Item: Sendable, Hashable, Codable {
    public var key: ItemKey
    public var instance: String?
    public var function: LaunchFunction
    public var state: ItemState
    public var level: ItemStanding.Level
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
    public var function: LaunchFunction
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
      shortfallDays: record.shortfall.map { $0.waived == nil ? $0.days : 0 } ?? 0, seal: seal?.digest,
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
