import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Double bookings") struct BookingTests {
  /// A launch whose work falls into weeks; by default the week of 22 February.
  private static func launch(
    _ id: String, placed: Int, date: String = "2027-03-02", _ work: BookedWork...
  ) throws -> LaunchBooking {
    LaunchBooking(
      launch: try #require(LaunchID(id)), date: Fixture.day(date), placedAt: Timestamp(microseconds: Int64(placed)),
      work: work)
  }

  private static func work(_ who: BookedWork.Who, week: String = "2027-02-22", items: Int = 1) -> BookedWork {
    BookedWork(who, week: Fixture.day(week), items: items)
  }

  private static func pairs(_ list: ConflictList) -> [String] {
    list.conflicts.map { "\($0.conflict.launch) \($0.conflict.kind.rawValue) \($0.conflict.other)" }
  }

  @Test("A person with open items of two launches in one week is double-booked") func person() throws {
    let finder = BookingFinder([
      try Self.launch(
        "a", placed: 1, Self.work(.person("mia"), items: 2), Self.work(.person("cora"), week: "2027-03-01")),
      try Self.launch("b", placed: 2, Self.work(.person("mia")), Self.work(.person("cora"), week: "2027-03-08")),
    ])
    let list = try finder.list(ConflictFilter())
    #expect(Self.pairs(list) == ["b same-person a"])
    #expect(
      list.conflicts.first?.conflict.reason
        == "mia has 1 open item due in the week of 2027-02-22 and is also booked by a (2)")
  }

  @Test("Of several launches, each later one has a single conflict, with the first") func several() throws {
    let marketing = Self.work(.function(.marketing))
    let launches = [
      try Self.launch("a", placed: 3, marketing), try Self.launch("b", placed: 1, marketing),
      try Self.launch("c", placed: 2, date: "2027-03-01", marketing, Self.work(.person("mia"))),
      try Self.launch("d", placed: 4, Self.work(.person("mia"))),
    ]
    let finder = BookingFinder(launches.dropLast())
    #expect(Self.pairs(try finder.list(ConflictFilter())) == ["c same-function b", "a same-function b"])
    let limited = try finder.list(ConflictFilter(limit: 1))
    #expect(Self.pairs(limited) == ["c same-function b"])
    #expect(limited.total == 2)
    let rest = try finder.list(ConflictFilter(limit: 1, after: limited.next))
    #expect(Self.pairs(rest) == ["a same-function b"] && rest.total == 2 && rest.next == nil)
    #expect(Self.pairs(try finder.list(ConflictFilter(launch: LaunchID("a")))) == ["a same-function b"])
    for id in ["a", "b", "c", "d", "e"] {
      let filter = ConflictFilter(launch: LaunchID(id))
      #expect(
        try BookingFinder(launches, with: filter.launch).list(filter) == BookingFinder(launches).list(filter),
        "launches that share no week with \(id) make no difference")
    }
    #expect(try finder.list(ConflictFilter(from: Fixture.day("2027-03-03"))).total == 0)
    let accepted = Acceptance(reason: "r", by: "dana", at: Fixture.at("2027-02-01T12:00:00Z"))
    let open = try finder.list(ConflictFilter(accepted: false)) { launch, _, _ in
      launch.rawValue == "a" ? accepted : nil
    }
    #expect(Self.pairs(open) == ["c same-function b"])
  }

  @Test(
    "Open items before the launch book their owners; blocking ones in tiers 0 and 1 also book their functions",
    arguments: Tier.allCases)
  func bookedWork(tier: Tier) {
    var checklist = Fixture.checklist(
      Fixture.record(tier: tier), Fixture.item("a"), Fixture.item("b", due: -7),
      Fixture.item("c", .marketing, due: -12), Fixture.item("d", .marketing, gate: .advisory),
      Fixture.item("e", .sales, phase: .after), Fixture.item("f", .sales, due: 0))
    for index in checklist.items.indices { checklist.items[index].owner = index % 2 == 0 ? "mia" : nil }
    checklist.items[1].state = .blocked
    let books = checklist.items.filter {
      ![.done, .waived, .notApplicable, .voided].contains($0.state) && $0.definition.phase != .after
    }
    let work = checklist.bookedWork()
    func items(_ who: (BookedWork.Who) -> Bool) -> Int { work.filter { who($0.who) }.map(\.items).reduce(0, +) }
    #expect(items { $0 == .person("mia") } == (tier == .minor ? 0 : books.count { $0.owner == "mia" }))
    #expect(items { $0.kind == .sameFunction } == (tier <= .major ? books.count(where: \.blocksGo) : 0))
    #expect(work.allSatisfy { $0.week.weekday == .monday })
    #expect(Set(work.map { "\($0.who) \($0.week)" }).count == work.count)
    let functions = work.compactMap { $0.who.kind == .sameFunction ? "\($0.who.name) \($0.week) \($0.items)" : nil }
    #expect(
      functions
        == (tier <= .major
          ? ["Engineering 2027-02-15 1", "Engineering 2027-02-22 1", "Marketing 2027-02-08 1", "Sales 2027-03-01 1"]
          : []))
    for index in checklist.items.indices { checklist.items[index].state = .done }
    #expect(checklist.bookedWork().isEmpty)
  }
}
