import ChecklistCore
import Contract
import LaunchModel
import Testing

/// The launch is on Tuesday, 2 March 2027.
@Suite("Waivers") struct WaiverTests {
  private static func checklist(_ item: TemplateItem = Fixture.item("a")) -> LaunchChecklist {
    Fixture.checklist(Fixture.record(), item)
  }

  private static func standing(_ checklist: LaunchChecklist, on day: String) throws -> ItemStanding {
    checklist.standing(of: checklist.items[0], at: try Fixture.noon(day, record: checklist.record))
  }

  @Test("A waiver without an end covers the launch date and ends with it") func withoutEnd() throws {
    var checklist = Self.checklist()
    let event = try checklist.act(.waive, "a", as: "dana")
    #expect(event.step.detail == "because, until the launch on 2027-03-02")
    let view = checklist.view(of: checklist.items[0], at: try Fixture.noon("2027-02-01"))
    #expect(view.waivedUntil == Fixture.day("2027-03-03"))
    #expect(try Self.standing(checklist, on: "2027-03-02").level == .satisfied)
    #expect(try Self.standing(checklist, on: "2027-03-03").code == "waiver-expired")
  }

  @Test("A waiver without an end does not follow the launch to a later date") func moved() throws {
    var checklist = Self.checklist()
    try checklist.act(.waive, "a", as: "dana")
    checklist.record.plan.date = Fixture.day("2027-03-30")
    #expect(try Self.standing(checklist, on: "2027-03-02").flags.contains(.atRisk))
    #expect(try Self.standing(checklist, on: "2027-03-03").code == "waiver-expired")
    // Customers got it while the waiver held, but a relaunch on another date needs another waiver.
    checklist.exposedSince = Fixture.at("2027-03-02T17:00:00Z")
    #expect(try Self.standing(checklist, on: "2027-03-03").code == "waiver-expired")
  }

  @Test(
    "A launch that went live under a waiver keeps the waiver for its later stages",
    arguments: [("2027-03-02T17:00:00Z", true), ("2027-03-03T05:00:00Z", false)])
  func exposed(since: String, holds: Bool) throws {
    var checklist = Self.checklist()
    try checklist.act(.waive, "a", as: "dana")
    checklist.exposedSince = Fixture.at(since)
    #expect((try Self.standing(checklist, on: "2027-03-10").level == .satisfied) == holds)
    let reminders = checklist.reminders(at: try Fixture.noon("2027-03-10")).map(\.kind)
    #expect(reminders == (holds ? [] : [.overdue]))
  }

  @Test("A waiver with an end expires then, whether or not the launch is live") func givenEnd() throws {
    var checklist = Self.checklist()
    try checklist.act(.waive, "a", as: "dana") { $0.until = Fixture.day("2027-03-05") }
    checklist.exposedSince = Fixture.at("2027-03-02T17:00:00Z")
    #expect(try Self.standing(checklist, on: "2027-03-04").level == .satisfied)
    #expect(try Self.standing(checklist, on: "2027-03-05").code == "waiver-expired")
  }

  @Test("After the launch date a waiver needs an end, except for items due after the launch")
  func late() throws {
    var checklist = Self.checklist()
    #expect(refusal { try checklist.act(.waive, "a", as: "dana", on: "2027-03-03") } == "missing-until")
    #expect(checklist.state("a") == .open)
    var after = Self.checklist(Fixture.item("a", due: 5, phase: .after))
    try after.act(.waive, "a", as: "dana", on: "2027-03-03")
    #expect(after.items[0].waiver?.until == nil && after.state("a") == .waived)
  }

  @Test("A waiver that ends with the launch causes no reminder, unless the launch slips")
  func reminders() throws {
    var checklist = Self.checklist()
    try checklist.act(.waive, "a", as: "dana")
    #expect(checklist.reminders(at: try Fixture.noon("2027-03-01")) == [])
    checklist.record.plan.date = Fixture.day("2027-03-30")
    #expect(checklist.reminders(at: try Fixture.noon("2027-03-01")).map(\.kind) == [.waiverExpiring])
  }

  @Test(
    "The item's owner and members of its function may request a waiver; others may not",
    arguments: [("erin", true), ("ibrahim", true), ("sam", true), ("mia", false), ("stranger", false)])
  func request(person: PersonID, mayAsk: Bool) throws {
    var checklist = Self.checklist()
    try checklist.act(.assign, "a", as: "dana") { $0.to = "sam" }
    let code = refusal { try checklist.act(.waive, "a", as: person) { $0.until = Fixture.day("2027-02-20") } }
    #expect((code == nil) == mayAsk)
    #expect(checklist.state("a") == .open, "asking waives nothing")
    let moment = try Fixture.noon("2027-02-01")
    let request = checklist.view(of: checklist.items[0], at: moment).waiverRequest
    let expected = WaiverRequestView(
      by: person, at: moment.now, reason: "because", until: Fixture.day("2027-02-20"))
    #expect(request == (mayAsk ? expected : nil))
    #expect(checklist.functions(at: moment).map(\.waiverRequests) == [mayAsk ? ["a"] : []])
    #expect(try Self.standing(checklist, on: "2027-02-01").level == .outstanding)
  }

  @Test("A request ends with the waiver, with the item, or when it is declined or withdrawn") func answers() throws {
    func requested() throws -> LaunchChecklist {
      var checklist = Self.checklist()
      let event = try checklist.act(.waive, "a", as: "erin")
      #expect(event.step.action == "request-waiver")
      #expect(event.step.from == .open && event.step.to == .open)
      return checklist
    }
    let answers: [(verb: ItemVerb, person: PersonID, step: WaiverStep?, state: ItemState)] = [
      (.waive, "dana", nil, .waived), (.done, "erin", nil, .done), (.markNotApplicable, "ibrahim", nil, .notApplicable),
      (.waive, "dana", .decline, .open), (.waive, "erin", .decline, .open),
    ]
    for answer in answers {
      var checklist = try requested()
      try checklist.act(answer.verb, "a", as: answer.person) { $0.waiver = answer.step }
      #expect(checklist.items[0].waiverRequest == nil, "\(answer)")
      #expect(checklist.state("a") == answer.state, "\(answer)")
    }
    var checklist = try requested()
    #expect(refusal { try checklist.act(.waive, "a", as: "ibrahim") { $0.waiver = .decline } } == "forbidden")
    #expect(refusal { try checklist.act(.waive, "a", as: "erin") } == "requested-already")
    #expect(checklist.items[0].waiverRequest?.by == "erin")
    var none = Self.checklist()
    #expect(refusal { try none.act(.waive, "a", as: "dana") { $0.waiver = .decline } } == "nothing-to-decline")
  }

  @Test("Somebody who may waive the item can leave the decision to others; an advisory item's lead is asked")
  func asked() throws {
    var checklist = Self.checklist()
    try checklist.act(.waive, "a", as: "dana") { $0.waiver = .request }
    #expect(checklist.state("a") == .open && checklist.items[0].waiverRequest?.person == "dana")
    #expect(checklist.items[0].waiverFunction == .productOps)
    #expect(Self.checklist(Fixture.item("a", gate: .advisory)).items[0].waiverFunction == .engineering)
  }
}
