import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

@Suite struct StalenessTests {
  /// Possible changes to a launch after its GO.
  enum Change: String, CaseIterable, Sendable {
    case reopened, blocked, dateMoved, tierMoved, factFlipped, sealAmended, noGoVote, voteFell, cancelled, postponed
    case conflict, shortfall, itemAdded, conflictAccepted, waived, nameChanged, attached, shortfallWaived, voteAgain,
      commented

    /// The staleness reason that the change causes; nil for an improvement or a change that does not affect a GO.
    var code: String? {
      switch self {
      case .reopened: "item-reopened"
      case .blocked: "item-blocked"
      case .dateMoved: "date-changed"
      case .tierMoved: "tier-changed"
      case .factFlipped: "fact-changed"
      case .sealAmended: "seal-changed"
      case .noGoVote: "poll-no-go"
      case .voteFell: "poll-missing"
      case .cancelled: "launch-cancelled"
      case .postponed: "launch-postponed"
      case .shortfall: "shortfall"
      case .conflict: "conflict"
      case .itemAdded: "item-added"
      case .conflictAccepted, .waived, .nameChanged, .attached, .shortfallWaived, .voteAgain, .commented: nil
      }
    }
  }

  @Test(
    "A change for the worse makes a GO stale and is named as the reason; an improvement does not",
    arguments: Change.allCases)
  func changes(change: Change) throws {
    var checklist = DecisionTests.ready(.major)
    checklist.items.append(
      ChecklistItem(definition: Fixture.item("advice", gate: .advisory), instance: nil, due: Fixture.date))
    if change == .shortfallWaived { checklist.record.shortfall = Shortfall(days: 2, because: ["w"]) }
    let decision = try DecisionTests.decision(
      checklist, on: "2027-02-26", override: change == .shortfallWaived)
    try apply(change, &checklist)
    let worsened = DecisionHistory([decision]).worsened(in: checklist, at: try Fixture.noon("2027-02-27"))
    #expect(worsened.map(\.code) == (change.code.map { [$0] } ?? []))
    if change == .reopened {
      #expect(worsened.first?.item == "qa")
      #expect(worsened.first?.detail == "qa (Engineering) was done and is open again: a regression")
    }
  }

  private static func conflict(accepted: Acceptance? = nil) -> LaunchConflict {
    LaunchConflict(launch: Fixture.launch, kind: .blackout, other: "freeze", reason: "a freeze", accepted: accepted)
  }

  private func apply(_ change: Change, _ checklist: inout LaunchChecklist) throws {
    switch change {
    case .reopened: try checklist.act(.reopen, "qa", as: "erin") { $0.reason = "a regression" }
    case .blocked:
      try checklist.act(.reopen, "qa", as: "erin")
      try checklist.act(.block, "qa", as: "erin")
    case .conflict: checklist.record.conflicts = [Self.conflict()]
    case .conflictAccepted:
      let accepted = Acceptance(reason: "r", by: "dana", at: Fixture.at("2027-02-26T12:00:00Z"))
      checklist.record.conflicts = [Self.conflict(accepted: accepted)]
    case .dateMoved: checklist.record.plan.date = Fixture.day("2027-03-03")
    case .tierMoved: checklist.record.tier = .launchEvent
    case .factFlipped: checklist.record.plan.facts.flags[.pricing] = .known(true)
    case .sealAmended: checklist.seal?.digest = "d2"
    case .noGoVote: checklist.votes[0].answer = .noGo
    case .voteFell: checklist.votes = []
    case .cancelled: checklist.record.status = .cancelled
    case .postponed: checklist.record.status = .postponed
    case .shortfall: checklist.record.shortfall = Shortfall(days: 2, because: ["w"])
    case .itemAdded:
      checklist.items.append(ChecklistItem(definition: Fixture.item("new"), instance: nil, due: Fixture.date))
    case .waived: try checklist.act(.waive, "advice", as: "dana")
    case .nameChanged: checklist.record.plan.name = "Smarter routing"
    case .attached:
      try checklist.act(.attach, "qa", as: "erin") { $0.evidence = Evidence(kind: .text, value: "log") }
    case .shortfallWaived:
      checklist.record.shortfall?.waived = .init(reason: "r", by: "dana", at: Fixture.at("2027-02-26T18:00:00Z"))
    case .voteAgain: checklist.votes[0].note = "still"
    case .commented: try checklist.act(.comment, "qa", as: "lena") { $0.text = "nice" }
    }
  }

  @Test("Of very many conflicts a record has only the first, with a total; another one makes a GO stale")
  func manyConflicts() throws {
    func conflicts(_ count: Int) -> [LaunchConflict] {
      (0..<count).map { number in
        LaunchConflict(
          launch: Fixture.launch, kind: .sameOwner, other: "launch-\(number)",
          reason: "\(String(repeating: "x", count: 120)) \(number)")
      }
    }
    var checklist = DecisionTests.ready(.major)
    checklist.record.setConflicts(conflicts(1_000))
    #expect(checklist.record.conflictCount == ConflictCount(total: 1_000, open: 1_000))
    #expect(try JSONCoding.encode(checklist.record).count < 16_384, "its announcement fits an event")
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-02-26", override: true)])
    let moment = try Fixture.noon("2027-02-27")
    #expect(history.worsened(in: checklist, at: moment) == [])
    checklist.record.setConflicts(Array(conflicts(1_000).dropFirst()))
    #expect(history.worsened(in: checklist, at: moment) == [], "the one that is shown instead was there before")
    checklist.record.setConflicts(conflicts(1_001))
    #expect(history.worsened(in: checklist, at: moment).map(\.code) == ["conflict"])
  }

