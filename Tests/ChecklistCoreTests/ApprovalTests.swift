import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct ApprovalTests {
  /// Launch copy submitted by Max for approval by Product and Legal.
  private func copy(
    _ rules: [ApprovalRule] = [ApprovalRule(group: "product"), ApprovalRule(group: "legal")]
  ) throws -> LaunchChecklist {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("copy", .marketing, approvals: rules))
    try checklist.act(.submit, "copy", as: "max")
    return checklist
  }

  @Test("The last missing approval completes the item")
  func lastQuorum() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra")
    #expect(checklist.state("copy") == .inReview)
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
    #expect(checklist.items[0].doneOn == Fixture.day("2027-02-01"))
  }

  @Test("An item with approvals cannot be marked as done, and one without cannot be submitted")
  func wrongWay() throws {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("copy", .marketing, review: true), Fixture.item("a", .marketing))
    #expect(refusal { try checklist.act(.done, "copy", as: "max") } == "needs-review")
    #expect(refusal { try checklist.act(.submit, "a", as: "max") } == "needs-no-review")
  }

  @Test("A member of two groups must name one, counts once, and does not replace the second approver")
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

  @Test("Only a group's members can approve for it, and not even Product Ops can otherwise")
  func membership() throws {
    var checklist = try copy()
    #expect(refusal { try checklist.act(.approve, "copy", as: "erin") } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "dana") } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "petra") { $0.group = "legal" } } == "not-in-group")
    #expect(refusal { try checklist.act(.approve, "copy", as: "petra") { $0.group = "sales" } } == "unfit-group")
  }

  @Test("People who submitted or attached something cannot approve it")
  func ownWork() throws {
    var checklist = Fixture.checklist(Fixture.record(), Fixture.item("mail", .marketing, review: true))
    try checklist.act(.attach, "mail", as: "mia") { $0.evidence = Evidence(kind: .text, value: "Dear customer") }
    try checklist.act(.submit, "mail", as: "max")
    #expect(refusal { try checklist.act(.approve, "mail", as: "max") } == "own-work")
    #expect(refusal { try checklist.act(.approve, "mail", as: "mia") } == "own-work")
  }

  @Test("A quorum of two needs two approvals")
  func quorum() throws {
    var checklist = try copy([ApprovalRule(group: "legal", quorum: 2)])
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .inReview)
    let view = checklist.view(of: checklist.items[0], at: try Fixture.noon("2027-02-01"))
    var approval = try #require(view.approvals.first)
    approval.clock = nil
    #expect(approval == ApprovalView(group: "legal", quorum: 2, approvedBy: ["lena"]))
    #expect(view.approvals.count == 1)
    try checklist.act(.approve, "copy", as: "lex")
    #expect(checklist.state("copy") == .done)
  }

  @Test("A material change voids approvals, even of a completed item, and the view shows them")
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

  @Test("One rejection blocks the item until it is withdrawn")
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

  @Test("A change to the item voids a rejection")
  func rejectionFalls() throws {
    var checklist = try copy()
    try checklist.act(.reject, "copy", as: "lena")
    let moment = try Fixture.noon("2027-02-01")
    #expect(checklist.view(of: checklist.items[0], at: moment).approvals.map(\.rejectedBy) == [[], ["lena"]])
    try checklist.act(.attach, "copy", as: "max") { $0.evidence = Evidence(kind: .text, value: "new wording") }
    let view = checklist.view(of: checklist.items[0], at: moment)
    #expect(view.approvals.map(\.rejectedBy) == [[], []])
    #expect(view.approvals.last?.ended == ["lena: rejected, the item changed: text attached"])
    #expect(view.reason == nil)
    #expect(checklist.standing(of: checklist.items[0], at: moment).code != "item-rejected")
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lena")
    #expect(checklist.state("copy") == .done)
  }

  @Test("Withdrawing an approval returns the item to review")
  func withdrawn() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra")
    try checklist.act(.approve, "copy", as: "lena")
    try checklist.act(.withdraw, "copy", as: "petra")
    #expect(checklist.state("copy") == .inReview)
    #expect(checklist.items[0].completedAt == nil && checklist.items[0].vouchedAt == nil)
    #expect(refusal { try checklist.act(.withdraw, "copy", as: "petra") } == "nothing-to-withdraw")
  }

  @Test("Claimed identities count and are marked, but not for groups that require proof")
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

  @Test("A proven identity replaces a claimed approval, and an approval replaces the same person's rejection")
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

  @Test("A claimed approval stops counting once the roster requires proof")
  func laterProof() {
    let approval = Approval(
      verdict: .approved, group: "legal", person: "lena", by: "lena (claimed by uid:7)", isProven: false,
      at: Fixture.at("2027-02-01T12:00:00Z"))
    let rules = [ApprovalRule(group: "legal")]
    #expect(ApprovalTally(rules: rules, approvals: [approval], provenOnly: []).isComplete)
    #expect(ApprovalTally(rules: rules, approvals: [approval], provenOnly: ["legal"]).missing == rules)
  }

  @Test("What was done on a claimed approval is not ready once its group requires proof, and a GO on it is stale")
  func doneBeforeProof() throws {
    var checklist = try copy()
    try checklist.act(.approve, "copy", as: "petra", claimed: true)
    try checklist.act(.approve, "copy", as: "lena", claimed: true)
    let before = try Fixture.noon("2027-02-01")
    #expect(checklist.standing(of: checklist.items[0], at: before).level == .satisfied)
    var roster = Fixture.roster
    roster.provenOnly = ["legal"]
    let after = try Fixture.noon("2027-02-01", roster: roster)
    let standing = checklist.standing(of: checklist.items[0], at: after)
    #expect(standing.level == .outstanding && standing.code == "item-incomplete")
    #expect(standing.detail?.contains("legal now needs approvals by proven identities") == true)
    #expect(checklist.basis(at: before).worsenings(in: checklist, at: after).map(\.code) == ["item-incomplete"])
    roster.provenOnly = ["cs"]
    let others = try Fixture.noon("2027-02-01", roster: roster)
    #expect(checklist.standing(of: checklist.items[0], at: others).level == .satisfied)
  }

  @Test("The digest of an empty file is not evidence", arguments: ["e3b0c442", "E3B0C442"])
  func emptyFile(_ digits: String) throws {
    var checklist = try copy()
    let rest = "98fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let empty = Evidence(kind: .digest, value: "sha256:\(digits)\(rest)")
    let code = refusal { try checklist.act(.attach, "copy", as: "max") { $0.evidence = empty } }
    #expect(code != nil && checklist.items[0].evidence.isEmpty)
  }
}
