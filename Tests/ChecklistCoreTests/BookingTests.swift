import ChecklistCore
import LaunchModel
import Testing

@Suite("Double bookings") struct BookingTests {
  private static func launch(_ id: String, _ tier: Tier, placed: Int) throws -> BookedLaunch {
    BookedLaunch(
      launch: try #require(LaunchID(id)), tier: tier, date: Fixture.day("2027-03-02"),
      placedAt: Timestamp(microseconds: Int64(placed)))
  }

  private static func work(
    _ launch: String, _ function: LaunchFunction, owner: PersonID? = nil, week: String = "2027-02-22",
    blocking: Bool = true,
    items: Int = 1
  ) throws -> BookedWork {
    BookedWork(
      week: Fixture.day(week), launch: try #require(LaunchID(launch)), function: function, owner: owner,
      isBlocking: blocking, items: items)
  }

  private static func told(_ conflicts: [DatedConflict]) -> [String] {
    conflicts.map { "\($0.conflict.launch) \($0.conflict.kind.rawValue) \($0.conflict.other)" }.sorted()
  }

  @Test("a person with open items of two launches in one week") func person() throws {
    let finder = BookingFinder([
      try Self.launch("a", .moderate, placed: 1), try Self.launch("b", .moderate, placed: 2),
      try Self.launch("c", .minor, placed: 3),
    ])
    let work = [
      try Self.work("a", .marketing, owner: "mia", items: 2), try Self.work("b", .sales, owner: "mia"),
      try Self.work("c", .sales, owner: "mia"), try Self.work("b", .cs, owner: "cora"),
      try Self.work("a", .cs, owner: "cora", week: "2027-03-01"),
    ]
    let conflicts = finder.conflicts(of: work)
    #expect(Self.told(conflicts) == ["b same-person a"])
    #expect(
      conflicts.first?.conflict.reason == "mia has 1 open item due in the week of 2027-02-22, and is booked by a (2)")
  }

  @Test("a function with blocking items of several launches of tiers 0 and 1: each later one is charged once")
  func function() throws {
    let finder = BookingFinder([
      try Self.launch("a", .major, placed: 3), try Self.launch("b", .launchEvent, placed: 1),
      try Self.launch("c", .major, placed: 2),
      try Self.launch("d", .moderate, placed: 4),
    ])
    let work =
      try ["a", "b", "c", "d"].map { try Self.work($0, .marketing) } + [
        try Self.work("a", .cs, blocking: false), try Self.work("b", .cs, blocking: false),
      ]
    let conflicts = finder.conflicts(of: work)
    #expect(Self.told(conflicts) == ["a same-function b", "c same-function b"])
  }

  @Test("work of launches that do not lie ahead books nobody") func unknown() throws {
    let finder = BookingFinder([try Self.launch("a", .major, placed: 1)])
    #expect(
      finder.conflicts(of: [try Self.work("a", .cs, owner: "cora"), try Self.work("gone", .cs, owner: "cora")]).isEmpty)
  }
}
