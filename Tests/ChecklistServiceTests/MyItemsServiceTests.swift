import ChecklistService
import Contract
import JSON
import LaunchModel
import Messaging
import ServiceKit
import TestSupport
import Testing

@Suite("What items ask over all launches, in the checklist service") struct MyItemsServiceTests {
  private static let other = [LaunchID("other")].compactMap(\.self)[0]

  /// Runs the body with two launches, of which the other one is a week earlier.
  private static func with(_ body: @Sendable (Stage) async throws -> Void) async throws {
    try await Stage.with { stage in
      var record = Stage.record(date: Stage.day("2027-02-23"))
      record.plan.launch = other
      try await stage.harness.receive(
        Announcements.launchProposed, from: .tiering, launch: other.rawValue, by: "petra",
        LaunchAnnounced(record: record, changed: []))
      try await body(stage)
      try await stage.harness.requireIntactChains()
    }
  }

  private static func list(
    _ stage: Stage, as person: PersonID?, _ request: MyItemsRequest = MyItemsRequest(), meta: CallMeta = CallMeta()
  ) async throws -> [MyItem] {
    try await stage.harness.call(ChecklistRoutes.myItems, request, as: person, meta: meta).items
  }

  @Test("The caller's items come from all running launches, by due day")
  func mine() async throws {
    try await Self.with { stage in
      for launch in [Stage.launch, Self.other] {
        let action = ItemAction(launch: launch, key: "qa", to: "erin")
        try await stage.harness.call(ChecklistRoutes.assign, action, as: "ibrahim")
      }
      let items = try await Self.list(stage, as: "erin")
      #expect(items.map(\.launch) == [Self.other, Stage.launch])
      #expect(items.map(\.key) == ["qa", "qa"] && items.map(\.asked) == [.work, .work])
      #expect(items.map(\.owner) == ["erin", "erin"] && items.map(\.state) == [.open, .open])
      let shown = try await stage.show("qa").item
      #expect(items.last?.due == shown.due && items.last?.title == shown.title && items.last?.gate == shown.gate)
      #expect(items.last?.version == shown.version && items.last?.name == "Smart routing")
      let named = try await Self.list(stage, as: "dana", MyItemsRequest(person: "erin"))
      #expect(named == items)
      let whole = try await stage.harness.result(ChecklistRoutes.myItems, MyItemsRequest(), as: "erin")
      #expect(whole["next"] == nil && whole["halt"] == nil)
    }
  }

  @Test("It comes in pages")
  func pages() async throws {
    try await Self.with { stage in
      let all = try await Self.list(stage, as: "dana", MyItemsRequest(function: .support))
      #expect(all.count > 3)
      var found: [JSONValue] = []
      var next: JSONValue?
      repeat {
        var params: [String: JSONValue] = ["function": "support", "limit": 2]
        params["next"] = next
        let page = try await stage.harness.send(
          ChecklistRoutes.myItems.method, params: JSONValue.object(params).serialized(),
          as: stage.harness.principal(of: "dana"))
        let items = try #require(page["items"]?.arrayValue)
        #expect(items.count <= 2)
        found += items
        next = page["next"]
      } while next != nil
      let expected = try JSONCoding.value(all)
      #expect(JSONValue.array(found) == expected)
    }
  }

  @Test(
    "Bad requests are refused",
    arguments: [
      (MyItemsRequest(person: "ern"), "erin", "unknown-person"),
      (MyItemsRequest(dueWithinDays: -1), "erin", "unfit-dueWithinDays"),
      (MyItemsRequest(dueWithinDays: 3_661), "erin", "unfit-dueWithinDays"),
      (MyItemsRequest(), "stranger", "not-on-roster"),
    ] as [(MyItemsRequest, PersonID, String)])
  func refused(request: MyItemsRequest, person: PersonID, code: String) async throws {
    try await Stage.with { stage in
      let refused = await problem { _ = try await Self.list(stage, as: person, request) }
      #expect(refused?.code == code)
    }
  }

  @Test("The installation's own processes name a person or a function")
  func installation() async throws {
    try await Stage.with { stage in
      let refused = await problem { _ = try await Self.list(stage, as: nil) }
      #expect(refused?.code == "missing-person")
      let items = try await Self.list(stage, as: nil, MyItemsRequest(function: .support))
      #expect(!items.isEmpty)
    }
  }

