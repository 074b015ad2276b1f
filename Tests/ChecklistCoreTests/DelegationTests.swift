import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("Acting as a stand-in") struct DelegationTests {
  private static func roster(_ delegations: (from: PersonID, to: PersonID)...) -> Roster {
    var roster = Fixture.roster
    roster.delegates = delegations.map {
      Delegation(from: $0.from, to: $0.to, until: Fixture.day("2027-02-10"))
    }
    for (number, person) in roster.people.keys.sorted().enumerated() {
      roster.people[person]?.principals = [.uid(UInt32(100 + number))]
    }
    return roster
  }

  private static func actor(_ person: PersonID, on roster: Roster, at time: String) throws -> Actor {
    let principal = try #require(roster.people[person]?.principals.first)
    return try roster.actor(principal: principal, at: Fixture.at(time))
  }

  private static func submitted(by author: PersonID = "max", quorum: Int = 1) throws -> LaunchChecklist {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal", quorum: quorum)]))
    try checklist.act(.submit, by: "max", at: "2027-02-01T15:00:00Z")
    if author != "max" { checklist.items[0].authors = [author] }
    return checklist
  }

  @Test(
    "A stand-in approves until the end of the last day in the launch's zone, and the record names both",
    arguments: [
      ("2027-02-02T15:00:00Z", nil), ("2027-02-11T04:59:59Z", nil), ("2027-02-11T05:00:00Z", "not-in-group"),
    ] as [(String, String?)])
  func until(time: String, code: String?) throws {
    let roster = Self.roster((from: "lena", to: "erin"))
    var checklist = try Self.submitted()
    let actor = try Self.actor("erin", on: roster, at: time)
    #expect(refusal { try checklist.act(.approve, as: actor, at: time, roster: roster) } == code)
    guard code == nil else { return }
    #expect(checklist.state("copy") == .done)
    let later = try checklist.moment("2027-02-20T15:00:00Z", roster: roster)
    let view = checklist.view(of: checklist.items[0], at: later)
    #expect(view.approvals.first?.approvedBy == ["erin for lena"], "it stands after the delegation has ended")
    #expect(view.state == .done)
  }

  @Test("A person and their stand-in together count once, whichever of them comes first", arguments: [false, true])
  func once(standInFirst: Bool) throws {
    let roster = Self.roster((from: "lena", to: "erin"))
    var checklist = try Self.submitted(quorum: 2)
    let people: [PersonID] = standInFirst ? ["erin", "lena"] : ["lena", "erin"]
    let time = "2027-02-02T15:00:00Z"
    let actors = try people.map { try Self.actor($0, on: roster, at: time) }
    try checklist.act(.approve, as: actors[0], at: time, roster: roster)
    #expect(refusal { try checklist.act(.approve, as: actors[1], at: time, roster: roster) } == "approved-already")
    #expect(checklist.state("copy") == .inReview)
    try checklist.act(.approve, as: try Self.actor("lex", on: roster, at: time), at: time, roster: roster)
    #expect(checklist.state("copy") == .done)
  }

  @Test("A member who also stands in for another member counts once") func member() throws {
    let roster = Self.roster((from: "lena", to: "lex"))
    var checklist = try Self.submitted(quorum: 2)
    let time = "2027-02-02T15:00:00Z"
    let lex = try Self.actor("lex", on: roster, at: time)
    try checklist.act(.approve, as: lex, at: time, roster: roster)
    let principal = try #require(roster.people["lex"]?.principals.first)
    let forLena = try roster.actor(principal: principal, onBehalfOf: "lena", at: Fixture.at(time))
    #expect(forLena.description == "lex for lena")
    #expect(refusal { try checklist.act(.approve, as: forLena, at: time, roster: roster) } == "approved-already")
    let counted = checklist.items[0].approvalTally(provenOnly: []).counted(for: "legal")
    #expect(counted.map(\.by) == ["lex"])
  }

  @Test("Nobody approves their own work, nor that of the person they stand in for", arguments: ["erin", "lena"])
  func ownWork(author: PersonID) throws {
    let roster = Self.roster((from: "lena", to: "erin"))
    var checklist = try Self.submitted(by: author)
    let time = "2027-02-02T15:00:00Z"
    let actor = try Self.actor("erin", on: roster, at: time)
    #expect(refusal { try checklist.act(.approve, as: actor, at: time, roster: roster) } == "own-work")
  }

  @Test("A delegate's own delegate has no rights from the first person") func chain() throws {
    let roster = Self.roster((from: "lena", to: "erin"), (from: "erin", to: "sam"))
    var checklist = try Self.submitted()
    let time = "2027-02-02T15:00:00Z"
    let actor = try Self.actor("sam", on: roster, at: time)
    #expect(refusal { try checklist.act(.approve, as: actor, at: time, roster: roster) } == "not-in-group")
  }

  @Test("Somebody who acts in their own right is recorded as themselves") func own() throws {
    let roster = Self.roster((from: "lena", to: "max"))
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("plain", .marketing))
    let time = "2027-02-02T15:00:00Z"
    let moment = try checklist.moment(time, roster: roster)
    let event = try checklist.perform(
      .start, ItemAction(launch: checklist.launch), on: ItemReference(key: "plain", instance: nil),
      by: try Self.actor("max", on: roster, at: time), at: moment)
    #expect(event.actor?.description == "max")
  }

  @Test("A stand-in for somebody who may waive waives the item, instead of requesting a waiver") func waiver() throws {
    let roster = Self.roster((from: "dana", to: "max"))
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("plain", .marketing))
    let time = "2027-02-02T15:00:00Z"
    try checklist.act(.waive, as: try Self.actor("max", on: roster, at: time), at: time, roster: roster)
    #expect(checklist.state("plain") == .waived)
    #expect(checklist.items[0].waiver?.by == "max for dana")
  }

  @Test("Nobody can verify as a stand-in what they themselves marked as not applicable") func verifying() throws {
    let roster = Self.roster((from: "dana", to: "mia"))
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("plain", .marketing))
    let time = "2027-02-02T15:00:00Z"
    try checklist.act(.markNotApplicable, as: try Self.actor("mia", on: roster, at: time), at: time, roster: roster)
    let principal = try #require(roster.people["mia"]?.principals.first)
    let forDana = try roster.actor(principal: principal, onBehalfOf: "dana", at: Fixture.at(time))
    let code = refusal { try checklist.act(.markNotApplicable, as: forDana, at: time, roster: roster) }
    #expect(code == "already-not-applicable")
    #expect(checklist.items[0].exemption?.verifiedBy == nil)
  }

  @Test("A stand-in's vote needs both people on the roster; delegations of departed people are reported")
  func left() throws {
    var roster = Self.roster((from: "ibrahim", to: "erin"))
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("qa"))
    let erin = try Self.actor("erin", on: roster, at: "2027-02-02T15:00:00Z")
    let standIn = try #require(erin.standIns.first)
    let answer = PollAnswer(launch: checklist.launch, answer: .go)
    let vote = try checklist.answer(answer, by: standIn, at: Fixture.at("2027-02-02T15:00:00Z"))
    #expect(vote.by == "erin for ibrahim")
    roster.people["erin"] = nil
    let faults = checklist.referenceFaults(at: try checklist.moment("2027-02-03T15:00:00Z", roster: roster))
    #expect(faults.first { $0.code == .voterLeft }?.person == "erin")
    let delegates = ReferenceCheck.faults(ofDelegatesOn: roster)
    #expect(delegates.map(\.code) == [.delegateLeft])
    #expect(delegates.map(\.person) == ["erin"])
    #expect(ReferenceCheck.faults(ofDelegatesOn: Self.roster((from: "ibrahim", to: "erin"))) == [])
  }
}