  @Test("An expired waiver makes the GO stale on its day, without any other change")
  func waiverExpires() throws {
    var checklist = DecisionTests.ready()
    checklist.items[0].state = .open
    try checklist.act(.waive, "qa", as: "dana", on: "2027-02-01") { $0.until = Fixture.day("2027-03-01") }
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-02-26")])
    #expect(history.worsened(in: checklist, at: try Fixture.noon("2027-02-28")) == [])
    let worsened = history.worsened(in: checklist, at: try Fixture.noon("2027-03-01"))
    #expect(worsened.map(\.code) == ["waiver-expired"])
  }

  @Test("An item that was open under an override may be completed later, but not blocked")
  func overridden() throws {
    var checklist = DecisionTests.ready()
    checklist.items[0].state = .open
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-02-26", override: true)])
    let moment = try Fixture.noon("2027-02-27")
    var done = checklist
    try done.act(.done, "qa", as: "erin")
    #expect(history.worsened(in: done, at: moment) == [])
    try checklist.act(.block, "qa", as: "erin")
    #expect(history.worsened(in: checklist, at: moment).map(\.code) == ["item-blocked"])
  }

  @Test("In tier 3, a GO survives a new date")
  func minorDate() throws {
    var checklist = DecisionTests.ready(.minor)
    let history = DecisionHistory([try DecisionTests.decision(checklist, on: "2027-02-26")])
    checklist.record.plan.date = Fixture.day("2027-04-01")
    #expect(history.worsened(in: checklist, at: try Fixture.noon("2027-02-27")) == [])
  }

  @Test("In tier 3, the gate does not wait for a decision, because nobody makes one")
  func undecided() throws {
    let moment = try Fixture.noon("2027-02-26")
    for (tier, isAwaited) in [(Tier.minor, false), (.major, true)] {
      let view = DecisionHistory([]).view(of: DecisionTests.ready(tier), at: moment, exposure: Exposure([]))
      #expect(view.reasons.map(\.code) == ["no-decision"])
      #expect(view.reasons.first?.detail.contains("no decision has been made yet") == isAwaited)
      #expect(view.reasons.first?.detail.contains("the gate opens by itself") == !isAwaited)
    }
  }

  @Test("The gate is open only for a GO in force, and otherwise names the reason")
  func gate() throws {
    var checklist = DecisionTests.ready()
    let decision = try DecisionTests.decision(checklist, on: "2027-02-26")
    func gate(_ decisions: [Decision], _ day: String) throws -> GateView {
      let moment = try Fixture.noon(day)
      let history = DecisionHistory(decisions)
      let view = history.view(of: checklist, at: moment, exposure: Exposure([]))
      return GateView(
        of: view, reasonsAgainstGo: checklist.reasonsAgainstGo(at: moment, isExposed: false))
    }
    #expect(try gate([], "2027-03-02").reasons.map(\.code) == ["no-decision"])
    #expect(try gate([decision], "2027-03-01").reasons.map(\.code) == ["provisional"])
    let open = try gate([decision], "2027-03-02")
    #expect(open.open && open.inForce && open.reasons.isEmpty)
    #expect(try gate([decision], "2027-03-03").reasons.map(\.code) == ["lapsed", "date-passed"])
    try checklist.act(.reopen, "docs", as: "erin")
    let closed = try gate([decision], "2027-03-02")
    #expect(!closed.open && closed.stale && !closed.inForce)
    #expect(closed.reasons.map(\.item) == ["docs"])
    var hold = try DecisionTests.decision(checklist, .hold, on: "2027-03-02")
    hold.sequence = 2
    #expect(try gate([decision, hold], "2027-03-02").reasons.map(\.code) == ["decision-hold", "item-not-done"])
  }

  @Test("A closed gate lists every current reason once, and no past reason")
  func present() throws {
    var checklist = DecisionTests.ready(.major)
    var decision = try DecisionTests.decision(checklist, on: "2027-03-02")
    func reasons() throws -> [String] {
      let moment = try Fixture.noon("2027-03-02")
      let view = DecisionHistory([decision]).view(of: checklist, at: moment, exposure: Exposure([]))
      return GateView(of: view, reasonsAgainstGo: checklist.reasonsAgainstGo(at: moment, isExposed: false))
        .reasons.map { [$0.code, $0.item].compactMap(\.self).joined(separator: " ") }
    }
    checklist.votes[0].answer = .noGo
    #expect(try reasons() == ["poll-no-go"])
    decision.staleAt = Fixture.at("2027-03-02T16:00:00Z")
    decision.staleReasons = [
      ReadinessReason(code: "poll-no-go", function: .engineering, detail: "Engineering has answered no-go since the GO")
    ]
    checklist.votes[0].answer = .go
    #expect(try reasons() == ["stale"])
    checklist.record.status = .postponed
    try checklist.act(.reopen, "qa", as: "erin")
    checklist.items.append(ChecklistItem(definition: Fixture.item("new"), instance: nil, due: Fixture.date))
    #expect(try reasons() == ["launch-postponed", "item-reopened qa", "item-added new"])
    checklist.votes = []
    #expect(
      try reasons() == ["launch-postponed", "item-reopened qa", "item-added new", "poll-missing"])
    checklist.record.status = .cancelled
    #expect(try reasons().filter { $0.hasPrefix("launch-") } == ["launch-cancelled"])
  }
}