  @Test("It follows every change at once: of items, launches, the roster, halts and days")
  func fresh() async throws {
    try await Self.with { stage in
      func keys(_ person: PersonID) async throws -> [String] {
        try await Self.list(stage, as: person).map { "\($0.asked.rawValue) \($0.launch)/\($0.reference.name)" }
      }
      #expect(try await keys("erin") == [])
      try await stage.act(ChecklistRoutes.assign, "qa", as: "ibrahim") { $0.to = "erin" }
      #expect(try await keys("erin") == ["do smart-routing/qa"])
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      #expect(try await keys("erin") == [])
      try await stage.act(ChecklistRoutes.reopen, "qa", as: "erin")
      #expect(try await keys("erin") == ["do smart-routing/qa"])
      let due = try await stage.show("qa").item.due
      stage.set("\(due.adding(days: 1))T15:00:00Z")
      let overdue = try await Self.list(stage, as: "erin", MyItemsRequest(overdue: true))
      #expect(overdue.map(\.key) == ["qa"])
      stage.set("2027-02-01T15:00:00Z")
      var roster = Stage.roster
      roster.people["erin"] = nil
      try await stage.harness.call(
        ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)), as: "dana")
      #expect(try await keys("ibrahim").contains("assign smart-routing/qa"))
      let halt = SetHalt(reason: "payments are failing")
      try await stage.harness.call(ChecklistRoutes.setHalt, halt, as: "dana")
      let halted = try await stage.harness.call(ChecklistRoutes.myItems, MyItemsRequest(), as: "ibrahim")
      #expect(halted.halt?.reason == "payments are failing")
      try await stage.stop(.postponed)
      let left = try await Self.list(stage, as: "ibrahim")
      #expect(!left.isEmpty && left.allSatisfy { $0.launch == Self.other })
    }
  }

  @Test("The board is what readiness shows of each launch, after every change")
  func board() async throws {
    try await Stage.with(Stage.record(tier: .launchEvent)) { stage in
      func compare(_ what: String) async throws {
        try await stage.harness.settle()
        let board = try await stage.harness.call(ChecklistRoutes.board, BoardReference(), as: "erin")
        let reference = LaunchReference(launch: Stage.launch)
        var view = try await stage.harness.call(ChecklistRoutes.readiness, reference, as: "erin")
        var listed = try #require(board.launches.first)
        // Of one launch the reasons also say what is missing.
        #expect(zip(view.reasons, listed.reasons).allSatisfy { $0.detail.hasPrefix($1.detail) }, "\(what)")
        for index in view.reasons.indices { view.reasons[index].detail = "" }
        for index in listed.reasons.indices { listed.reasons[index].detail = "" }
        #expect(listed == view, "\(what)")
        #expect(board.halt == view.halt, "\(what)")
      }
      try await compare("proposed")
      try await stage.act(ChecklistRoutes.done, "qa", as: "erin")
      try await compare("done")
      try await stage.act(ChecklistRoutes.waive, "load-test", as: "dana")
      try await compare("waived")
      let answer = PollAnswer(launch: Stage.launch, answer: .noGo, function: .engineering)
      try await stage.harness.call(ChecklistRoutes.answerPoll, answer, as: "ibrahim")
      try await compare("answered")
      try await stage.harness.call(ChecklistRoutes.setHalt, SetHalt(reason: "payments are failing"), as: "dana")
      try await compare("halted")
      try await stage.harness.call(ChecklistRoutes.liftHalt, LiftHalt(reason: "they work"), as: "dana")
      try await compare("lifted")
      stage.set("2027-02-20T15:00:00Z")
      try await compare("another day")
      try await stage.announce(
        Stage.record(tier: .launchEvent, date: Stage.day("2027-03-09"), version: 2),
        as: Announcements.launchRescheduled)
      try await compare("rescheduled")
      try await stage.makeReady()
      try await compare("ready")
      stage.set("2027-03-09T15:00:00Z")
      try await stage.decide(override: true)
      try await compare("decided")
      try await stage.harness.call(ChecklistRoutes.ship, ExposureRequest(launch: Stage.launch), as: "petra")
      try await compare("shipped")
      stage.set("2027-03-09T19:00:00Z")
      try await compare("a later hour of hypercare")
      let rollback = ExposureRequest(launch: Stage.launch, reason: "it fails")
      try await stage.harness.call(ChecklistRoutes.rollback, rollback, as: "petra")
      try await compare("rolled back")
    }
  }
}
