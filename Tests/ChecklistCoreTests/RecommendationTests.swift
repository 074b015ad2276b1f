import ChecklistCore
import Contract
import LaunchModel
import Testing

@Suite struct RecommendationTests {
  private func ready(_ record: LaunchRecord = Fixture.record(tier: .moderate)) -> LaunchChecklist {
    var checklist = Fixture.checklist(record, Fixture.item("qa"))
    checklist.items[0].state = .done
    checklist.items[0].doneOn = Fixture.day("2027-02-01")
    checklist.seal = Seal(digest: "d", sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    return checklist
  }

  private func codes(_ checklist: LaunchChecklist, on day: String = "2027-02-01") throws -> [String] {
    checklist.reasonsAgainstGo(at: try Fixture.noon(day), isExposed: false).map(\.code)
  }

  @Test("GO is recommended if there is no reason against it")
  func go() throws {
    #expect(try codes(ready()) == [])
    #expect(ready().readiness(at: try Fixture.noon("2027-02-01"), isExposed: false).recommendation == .go)
  }

  @Test("Every reason against GO is named")
  func reasons() throws {
    let shortfall = Shortfall(days: 3, because: ["the window of 28 days"])
    var checklist = ready(Fixture.record(tier: .major, shortfall: shortfall, status: .cancelled))
    checklist.seal = nil
    checklist.items[0].state = .blocked
    #expect(
      try codes(checklist) == ["launch-cancelled", "shortfall", "not-sealed", "item-blocked", "poll-missing"])
  }

  @Test("A conflict is a reason against GO until it is accepted")
  func conflicts() throws {
    var checklist = ready()
    checklist.record.conflicts = [
      LaunchConflict(launch: Fixture.launch, kind: .sameWeek, other: "fast-search", reason: "the same week")
    ]
    #expect(try codes(checklist) == ["conflict"])
    checklist.record.conflicts[0].accepted = Acceptance(
      reason: "r", by: "dana", at: Fixture.at("2027-02-01T12:00:00Z"))
    #expect(try codes(checklist) == [])
  }

  @Test("Neither a waived shortfall nor missing metrics in tier 3 is a reason against GO")
  func fine() throws {
    let waived = Shortfall(
      days: 3, because: [], waived: .init(reason: "r", by: "dana", at: Fixture.at("2027-02-01T12:00:00Z")))
    #expect(try codes(ready(Fixture.record(tier: .moderate, shortfall: waived))) == [])
    var minor = ready(Fixture.record(tier: .minor))
    minor.seal = nil
    #expect(try codes(minor, on: "2027-04-01") == [])
  }

  @Test("A launch date in the past is a reason against GO")
  func passed() throws { #expect(try codes(ready(), on: "2027-03-03") == ["date-passed"]) }

  @Test("In tiers 0 and 1, a missing or NO-GO answer is a reason against GO; Product Ops is not polled")
  func poll() throws {
    let record = Fixture.record(tier: .major)
    var checklist = Fixture.checklist(
      record, Fixture.item("qa"), Fixture.item("copy", .marketing), Fixture.item("all-hands", .productOps))
    for index in checklist.items.indices { checklist.items[index].state = .done }
    checklist.seal = Seal(digest: "d", sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    let now = Fixture.at("2027-02-01T12:00:00Z")
    #expect(checklist.poll.silent == [.engineering, .marketing])
    #expect(try codes(checklist) == ["poll-missing", "poll-missing"])
    try checklist.answer(PollAnswer(launch: checklist.launch, answer: .go), by: Fixture.actor("ibrahim"), at: now)
    try checklist.answer(
      PollAnswer(launch: checklist.launch, answer: .noGo, note: "no banner"), by: Fixture.actor("mia"), at: now)
    #expect(try codes(checklist) == ["poll-no-go"])
    try checklist.answer(PollAnswer(launch: checklist.launch, answer: .go), by: Fixture.actor("mia"), at: now)
    #expect(try codes(checklist) == [])
  }

  @Test("Only a function's lead, or Product Ops on its behalf, answers the poll")
  func pollRights() throws {
    var checklist = ready(Fixture.record(tier: .major))
    let now = Fixture.at("2027-02-01T12:00:00Z")
    func code(_ person: PersonID, _ function: LaunchFunction?) -> String? {
      refusal {
        try checklist.answer(
          PollAnswer(launch: checklist.launch, answer: .go, function: function), by: Fixture.actor(person), at: now)
      }
    }
    #expect(code("erin", nil) == "not-a-lead")
    #expect(code("erin", .engineering) == "forbidden")
    #expect(code("dana", nil) == "missing-function")
    #expect(code("dana", .sales) == "unfit-function")
    #expect(code("dana", .engineering) == nil)
    #expect(code("ibrahim", nil) == nil)
    #expect(checklist.votes.map(\.by) == ["ibrahim"])
    var minor = ready(Fixture.record(tier: .moderate))
    #expect(
      refusal { try minor.answer(PollAnswer(launch: minor.launch, answer: .go), by: Fixture.actor("dana"), at: now) }
        == "no-poll")
  }
}
