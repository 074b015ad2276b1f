import LaunchModel
import Testing

@Suite("Due rules and business days") struct DueRuleTests {
  @Test(
    "A due rule is read and written in the format of files",
    arguments: [
      ("5 business days before", DueRule(offset: -5, unit: .business)),
      ("1 business day after", DueRule(offset: 1, unit: .business)),
      ("14 days after", DueRule(offset: 14, unit: .calendar)), ("launch day", DueRule(offset: 0, unit: .business)),
      ("launch date", DueRule(offset: 0, unit: .calendar)), ("1 day before", DueRule(offset: -1, unit: .calendar)),
    ])
  func text(_ text: String, _ rule: DueRule) {
    #expect(DueRule(text) == rule)
    #expect(rule.description == text)
  }

  @Test(
    "Other text is not a due rule",
    arguments: ["", "soon", "5 days", "-5 days before", "5 weeks before", "five days before"])
  func badText(_ text: String) { #expect(DueRule(text) == nil) }

  /// 2027-03-02 is a Tuesday, 2027-02-27 a Saturday.
  @Test(
    "Business days are counted strictly before and after a day, and 0 rolls forward",
    arguments: [
      ("2027-03-02", -1, "2027-03-01"), ("2027-03-02", -2, "2027-02-26"), ("2027-03-02", -5, "2027-02-23"),
      ("2027-03-02", 0, "2027-03-02"), ("2027-02-27", 0, "2027-03-01"), ("2027-02-27", 1, "2027-03-01"),
      ("2027-02-27", -1, "2027-02-26"), ("2027-03-05", 1, "2027-03-08"),
    ])
  func businessDays(_ launch: String, _ offset: Int, _ due: String) throws {
    let date = try #require(LocalDate(launch))
    #expect(DueRule(offset: offset, unit: .business).date(launch: date, in: .standard).description == due)
  }

  @Test("Counting business days is the inverse of adding them") func inverse() throws {
    let from = try #require(LocalDate("2027-02-27"))
    for offset in -30...30 where offset != 0 {
      let day = BusinessCalendar.standard.day(offset, from: from)
      let counted = BusinessCalendar.standard.businessDays(from: from, to: day)
      #expect(counted == offset)
    }
  }

  @Test("A calendar without working days treats every day as one") func noWorkingDay() throws {
    let date = try #require(LocalDate("2027-03-02"))
    #expect(BusinessCalendar(weekend: Set(Weekday.allCases)).day(3, from: date).description == "2027-03-05")
  }
}
