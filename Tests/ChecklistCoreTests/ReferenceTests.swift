import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

/// References between roster, template and launches (product.md, section 2, rule 11).
@Suite struct ReferenceTests {
  private static func roster(without people: PersonID...) -> Roster {
    var roster = Fixture.roster
    for person in people { roster.people[person] = nil }
    return roster
  }

  private func template(_ rules: ApprovalRule...) -> ChecklistTemplate {
    Fixture.template(Fixture.item("copy", .marketing, approvals: rules))
  }

  @Test("A group without members is found when template or roster is adopted, with the nearest name")
  func nobody() {
    let faults = ReferenceCheck.faults(of: template(ApprovalRule(group: "leagl")), on: Fixture.roster)
    #expect(faults.map(\.code) == [.approvalUnreachable])
    #expect(faults.first?.detail == "copy waits for leagl, and nobody is in leagl (did you mean \"legal\"?)")
    #expect(ReferenceCheck.faults(of: template(ApprovalRule(group: "legal")), on: Fixture.roster) == [])
    let left = ReferenceCheck.faults(
      of: template(ApprovalRule(group: "legal")), on: Self.roster(without: "lena", "lex"))
    #expect(left.first?.detail == "copy waits for legal, and nobody is in legal")
  }

  @Test("A group with no more people than approvals needed is reported as scarce", arguments: [1, 2])
  func scarce(quorum: Int) {
    let roster = quorum == 1 ? Self.roster(without: "lex") : Fixture.roster
    let faults = ReferenceCheck.faults(of: template(ApprovalRule(group: "legal", quorum: quorum)), on: roster)
    #expect(faults.map(\.code) == [.approvalScarce])
  }

  @Test("A group that requires proven identities needs people with principals")
  func proven() {
    var roster = Fixture.roster
    roster.provenOnly = ["legal"]
    let faults = ReferenceCheck.faults(of: template(ApprovalRule(group: "legal")), on: roster)
    #expect(faults.first?.detail.contains("nobody in legal has a principal") == true)
  }

