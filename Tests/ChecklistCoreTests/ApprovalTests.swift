import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct ApprovalTests {
  /// Launch copy, submitted by Max, asking Product and Legal.
  private func copy(
    _ rules: [ApprovalRule] = [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]
  ) throws -> LaunchChecklist {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("copy", .marketing, approvals: rules))
    try checklist.act(.submit, "copy", as: "max")
    return checklist
  }

  @Test("the last quorum makes the item done")
  func lastQuorum() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra")
    #expect(checklist.state("copy") == .inReview)
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
    #expect(checklist.items[0].doneOn == Fixture.day("2027-02-01"))
  }

  @Test("an item that asks for approval cannot be ticked, and one that does not cannot be submitted")
  func wrongWay() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, review: true), Fixture.item("a", .marketing))
    #expect(refusal { try checklist.act(.done, "copy", as: "max") } == "needs-review")
    #expect(refusal { try checklist.act(.submit, "a", as: "max") } == "needs-no-review")
  }

  @Test("a person in two of the groups says for which, counts once, and two people are needed")
  func oncePerPerson() throws {
    var checklist = try copy()
    #expect(refusal { try checklist.act(.approve, "copy", as: "lex") } == "missing-group")
    try checklist.act(.approve, "copy", as: "lex") { $0.group = "legal" }
    #expect(refusal { try checklist.act(.approve, "copy", as: "lex") { $0.group = "product" } } == "counts-once")
    #expect(refusal { try checklist.act(.approve, "copy", as: "lex") { $0.group = "legal" } } == "approved-already")
    #expect(checklist.state("copy") == .inReview)
    try checklist.act(.approve, "copy", as: "petra")
    #expect(checklist.state("copy") == .done)
  }

  @Test("nobody approves for a group they are not in, Product Ops included")
  func membership() throws {
    var checklist = try copy()
    #expect(refusal { try checklist.act(.approve, "copy", as: "erin") } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "dana") } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "petra") { $0.group = "legal" } } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "petra") { $0.group = "sales" } } == "unfit-group")
  }

  @Test("who submitted or attached does not approve their own work")
  func ownWork() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("mail", .marketing, review: true))
    try checklist.act(.attach, "mail", as: "mia") { $0.evidence = Evidence(kind: .text, value: "Dear customer") }
    try checklist.act(.submit, "mail", as: "max")
    #expect(refusal { try checklist.act(.approve, "mail", as: "max") } == "own-work")
    #expect(refusal { try checklist.act(.approve, "mail", as: "mia") } == "own-work")
  }

  @Test("a quorum of two takes two")
  func quorum() throws {
    var checklist = try copy([ApprovalRule(group: "legal", quorum: 2)])
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .inReview)
    try checklist.act(.approve, "copy", as: "lex")
    #expect(checklist.state("copy") == .done)
  }

  @Test("a material change voids the approvals visibly, also of what was done by them")
  func materialChange() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lena")
    try checklist.act(.attach, "copy", as: "max") { $0.evidence = Evidence(kind: .text, value: "new wording") }
    #expect(checklist.state("copy") == .inReview)
    let view = checklist.view(of: checklist.items[0], at: try Fixture.noon("2027-02-01"))
    #expect(view.approvals.map(\.approvedBy) == [[], []])
    #expect(view.approvals.first?.ended == ["petra: approved, the item changed: text attached"])
  }

  @Test("one rejection blocks until it is withdrawn")
  func rejection() throws {
    var checklist = try copy()
    try checklist.act(.reject, "copy", as: "lena") { $0.reason = "a promise" }
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lex") { $0.group = "legal" }
    #expect(checklist.state("copy") == .inReview)
    let moment = try Fixture.noon("2027-02-01")
    #expect(checklist.standing(of: checklist.items[0], at: moment).code == "item-rejected")
    try checklist.act(.withdraw, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
  }

  @Test("a rejection falls when the item changes")
  func rejectionFalls() throws {
    var checklist = try copy()
    try checklist.act(.reject, "copy", as: "lena")
    try checklist.act(.attach, "copy", as: "max") { $0.evidence = Evidence(kind: .text, value: "new wording") }
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
  }

  @Test("withdrawing an approval takes the item back into review")
  func withdrawn() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lena")
    try checklist.act(.withdraw, "copy", as: "petra")
    #expect(checklist.state("copy") == .inReview)
    #expect(refusal { try checklist.act(.withdraw, "copy", as: "petra") } == "nothing-to-withdraw")
  }

  @Test("claimed identities count and are marked, except in groups that insist on proven ones")
  func claimed() throws {
    var checklist = try copy()
    var roster = Fixture.roster
    roster.provenOnly = ["legal"]
    try checklist.act(.approve, "copy", as: "petra", claimed: true, roster: roster)
    let moment = try Fixture.noon("2027-02-01", roster: roster)
    let approved = checklist.view(of: checklist.items[0], at: moment).approvals.first?.approvedBy
    #expect(approved == ["petra (claimed by uid:7)"])
    let code = refusal { try checklist.act(.approve, "copy", as: "lena", claimed: true, roster: roster) }
    #expect(code == "identity-claimed")
    try checklist.act(.approve, "copy", as: "lena", roster: roster)
    #expect(checklist.state("copy") == .done)
  }

  @Test("an approval that was claimed is given again by who proves to be that person, and a rejection gives way to one")
  func again() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra", claimed: true)
    #expect(refusal { try checklist.act(.approve, "copy", as: "petra", claimed: true) } == "approved-already")
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.reject, "copy", as: "lena") { $0.reason = "a promise" }
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
    #expect(checklist.items[0].approvals.filter(\.stands).map(\.isProven) == [true, true])
  }

  @Test("a claimed approval stops counting when the roster comes to insist on proof")
  func laterProof() {
    let approval = Approval(
      verdict: .approved, group: "legal", person: "lena", by: "lena (claimed by uid:7)", isProven: false,
      at: Fixture.at("2027-02-01T12:00:00Z"))
    let rules = [ApprovalRule(group: "legal")]
    #expect(ApprovalTally(rules: rules, approvals: [approval], provenOnly: []).isComplete)
    #expect(ApprovalTally(rules: rules, approvals: [approval], provenOnly: ["legal"]).missing == rules)
  }
}
