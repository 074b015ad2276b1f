import ChecklistCore
import LaunchModel
import Testing

@Suite("Double bookings") struct BookingTests {
  private static func launch(_ id: String, placed: Int, date: String = "2027-03-02") throws -> BookedLaunch {
    BookedLaunch(
      launch: try #require(LaunchID(id)), tier: .major, date: Fixture.day(date),
      placedAt: Timestamp(microseconds: Int64(placed)))
  }

  private static func work(
    _ who: String, _ launch: String, week: String = "2027-02-22", items: Int = 1
  ) throws -> BookedWork {
    BookedWork(who: who, week: Fixture.day(week), launch: try #require(LaunchID(launch)), items: items)
  }

  private static func told(_ list: ConflictList) -> [String] {
    list.conflicts.map { "\($0.conflict.launch) \($0.conflict.kind.rawValue) \($0.conflict.other)" }
  }

  @Test("a person with open items of two launches in one week") func person() throws {
    var finder = BookingFinder([try Self.launch("a", placed: 1), try Self.launch("b", placed: 2)])
    finder.add(
      .samePerson,
      [
        try Self.work("mia", "a", items: 2), try Self.work("mia", "b"), try Self.work("cora", "a", week: "2027-03-01"),
        try Self.work("cora", "b", week: "2027-03-08"),
      ])
    let list = finder.list(ConflictFilter())
    #expect(Self.told(list) == ["b same-person a"])
    #expect(
      list.conflicts.first?.conflict.reason
        == "mia has 1 open item due in the week of 2027-02-22, and is booked by a (2)")
  }

  @Test("of several launches each later one is charged once, with the first one") func several() throws {
    var finder = BookingFinder([
      try Self.launch("a", placed: 3), try Self.launch("b", placed: 1),
      try Self.launch("c", placed: 2, date: "2027-03-01"),
    ])
    finder.add(.sameFunction, try ["a", "b", "c", "gone"].map { try Self.work("Marketing", $0) })
    #expect(Self.told(finder.list(ConflictFilter())) == ["c same-function b", "a same-function b"])
    let limited = finder.list(ConflictFilter(limit: 1))
    #expect(Self.told(limited) == ["c same-function b"])
    #expect(limited.total == 2)
    #expect(Self.told(finder.list(ConflictFilter(launch: LaunchID("a")))) == ["a same-function b"])
    #expect(finder.list(ConflictFilter(from: Fixture.day("2027-03-03"))).total == 0)
    let accepted = Acceptance(reason: "r", by: "dana", at: Fixture.at("2027-02-01T12:00:00Z"))
    let open = finder.list(ConflictFilter(accepted: false)) { launch, _, _ in launch.rawValue == "a" ? accepted : nil }
    #expect(Self.told(open) == ["c same-function b"])
  }

  @Test("work of launches that do not lie ahead books nobody") func unknown() throws {
    var finder = BookingFinder([try Self.launch("a", placed: 1)])
    finder.add(.samePerson, [try Self.work("cora", "a"), try Self.work("cora", "gone")])
    #expect(finder.list(ConflictFilter()).total == 0)
  }
}
