import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("What items ask of people") struct TaskTests {
  private static let reviewed = Fixture.item(
    "copy", .marketing,
    approvals: [
      ApprovalRule(group: "product"), ApprovalRule(group: "legal"),
    ])

  /// What is asked of a person: `ask key`, with the group and whom they stand in for.
  private static func asked(
    of person: PersonID?, _ checklist: LaunchChecklist, on day: String = "2027-02-01", roster: Roster = Fixture.roster,
    _ request: MyItemsRequest = MyItemsRequest()
  ) throws -> [String] {
    let moment = try Fixture.noon(day, roster: roster, record: checklist.record)
    return LaunchTasks(of: checklist, at: moment).tasks(of: person, request).map { task in
      let words = [task.asked.rawValue, task.reference.name, task.group, task.standsInFor.map { "for \($0)" }]
      return words.compactMap(\.self).joined(separator: " ")
    }
  }

  private static func checklist(_ items: TemplateItem..., status: LaunchStatus = .preparing) -> LaunchChecklist {
    let record = Fixture.record(status: status)
    return LaunchChecklist(
      of: record, from: ChecklistTemplate(version: 1, items: items),
      in: LaunchCalendars(of: record.plan, from: CalendarSet([:])))
  }

  @Test("An item is asked of its owner; one without an owner, or whose owner left, of its function's lead to assign")
  func owners() throws {
    var checklist = Self.checklist(Fixture.item("qa"), Fixture.item("load-test"), Fixture.item("copy", .marketing))
    try checklist.act(.assign, "qa", as: "ibrahim") { $0.to = "erin" }
    try checklist.act(.assign, "load-test", as: "ibrahim") { $0.to = "erin" }
    #expect(try Self.asked(of: "erin", checklist) == ["do qa", "do load-test"])
    #expect(try Self.asked(of: "ibrahim", checklist) == [])
    #expect(try Self.asked(of: "mia", checklist) == ["assign copy"])
    #expect(try Self.asked(of: "max", checklist) == [])
    var left = Fixture.roster
    left.people["erin"] = nil
    #expect(try Self.asked(of: "ibrahim", checklist, roster: left) == ["assign qa", "assign load-test"])
    left.people["ibrahim"] = nil
    #expect(
      try Self.asked(of: "dana", checklist, roster: left) == ["assign qa", "assign load-test"], "no lead is left")
  }

  @Test("What is done asks for nothing, until it fails again")
  func done() throws {
    var checklist = Self.checklist(Fixture.item("qa", shelfLife: 7), Fixture.item("other"))
    try checklist.act(.assign, "qa", as: "ibrahim") { $0.to = "erin" }
    try checklist.act(.done, "qa", as: "erin", on: "2027-02-25")
    #expect(try Self.asked(of: "erin", checklist, on: "2027-02-26") == [])
    try checklist.act(.reopen, "qa", as: "erin", on: "2027-02-25")
    try checklist.act(.done, "qa", as: "erin", on: "2027-02-01") { $0.on = Fixture.day("2027-02-01") }
    #expect(
      try Self.asked(of: "erin", checklist, on: "2027-02-26") == ["do qa"], "its shelf life ends before the launch")
    try checklist.act(.waive, "other", as: "dana", on: "2027-02-01") { $0.until = Fixture.day("2027-02-10") }
    #expect(try Self.asked(of: "ibrahim", checklist, on: "2027-02-09") == [])
    #expect(try Self.asked(of: "ibrahim", checklist, on: "2027-02-10") == ["assign other"], "its waiver expired")
  }

  @Test("An item in review is asked of the groups whose approval is missing, not of its author, and each person once")
  func reviewers() throws {
    var checklist = Self.checklist(Self.reviewed)
    try checklist.act(.assign, "copy", as: "mia") { $0.to = "max" }
    try checklist.act(.submit, "copy", as: "max")
    #expect(try Self.asked(of: "max", checklist) == [])
    #expect(try Self.asked(of: "petra", checklist) == ["approve copy product"])
    #expect(try Self.asked(of: "lena", checklist) == ["approve copy legal"])
    #expect(try Self.asked(of: "lex", checklist) == ["approve copy product", "approve copy legal"])
    try checklist.act(.approve, "copy", as: "lex") { $0.group = "product" }
    #expect(try Self.asked(of: "petra", checklist) == [])
    #expect(try Self.asked(of: "lex", checklist) == [], "one person counts once")
    #expect(try Self.asked(of: "lena", checklist) == ["approve copy legal"])
    try checklist.act(.reject, "copy", as: "lena")
    #expect(try Self.asked(of: "lena", checklist) == [])
    #expect(try Self.asked(of: "max", checklist) == ["do copy"], "it was rejected")
  }

  @Test(
    "A request for a waiver is asked of whoever may decide it",
    arguments: [(GateKind.advisory, "ibrahim"), (.blocking, "dana")] as [(GateKind, PersonID)])
  func waivers(gate: GateKind, decider: PersonID) throws {
    var checklist = Self.checklist(Fixture.item("qa", gate: gate))
    try checklist.act(.assign, "qa", as: "ibrahim") { $0.to = "erin" }
    try checklist.act(.waive, "qa", as: "erin")
    for person in ["ibrahim", "dana", "petra"] {
      #expect(try Self.asked(of: person, checklist) == (person == decider ? ["waive qa"] : []), "\(person)")
    }
    #expect(try Self.asked(of: "erin", checklist) == ["do qa"])
  }

  @Test("Who stands in for somebody is asked what they are asked, once, and never about their own work")
  func standIns() throws {
    var roster = Fixture.roster
    roster.delegates = [
      Delegation(from: "lena", to: "petra", until: Fixture.day("2027-02-10")),
      Delegation(from: "lena", to: "max", until: Fixture.day("2027-02-10")),
      Delegation(from: "ibrahim", to: "petra", until: Fixture.day("2027-02-10")),
    ]
    var checklist = Self.checklist(Self.reviewed, Fixture.item("qa"))
    try checklist.act(.submit, "copy", as: "max")
    #expect(
      try Self.asked(of: "petra", checklist, roster: roster)
        == ["approve copy product", "approve copy legal for lena", "assign qa for ibrahim"])
    #expect(try Self.asked(of: "max", checklist, roster: roster) == [])
    #expect(try Self.asked(of: "petra", checklist, on: "2027-02-11", roster: roster) == ["approve copy product"])
  }

  @Test("Everybody's items of a function include what its members are asked to approve")
  func function() throws {
    var checklist = Self.checklist(Self.reviewed, Fixture.item("qa"), Fixture.item("notes", .product))
    try checklist.act(.submit, "copy", as: "max")
    let ofProduct = MyItemsRequest(function: .product)
    #expect(try Self.asked(of: nil, checklist, ofProduct) == ["approve copy product", "assign notes"])
    #expect(try Self.asked(of: "lex", checklist, ofProduct) == ["approve copy product"])
    #expect(try Self.asked(of: nil, checklist).count == 4)
  }

  @Test(
    "Due days limit the list",
    arguments: [
      (MyItemsRequest(overdue: true), ["assign early"]), (MyItemsRequest(dueWithinDays: 0), ["assign early"]),
      (MyItemsRequest(dueWithinDays: 11), ["assign early"]),
      (MyItemsRequest(dueWithinDays: 12), ["assign early", "assign late"]),
      (MyItemsRequest(overdue: true, dueWithinDays: 12), ["assign early"]),
      (MyItemsRequest(overdue: false), ["assign early", "assign late"]),
    ] as [(MyItemsRequest, [String])])
  func dueDays(request: MyItemsRequest, expected: [String]) throws {
    // Due on 10 and 23 February: the launch is on Tuesday, 2 March.
    let checklist = Self.checklist(Fixture.item("early", due: -14), Fixture.item("late", due: -5))
    #expect(try Self.asked(of: nil, checklist, on: "2027-02-11", request) == expected)
  }

  @Test("What an item waits for is named, and a launch that is stopped or closed asks for nothing")
  func launches() throws {
    let items = [Fixture.item("demo"), Fixture.item("notes", dependencies: ["demo"])]
    let moment = try Fixture.noon("2027-02-01")
    let tasks = LaunchTasks(of: Self.checklist(items[0], items[1]), at: moment).all
    #expect(tasks.map(\.waitsFor) == [nil, ["demo"]])
    for status in [LaunchStatus.cancelled, .postponed, .closed] {
      #expect(LaunchTasks(of: Self.checklist(items[0], items[1], status: status), at: moment).all.isEmpty)
    }
  }

  @Test("Before there is a roster, only owners are asked")
  func beforeRoster() throws {
    var checklist = Self.checklist(Fixture.item("qa"), Fixture.item("copy", .marketing))
    checklist.items[0].owner = "somebody"
    let tasks = LaunchTasks(of: checklist, at: try Fixture.noon("2027-02-01", roster: nil))
    #expect(tasks.tasks(of: "somebody", MyItemsRequest()).map(\.key) == ["qa"])
    #expect(tasks.tasks(of: "mia", MyItemsRequest()).isEmpty)
    #expect(tasks.all.map(\.asked) == [.work, .assign])
  }
}
