import Documents
import LaunchModel
import Testing
import TieringCore

@Suite("Feasibility") struct FeasibilityTests {
  static func date(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

  static func feasibility(
    _ tier: Tier, reachedOn: String, date: String, today: String? = nil, calendar: BusinessCalendar = .standard,
    template: ChecklistTemplate? = nil, blackouts: [Blackout] = []
  ) throws -> Feasibility {
    Feasibility(
      PlanningInput(
        tier: tier, reachedOn: try Self.date(reachedOn), date: try Self.date(date),
        today: try Self.date(today ?? reachedOn), facts: Facts(kinds: [.newFeature]),
        template: try template ?? BuiltIn.checklistTemplate(), blackouts: blackouts, calendar: { _ in calendar }))
  }

  /// 2027-02-01 is a Monday.
  @Test(
    "The window counts from the day on which the tier was reached",
    arguments: [
      (Tier.launchEvent, "2027-03-01"), (.major, "2027-03-01"), (.moderate, "2027-02-15"), (.minor, "2027-02-01"),
    ])
  func window(_ tier: Tier, _ earliest: String) throws {
    let answer = try Self.feasibility(tier, reachedOn: "2027-02-01", date: "2027-06-01")
    #expect(answer.earliestDate.description == earliest)
    #expect(answer.shortfall == nil)
  }

  @Test("An earlier date has a shortfall with its reasons") func shortfall() throws {
    let answer = try Self.feasibility(.moderate, reachedOn: "2027-02-01", date: "2027-02-05")
    let shortfall = try #require(answer.shortfall)
    #expect(answer.because == ["the window of 14 days from 2027-02-01"])
    #expect(shortfall.days == 10)
    #expect(
      shortfall.because == [
        "the window of 14 days from 2027-02-01 ends on 2027-02-15",
        "success-metrics needs 7 business days, until 2027-02-10",
        "internal-demo needs 5 business days, until 2027-02-06",
      ])
  }

  @Test("A date in the past is named as the reason even without a window") func past() throws {
    let answer = try Self.feasibility(.minor, reachedOn: "2027-02-01", date: "2027-01-29")
    #expect(answer.shortfall?.days == 3)
    #expect(answer.shortfall?.because.first == "the date is in the past: before 2027-02-01")
    #expect(answer.notes.first == "the date 2027-01-29 has passed")
    #expect(try Self.feasibility(.minor, reachedOn: "2027-02-01", date: "2027-02-01").shortfall == nil)
  }

  @Test("An item with a longer lead time than the window moves the earliest date, in its own calendar") func leadTime()
    throws
  {
    let item = TemplateItem(
      key: "press", title: "t", section: "s", function: .marketing, tiers: [.moderate],
      due: DueRule(offset: -12, unit: .business), why: "w")
    let template = ChecklistTemplate(version: 1, items: [item])
    let plain = try Self.feasibility(.moderate, reachedOn: "2027-02-01", date: "2027-02-10", template: template)
    #expect(plain.earliestDate.description == "2027-02-17")
    #expect(plain.shortfall?.because.last == "press needs 12 business days, until 2027-02-17")
    let holidays = BusinessCalendar(weekend: [.saturday, .sunday], holidays: [try Self.date("2027-02-15")])
    let later = try Self.feasibility(
      .moderate, reachedOn: "2027-02-01", date: "2027-02-10", calendar: holidays, template: template)
    #expect(later.earliestDate.description == "2027-02-18")
  }

  @Test("The earliest date is the first on which no item was due before the start") func earliestIsFirst() throws {
    let template = try BuiltIn.checklistTemplate()
    let calendar = try #require(BuiltIn.calendars["US"]).business
    for start in 0..<60 {
      let reachedOn = try Self.date("2027-05-20").adding(days: start)
      let input = PlanningInput(
        tier: .launchEvent, reachedOn: reachedOn, date: reachedOn, today: reachedOn, facts: Facts(kinds: [.flagship]),
        template: template, calendar: { _ in calendar })
      let earliest = Feasibility(input).earliestDate
      let before = template.items.filter { $0.tiers.contains(.launchEvent) && $0.due.offset < 0 }
      func isPossible(_ date: LocalDate) -> Bool {
        date >= reachedOn.adding(days: 28) && before.allSatisfy { $0.due.date(launch: date, in: calendar) >= reachedOn }
      }
      #expect(isPossible(earliest))
      #expect(!isPossible(earliest.adding(days: -1)))
    }
  }

  @Test("Notes name a past date, a short window and a year without holidays") func notes() throws {
    let past = try Self.feasibility(.minor, reachedOn: "2027-02-01", date: "2027-01-01")
    #expect(past.notes == ["the date 2027-01-01 has passed"])
    let narrow = try Self.feasibility(.major, reachedOn: "2027-02-01", date: "2027-03-03")
    #expect(narrow.notes == ["42 days are recommended; this leaves 30"])
    let calendar = try #require(BuiltIn.calendars["US"]).business
    let far = try Self.feasibility(.minor, reachedOn: "2027-02-01", date: "2040-03-03", calendar: calendar)
    #expect(far.notes.count == 1)
    #expect(far.notes.first?.contains("2040") == true)
  }

  @Test("A tier that was reached stays reached, even if it changes back and forth") func tierHistory() throws {
    let first = TierHistory.reaching(.major, on: try Self.date("2027-02-01"))
    let lowered = TierHistory.reaching(.minor, on: try Self.date("2027-02-05"), after: first)
    let raised = TierHistory.reaching(.launchEvent, on: try Self.date("2027-02-09"), after: lowered)
    #expect(TierHistory.day(of: .major, in: raised)?.description == "2027-02-01")
    #expect(TierHistory.day(of: .moderate, in: raised)?.description == "2027-02-01")
    #expect(TierHistory.day(of: .launchEvent, in: raised)?.description == "2027-02-09")
  }

  private static func blackout(_ key: String, _ from: String, _ to: String) throws -> Blackout {
    Blackout(
      key: try #require(LaunchID(key)), from: try date(from), to: try date(to), reason: "freeze", by: "dana",
      at: Timestamp(microseconds: 0))
  }

  @Test("The earliest date skips consecutive blackouts") func blackouts() throws {
    let blackouts = [
      try Self.blackout("second", "2027-02-18", "2027-02-20"), try Self.blackout("first", "2027-02-14", "2027-02-17"),
      try Self.blackout("later", "2027-02-22", "2027-02-28"), try Self.blackout("past", "2027-02-01", "2027-02-14"),
    ]
    let answer = try Self.feasibility(.moderate, reachedOn: "2027-02-01", date: "2027-02-15", blackouts: blackouts)
    #expect(answer.earliestDate.description == "2027-02-21")
    #expect(answer.shortfall == nil, "a date in a blackout is a conflict, not a shortfall")
    #expect(
      answer.because == [
        "the window of 14 days from 2027-02-01", "the blackout first, 2027-02-14 to 2027-02-17: freeze",
        "the blackout second, 2027-02-18 to 2027-02-20: freeze",
      ])
  }
}
