import ChecklistCore
import LaunchModel
import Testing

@Suite struct InstantiationTests {
  @Test(
    "An item applies to the tiers that it names",
    arguments: [
      (Tier.launchEvent, ["all", "major", "event"]), (.major, ["all", "major"]), (.moderate, ["all"]),
      (.minor, ["all"]),
    ])
  func tiers(tier: Tier, keys: [String]) {
    let checklist = Fixture.checklist(
      Fixture.record(tier: tier), Fixture.item("all"), Fixture.item("major", tiers: [.launchEvent, .major]),
      Fixture.item("event", tiers: [.launchEvent]))
    #expect(checklist.items.map(\.definition.key) == keys)
  }

  @Test(
    "A condition holds unless the fact is stated as false",
    arguments: [
      ([Flag.addsServerCompute: Stated.known(true)], 1), ([.addsServerCompute: .known(false)], 0),
      ([.addsServerCompute: .unknown], 1), ([:], 1), ([.pricing: .known(false)], 1),
    ] as [([Flag: Stated<Bool>], Int)])
  func conditions(flags: [Flag: Stated<Bool>], count: Int) {
    let item = Fixture.item("load-test", condition: .addsServerCompute)
    #expect(Fixture.checklist(Fixture.record(flags: flags), item).items.count == count)
  }

  @Test("An item expands over locales, segments or deal stages")
  func expansion() {
    let checklist = Fixture.checklist(
      Fixture.record(locales: ["en", "de"], segments: ["enterprise"]), Fixture.item("kb", expand: .locales),
      Fixture.item("mail", expand: .segments), Fixture.item("points", expand: .dealStages))
    #expect(
      checklist.items.map(\.name) == [
        "kb/en", "kb/de", "mail/enterprise", "points/prospecting", "points/evaluation", "points/negotiation",
      ])
  }

  @Test("Expanding over an empty list gives one item without an instance")
  func emptyExpansion() {
    let checklist = Fixture.checklist(Fixture.record(segments: []), Fixture.item("mail", expand: .segments))
    #expect(checklist.items.map(\.name) == ["mail"])
  }

  /// Tuesday 2027-03-02; the Monday before is a holiday in the second calendar, and the third has its weekend on Friday
  /// and Saturday.
  @Test(
    "Due days are counted in the function's own calendar",
    arguments: [
      (nil, -5, "2027-02-23"), ("US", -5, "2027-02-22"), ("IL", -1, "2027-03-01"), ("IL", -3, "2027-02-25"),
      (nil, 0, "2027-03-02"), (nil, 1, "2027-03-03"),
    ] as [(String?, Int, String)])
  func dueDays(calendar: String?, offset: Int, expected: String) {
    let known = CalendarSet([
      "US": CalendarDocument(
        key: "US", weekend: [.saturday, .sunday], holidays: [Fixture.day("2027-03-01"): "A holiday"], years: nil),
      "IL": CalendarDocument(key: "IL", weekend: [.friday, .saturday], holidays: [:], years: nil),
    ])
    let record = Fixture.record(calendar: "US", calendars: calendar.map { ["engineering": $0] } ?? ["engineering": "-"])
    let calendars = LaunchCalendars(of: record.plan, from: known)
    let checklist = LaunchChecklist(
      of: record, from: Fixture.template(Fixture.item("a", due: offset)), in: calendars)
    #expect(checklist.items.first?.due == Fixture.day(expected))
    #expect(calendars.unknown.contains(.engineering) == (calendar == nil))
  }

  @Test("The All-Hands item is due on the day of the meeting in the launch file")
  func allHands() {
    var record = Fixture.record()
    record.plan.allHands = Fixture.day("2027-02-25")
    #expect(Fixture.checklist(record, Fixture.item("all-hands", .productOps)).items[0].due == Fixture.day("2027-02-25"))
    record.plan.allHands = Fixture.day("2027-03-04")
    let after = Fixture.checklist(record, Fixture.item("all-hands", .productOps, due: -1)).items[0].due
    #expect(after == Fixture.day("2027-03-01"), "an All-Hands after the launch does not count as the one before it")
  }
}
