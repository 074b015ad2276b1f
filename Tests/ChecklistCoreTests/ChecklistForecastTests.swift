import ChecklistCore
import Contract
import LaunchModel
import Testing

/// The forecast of a launch with its items and their course. The launch date is Tuesday, 2 March 2027.
@Suite struct ChecklistForecastTests {
  /// Five launches on which each item took two business days.
  private static let model = DurationModel(
    (1...5).flatMap { number in
      ["first", "second", "third", "fourth"].compactMap { key in
        LaunchID("past-\(number)").map { RecordedDuration(ItemWork(key, .engineering), launch: $0, days: 2) }
      }
    })

  /// The launch's forecast on a day, given which of its items has had which states.
  private static func forecast(
    _ checklist: LaunchChecklist, _ courses: [ItemCourse] = [], on day: String = "2027-02-08",
    by model: DurationModel = model
  ) throws -> ForecastView? {
    var course = PastLaunches.launch(1, known: "2027-02-01", shipped: nil, courses)
    course.today = Fixture.day(day)
    return checklist.forecast(at: try Fixture.noon(day, record: checklist.record), course: course, by: model)
  }

  @Test("Done and waived items and items due after the launch are ignored; the others are named")
  func drivers() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("first"), Fixture.item("second"), Fixture.item("third"),
      Fixture.item("later", due: 3, phase: .after))
    try checklist.act(.done, "first", as: "erin")
    try checklist.act(.waive, "second", as: "dana")
    // A business day before the launch, so that the third can be late.
    let forecast = try #require(try Self.forecast(checklist, on: "2027-03-01"))
    #expect(forecast.drivers.map(\.item) == ["third"] && forecast.launches == 5 && forecast.note == nil)
    let gain = try #require(forecast.drivers.first?.gain)
    #expect(forecast.chance < 0.9 && abs(forecast.chance + gain - 1) < 0.002)
    try checklist.act(.waive, "third", as: "dana")
    let ready = try #require(try Self.forecast(checklist, on: "2027-03-01"))
    #expect(ready.chance == 1 && ready.drivers.isEmpty && ready.high == Fixture.day("2027-03-01"))
  }

  @Test("At most three items are named, with the greatest gain first")
  func three() throws {
    let checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("first"), Fixture.item("second"), Fixture.item("third"), Fixture.item("fourth"))
    let forecast = try #require(try Self.forecast(checklist, on: "2027-02-26"))
    #expect(forecast.drivers.count == 3)
    #expect(forecast.drivers.map(\.gain) == forecast.drivers.map(\.gain).sorted(by: >))
  }

  @Test("If a waiver or shelf life ends before the launch, the item still has to be done")
  func temporary() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("first"), Fixture.item("second", shelfLife: 10))
    try checklist.act(.waive, "first", as: "dana") { $0.until = Fixture.day("2027-02-20") }
    try checklist.act(.done, "second", as: "erin")
    let forecast = try #require(try Self.forecast(checklist, on: "2027-03-01"))
    #expect(Set(forecast.drivers.map(\.item)) == ["first", "second"])
    // Done again before 20 February, it would be too old on the launch date.
    let early = try #require(try Self.forecast(checklist, on: "2027-02-08"))
    #expect(early.low >= Fixture.day("2027-02-20"))
  }

  @Test("A strict item whose deadline has passed leaves no chance, whatever its duration")
  func strict() throws {
    let checklist = Fixture.checklist(Fixture.record(), Fixture.item("first", due: -5, strict: true))
    // Due on Tuesday, 23 February.
    let late = try #require(try Self.forecast(checklist, on: "2027-02-24"))
    #expect(late.chance == 0)
    let early = try #require(try Self.forecast(checklist, on: "2027-02-08"))
    #expect(early.chance > 0.9)
  }

  @Test("An item in review or blocked is judged by that part of its work")
  func parts() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("first"))
    let open = try #require(try Self.forecast(checklist, on: "2027-02-26"))
    try checklist.act(.block, "first", as: "erin")
    let course = PastLaunches.item(
      Fixture.item("first"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-26", .blocked))
    let blocked = try #require(try Self.forecast(checklist, [course], on: "2027-02-26"))
    // Without any record of blocked items, four business days are assumed instead of two.
    #expect(blocked.chance < open.chance && blocked.median > open.median)
  }

  @Test("An item's open time counts from when the launch had it and its dependencies were done")
  func elapsed() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("first"), Fixture.item("second", dependencies: ["first"]))
    try checklist.act(.done, "first", as: "erin", on: "2027-02-26")
    let first = PastLaunches.item(
      Fixture.item("first"), due: "2027-02-23", ("2027-02-01", .open), ("2027-02-26", .done))
    let second = PastLaunches.item(
      Fixture.item("second", dependencies: ["first"]), due: "2027-02-23", ("2027-02-01", .open))
    let fresh = try #require(try Self.forecast(checklist, [first, second], on: "2027-02-26"))
    #expect(fresh.median <= Fixture.day("2027-03-03"))
    let alone = Fixture.checklist(Fixture.record(), Fixture.item("second"))
    let old = PastLaunches.item(Fixture.item("second"), due: "2027-02-23", ("2027-02-01", .open))
    // Open for 19 business days, it is one of those that take much longer than usual.
    let stuck = try #require(try Self.forecast(alone, [old], on: "2027-02-26"))
    #expect(stuck.median > fresh.median)
  }

  @Test("With fewer than five launches, the forecast says that there is too little history")
  func little() throws {
    let checklist = Fixture.checklist(Fixture.record(), Fixture.item("first"))
    let forecast = try #require(try Self.forecast(checklist, by: DurationModel([])))
    #expect(forecast.launches == 0)
    #expect(forecast.note == "too little history: 0 of the 5 launches needed; most durations are assumed")
  }

  @Test("There is no forecast for a launch that customers have or that is not running")
  func none() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("first"))
    #expect(try Self.forecast(checklist) != nil)
    checklist.record.status = .postponed
    #expect(try Self.forecast(checklist) == nil)
    checklist.record.status = .live
    checklist.exposedSince = Fixture.at("2027-02-05T12:00:00Z")
    #expect(try Self.forecast(checklist) == nil)
  }
}
