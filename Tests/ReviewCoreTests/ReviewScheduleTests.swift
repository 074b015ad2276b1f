import LaunchModel
import ReviewCore
import Testing

@Suite("A review opens 30 x 24 hours after the exposure, on a business day")
struct ReviewScheduleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var exposure: String
    var zone = "America/New_York"
    var weekend: Set<Weekday> = [.saturday, .sunday]
    var holidays: [String] = []
    var at: String
    var on: String
    var why: String

    var testDescription: String { "\(exposure) in \(zone): \(why)" }
  }

  /// Computed with Python's zoneinfo and a day-by-day search.
  static let cases = [
    Case(
      exposure: "2027-03-02T14:00:00Z", at: "2027-04-01T14:00:00Z", on: "2027-04-01",
      why: "a business day has the same UTC time across the change to summer time"),
    Case(
      exposure: "2027-03-04T15:30:00Z", at: "2027-04-05T04:00:00Z", on: "2027-04-05",
      why: "a Saturday is postponed to Monday's midnight"),
    Case(
      exposure: "2027-02-06T02:00:00Z", at: "2027-03-08T05:00:00Z", on: "2027-03-08",
      why: "Monday in UTC is still Sunday there"),
    Case(
      exposure: "2027-06-05T16:00:00Z", holidays: ["2027-07-05"], at: "2027-07-06T04:00:00Z", on: "2027-07-06",
      why: "a holiday on Monday is postponed to Tuesday"),
    Case(
      exposure: "2027-03-05T22:30:00Z", zone: "Europe/Warsaw", holidays: ["2027-03-29"], at: "2027-04-04T22:30:00Z",
      on: "2027-04-05", why: "Sunday in UTC is already Monday there"),
    Case(
      exposure: "2027-02-26T23:30:00Z", zone: "Europe/Warsaw", holidays: ["2027-03-29"], at: "2027-03-29T22:00:00Z",
      on: "2027-03-30", why: "Easter Monday there is postponed to Tuesday"),
    Case(
      exposure: "2027-03-03T09:00:00Z", zone: "Africa/Cairo", weekend: [.friday, .saturday], at: "2027-04-03T22:00:00Z",
      on: "2027-04-04", why: "Sunday is a workday if the weekend is Friday and Saturday"),
    Case(
      exposure: "2027-10-02T03:00:00Z", at: "2027-11-01T04:00:00Z", on: "2027-11-01",
      why: "Sunday night is postponed to a midnight in summer time"),
    Case(
      exposure: "2027-03-04T12:00:00Z", zone: "UTC", at: "2027-04-05T00:00:00Z", on: "2027-04-05",
      why: "a time zone without rules"),
  ]

  @Test("The opening equals the independently computed one", arguments: cases)
  func opens(_ sample: Case) throws {
    let calendar = BusinessCalendar(
      weekend: sample.weekend, holidays: Set(try sample.holidays.map(Fixture.date)))
    let opening = ReviewSchedule.opening(
      exposure: try Fixture.time(sample.exposure), calendar: calendar, zone: try ZoneRules(sample.zone))
    #expect(opening == .init(at: try Fixture.time(sample.at), on: try Fixture.date(sample.on)))
  }

  @Test("Marketing is invited, Sales is not")
  func invited() {
    #expect(ReviewSchedule.invited == [.product, .engineering, .marketing, .cs, .support])
  }
}
