import Documents
import JSON
import LaunchModel
import TestSupport
import Testing

@Suite("Built-in documents") struct BuiltInTests {
  @Test("The template is complete and survives being written and read") func template() throws {
    let template = try BuiltIn.checklistTemplate()
    #expect(template.version == 1)
    #expect(template.items.count == 27)
    #expect(template.items.allSatisfy { !$0.why.isEmpty })
    #expect(try ChecklistTemplate(reading: template.document) == template)
    #expect(try JSONCoding.decode(ChecklistTemplate.self, from: try JSONCoding.encode(template)) == template)
  }

  /// Counted by hand from product.md, section 2, before expansion.
  @Test(
    "Each tier has the framework's items",
    arguments: [(Tier.launchEvent, 27), (.major, 22), (.moderate, 7), (.minor, 2)])
  func itemsOfTier(_ tier: Tier, _ count: Int) throws {
    #expect(try BuiltIn.checklistTemplate().items.count { $0.tiers.contains(tier) } == count)
  }

  @Test("The internal demo is strict and due 5 business days before") func internalDemo() throws {
    let demo = try #require(try BuiltIn.checklistTemplate().items.first { $0.key == "internal-demo" })
    #expect(demo.strict)
    #expect(demo.due == DueRule(offset: -5, unit: .business))
    #expect(demo.tiers == [.launchEvent, .major, .moderate])
  }

  @Test("Calendars for 20 regions are built in") func regions() {
    #expect(BuiltIn.calendars.count == 20)
    #expect(BuiltIn.calendars["IL"]?.weekend == [.friday, .saturday])
  }

  @Test(
    "Every holiday of the source is included",
    .enabled(if: TestData.isAvailable, Comment(rawValue: TestData.unavailable)))
  func holidays() throws {
    let rows = try TestData.rows("bizdays/holidays.csv")
    #expect(rows.count == 2097)
    for row in rows {
      let key = [row["country"], row["subdiv"]].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "-")
      let date = try #require(LocalDate(row["date"] ?? ""))
      #expect(BuiltIn.calendars[key]?.holidays[date] == row["name"])
    }
    #expect(BuiltIn.calendars.values.map(\.holidays.count).reduce(0, +) == rows.count)
  }

  @Test(
    "Business days match numpy, dateutil and a day-by-day count",
    .enabled(if: TestData.isAvailable, Comment(rawValue: TestData.unavailable)))
  func businessDays() throws {
    let rows = try TestData.rows("bizdays/cases.csv")
    #expect(rows.count == 150)
    for row in rows {
      let key = [row["country"], row["subdiv"]].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "-")
      let region = try #require(BuiltIn.calendars[key])
      let mask = zip(Weekday.allCases, row["weekmask_mon_sun"] ?? "").filter { $0.1 == "0" }.map(\.0)
      let calendar = BusinessCalendar(
        weekend: Set(mask), holidays: row["holidays"] == "on" ? Set(region.holidays.keys) : [])
      let date = try #require(LocalDate(row["date"] ?? ""))
      let offset = try #require(Int(row["offset"] ?? ""))
      #expect(calendar.day(offset, from: date).description == row["expected"], "\(row)")
      #expect(region.weekend == Set(mask))
    }
  }
}
