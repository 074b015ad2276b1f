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
