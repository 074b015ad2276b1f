import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite("What people hold") struct HoldingTests {
  private static func checklist() throws -> LaunchChecklist {
    var checklist = Fixture.checklist(
      Fixture.record(), Fixture.item("qa"), Fixture.item("load"), Fixture.item("page", .marketing),
      Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "legal")]),
      Fixture.item("mail", .marketing, approvals: [ApprovalRule(group: "legal"), ApprovalRule(group: "product")]))
    for key in ["qa", "load", "page"] { try checklist.act(.assign, key, as: "dana") { $0.to = "lex" } }
    try checklist.act(.done, "load", as: "erin")
    for key in ["copy", "mail"] { try checklist.act(.submit, key, as: "max") }
    try checklist.act(.approve, "copy", as: "lex") { $0.group = "legal" }
    checklist.votes = [
      PollVote(function: .product, answer: .go, by: "lex", at: Fixture.at("2027-02-01T12:00:00Z"))
    ]
    return checklist
  }

  @Test("Open items, requested approvals, valid approvals, votes and launches are listed") func all() throws {
    let checklist = try Self.checklist()
    let moment = try Fixture.noon("2027-02-02")
    let lex = checklist.holdings(of: "lex", in: ["legal", "product"], at: moment)
    #expect(
      lex
        == LaunchHoldings(
          launch: Fixture.launch, items: ["qa", "page"], asked: ["mail for legal", "mail for product"],
          approvals: ["copy for legal"], votes: [.product]))
    #expect(checklist.holdings(of: "petra", in: [], at: moment) == LaunchHoldings(launch: Fixture.launch, owns: true))
    #expect(checklist.holdings(of: "max", in: ["legal"], at: moment) == nil, "an author is not asked")
    #expect(checklist.holdings(of: "sam", in: ["support"], at: moment) == nil)
    #expect(checklist.people == ["lex", "petra"])
  }

  @Test("An approval that was withdrawn or does not count is not listed") func withdrawn() throws {
    var checklist = try Self.checklist()
    try checklist.act(.withdraw, "copy", as: "lex")
    let held = checklist.holdings(of: "lex", in: [], at: try Fixture.noon("2027-02-02"))
    #expect(held?.approvals == [])
  }

  @Test("All open items move that the caller may move; the others stay, with the reason")
  func moved() throws {
    var checklist = try Self.checklist()
    let moment = try Fixture.noon("2027-02-02")
    let byLead = checklist.reassign(from: "lex", to: "erin", by: Fixture.actor("ibrahim"), at: moment)
    #expect(byLead.items.map(\.key) == ["qa", "page"])
    #expect(byLead.items[0].refused == nil)
    #expect(byLead.items[1].refused == "ibrahim may not do this; Marketing's lead or Product Ops may")
    #expect(byLead.events.map(\.item.key) == ["qa"])
    let rest = checklist.reassign(from: "lex", to: "mia", by: Fixture.actor("dana"), at: moment)
    #expect(rest.items.map(\.key) == ["page"])
    #expect(checklist.items.map(\.owner) == ["erin", "lex", "mia", nil, nil], "a done item stays")
  }

  @Test("Holdings are grouped by person, in the order of the launches") func grouped() throws {
    let other = try #require(LaunchID("other"))
    let grouped = PersonHoldings.grouping([
      (person: "zoe", launch: LaunchHoldings(launch: Fixture.launch)),
      (person: "amy", launch: LaunchHoldings(launch: other)), (person: "zoe", launch: LaunchHoldings(launch: other)),
    ])
    #expect(grouped.map(\.person) == ["amy", "zoe"])
    #expect(grouped[1].launches.map(\.launch) == [Fixture.launch, other])
  }
}
