import ChecklistService
import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TestSupport
import Testing

@Suite("Calendars, previews and bookings of the checklist service") struct CalendarServiceTests {
  private static func calendar(_ holidays: String...) -> JSONValue {
    let named = holidays.map { ($0, JSONValue.string("closed")) }
    return [
      "calendar": "ACME", "years": [2026, 2030], "holidays": .object(Dictionary(named, uniquingKeysWith: { $1 })),
    ]
  }

  private static func record() -> LaunchRecord {
    var record = Stage.record()
    record.plan.calendar = "ACME"
    return record
  }

  private static func due(_ stage: Stage) async throws -> [String: String] {
    let items = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: Stage.launch)).items
    return Dictionary(items.map { ($0.key, $0.due.description) }, uniquingKeysWith: { first, _ in first })
  }

  /// Two business days before Tuesday 2 March is Friday 26 February; if that Friday is a holiday, it is Thursday.
  @Test("An adopted calendar moves the due days of open items, once, and leaves done items alone") func adopted()
    async throws
  {
    try await Stage.with(Self.record()) { stage async throws in
      let before = try await Self.due(stage)
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      for version in [1, 2, 2] {
        try await stage.harness.receive(
          Announcements.calendarChanged, from: .tiering, launch: "calendar", version: version, by: "dana",
          CalendarChanged(
            calendar: "ACME", version: version,
            document: version == 1
              ? Self.calendar() : Self.calendar("2027-02-23", "2027-02-24", "2027-02-25", "2027-02-26")))
      }
      let after = try await Self.due(stage)
      #expect(after["qa"] == before["qa"])
      let demo = try #require(before["internal-demo"])
      // Five business days before: without those four days it is Tuesday 16 and not Monday 22 February.
      #expect(demo == "2027-02-23")
      #expect(after["internal-demo"] == "2027-02-17")
      let moved = try await stage.harness.announced(Announcements.checklistItem).filter { $0.action == "rescheduled" }
      #expect(
        Set(moved.map { "\($0.item)/\($0.instance ?? "")" }).count == moved.count,
        "a repeated event moves nothing again")
    }
  }

  @Test("A change can be previewed without making it") func preview() async throws {
    try await Stage.with { stage async throws in
      let raised = Stage.record(tier: .major, version: 2)
      let preview = try await stage.harness.call(
        ChecklistRoutes.preview, PreviewChecklist(record: raised), as: "erin")
      #expect(preview.version == 1)
      #expect(preview.added.contains { $0.key == "load-test" })
      #expect(preview.removed.isEmpty)
      let items = try await stage.harness.call(ChecklistRoutes.items, LaunchReference(launch: Stage.launch)).items
      #expect(!items.contains { $0.key == "load-test" })
      var unknown = raised
      unknown.plan.launch = try #require(LaunchID("nowhere"))
      let problem = await problem {
        _ = try await stage.harness.call(ChecklistRoutes.preview, PreviewChecklist(record: unknown), as: "erin")
      }
      #expect(problem?.kind == .notFound)
    }
  }

  @Test("Two launches that need one person in the same week conflict, until the later one's conflict is accepted")
  func bookings() async throws {
    try await Stage.with { stage async throws in
      var other = Stage.record()
      other.plan.launch = try #require(LaunchID("fast-search"))
      other.placedAt = other.placedAt.adding(days: 1)
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: "fast-search", version: 1, by: "petra",
        LaunchAnnounced(record: other, changed: []))
      for launch in [Stage.launch, other.plan.launch] {
        _ = try await stage.harness.call(
          ChecklistRoutes.assign, ItemAction(launch: launch, key: "internal-demo", to: "cora"), as: "cora")
      }
      let list = try await stage.harness.call(ChecklistRoutes.bookingConflicts, ConflictFilter(), as: "erin")
      #expect(
        list.conflicts.map { "\($0.conflict.launch) \($0.conflict.kind.rawValue) \($0.conflict.other)" } == [
          "fast-search same-person smart-routing"
        ])
      let environment = stage.harness.environment
      try await environment.change { tx in try tx.db.execute("DELETE FROM bookings") }
      #expect(try await stage.harness.call(ChecklistRoutes.bookingConflicts, ConflictFilter(), as: "erin").total == 0)
      try await stage.harness.service.started(environment)
      #expect(
        try await stage.harness.call(ChecklistRoutes.bookingConflicts, ConflictFilter(), as: "erin") == list,
        "bookings are added to an older store when the service starts")
      let accept = AcceptConflict(
        launch: other.plan.launch, kind: .samePerson, other: "smart-routing", reason: "one demo")
      #expect(
        await problem { _ = try await stage.harness.call(ChecklistRoutes.acceptBooking, accept, as: "cora") }?.kind
          == .forbidden)
      let accepted = try await stage.harness.call(ChecklistRoutes.acceptBooking, accept, as: "dana")
      #expect(accepted.conflicts.map(\.conflict.accepted?.reason) == ["one demo"])
      for launch in [Stage.launch, other.plan.launch] {
        let done = ItemAction(launch: launch, key: "internal-demo", attended: ["cora", "sam"], presenter: "petra")
        _ = try await stage.harness.call(ChecklistRoutes.done, done, as: "cora")
      }
      #expect(try await stage.harness.call(ChecklistRoutes.bookingConflicts, ConflictFilter(), as: "erin").total == 0)
    }
  }

  @Test("A double booking is a reason against GO if the adopted policy says so, until it is accepted")
  func bookingReasons() async throws {
    try await Stage.with { stage async throws in
      // The launch that is proposed later is charged with the conflict.
      var other = Stage.record()
      other.plan.launch = try #require(LaunchID("early-bird"))
      other.placedAt = other.placedAt.adding(days: -1)
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: "early-bird", version: 1, by: "petra",
        LaunchAnnounced(record: other, changed: []))
      for launch in [Stage.launch, other.plan.launch] {
        _ = try await stage.harness.call(
          ChecklistRoutes.assign, ItemAction(launch: launch, key: "internal-demo", to: "cora"), as: "cora")
      }
      func bookings() async throws -> Int {
        let ready = try await stage.harness.call(
          ChecklistRoutes.readiness, LaunchReference(launch: Stage.launch), as: "erin")
        return ready.reasons.count { $0.code == "booking" }
      }
      func adopt(_ version: Int, _ bookings: JSONValue?) async throws {
        var policy: [String: JSONValue] = ["version": .integer(Int64(version)), "rules": []]
        policy["bookings"] = bookings
        try await stage.harness.receive(
          Announcements.policyAdopted, from: .tiering, launch: "policy", version: version, by: "dana",
          DocumentAdopted(documentVersion: version, digest: "d", document: .object(policy)))
      }
      #expect(try await bookings() == 0, "by the built-in policy it is a warning")
      try await adopt(2, ["same-function": "reason"])
      #expect(try await bookings() == 0, "in this tier functions are not booked")
      try await adopt(3, ["same-person": "reason", "same-function": "warning"])
      #expect(try await bookings() == 1)
      let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin")
      let reasons = board.launches.map { $0.reasons.count { $0.code == "booking" } }
      #expect(reasons.sorted() == [0, 1], "only the later launch is charged")
      let refused = await problem { try await stage.decide() }
      #expect(refused?.detail.contains("cora") == true, "\(refused?.detail ?? "")")
      let accept = AcceptConflict(
        launch: Stage.launch, kind: .samePerson, other: "early-bird", reason: "one demo for both")
      _ = try await stage.harness.call(ChecklistRoutes.acceptBooking, accept, as: "dana")
      #expect(try await bookings() == 0)
      try await adopt(4, nil)
      #expect(try await bookings() == 0)
    }
  }

  @Test("A preview of a calendar names the running launches whose items it moves, and changes nothing")
  func calendarPreview() async throws {
    try await Stage.with(Self.record()) { stage async throws in
      try await stage.harness.receive(
        Announcements.calendarChanged, from: .tiering, launch: "calendar", version: 1, by: "dana",
        CalendarChanged(calendar: "ACME", version: 1, document: Self.calendar()))
      let before = try await Self.due(stage)
      let closed = AdoptCalendar(
        document: Self.calendar("2027-02-23", "2027-02-24", "2027-02-25", "2027-02-26"))
      let preview = try await stage.harness.call(ChecklistRoutes.previewCalendar, closed, as: "erin")
      #expect(preview.calendar == "ACME" && preview.launches.map(\.launch) == [Stage.launch])
      #expect(preview.launches.allSatisfy { $0.moved > 0 && !$0.endsGo })
      #expect(try await Self.due(stage) == before)
      let same = AdoptCalendar(document: Self.calendar())
      #expect(try await stage.harness.call(ChecklistRoutes.previewCalendar, same, as: "erin").launches.isEmpty)
    }
  }

  @Test("Upcoming launches in tiers 0 and 1 book functions, and no others do") func functions()
    async throws
  {
    try await Stage.with(Stage.record(tier: .major)) { stage async throws in
      var other = Stage.record(tier: .major)
      other.plan.launch = try #require(LaunchID("fast-search"))
      other.placedAt = other.placedAt.adding(days: 1)
      func announce(_ type: EventType<LaunchAnnounced>, _ change: (inout LaunchRecord) -> Void = { _ in }) async throws
      {
        change(&other)
        try await stage.harness.receive(
          type, from: .tiering, launch: "fast-search", version: other.version, by: "petra",
          LaunchAnnounced(record: other, changed: []))
        other.version += 1
      }
      func booked() async throws -> Int {
        let list = try await stage.harness.call(ChecklistRoutes.bookingConflicts, ConflictFilter(), as: "erin")
        return list.conflicts.count {
          $0.conflict.kind == .sameFunction && $0.conflict.launch.rawValue == "fast-search"
        }
      }
      try await announce(Announcements.launchProposed)
      let all = try await booked()
      #expect(all > 0)
      try await announce(Announcements.launchRetiered) { $0.tier = .moderate }
      #expect(try await booked() == 0)
      try await announce(Announcements.launchRetiered) { $0.tier = .launchEvent }
      #expect(try await booked() >= all)
      try await announce(Announcements.launchRetiered) { $0.tier = .major }
      #expect(try await booked() == all)
      try await announce(Announcements.launchPostponed) { $0.status = .postponed }
      #expect(try await booked() == 0)
    }
  }
}
