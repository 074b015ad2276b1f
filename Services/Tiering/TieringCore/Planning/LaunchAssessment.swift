public import JSON
public import LaunchModel

/// The values computed for a launch whenever its plan, override or date changes.
public struct LaunchAssessment: Sendable, Hashable {
  /// The computed tier with its explanation, regardless of the override.
  public var answer: TierAnswer
  /// The override if there is one, otherwise the computed tier.
  public var tier: Tier
  /// The local day on which each tier, or a more demanding one, first applied,
  /// keyed by the tier's number, for example `1`.
  public var reachedOn: [String: LocalDate]
  /// What the window and lead times allow for the date.
  public var feasibility: Feasibility
}

/// Computes the tier and feasibility of launches.
public struct LaunchAssessor: Sendable {
  /// The policy that classifies facts.
  public var policy: TierPolicy
  /// The template that lead times come from.
  public var template: ChecklistTemplate
  /// All blackouts.
  public var blackouts: [Blackout]
  /// Looks up a calendar by its key; nil means Monday to Friday.
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

  /// Assesses a plan.
  ///
  /// - Parameters:
  ///   - answer: an existing classification of the plan's facts; nil classifies them by the policy.
  ///   - override: the tier set by Product Ops, if any.
  ///   - reachedOn: the days on which tiers were reached so far.
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

  /// The facts that are unknown, and the omitted facts that conditions of the tier's items depend on, because an
  /// omitted fact counts as unknown there (product.md, section 1).
  private func openQuestions(_ facts: Facts, tier: Tier) -> [String] {
    let conditions = template.items.filter { $0.tiers.contains(tier) }.compactMap(\.applicability)
    let flags = Flag.allCases.filter { flag in
      facts.flags[flag] == .unknown || (facts.flags[flag] == nil && conditions.contains { $0.mentions(flag) })
    }
    let isAudienceOpen =
      facts.audience == .unknown || (facts.audience == nil && conditions.contains(where: \.mentionsAudience))
    return (isAudienceOpen ? ["audience"] : []) + flags.map(\.rawValue)
  }

  /// What the window and lead times allow for a plan's date.
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

/// The first day on which each tier, or a more demanding one, applied to a launch, keyed by the tier's number.
public enum TierHistory {
  /// Records that the tier in force was reached today. An earlier day is kept,
  /// because work done since that day still counts.
  public static func reaching(
    _ tier: Tier, on today: LocalDate, after reachedOn: [String: LocalDate] = [:]
  ) -> [String: LocalDate] {
    var reached = reachedOn
    for other in Tier.allCases where other >= tier {
      let key = String(other.rawValue)
      reached[key] = reached[key] ?? today
    }
    return reached
  }

  /// The first day on which the tier, or a more demanding one, applied; nil if none did.
  public static func day(of tier: Tier, in reachedOn: [String: LocalDate]) -> LocalDate? {
    reachedOn[String(tier.rawValue)]
  }
}

/// Changes to a plan's fields.
public enum PlanChange {
  /// The plan as a launch file with some fields set. Members of `facts`, `calendars` and `rollout` are merged into the
  /// existing ones; null removes a field or member.
  ///
  /// - Throws: `invalid` for a field that another command changes.
  public static func document(_ plan: LaunchPlan, setting change: JSONValue) throws(Problem) -> JSONValue {
    guard case .object(let fields) = change else {
      throw .invalid(
        "invalid-change", pointer: "/set", "must be an object with the fields to change, not \(change.kindName)")
    }
    guard case .object(var members) = try encoded(plan) else {
      throw .internalError("a launch plan was not encoded as an object")
    }
    for (key, value) in fields {
      switch key {
      case "launch", "id": throw .invalid("invalid-change", pointer: "/launch", "the id of a launch cannot be changed")
      case "date":
        throw .invalid("invalid-change", pointer: "/date", "use launch reschedule to change the date")
      case "facts", "calendars", "rollout":
        let whole = merged(members[key], value)
        members[key] = whole == .null || whole == .object([:]) && key != "facts" ? nil : whole
      default: members[key] = value == .null ? nil : value
      }
    }
    return .object(members)
  }

  /// The names of the fields that differ, for example `owner` or `facts.audience`.
  public static func changed(from old: LaunchPlan, to new: LaunchPlan) throws(Problem) -> [String] {
    let (before, after) = (try encoded(old), try encoded(new))
    let fields = LaunchPlan.fields.filter { $0 != "facts" && before[$0] != after[$0] }
    let facts = Facts.fields.filter { before["facts"]?[$0] != after["facts"]?[$0] }
    return fields + facts.map { "facts.\($0)" }
  }

  private static func encoded(_ plan: LaunchPlan) throws(Problem) -> JSONValue {
    do {
      return try JSONCoding.value(plan)
    } catch {
      throw .internalError("a launch plan cannot be encoded: \(error)")
    }
  }

  private static func merged(_ old: JSONValue?, _ new: JSONValue) -> JSONValue {
    guard case .object(let changes) = new else { return new }
    var members = old?.objectValue ?? [:]
    for (key, value) in changes { members[key] = value == .null ? nil : value }
    return .object(members)
  }
}
