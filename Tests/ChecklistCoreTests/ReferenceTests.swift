import ChecklistCore
import Contract
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

  @Test("A group that nobody is in is found when template or roster is adopted, with the nearest name")
  func nobody() {
    let faults = ReferenceCheck.faults(of: template(ApprovalRule(group: "leagl")), on: Fixture.roster)
    #expect(faults.map(\.code) == [.approvalUnreachable])
    #expect(faults.first?.detail == "copy waits for leagl, and nobody is in leagl (did you mean \"legal\"?)")
    #expect(ReferenceCheck.faults(of: template(ApprovalRule(group: "legal")), on: Fixture.roster) == [])
    let left = ReferenceCheck.faults(
      of: template(ApprovalRule(group: "legal")), on: Self.roster(without: "lena", "lex"))
    #expect(left.first?.detail == "copy waits for legal, and nobody is in legal")
  }

  @Test("A group with no more people than must approve is scarce", arguments: [1, 2])
  func scarce(quorum: Int) {
    let roster = quorum == 1 ? Self.roster(without: "lex") : Fixture.roster
    let faults = ReferenceCheck.faults(of: template(ApprovalRule(group: "legal", quorum: quorum)), on: roster)
    #expect(faults.map(\.code) == [.approvalScarce])
  }

  @Test("A group that insists on proven identities needs people with principals")
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

  @Test("Approvals that only the author could give are named in the item, the reasons and the faults")
  func onlyAuthor() throws {
    let (checklist, moment) = try submitted(Self.roster(without: "mia"))
    let expected = "mail waits for marketing, of whom only max is there; max submitted it or attached evidence"
    #expect(checklist.view(of: checklist.items[0], at: moment).missing == [expected])
    #expect(checklist.referenceFaults(at: moment).map(\.detail) == [expected])
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

  @Test("Owners, voters and assignees who left are named, with what to do")
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
    #expect(faults.map(\.code) == [.ownerLeft, .voterLeft, .itemOwnerLeft])
    #expect(faults.map(\.person) == ["petra", "ibrahim", "erin"])
    #expect(faults.last?.detail.contains("gonogo item assign smart-routing qa load --to PERSON") == true)
    let codes = checklist.reasonsAgainstGo(at: moment, isExposed: false).map(\.code)
    #expect(codes.contains("owner-left") && codes.contains("voter-left"))
    let before = try Fixture.noon("2027-02-11")
    #expect(checklist.referenceFaults(at: before) == [])
  }
}
