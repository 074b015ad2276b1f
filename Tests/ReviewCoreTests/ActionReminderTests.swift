import LaunchModel
import ReviewCore
import Testing

@Suite("Action reminders")
struct ActionReminderTests {
  @Test(
    "The latest due reminder is sent once, on the due date and every week after it",
    arguments: [
      ("2027-04-14", nil, nil), ("2027-04-15", nil, "2027-04-15"), ("2027-04-15", "2027-04-15", nil),
      ("2027-04-21", "2027-04-15", nil), ("2027-04-22", "2027-04-15", "2027-04-22"),
      ("2027-05-31", nil, "2027-05-27"), ("2027-05-31", "2027-05-27", nil), ("2027-06-03", "2027-05-27", "2027-06-03"),
    ] as [(String, String?, String?)])
  func reminders(today: String, last: String?, expected: String?) throws {
    let date = ActionReminder.date(
      due: try Fixture.date("2027-04-15"), today: try Fixture.date(today), last: try last.map(Fixture.date))
    #expect(date == (try expected.map(Fixture.date)))
  }
}

@Suite("Escalation of overdue actions")
struct ActionEscalationTests {
  @Test(
    "The latest due escalation is sent once, on the third business day after the due date and every week after it",
    arguments: [
      // The 15th is a Thursday, and the 19th a holiday: the business days after it are the 16th, the 20th and the 21st.
      ("2027-04-15", nil, nil), ("2027-04-20", nil, nil), ("2027-04-21", nil, "2027-04-21"),
      ("2027-04-22", "2027-04-21", nil), ("2027-04-27", "2027-04-21", nil), ("2027-04-28", "2027-04-21", "2027-04-28"),
      ("2027-05-31", nil, "2027-05-26"), ("2027-05-31", "2027-05-26", nil),
    ] as [(String, String?, String?)])
  func dates(today: String, last: String?, expected: String?) throws {
    let calendar = BusinessCalendar(weekend: [.saturday, .sunday], holidays: [try Fixture.date("2027-04-19")])
    let date = ActionEscalation.date(
      due: try Fixture.date("2027-04-15"), today: try Fixture.date(today), last: try last.map(Fixture.date),
      calendar: calendar)
    #expect(date == (try expected.map(Fixture.date)))
  }

  private static let roster = Roster(people: [
    "priya": Person(name: "Priya Nair", functions: [.support, .cs]),
    "grace": Person(name: "Grace Lee", functions: [.support], lead: [.support]),
    "jonas": Person(name: "Jonas Berg", lead: [.cs]),
    "ibrahim": Person(name: "Ibrahim Chen", functions: [.engineering], lead: [.engineering]),
    "omar": Person(name: "Omar Haddad", functions: [.sales]),
  ])

  @Test(
    "An owner is reminded, and the leads of the owner's functions are notified; or Product Ops if there are none",
    arguments: [
      ("priya", ActionAudience(people: ["priya"]), ActionAudience(people: ["grace", "jonas"])),
      ("ibrahim", ActionAudience(people: ["ibrahim"]), .productOps),
      ("omar", ActionAudience(people: ["omar"]), .productOps),
      ("gone", .productOps, nil), (nil, .productOps, nil),
    ] as [(PersonID?, ActionAudience, ActionAudience?)])
  func audience(owner: PersonID?, reminder: ActionAudience, escalation: ActionAudience?) {
    #expect(ActionAudience.reminder(owner: owner, roster: Self.roster) == reminder)
    #expect(ActionAudience.escalation(owner: owner, roster: Self.roster) == escalation)
  }

  @Test(
    "Before there is a roster, owners are reminded by name, and Product Ops is notified",
    arguments: [nil, Roster()])
  func noRoster(roster: Roster?) {
    #expect(ActionAudience.reminder(owner: "priya", roster: roster) == ActionAudience(people: ["priya"]))
    #expect(ActionAudience.escalation(owner: "priya", roster: roster) == .productOps)
  }
}
