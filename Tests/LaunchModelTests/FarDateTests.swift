import LaunchModel
import Testing

@Suite("Dates outside the years 0000 to 9999") struct FarDateTests {
  @Test(
    "Dates calculated beyond the four-digit years are written and read back",
    arguments: [
      ("9999-12-31", 1, "+10000-01-01"), ("9999-12-31", 14, "+10000-01-14"), ("0000-01-01", -1, "-00001-12-31"),
      ("9999-12-30", 1, "9999-12-31"), ("9999-12-31", 60, "+10000-02-29"),
    ])
  func beyond(start: String, days: Int, written: String) throws {
    let date = try #require(LocalDate(start)).adding(days: days)
    #expect(date.description == written)
    #expect(LocalDate(written) == date)
    #expect(date.isPlain == (written.count == 10))
  }

  @Test("Every day around the change from four to five digits is read back as written") func everyDay() throws {
    for start in ["9999-06-01", "0000-06-01"] {
      let first = try #require(LocalDate(start))
      for days in -400...400 {
        let date = first.adding(days: days)
        #expect(LocalDate(date.description) == date)
      }
    }
  }

  @Test(
    "Other forms are not dates",
    arguments: ["10000-01-01", "+9999-01-01", "+09999-01-01", "-00000-01-01", "+10000-02-30", "+", "-", "+10000-1-01"])
  func refused(text: String) { #expect(LocalDate(text) == nil) }
}
