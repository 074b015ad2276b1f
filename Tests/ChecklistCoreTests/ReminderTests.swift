import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Item reminders") struct ReminderTests {
  private static func keys(_ checklist: LaunchChecklist, on day: String) throws -> [String] {
    checklist.reminders(at: try Fixture.noon(day, record: checklist.record)).map { $0.key(of: checklist.launch) }
  }

  /// Five business days before Tuesday 2 March is Tuesday 23 February; three before that is Thursday the 18th.
  @Test(
    "An open item triggers a reminder three business days before it is due, and another one the day after",
    arguments: [
      ("2027-02-17", []), ("2027-02-18", ["due/smart-routing/a/2027-02-23"]),
      ("2027-02-23", ["due/smart-routing/a/2027-02-23"]), ("2027-02-24", ["overdue/smart-routing/a/2027-02-23"]),
      ("2027-04-01", ["overdue/smart-routing/a/2027-02-23"]),
    ])
  func open(today: String, keys: [String]) throws {
    let checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    #expect(try Self.keys(checklist, on: today) == keys)
  }

  @Test("Done items, stopped launches and tier 3 have no reminders") func silent() throws {
    var done = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    try done.act(.done, "a", as: "erin")
    #expect(try Self.keys(done, on: "2027-02-24").isEmpty)
    for status in [LaunchStatus.cancelled, .postponed, .closed] {
      let stopped = Fixture.checklist(Fixture.record(status: status), Fixture.item("a"))
      #expect(try Self.keys(stopped, on: "2027-02-24").isEmpty)
      #expect(stopped.nextReminderDay(after: try Fixture.noon("2027-02-01")) == nil)
    }
    let minor = Fixture.checklist(Fixture.record(tier: .minor), Fixture.item("a"))
    #expect(try Self.keys(minor, on: "2027-02-24").isEmpty)
  }

  @Test("A rescheduled launch has reminders for its new days") func moved() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    #expect(try Self.keys(checklist, on: "2027-02-22") == ["due/smart-routing/a/2027-02-23"])
    let later = Fixture.record(date: Fixture.day("2027-03-30"), version: 2)
    _ = checklist.update(
      to: later, template: Fixture.template(Fixture.item("a")),
      in: LaunchCalendars(of: later.plan, from: CalendarSet([:])))
    #expect(try Self.keys(checklist, on: "2027-02-24").isEmpty)
    #expect(checklist.nextReminderDay(after: try Fixture.noon("2027-02-24")) == Fixture.day("2027-03-18"))
    #expect(try Self.keys(checklist, on: "2027-03-18") == ["due/smart-routing/a/2027-03-23"])
  }

  /// Three business days before Wednesday 10 February is Friday the 5th.
  @Test("A waiver triggers a reminder before it ends; afterwards the item can become overdue")
  func waived() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    try checklist.act(.waive, "a", as: "dana", on: "2027-02-01") { $0.until = Fixture.day("2027-02-10") }
    #expect(try Self.keys(checklist, on: "2027-02-04").isEmpty)
    #expect(try Self.keys(checklist, on: "2027-02-05") == ["waiverexpiring/smart-routing/a/2027-02-10"])
    #expect(try Self.keys(checklist, on: "2027-02-24") == ["overdue/smart-routing/a/2027-02-23"])
    var forever = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    try forever.act(.waive, "a", as: "dana", on: "2027-02-01")
    #expect(try Self.keys(forever, on: "2027-03-01").isEmpty)
  }

  @Test("A reminder goes to the item's owner, or to its function if it has none; an overdue one goes to both")
  func audience()
    throws
  {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("a"))
    let nobody = try #require(checklist.reminders(at: try Fixture.noon("2027-02-18")).first)
    #expect(nobody.people.isEmpty)
    #expect(nobody.functions == [.engineering])
    try checklist.act(.assign, "a", as: "ibrahim") { $0.to = "erin" }
    let due = try #require(checklist.reminders(at: try Fixture.noon("2027-02-18")).first)
    #expect(due.people == ["erin"])
    #expect(due.functions.isEmpty)
    #expect(due.text == "a (Engineering) of Smart routing is due on 2027-02-23")
    let late = try #require(checklist.reminders(at: try Fixture.noon("2027-02-24")).first)
    #expect(late.people == ["erin"])
    #expect(late.functions == [.engineering])
  }

  @Test(
    "Reminders match the board's flags every day, and change on the computed next day", arguments: -8...3)
  func everyDay(offset: Int) throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("a", due: offset), Fixture.item("b", .cs, due: offset - 2, strict: true),
      Fixture.item("c", due: offset))
    try checklist.act(.waive, "c", as: "dana", on: "2027-01-10") { $0.until = Fixture.day("2027-02-20") }
    var expected: LocalDate?
    var before: [String] = []
    for ordinal in Fixture.day("2027-01-25").ordinal...Fixture.day("2027-03-20").ordinal {
      let day = LocalDate(ordinal: ordinal)
      let moment = try Fixture.noon(day.description)
      let reminders = checklist.reminders(at: moment)
      for item in checklist.items where item.state != .waived {
        let kinds = reminders.filter { $0.item == item.reference }.map(\.kind)
        let flags = checklist.standing(of: item, at: moment).flags
        let flagged: [ItemReminder.Kind] =
          flags.contains(.overdue) ? [.overdue] : flags.contains(.dueSoon) ? [.due] : []
        #expect(kinds == flagged, "\(item.name) on \(day)")
      }
      let keys = reminders.map { $0.key(of: checklist.launch) }
      if ordinal > Fixture.day("2027-01-25").ordinal { #expect((keys != before) == (expected == day), "on \(day)") }
      expected = checklist.nextReminderDay(after: moment)
      before = keys
    }
  }
}
