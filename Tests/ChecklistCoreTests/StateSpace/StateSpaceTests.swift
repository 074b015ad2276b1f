import ChecklistCore
import Contract
import LaunchModel
import Testing

/// All states that small launches reach in eight actions.
@Suite("The state space of small launches") struct StateSpaceTests {
  /// A small launch, and what may happen to it.
  struct Model: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var tier: Tier
    var items: [TemplateItem]
    var done: Set<ItemKey> = []
    var actions: [SpaceAction]
    /// The codes of the first reasons of closed gates that must occur, and `open`.
    var gates: Set<String>
  }

  private static let qa = Fixture.item("qa")
  private static let depth = 8

  private static let work = Model(
    testDescription: "work, a waiver and an approval", tier: .moderate,
    items: [qa, Fixture.item("copy", .marketing, approvals: [ApprovalRule(group: "product")])],
    actions: [
      .item(.done, "qa", by: "erin"), .item(.reopen, "qa", by: "erin"), .item(.waive, "qa", by: "dana"),
      .item(.submit, "copy", by: "max"), .item(.approve, "copy", by: "petra"), .item(.reject, "copy", by: "petra"),
      .item(.withdraw, "copy", by: "petra"), .item(.attach, "copy", by: "max"), .decide(.go, override: false),
      .decide(.go, override: true), .tomorrow,
    ],
    gates: ["open", "no-decision", "provisional", "item-reopened", "waiver-expired", "stale", "lapsed"])

  private static let decisions = Model(
    testDescription: "decisions, halts and exposure", tier: .major, items: [qa], done: ["qa"],
    actions: [
      .item(.reopen, "qa", by: "erin"), .item(.done, "qa", by: "erin"), .decide(.go, override: false),
      .decide(.go, override: true), .decide(.hold, override: false), .confirm, .halt, .lift, .ship, .rollback,
      .tomorrow,
    ],
    gates: [
      "open", "no-decision", "provisional", "unconfirmed", "halted", "rolled-back", "item-reopened", "lapsed",
      "decision-hold",
    ])

  private static let facts = Model(
    testDescription: "facts, tiers and dates", tier: .major,
    items: [qa, Fixture.item("load-test", tiers: [.launchEvent, .major])], done: ["qa", "load-test"],
    actions: [
      .decide(.go, override: false), .confirm, .vote(.go), .vote(.noGo), .tier(.moderate), .tier(.major),
      .date("2027-03-03"), .pricing(true), .pricing(false), .status(.postponed),
      .status(.cancelled), .tomorrow,
    ],
    gates: [
      "open", "no-decision", "provisional", "unconfirmed", "tier-changed", "date-changed", "fact-changed",
      "poll-no-go", "launch-postponed", "launch-cancelled",
    ])

  private static let minor = Model(
    testDescription: "tier 3, whose GO follows by itself", tier: .minor,
    items: [qa, Fixture.item("notes", .product)],
    actions: [
      .item(.done, "qa", by: "erin"), .item(.reopen, "qa", by: "erin"), .item(.done, "notes", by: "petra"),
      .automaticGo, .halt, .lift, .ship, .rollback, .tomorrow,
    ],
    gates: ["open", "no-decision", "halted", "rolled-back", "item-reopened", "stale"])

  static let models = [work, decisions, facts, minor]

  @Test(
    "No state is undefined, ready with a failing item, or open without a GO whose facts hold", arguments: models)
  func everyState(model: Model) throws {
    let start = try SpaceState(model.tier, model.items, done: model.done)
    var faults: [String] = []
    let states = start.reachable(by: model.actions, within: Self.depth) { before, action, after in
      faults += Self.faults(of: action, in: before, after)
    }
    var gates: Set<String> = []
    for state in states {
      let gate = state.gate(at: state.moment)
      gates.insert(gate.open ? "open" : gate.reasons.first?.code ?? "")
      faults += Self.faults(of: state, gate)
    }
    #expect(faults.isEmpty, "\(faults.count) faults in \(states.count) states: \(faults.prefix(3))")
    #expect(model.gates.subtracting(gates) == [], "not reached in \(states.count) states")
  }

  /// Decisions that were accepted or refused against the rules, and a night that opened or closed a gate late.
  private static func faults(of action: SpaceAction, in before: SpaceState, _ after: SpaceState?) -> [String] {
    var faults: [String] = []
    if let expected = before.expected.accepts(action, in: before), expected != (after != nil) {
      faults.append("\(action) was \(expected ? "refused" : "accepted") after \(before.path)")
    }
    // The gate does not wait for the sweep that records what a new day has changed.
    if action == .tomorrow, let after, before.gate(at: after.moment).open != after.gate(at: after.moment).open {
      faults.append("the gate of \(after.path) differs before the sweep")
    }
    return faults
  }

  private static func faults(of state: SpaceState, _ gate: GateView) -> [String] {
    var faults: [String] = []
    if gate.open != state.expected.isOpen(in: state) { faults.append("the gate is \(gate.open ? "open" : "closed")") }
    if gate.open != gate.reasons.isEmpty { faults.append("an open gate has no reasons, a closed one has some") }
    let readiness = state.checklist.readiness(
      at: state.moment, isExposed: state.isExposed, halt: state.standingHalt)
    if (readiness.recommendation == .go) != state.expected.isRecommended(in: state) {
      faults.append("\(readiness.recommendation) is recommended")
    }
    let ranks = ExpectedGate.ranks(in: state)
    for function in readiness.functions {
      let keys = state.checklist.items.filter { $0.definition.function == function.function }.map(\.definition.key)
      let worst = keys.compactMap { ranks[$0] }.min() ?? 2
      if function.state == .ready, worst < 2 { faults.append("\(function.function) is ready") }
      if (function.state == .blocked) != (worst == 0) { faults.append("\(function.function) is \(function.state)") }
    }
    faults += state.checklist.items.flatMap { Self.faults(of: $0) }
    return faults.map { "\($0) after \(state.path)" }
  }

  /// What an item has that its state does not allow, or lacks that its state needs.
  private static func faults(of item: ChecklistItem) -> [String] {
    // A voided item keeps what it had.
    guard item.state != .voided else { return item.voidedFrom == nil ? ["\(item.name) was nothing before"] : [] }
    var faults: [String] = []
    let pairs: [(ItemState, Bool, String)] = [
      (.done, item.doneOn != nil, "a day"), (.waived, item.waiver != nil, "a waiver"),
      (.notApplicable, item.exemption != nil, "an exemption"), (.blocked, item.blockedFrom != nil, "an origin"),
      (.voided, item.voidedFrom != nil, "an origin"),
    ]
    for (state, has, what) in pairs where has != (item.state == state) {
      faults.append("\(item.name) is \(item.state) \(has ? "with" : "without") \(what)")
    }
    if item.completedAt != nil, item.state != .done { faults.append("\(item.name) is \(item.state) and completed") }
    let standing = item.approvals.filter { $0.endedAt == nil }
    if item.state == .done, !item.definition.approvals.isEmpty {
      let approvers = standing.filter { $0.verdict == .approved && $0.group == "product" }.map(\.person)
      if Set(approvers).subtracting(item.authors).isEmpty { faults.append("\(item.name) is done without approval") }
      if standing.contains(where: { $0.verdict == .rejected }) { faults.append("\(item.name) is done and rejected") }
    }
    return faults
  }
}
