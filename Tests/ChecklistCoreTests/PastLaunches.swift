import ChecklistCore
import Contract
import LaunchModel

/// Past launches made by hand; their date is Tuesday, 2 March 2027, and weekends are the only days off.
enum PastLaunches {
  /// An item's states, each with its day, all with one due day.
  static func item(
    _ definition: TemplateItem, due: String, _ states: (String, ItemState)..., instance: String? = nil,
    refuted: Bool = false
  ) -> ItemCourse {
    ItemCourse(
      definition: definition, instance: instance,
      marks: states.map { day, state in
        let on = Fixture.day(day)
        return ItemCourse.Mark(on: on, state: state, due: Fixture.day(due), doneOn: state == .done ? on : nil)
      }, wasRefuted: refuted)
  }

  static func launch(
    _ number: Int, tier: Tier = .major, known: String = "2027-02-01", shipped: String? = "2027-03-02",
    _ items: [ItemCourse], decisions: [LaunchCourse.DecisionMark] = [], outcome: LaunchOutcome? = nil
  ) -> LaunchCourse {
    var record = Fixture.record(tier: tier)
    record.plan.launch = LaunchID("l\(number)") ?? Fixture.launch
    return LaunchCourse(
      record: record, calendars: LaunchCalendars(of: record.plan, from: CalendarSet([:])), knownOn: Fixture.day(known),
      shippedOn: shipped.map(Fixture.day), today: Fixture.day("2027-04-01"), items: items, decisions: decisions,
      outcome: outcome)
  }

  /// A decision whose reasons against GO are about items.
  static func decision(
    _ kind: DecisionKind, on day: String, against items: [(ItemKey, code: String)] = []
  ) -> LaunchCourse.DecisionMark {
    LaunchCourse.DecisionMark(
      kind: kind, on: Fixture.day(day),
      reasons: items.map { ReadinessReason(code: $0.code, item: $0.0, function: .engineering, detail: "a reason") })
  }

  static func outcome(missed: [String] = [], met: [String] = [], tickets: Int? = nil) -> LaunchOutcome {
    LaunchOutcome(met: met, missed: missed, missedAdoption: missed.contains("adoption"), tickets: tickets)
  }
}
