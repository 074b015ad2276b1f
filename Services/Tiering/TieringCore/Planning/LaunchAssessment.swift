public import LaunchModel

/// What is computed of a launch whenever its plan, its override or its date changes.
public struct LaunchAssessment: Sendable, Hashable {
  /// The computed tier and why, whatever the override.
  public var answer: TierAnswer
  /// The override where there is one, else the computed tier.
  public var tier: Tier
  /// The local day on which each tier was first reached, by its number as text, as `1`.
  public var reachedOn: [String: LocalDate]
  /// What window and lead times say of the date.
  public var feasibility: Feasibility
}

/// What launches are assessed by.
public struct LaunchAssessor: Sendable {
  /// The adopted policy that facts are classified by.
  public var policy: TierPolicy
  /// The template whose lead times count.
  public var template: ChecklistTemplate
  /// All blackouts that there are.
  public var blackouts: [Blackout]
  /// A calendar by its key; nil for Monday to Friday.
  public var calendar: @Sendable (String?) -> BusinessCalendar

  public init(
    policy: TierPolicy, template: ChecklistTemplate, blackouts: [Blackout] = [],
    calendar: @escaping @Sendable (String?) -> BusinessCalendar
  ) {
    self.policy = policy
    self.template = template
    self.blackouts = blackouts
    self.calendar = calendar
  }

  /// - Parameters:
  ///   - answer: what is said of the plan's facts already; nil classifies them by the policy.
  ///   - override: the tier that Product Ops set.
  ///   - reachedOn: the days on which tiers were reached before.
  /// - Throws: `unknown-zone`.
  public func assess(
    _ plan: LaunchPlan, answer: TierAnswer? = nil, override: Tier? = nil, reachedOn: [String: LocalDate] = [:],
    now: Timestamp
  ) throws(Problem) -> LaunchAssessment {
    let today = try ZoneRules(plan.timeZone).localDate(at: now)
    var answer = answer ?? policy.classify(plan.facts)
    let tier = override ?? answer.tier
    answer.openQuestions = openQuestions(plan.facts, tier: tier)
    let reached = TierHistory.reaching(tier, on: today, after: reachedOn)
    let feasibility = feasibility(of: plan, tier: tier, reachedOn: reached, today: today)
    return LaunchAssessment(answer: answer, tier: tier, reachedOn: reached, feasibility: feasibility)
  }

  /// The facts that are unknown, and those omitted ones that a condition of the tier's items asks about, for which omitted is
  /// unknown (product.md, section 1).
  private func openQuestions(_ facts: Facts, tier: Tier) -> [String] {
    let conditions = template.items.filter { $0.tiers.contains(tier) }.compactMap(\.condition?.flag)
    let flags = Flag.allCases.filter { flag in
      facts.flags[flag] == .unknown || (facts.flags[flag] == nil && conditions.contains(flag))
    }
    return (facts.audience == .unknown ? ["audience"] : []) + flags.map(\.rawValue)
  }

  /// What window and lead times say of a plan's date.
  public func feasibility(
    of plan: LaunchPlan, tier: Tier, reachedOn: [String: LocalDate], today: LocalDate
  ) -> Feasibility {
    let calendar = calendar
    return Feasibility(
      PlanningInput(
        tier: tier, reachedOn: TierHistory.day(of: tier, in: reachedOn) ?? today, date: plan.date, today: today,
        facts: plan.facts, template: template,
        blackouts: blackouts.filter { $0.tiers.contains(tier) && $0.exception(of: plan.launch) == nil },
        calendar: { calendar(plan.calendars[$0.rawValue] ?? plan.calendar) }))
  }
}
