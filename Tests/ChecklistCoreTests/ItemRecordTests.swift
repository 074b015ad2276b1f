import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Records of items") struct ItemRecordTests {
  /// Due five business days before 2 March: on 23 February.
  private static let qa = Fixture.item("qa", tiers: [.major])
  private static let due = "2027-02-23"

  private static func record(_ launches: [LaunchCourse], _ items: TemplateItem...) throws -> ItemRecord {
    let template = ChecklistTemplate(version: 1, items: items.isEmpty ? [qa] : items)
    return try #require(TemplateExperience(launches).records(for: template).first)
  }

  /// Five launches: in time, late, reopened, waived, and never done.
  private static let five = [
    PastLaunches.launch(
      1,
      [
        PastLaunches.item(
          qa, due: due, ("2027-02-01", .open), ("2027-02-15", .inProgress), ("2027-02-18", .done))
      ]),
    PastLaunches.launch(
      2, [PastLaunches.item(qa, due: due, ("2027-02-01", .open), ("2027-02-24", .done))],
      outcome: PastLaunches.outcome(missed: ["adoption"], met: ["tickets"], tickets: 30)),
    PastLaunches.launch(
      3,
      [
        PastLaunches.item(
          qa, due: due, ("2027-02-01", .open), ("2027-02-10", .done), ("2027-02-25", .open), ("2027-03-01", .done))
      ]),
    PastLaunches.launch(
      4, [PastLaunches.item(qa, due: due, ("2027-02-01", .open), ("2027-02-22", .waived))],
      outcome: PastLaunches.outcome(missed: ["csat"], tickets: 20)),
    PastLaunches.launch(
      5,
      [
        PastLaunches.item(
          qa, due: due, ("2027-02-01", .open), ("2027-02-16", .blocked), ("2027-02-17", .open))
      ],
      decisions: [
        PastLaunches.decision(.noGo, on: "2027-02-26", against: [("qa", code: "item-not-done")]),
        PastLaunches.decision(.go, on: "2027-03-01", against: [("qa", code: "item-not-done")]),
      ], outcome: PastLaunches.outcome(met: ["adoption"], tickets: 10)),
  ]

  @Test("A record counts the launches on which something happened to the item")
  func counts() throws {
    let record = try Self.record(Self.five)
    #expect(record.launches == 5 && record.instances == 5 && record.isCurrent && !record.tooFew)
    #expect(record.late == 2, "done on 24 February, and never done")
    #expect(record.waived == 1 && record.notApplicable == 0)
    #expect(record.reopened == 1 && record.reopenedLate == 1)
    #expect(record.failed == 1, "blocked for a day")
    #expect(record.stopped == 1 && record.overridden == 1)
  }

  @Test("Lead times run from the start of work, or else from when the launch got the item, in business days")
  func leadTimes() throws {
    let lead = try #require(try Self.record(Self.five).leadTime)
    // 15 to 18 February: 3 days; 1 to 10 February: 7; 1 to 24 February: 17.
    #expect(lead == ItemRecord.LeadTime(n: 3, median: 7, high: 17))
    let two = try #require(try Self.record(Array(Self.five.prefix(2))).leadTime)
    #expect(two == ItemRecord.LeadTime(n: 2, median: 10, high: 17))
  }

  @Test("Outcomes are counted for all measured launches, and for those on which the item was in trouble")
  func followed() throws {
    let followed = try Self.record(Self.five).followed
    #expect(followed.measured == 3 && followed.missed == 2)
    #expect(followed.troubled == 3 && followed.troubledMissed == 2)
    #expect(followed.tickets == 20)
  }

  @Test("Instances of one launch count as one launch")
  func instances() throws {
    let kb = Fixture.item("kb", .support, tiers: [.major], expand: .locales)
    let launch = PastLaunches.launch(
      1,
      [
        PastLaunches.item(kb, due: Self.due, ("2027-02-01", .open), ("2027-02-24", .done), instance: "de"),
        PastLaunches.item(kb, due: Self.due, ("2027-02-01", .open), ("2027-02-25", .done), instance: "en"),
        PastLaunches.item(kb, due: Self.due, ("2027-02-01", .open), ("2027-02-02", .voided), instance: "fr"),
      ])
    let record = try Self.record([launch], kb)
    #expect(record.launches == 1 && record.instances == 2 && record.late == 1 && record.tooFew)
    // Of several instances the longest counts: 1 to 25 February.
    #expect(record.leadTime == ItemRecord.LeadTime(n: 1, median: 18, high: 18))
  }

  @Test(
    "An item stops a launch if it is due or failing and a reason for NO-GO or hold, or makes a GO stale",
    arguments: [
      (DecisionKind.noGo, "2027-02-22", "item-not-done", false), (.noGo, "2027-02-23", "item-not-done", true),
      (.noGo, "2027-02-10", "item-blocked", true), (.hold, "2027-02-24", "item-not-done", true),
      (.go, "2027-02-24", "item-not-done", false),
    ])
  func stops(kind: DecisionKind, day: String, code: String, isStop: Bool) throws {
    let launch = PastLaunches.launch(
      1, [PastLaunches.item(Self.qa, due: Self.due, ("2027-02-01", .open))],
      decisions: [PastLaunches.decision(kind, on: day, against: [("qa", code: code)])])
    #expect(try Self.record([launch]).stopped == (isStop ? 1 : 0))
    var stale = PastLaunches.decision(.go, on: day)
    stale.staleOn = Fixture.day("2027-03-02")
    stale.staleReasons = [ReadinessReason(code: "item-reopened", item: "qa", detail: "reopened")]
    let course = PastLaunches.launch(
      1, [PastLaunches.item(Self.qa, due: Self.due, ("2027-02-01", .open))], decisions: [stale])
    #expect(try Self.record([course]).stopped == 1)
  }

  @Test("Items that the template no longer has come after its own items if any launch had them")
  func former() {
    let old = Fixture.item("old", tiers: [.major])
    let launch = PastLaunches.launch(
      1, [PastLaunches.item(old, due: Self.due, ("2027-02-01", .open), ("2027-02-02", .done))])
    let records = TemplateExperience([launch]).records(for: ChecklistTemplate(version: 1, items: [Self.qa]))
    #expect(records.map(\.key) == ["qa", "old"])
    #expect(records.map(\.isCurrent) == [true, false])
    #expect(records.map(\.launches) == [0, 1])
  }

  // MARK: Suggestions

  private static func suggestions(
    _ launches: [LaunchCourse], _ items: TemplateItem...
  ) -> TemplateSuggestions {
    TemplateExperience(launches).suggestions(for: ChecklistTemplate(version: 3, items: items))
  }

  /// Launches on which an item was done in time.
  private static func quiet(_ item: TemplateItem, _ count: Int) -> [LaunchCourse] {
    (0..<count).map {
      PastLaunches.launch(
        $0, [PastLaunches.item(item, due: due, ("2027-02-01", .open), ("2027-02-05", .done))])
    }
  }

  @Test("An item that never helped is made advisory, and an advisory one removed; five launches are needed")
  func neverHelped() throws {
    let blocking = Self.suggestions(Self.quiet(Self.qa, 5), Self.qa)
    let suggestion = try #require(blocking.suggestions.first)
    #expect(suggestion.kind == .neverHelped && suggestion.n == 5 && suggestion.count == 0)
    #expect(suggestion.change.replace.map(\.gate) == [.advisory] && suggestion.change.baseVersion == 3)
    // The upper end of the 95% Wilson interval for 0 of 5.
    let atMost = try #require(suggestion.atMost)
    #expect(abs(atMost - 0.4345) < 0.000_1)
    #expect(suggestion.text.contains("none of 5 launches"))
    let advisory = Fixture.item("qa", tiers: [.major], gate: .advisory)
    let removal = Self.suggestions(Self.quiet(advisory, 5), advisory, Fixture.item("other", tiers: [.major]))
    #expect(removal.suggestions.map(\.change.remove) == [["qa"]])
    let few = Self.suggestions(Self.quiet(Self.qa, 4), Self.qa)
    #expect(few.suggestions.isEmpty && few.tooFew == ["qa"] && few.launches == 4)
  }

  @Test("An item with a single sign of usefulness does not count as never having helped")
  func helped() {
    let signs: [LaunchCourse] = [
      PastLaunches.launch(
        9, [PastLaunches.item(Self.qa, due: Self.due, ("2027-02-01", .open), ("2027-02-24", .done))]),
      PastLaunches.launch(
        9, [PastLaunches.item(Self.qa, due: Self.due, ("2027-02-01", .open), ("2027-02-02", .done), refuted: true)]),
      PastLaunches.launch(
        9, [PastLaunches.item(Self.qa, due: Self.due, ("2027-02-01", .open), ("2027-02-02", .done))],
        decisions: [PastLaunches.decision(.hold, on: "2027-02-24", against: [("qa", code: "item-stale")])]),
    ]
    for sign in signs {
      let found = Self.suggestions(Self.quiet(Self.qa, 7) + [sign], Self.qa).suggestions
      #expect(!found.contains { $0.kind == .neverHelped })
    }
  }

  @Test("A change that would make the template invalid is not suggested")
  func invalid() {
    let everywhere = Fixture.item("qa")
    #expect(Self.suggestions(Self.quiet(everywhere, 5), everywhere).suggestions.isEmpty, "tier 3 needs a blocking item")
    let advisory = Fixture.item("qa", tiers: [.major], gate: .advisory)
    let dependent = Fixture.item("demo", tiers: [.major], due: -1, dependencies: ["qa"])
    #expect(Self.suggestions(Self.quiet(advisory, 5), advisory, dependent).suggestions.isEmpty)
  }

  @Test("Launches that had the item with another due rule or gate do not count")
  func present() {
    let moved = Fixture.item("qa", tiers: [.major], due: -3)
    #expect(Self.suggestions(Self.quiet(Self.qa, 5), moved).tooFew == ["qa"])
  }

  /// Launches with an item due two business days before, on 26 February; work starts on 15 February.
  private static func started(done days: [String]) -> (TemplateItem, [LaunchCourse]) {
    let item = Fixture.item("qa", tiers: [.major], due: -2)
    let launches = days.enumerated().map { number, day in
      PastLaunches.launch(
        number,
        [
          PastLaunches.item(
            item, due: "2027-02-26", ("2027-02-01", .open), ("2027-02-15", .inProgress), (day, .done))
        ])
    }
    return (item, launches)
  }

  @Test("An offset shorter than the 80% lead time is lengthened to it if the item is late more than once in five")
  func dueTooLate() throws {
    // 3, 4, 6, 10 and 11 business days from 15 February; the last two after 26 February.
    let (item, launches) = Self.started(done: ["2027-02-18", "2027-02-19", "2027-02-23", "2027-03-01", "2027-03-02"])
    let suggestion = try #require(Self.suggestions(launches, item).suggestions.first)
    #expect(suggestion.kind == .dueTooLate && suggestion.n == 5 && suggestion.count == 2)
    #expect(suggestion.change.replace.map(\.due) == [DueRule(offset: -10, unit: .business)])
    let (same, once) = Self.started(done: ["2027-02-18", "2027-02-19", "2027-02-23", "2027-02-26", "2027-03-02"])
    #expect(Self.suggestions(once, same).suggestions.isEmpty, "late on one of five")
  }

  @Test("An offset of more than twice the 80% lead time is shortened if the item was never late")
  func dueTooEarly() throws {
    // Due on 9 February, 15 business days before; it was rejected once, so it is of use.
    let item = Fixture.item("qa", tiers: [.major], due: -15)
    let launches = (0..<5).map { number in
      PastLaunches.launch(
        number,
        [
          PastLaunches.item(
            item, due: "2027-02-09", ("2027-02-01", .open), ("2027-02-04", .done), refuted: number == 0)
        ])
    }
    let suggestion = try #require(Self.suggestions(launches, item).suggestions.first)
    #expect(suggestion.kind == .dueTooEarly)
    #expect(suggestion.change.replace.map(\.due) == [DueRule(offset: -3, unit: .business)])
  }

  @Test("An item that is reopened shortly before more than one launch in five becomes due when that happens")
  func doneTooEarly() throws {
    let item = Fixture.item("qa", tiers: [.major], due: -10)
    func launch(_ number: Int, reopened day: String?) -> LaunchCourse {
      var course = PastLaunches.item(item, due: "2027-02-16", ("2027-02-01", .open), ("2027-02-12", .done))
      if let day {
        let (on, due) = (Fixture.day(day), Fixture.day("2027-02-16"))
        course.marks.append(ItemCourse.Mark(on: on, state: .open, due: due))
        course.marks.append(ItemCourse.Mark(on: on, state: .done, due: due, doneOn: on))
      }
      return PastLaunches.launch(number, [course])
    }
    // Reopened three and two business days before 2 March; 15 February is eleven before, which is not late.
    let two = [nil, "2027-02-15", "2027-02-25", "2027-02-26", nil].enumerated().map { launch($0, reopened: $1) }
    let suggestion = try #require(Self.suggestions(two, item).suggestions.first)
    #expect(suggestion.kind == .doneTooEarly && suggestion.count == 2 && suggestion.n == 5)
    #expect(suggestion.change.replace.map(\.due) == [DueRule(offset: -2, unit: .business)])
    let one = [nil, "2027-02-15", "2027-02-25", nil, nil].enumerated().map { launch($0, reopened: $1) }
    #expect(!Self.suggestions(one, item).suggestions.contains { $0.kind == .doneTooEarly })
  }
}
