import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct StandingTests {
  /// Five business days before Tuesday 2027-03-02 is Tuesday 2027-02-23.
  @Test(
    "A strict item is judged by the day on which it was done",
    arguments: [
      ("2027-02-23", "2027-02-24", ItemStanding.Level.satisfied, nil),
      ("2027-02-24", "2027-02-24", .blocked, "item-too-late"),
    ] as [(String, String, ItemStanding.Level, String?)])
  func strict(held: String, today: String, level: ItemStanding.Level, code: String?) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("demo", .cs, strict: true))
    try checklist.act(.done, "demo", as: "cora", on: today) { $0.on = Fixture.day(held) }
    let standing = checklist.standing(of: checklist.items[0], at: try Fixture.noon(today))
    #expect(standing.level == level)
    #expect(standing.code == code)
  }

  @Test("A demo held only three business days before is too late, until the launch moves or it is waived")
  func tooLateDemo() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("demo", .cs, strict: true))
    try checklist.act(.done, "demo", as: "cora", on: "2027-02-25")
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-25")).flags.contains(.tooLate))
    var moved = checklist
    let later = Fixture.record(date: Fixture.day("2027-03-09"), version: 2)
    _ = moved.update(to: later, template: demoTemplate, in: LaunchCalendars(of: later.plan, from: CalendarSet([:])))
    #expect(moved.standing(of: moved.items[0], at: try Fixture.noon("2027-02-25")).level == .satisfied)
    try checklist.act(.waive, "demo", as: "dana", on: "2027-02-25")
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-25")).level == .satisfied)
  }

  private var demoTemplate: ChecklistTemplate { Fixture.template(Fixture.item("demo", .cs, strict: true)) }

  @Test("A demo that became too late because the launch was moved forward can be repeated in time")
  func repeated() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("demo", .cs, strict: true))
    #expect(throws: Never.self) { try checklist.act(.done, "demo", as: "cora", on: "2027-02-10") }
    #expect(refusal { try checklist.act(.done, "demo", as: "cora", on: "2027-02-10") } == "already-done")
    let sooner = Fixture.record(date: Fixture.day("2027-02-16"), version: 2)
    _ = checklist.update(
      to: sooner, template: demoTemplate, in: LaunchCalendars(of: sooner.plan, from: CalendarSet([:])))
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-11")).code == "item-too-late")
    try checklist.act(.done, "demo", as: "cora", on: "2027-02-11") { $0.on = Fixture.day("2027-02-08") }
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-11")).level == .satisfied)
  }

  @Test("A strict item that is not done by its day is too late and blocked")
  func impossible() throws {
    let checklist = Fixture.checklist(Fixture.record(), Fixture.item("demo", .cs, strict: true))
    let standing = checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-24"))
    #expect(standing.level == .blocked)
    #expect(standing.flags == [.overdue, .atRisk, .tooLate])
  }

  @Test(
    "A done item is stale if its shelf life ends before the launch",
    arguments: [("2027-01-31", 30, false), ("2027-01-30", 30, true), ("2027-01-30", 31, false)])
  func shelfLife(doneOn: String, days: Int, isStale: Bool) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("bench", shelfLife: days))
    try checklist.act(.done, "bench", as: "erin", on: "2027-02-01") { $0.on = Fixture.day(doneOn) }
    let standing = checklist.standing(of: checklist.items[0], at: try Fixture.noon("2027-02-01"))
    #expect(standing.flags.contains(.stale) == isStale)
    #expect((standing.level == .satisfied) == !isStale)
  }

  @Test(
    "A waiver is in force until the day before its end",
    arguments: [("2027-02-09", true), ("2027-02-10", false), ("2027-02-11", false)])
  func waiver(today: String, holds: Bool) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    try checklist.act(.waive, "a", as: "dana", on: "2027-02-01") { $0.until = Fixture.day("2027-02-10") }
    let standing = checklist.standing(of: checklist.items[0], at: try Fixture.noon(today))
    #expect((standing.level == .satisfied) == holds)
    #expect(standing.code == (holds ? nil : "waiver-expired"))
    #expect(standing.flags.contains(.atRisk))
  }

  @Test("A waiver cannot end today or earlier")
  func pastWaiver() {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    let code = refusal {
      try checklist.act(.waive, "a", as: "dana", on: "2027-02-10") { $0.until = Fixture.day("2027-02-10") }
    }
    #expect(code == "unfit-until")
  }

  /// Due on Tuesday 2027-02-23.
  @Test(
    "Overdue, due-soon and at-risk are derived from the day",
    arguments: [
      ("2027-02-17", []), ("2027-02-18", [.dueSoon, .atRisk]), ("2027-02-23", [.dueSoon, .atRisk]),
      ("2027-02-24", [.overdue, .atRisk]),
    ] as [(String, Set<ItemFlag>)])
  func flags(today: String, flags: Set<ItemFlag>) throws {
    let checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    #expect(checklist.standing(of: checklist.items[0], at: try Fixture.noon(today)).flags == flags)
  }

  @Test(
    "The worst blocking item determines a function's readiness",
    arguments: [
      ([ItemState.done, .done], ReadinessState.ready), ([.done, .waived], .ready), ([.done, .notApplicable], .ready),
      ([.open, .done], .onTrack), ([.inReview, .blocked], .blocked), ([.blocked, .done], .blocked),
    ])
  func rollup(states: [ItemState], expected: ReadinessState) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"), Fixture.item("b"))
    for (index, state) in states.enumerated() { checklist.items[index].state = state }
    let functions = checklist.functions(at: try Fixture.noon("2027-02-01"))
    #expect(functions.map(\.state) == [expected])
    #expect(functions[0].waived.count == states.count { $0 == .waived })
    #expect(functions[0].done == states.count { $0 == .done })
  }

  @Test("Advisory items and items due after the launch do not affect readiness")
  func advisory() throws {
    let checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("a", gate: .advisory), Fixture.item("b", due: 14, phase: .after))
    let moment = try Fixture.noon("2027-02-01")
    #expect(checklist.functions(at: moment).map(\.state) == [.ready])
    let reasons = checklist.reasonsAgainstGo(at: moment, isExposed: false)
    #expect(reasons.allSatisfy { $0.item == nil })
  }

  @Test("A function with an unknown calendar has unknown readiness")
  func unknownCalendar() throws {
    let record = Fixture.record(calendar: "XX")
    let checklist = Fixture.checklist(record, Fixture.item("a"))
    let moment = try Fixture.noon("2027-02-01", record: record)
    #expect(checklist.functions(at: moment).map(\.state) == [.unknown])
  }
}