  private func submitted(_ roster: Roster) throws -> (LaunchChecklist, LaunchMoment) {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("mail", .marketing, review: true))
    try checklist.act(.submit, "mail", as: "max", roster: Fixture.roster)
    return (checklist, try Fixture.noon("2027-02-11", roster: roster))
  }

  @Test("Approvals that only the author could give appear in the item, the reasons and the faults")
  func onlyAuthor() throws {
    let (checklist, moment) = try submitted(Self.roster(without: "mia"))
    let expected = "mail waits for marketing, of whom only max is there; max submitted it or attached evidence"
    #expect(checklist.view(of: checklist.items[0], at: moment).missing == [expected])
    let unreachable = checklist.referenceFaults(at: moment).filter { $0.code == .approvalUnreachable }
    #expect(unreachable.map(\.detail) == [expected])
    #expect(
      checklist.reasonsAgainstGo(at: moment, isExposed: false).contains {
        $0.item == "mail" && $0.detail.contains(expected)
      })
    let (fine, before) = try submitted(Fixture.roster)
    #expect(fine.referenceFaults(at: before) == [])
  }

  @Test("One person in two groups cannot give both approvals")
  func inCommon() throws {
    let checklist = Fixture.checklist(
      Fixture.record(),
      Fixture.item(
        "copy", .marketing, approvals: [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]))
    let moment = try Fixture.noon("2027-02-11", roster: Self.roster(without: "petra", "lena"))
    var roster = moment.roster ?? Roster()
    roster.people["petra"] = Person(name: "Petra")
    let faults = checklist.referenceFaults(at: try Fixture.noon("2027-02-11", roster: roster))
    #expect(
      faults.map(\.detail) == [
        "copy waits for product and legal, which have too few people in common: one person counts once"
      ])
  }

  @Test("Owners, voters and assignees who left are named, with what to do about it")
  func departed() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"), Fixture.item("load"))
    try checklist.act(.assign, "qa", as: "ibrahim") { $0.to = "erin" }
    try checklist.act(.assign, "load", as: "ibrahim") { $0.to = "erin" }
    checklist.votes = [
      PollVote(
        function: .engineering, answer: .go, by: "ibrahim (claimed by uid:1)", at: Fixture.at("2027-02-01T12:00:00Z"))
    ]
    let roster = Self.roster(without: "petra", "erin", "ibrahim")
    let moment = try Fixture.noon("2027-02-11", roster: roster)
    let faults = checklist.referenceFaults(at: moment)
    #expect(faults.map(\.code) == [.ownerLeft, .voterLeft, .leadMissing, .itemOwnerLeft])
    #expect(faults.map(\.person) == ["petra", "ibrahim", nil, "erin"])
    #expect(faults.last?.detail.contains("smart-routing (qa, load)") == true)
    #expect(faults.last?.detail.hasSuffix("gonogo item assign --from erin --to PERSON") == true)
    let codes = checklist.reasonsAgainstGo(at: moment, isExposed: false).map(\.code)
    #expect(codes.contains("owner-left") && codes.contains("voter-left"))
    let before = try Fixture.noon("2027-02-11")
    #expect(checklist.referenceFaults(at: before) == [])
  }

  @Test(
    "If the person who executes a rollback has left, that is a fault and a reason against GO",
    arguments: [
      ("flag to 0 %", "lena", nil), ("flag to 0 %; Lena is on call", nil, nil), ("flag to 0 %", nil, "lena"),
      // Whoever owns the item does not take over from the person in its text.
      ("flag to 0 %; Lena is on call", nil, "ibrahim"),
    ] as [(text: String, person: PersonID?, owner: PersonID?)], [false, true])
  func executor(given: (text: String, person: PersonID?, owner: PersonID?), byEvent: Bool) throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("rollback-procedure", evidence: [.text]))
    if let owner = given.owner { try checklist.act(.assign, "rollback-procedure", as: "ibrahim") { $0.to = owner } }
    let before = try Fixture.noon("2027-02-11")
    if byEvent {
      var data: [String: JSONValue] = ["text": .string(given.text)]
      data["person"] = given.person.map { .string($0) }
      _ = checklist.apply(RequirementTests.report("rollback-procedure", data), at: before)
    } else {
      try checklist.act(.done, "rollback-procedure", as: "erin") {
        $0.evidence = Evidence(kind: .text, value: given.text)
        $0.person = given.person
      }
    }
    #expect(checklist.state("rollback-procedure") == .done)
    #expect(checklist.view(of: checklist.items[0], at: before).person == "lena")
    #expect(checklist.referenceFaults(at: before) == [])
    #expect(checklist.view(of: checklist.items[0], at: before).missing == [])
    let moment = try Fixture.noon("2027-02-11", roster: Self.roster(without: "lena"))
    let faults = checklist.referenceFaults(at: moment)
    #expect(faults.map(\.code) == [.executorLeft])
    #expect(faults.first?.person == "lena")
    #expect(
      faults.first?.detail == "lena, who executes rollback-procedure of smart-routing, is not on the roster; name "
        + "another person: gonogo item done smart-routing rollback-procedure --person PERSON")
    let reason = checklist.reasonsAgainstGo(at: moment, isExposed: false).first { $0.item == "rollback-procedure" }
    #expect(reason?.code == "item-incomplete")
    #expect(reason?.detail.contains("lena is not") == true)
    #expect(checklist.view(of: checklist.items[0], at: moment).missing == ["people on the roster (lena is not)"])
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .outstanding)
    try checklist.act(.done, "rollback-procedure", as: "erin", roster: Self.roster(without: "lena")) {
      $0.person = "ibrahim"
    }
    #expect(checklist.referenceFaults(at: moment) == [])
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .satisfied)
  }

  @Test("A GO is stale once the person who executes the rollback has left")
  func executorOfGo() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("rollback-procedure", evidence: [.text]))
    try checklist.act(.done, "rollback-procedure", as: "erin") {
      $0.evidence = Evidence(kind: .text, value: "flag to 0 %")
      $0.person = "lena"
    }
    let basis = checklist.basis(at: try Fixture.noon("2027-02-11"))
    #expect(basis.worsenings(in: checklist, at: try Fixture.noon("2027-02-12")) == [])
    let moment = try Fixture.noon("2027-02-12", roster: Self.roster(without: "lena"))
    let worse = basis.worsenings(in: checklist, at: moment)
    #expect(worse.map(\.code) == ["item-incomplete"])
  }

  @Test("Attendees who left are named if nobody else from their function attended; the demo stays done")
  func attendees() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("internal-demo", .cs, evidence: [.attendance], strict: true))
    try checklist.act(.done, "internal-demo", as: "cora") {
      $0.attended = ["cora", "sam", "mia"]
      $0.presenter = "erin"
    }
    let moment = try Fixture.noon("2027-02-11", roster: Self.roster(without: "sam"))
    let faults = checklist.referenceFaults(at: moment)
    #expect(faults.map(\.code) == [.attendeeLeft])
    #expect(faults.map(\.function) == [.support])
    #expect(checklist.standing(of: checklist.items[0], at: moment).level == .satisfied)
    let others = try Fixture.noon("2027-02-11", roster: Self.roster(without: "mia", "erin"))
    #expect(checklist.referenceFaults(at: others) == [], "others of their functions were there, and the demo was given")
    checklist.exposedSince = Fixture.at("2027-02-10T12:00:00Z")
    #expect(checklist.referenceFaults(at: moment) == [])
  }

  @Test("A function without a lead is named while the poll waits for it, until it has answered")
  func leaderless() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("copy", .marketing))
    let moment = try Fixture.noon("2027-02-11", roster: Self.roster(without: "mia"))
    let fault = checklist.referenceFaults(at: moment).first
    #expect(fault?.code == .leadMissing)
    #expect(fault?.function == .marketing)
    let reasons = checklist.reasonsAgainstGo(at: moment, isExposed: false)
    #expect(
      reasons.first { $0.code == "poll-missing" }?.detail
        == "Marketing has not answered the poll, and nobody on the roster leads it")
    checklist.votes = [
      PollVote(function: .marketing, answer: .go, by: "dana", at: Fixture.at("2027-02-01T12:00:00Z"))
    ]
    #expect(checklist.referenceFaults(at: moment) == [])
    let moderate = Fixture.checklist(Fixture.record(tier: .moderate), Fixture.item("copy", .marketing))
    #expect(moderate.referenceFaults(at: moment) == [], "no poll, so nobody waits")
  }
}
