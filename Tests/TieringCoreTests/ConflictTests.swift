import Contract
import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("Date conflicts") struct ConflictTests {
  private static func date(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }
  private static func at(_ day: Int) -> Timestamp { Timestamp(microseconds: Int64(day) * 86_400_000_000) }

  private static func launch(
    _ id: String, _ tier: Tier, _ day: String, owner: String, placed: Int, status: LaunchStatus = .preparing
  ) throws -> PlannedLaunch {
    PlannedLaunch(
      launch: try #require(LaunchID(id)), name: id, owner: owner, tier: tier, date: date(day), status: status,
      placedAt: at(placed))
  }

  private static func summaries(_ conflicts: [LaunchConflict]) -> [String] {
    conflicts.map { "\($0.launch) \($0.kind.rawValue) \($0.other)" }
  }

  /// 2027-03-01 is a Monday, 2027-03-07 the Sunday after it.
  @Test("Of two tier 0 or 1 launches in one week, the later one has the conflict") func week() throws {
    let first = try Self.launch("first", .major, "2027-03-01", owner: "a", placed: 1)
    let second = try Self.launch("second", .launchEvent, "2027-03-07", owner: "b", placed: 2)
    let nextWeek = try Self.launch("next", .major, "2027-03-08", owner: "c", placed: 3)
    let moderate = try Self.launch("moderate", .moderate, "2027-03-03", owner: "d", placed: 4)
    let finder = ConflictFinder([first, second, nextWeek, moderate], blackouts: [])
    #expect(Self.summaries(try finder.list(ConflictFilter()).conflicts.map(\.conflict)) == ["second same-week first"])
    #expect(finder.conflicts(of: first).isEmpty)
    #expect(finder.conflicts(of: second).first?.reason.contains("2027-03-01") == true)
  }

  @Test("Moving the first launch moves the conflict to it") func moved() throws {
    var first = try Self.launch("first", .major, "2027-03-01", owner: "a", placed: 1)
    let second = try Self.launch("second", .major, "2027-03-02", owner: "b", placed: 2)
    first.placedAt = Self.at(5)
    #expect(
      Self.summaries(
        try ConflictFinder([first, second], blackouts: []).list(ConflictFilter()).conflicts.map(\.conflict))
        == [
          "first same-week second"
        ])
  }

  @Test("One owner with two launches in a week is a conflict, except in tier 3") func owner() throws {
    let launches = [
      try Self.launch("a", .moderate, "2027-03-01", owner: "dana", placed: 1),
      try Self.launch("b", .moderate, "2027-03-05", owner: "dana", placed: 2),
      try Self.launch("c", .minor, "2027-03-05", owner: "dana", placed: 3),
      try Self.launch("d", .moderate, "2027-03-05", owner: "sam", placed: 4),
    ]
    #expect(
      Self.summaries(try ConflictFinder(launches, blackouts: []).list(ConflictFilter()).conflicts.map(\.conflict)) == [
        "b same-owner a"
      ])
  }

  @Test(
    "A cancelled or postponed launch conflicts with nothing, and a shipped one has no conflicts of its own",
    arguments: LaunchStatus.allCases)
  func statuses(_ status: LaunchStatus) throws {
    let other = try Self.launch("other", .major, "2027-03-01", owner: "a", placed: 1, status: status)
    let own = try Self.launch("own", .major, "2027-03-02", owner: "b", placed: 2)
    let isThere = !ConflictFinder([other, own], blackouts: []).conflicts(of: own).isEmpty
    #expect(isThere == ![.cancelled, .postponed].contains(status))
    let late = try Self.launch("late", .major, "2027-03-02", owner: "b", placed: 3, status: status)
    let isCharged = !ConflictFinder([own, late], blackouts: []).conflicts(of: late).isEmpty
    #expect(isCharged == [.proposed, .preparing, .decided, .rolledBack].contains(status))
  }

  @Test("A blackout includes its first and last day, for its tiers, except for exempted launches") func blackout()
    throws
  {
    let key = try #require(LaunchID("year-end"))
    var freeze = Blackout(
      key: key, from: Self.date("2026-12-20"), to: Self.date("2027-01-03"), tiers: [.launchEvent, .major],
      reason: "change freeze", by: "dana", at: Self.at(0))
    func kinds(_ day: String, _ tier: Tier = .major) throws -> [LaunchConflict] {
      let launch = try Self.launch("x", tier, day, owner: "a", placed: 1)
      return ConflictFinder([launch], blackouts: [freeze]).conflicts(of: launch)
    }
    #expect(try kinds("2026-12-19").isEmpty)
    #expect(try kinds("2026-12-20").map(\.kind) == [.blackout])
    #expect(try kinds("2027-01-03").map(\.other) == ["year-end"])
    #expect(try kinds("2027-01-04").isEmpty)
    #expect(try kinds("2026-12-24", .minor).isEmpty)
    let accepted = Acceptance(reason: "a legal date", by: "dana", at: Self.at(1))
    freeze.exceptions = [.init(launch: try #require(LaunchID("x")), accepted: accepted)]
    #expect(try kinds("2026-12-24").map(\.accepted) == [accepted])
  }

  @Test("An acceptance is valid only for the dates for which it was given") func acceptance() throws {
    let first = try Self.launch("first", .major, "2027-03-01", owner: "a", placed: 1)
    var second = try Self.launch("second", .major, "2027-03-02", owner: "b", placed: 2)
    var accepted = AcceptedConflicts()
    let acceptance = Acceptance(reason: "two audiences", by: "dana", at: Self.at(2))
    accepted.add(
      .init(launch: second.launch, kind: .sameWeek, other: "first", dates: [second.date, first.date]), acceptance)
    #expect(
      ConflictFinder([first, second], blackouts: [], accepted: accepted).conflicts(of: second).first?.accepted
        == acceptance)
    second.date = Self.date("2027-03-03")
    let moved = ConflictFinder([first, second], blackouts: [], accepted: accepted).conflicts(of: second)
    #expect(moved.map(\.accepted) == [nil])
  }

  /// Compares every pair, without an index by week.
  @Test("For random launches, the finder agrees with a comparison of every pair", arguments: 0..<20) func pairs(
    seed: UInt64
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let launches = try (0..<60).map { index in
      try Self.launch(
        "l\(index)", Tier.allCases.randomElement(using: &generator) ?? .major,
        Self.date("2026-12-20").adding(days: Int.random(in: 0..<40, using: &generator)).description,
        owner: ["a", "b", "c"].randomElement(using: &generator) ?? "a",
        placed: Int.random(in: 0..<20, using: &generator),
        status: LaunchStatus.allCases.randomElement(using: &generator) ?? .proposed)
    }
    var expected: Set<String> = []
    for own in launches where [.proposed, .preparing, .decided, .rolledBack].contains(own.status) {
      for other in launches where other.launch != own.launch && ![.cancelled, .postponed].contains(other.status) {
        let isLater = own.placedAt > other.placedAt || (own.placedAt == other.placedAt && own.launch > other.launch)
        guard isLater, Self.week(own.date) == Self.week(other.date) else { continue }
        if own.tier.rawValue <= 1, other.tier.rawValue <= 1 {
          expected.insert("\(own.launch) same-week \(other.launch)")
        }
        if own.tier != .minor, other.tier != .minor, own.owner == other.owner {
          expected.insert("\(own.launch) same-owner \(other.launch)")
        }
      }
    }
    let found = try ConflictFinder(launches, blackouts: []).list(ConflictFilter()).conflicts.map(\.conflict)
    #expect(Set(Self.summaries(found)) == expected)
    #expect(found.count == expected.count)
    let finder = ConflictFinder(launches, blackouts: [])
    let own = launches[Int(seed)].launch
    #expect(
      try finder.list(ConflictFilter(launch: own)).conflicts.map(\.conflict)
        == found.filter { $0.launch == own || $0.other == own.rawValue })
    let first = try finder.list(ConflictFilter(limit: 5))
    #expect(first.conflicts.map(\.conflict) == Array(found.prefix(5)))
    #expect(first.total == expected.count)
    var filter = ConflictFilter(limit: 3)
    var paged: [LaunchConflict] = []
    repeat {
      let page = try finder.list(filter)
      #expect(page.total == expected.count)
      paged += page.conflicts.map(\.conflict)
      filter.after = page.next
    } while filter.after != nil
    #expect(paged == found)
    #expect(throws: Problem.self) { try finder.list(ConflictFilter(after: "2027-01-04/l1")) }
    for launch in launches {
      #expect(finder.conflicts(of: launch) == found.filter { $0.launch == launch.launch })
    }
  }

  /// Weeks counted from Monday, 2026-12-14.
  private static func week(_ date: LocalDate) -> Int { (date.ordinal - Self.date("2026-12-14").ordinal) / 7 }
}
