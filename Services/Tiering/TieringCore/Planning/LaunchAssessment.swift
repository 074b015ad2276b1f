public import JSON
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

/// Since when a launch has had each tier or a more demanding one, keyed by the tier's number.
public enum TierHistory {
  /// With the tier in force reached today; a day that was reached before stays, because work begun then was not in vain.
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

  /// The day on which the tier, or a more demanding one, was reached; nil where it was not.
  public static func day(of tier: Tier, in reachedOn: [String: LocalDate]) -> LocalDate? {
    reachedOn[String(tier.rawValue)]
  }
}

/// Changes of a plan's fields.
public enum PlanChange {
  /// The plan's launch file with fields set: members of `facts`, `calendars` and `rollout` are merged, null omits a field or
  /// member again.
  ///
  /// - Throws: `invalid` for a field that is changed by another command.
  public static func document(_ plan: LaunchPlan, setting change: JSONValue) throws(Problem) -> JSONValue {
    guard case .object(let fields) = change else {
      throw .invalid("invalid-change", pointer: "/set", "this must be an object of fields, not \(change.kindName)")
    }
    guard case .object(var members) = try written(plan) else {
      throw .internalError("a launch plan was not written as an object")
    }
    for (key, value) in fields {
      switch key {
      case "launch", "id": throw .invalid("invalid-change", pointer: "/launch", "a launch keeps its id")
      case "date":
        throw .invalid("invalid-change", pointer: "/date", "a date is changed by launch reschedule")
      case "facts", "calendars", "rollout":
        let whole = merged(members[key], value)
        members[key] = whole == .null || whole == .object([:]) && key != "facts" ? nil : whole
      default: members[key] = value == .null ? nil : value
      }
    }
    return .object(members)
  }

  /// The fields that differ, as `owner` or `facts.audience`.
  public static func changed(from old: LaunchPlan, to new: LaunchPlan) throws(Problem) -> [String] {
    let (before, after) = (try written(old), try written(new))
    let fields = LaunchPlan.fields.filter { $0 != "facts" && before[$0] != after[$0] }
    let facts = Facts.fields.filter { before["facts"]?[$0] != after["facts"]?[$0] }
    return fields + facts.map { "facts.\($0)" }
  }

  private static func written(_ plan: LaunchPlan) throws(Problem) -> JSONValue {
    do {
      return try JSONCoding.value(plan)
    } catch {
      throw .internalError("a launch plan cannot be written: \(error)")
    }
  }

  private static func merged(_ old: JSONValue?, _ new: JSONValue) -> JSONValue {
    guard case .object(let changes) = new else { return new }
    var members = old?.objectValue ?? [:]
    for (key, value) in changes { members[key] = value == .null ? nil : value }
    return .object(members)
  }
}
