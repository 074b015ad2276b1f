public import LaunchModel

/// What a tier's window and its items' lead times allow for a date (product.md, section 1, "Feasibility").
public struct Feasibility: Sendable, Hashable {
  /// The earliest date allowed by the window and every item, moved past the blackouts it would fall into.
  public var earliestDate: LocalDate
  /// What determines the earliest date: the window, items and blackouts.
  public var because: [String]
  /// The shortfall if the date is too early for the window and lead times; nil otherwise. A
  /// blackout causes a conflict, not a shortfall.
  public var shortfall: Shortfall?
  /// Further remarks: a date that has passed, a year without known holidays, a window shorter than recommended.
  public var notes: [String]
}

/// The input for computing feasibility.
public struct PlanningInput: Sendable {
  /// The tier whose window and items apply.
  public var tier: Tier
  /// The local day on which the tier, or a more demanding one, was reached.
  public var reachedOn: LocalDate
  /// The launch date to assess.
  public var date: LocalDate
  /// The current local date.
  public var today: LocalDate
  /// The facts that the conditions of template items depend on.
  public var facts: Facts
  /// The template whose items have the lead times.
  public var template: ChecklistTemplate
  /// The blackouts that apply to the tier, without those the launch is exempted from.
  public var blackouts: [Blackout]
  /// The calendar of each function.
  public var calendar: @Sendable (LaunchFunction) -> BusinessCalendar

  public init(
    tier: Tier, reachedOn: LocalDate, date: LocalDate, today: LocalDate, facts: Facts, template: ChecklistTemplate,
    blackouts: [Blackout] = [], calendar: @escaping @Sendable (LaunchFunction) -> BusinessCalendar
  ) {
    self.tier = tier
    self.reachedOn = reachedOn
    self.date = date
    self.today = today
    self.facts = facts
    self.template = template
    self.blackouts = blackouts
    self.calendar = calendar
  }
}

extension Feasibility {
  /// The window recommended for tiers 0 and 1, in days.
  static let recommendedWindowDays = 42

  public init(_ input: PlanningInput) {
    let windowEnd = input.reachedOn.adding(days: input.tier.minimumWindowDays)
    let leads = Self.leadTimes(input)
    let earliest = leads.map(\.earliest).reduce(windowEnd, max)
    let (free, passed) = Self.firstDay(from: earliest, outside: input.blackouts)
    earliestDate = free
    because = Self.because(input, windowEnd, leads, earliest) + passed.map(Self.description)
    shortfall = input.date < earliest ? Self.shortfall(input, windowEnd, leads, earliest) : nil
    notes = Self.notes(input, isShort: shortfall != nil)
  }

  private static func description(of blackout: Blackout) -> String {
    "the blackout \(blackout.key), \(blackout.from) to \(blackout.to): \(blackout.reason)"
  }

  /// The window and the items that determine the earliest date.
  private static func because(
    _ input: PlanningInput, _ windowEnd: LocalDate, _ leads: [LeadTime], _ earliest: LocalDate
  ) -> [String] {
    let days = input.tier.minimumWindowDays
    let window = days > 0 && windowEnd == earliest ? ["the window of \(days) days from \(input.reachedOn)"] : []
    return window + leads.filter { $0.earliest == earliest }.map { "\($0.item.key) needs \($0.days)" }
  }

  /// The first day on or after the start that is in no blackout, and the blackouts skipped to reach it.
  static func firstDay(from start: LocalDate, outside blackouts: [Blackout]) -> (day: LocalDate, passed: [Blackout]) {
    var (day, passed): (LocalDate, [Blackout]) = (start, [])
    for blackout in blackouts.sorted(by: { $0.from < $1.from }) where blackout.from <= day && day <= blackout.to {
      day = blackout.to.adding(days: 1)
      passed.append(blackout)
    }
    return (day, passed)
  }

  private struct LeadTime {
    var item: TemplateItem
    var earliest: LocalDate

    /// The lead time as text, for example `5 business days`.
    var days: String { item.due.description.replacing(" before", with: "") }
  }

  /// The lead time of each item that applies; empty for tier 3, which has no coordinated process.
  private static func leadTimes(_ input: PlanningInput) -> [LeadTime] {
    guard input.tier < .minor else { return [] }
    return input.template.items.filter { applies($0, input) }.map { item in
      LeadTime(item: item, earliest: earliest(item.due, from: input.reachedOn, in: input.calendar(item.function)))
    }
  }

  /// Whether an item has a lead time: it must be for the tier and due before the launch. A condition
  /// on unknown or omitted facts counts as met.
  private static func applies(_ item: TemplateItem, _ input: PlanningInput) -> Bool {
    guard item.tiers.contains(input.tier), item.due.offset < 0 else { return false }
    return item.applicability?.mayHold(for: input.facts) ?? true
  }

  /// The earliest launch date for which an item's due date is not before `start`, the day on which work can begin.
  static func earliest(_ due: DueRule, from start: LocalDate, in calendar: BusinessCalendar) -> LocalDate {
    let days = -due.offset
    switch due.unit {
    case .calendar: return start.adding(days: days)
    case .business:
      let first = calendar.day(0, from: start)
      let last = days == 1 ? first : calendar.day(days - 1, from: first)
      return last.adding(days: 1)
    }
  }

  private static func shortfall(
    _ input: PlanningInput, _ windowEnd: LocalDate, _ leads: [LeadTime], _ earliest: LocalDate
  ) -> Shortfall {
    var because: [String] = []
    let window = input.tier.minimumWindowDays
    if input.date < windowEnd {
      because.append(
        window == 0
          ? "the date is in the past: before \(input.reachedOn)"
          : "the window of \(window) days from \(input.reachedOn) ends on \(windowEnd)")
    }
    for lead in leads where input.date < lead.earliest {
      because.append("\(lead.item.key) needs \(lead.days), until \(lead.earliest)")
    }
    return Shortfall(days: earliest.ordinal - input.date.ordinal, because: because)
  }

  private static func notes(_ input: PlanningInput, isShort: Bool) -> [String] {
    var notes: [String] = []
    if input.date < input.today { notes.append("the date \(input.date) has passed") }
    let window = input.date.ordinal - input.reachedOn.ordinal
    if input.tier <= .major, !isShort, window < recommendedWindowDays {
      notes.append("\(recommendedWindowDays) days are recommended; this leaves \(window)")
    }
    let functions = LaunchFunction.allCases.filter { !input.calendar($0).covers(input.date) }
    if !functions.isEmpty {
      notes.append(
        "the holidays of \(input.date.components.year) are not known for "
          + "\(functions.map(\.rawValue).joined(separator: ", ")); only weekends are skipped")
    }
    return notes
  }
}
