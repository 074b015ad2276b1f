import ChecklistCore
import Contract
import LaunchModel

/// What happens to a launch in a state space: by people, by tiering, or by time.
enum SpaceAction: Hashable, Sendable {
  case item(ItemVerb, ItemKey, by: PersonID)
  case vote(PollAnswer.Answer)
  case decide(DecisionKind, override: Bool)
  /// The GO that a launch of tier 3 gets by itself.
  case automaticGo
  case confirm
  case halt, lift
  case ship, rollback
  case tier(Tier)
  case date(String)
  case pricing(Bool)
  case status(LaunchStatus)
  case tomorrow
}

/// A launch in a state space, changed by the functions of the core that the service calls, and in its order.
struct SpaceState {
  let template: ChecklistTemplate
  var checklist: LaunchChecklist
  /// The latest decision; earlier ones no longer matter.
  var decision: Decision?
  var exposure = Exposure([])
  /// The latest halt, lifted or not.
  var halt: Halt?
  var moment: LaunchMoment
  /// What the rules say, followed beside the state.
  var expected = ExpectedGate()
  /// The actions that led here, for messages.
  var path: [SpaceAction] = []

  /// Time ends with this day, the one after the launch date.
  private static let lastDay = Fixture.day("2027-03-03")
  /// Waivers are given until this day.
  static let waivedUntil = lastDay

  /// A launch on 2027-03-02, at noon of the day before, with sealed metrics and Engineering's GO where there is a poll.
  init(_ tier: Tier, _ items: [TemplateItem], done: Set<ItemKey>) throws {
    template = ChecklistTemplate(version: 1, items: items)
    let record = Fixture.record(tier: tier)
    moment = try Fixture.noon("2027-03-01", record: record)
    checklist = LaunchChecklist(of: record, from: template, in: moment.calendars)
    for index in checklist.items.indices where done.contains(checklist.items[index].definition.key) {
      checklist.items[index].state = .done
      checklist.items[index].doneOn = Fixture.day("2027-02-01")
    }
    checklist.seal = Seal(digest: "d1", sealedAt: Fixture.at("2027-02-01T12:00:00Z"))
    if tier.hasPoll {
      checklist.votes = [PollVote(function: .engineering, answer: .go, by: "ibrahim", at: moment.now)]
    }
  }

  var isExposed: Bool { exposure.percentage > 0 }

  var standingHalt: Halt? { halt.flatMap { $0.closes(checklist.launch) ? $0 : nil } }

  private var history: DecisionHistory { DecisionHistory([decision].compactMap(\.self)) }

  /// The gate, as the service assembles it.
  func gate(at moment: LaunchMoment) -> GateView {
    let view = history.view(of: checklist, at: moment, exposure: exposure)
    let reasons = checklist.reasonsAgainstGo(at: moment, isExposed: isExposed)
    return GateView(of: view, reasonsAgainstGo: reasons).closed(by: standingHalt?.reasonAgainstGo)
  }

  /// The state after an action; nil if the action is refused.
  func after(_ action: SpaceAction) -> SpaceState? {
    var next = self
    next.path.append(action)
    next.moment.now = moment.now.adding(seconds: 1)
    do throws(Problem) {
      guard try next.apply(action) else { return nil }
    } catch {
      return nil
    }
    next.settle()
    next.expected.follow(action, to: next)
    return next
  }

  /// Applies the action; false if nothing happens.
  private mutating func apply(_ action: SpaceAction) throws(Problem) -> Bool {
    switch action {
    case .item(let verb, let key, by: let person): try act(verb, key, by: person)
    case .vote(let vote):
      let answer = PollAnswer(launch: checklist.launch, answer: vote, function: .engineering)
      try checklist.answer(answer, by: Fixture.actor("ibrahim"), at: moment.now)
    case .decide(let kind, override: let override): try decide(kind, override: override)
    case .automaticGo:
      guard standingHalt == nil, history.isAutomaticGoDue(for: checklist, at: moment, exposure: exposure) else {
        return false
      }
      try decide(.go, override: false)
    case .confirm: return try confirm()
    case .halt:
      halt = try Halt.setting(
        SetHalt(reason: "an incident"), after: halt, by: Fixture.actor("dana"), at: moment.now)
    case .lift:
      halt = try Halt.lifting(halt, LiftHalt(reason: "over"), by: Fixture.actor("dana"), at: moment.now)
    case .ship:
      try checklist.requireNotCancelled()
      try expose(.ship)
    case .rollback: try expose(.rollback)
    case .tier(let tier): return change { $0.tier = tier }
    case .date(let day): return isExposed ? false : change { $0.move(to: Fixture.day(day)) }
    case .pricing(let isOn): return change { $0.plan.facts.flags[.pricing] = isOn ? Stated.known(true) : nil }
    case .status(let status): return isExposed || !checklist.isRunning ? false : change { $0.status = status }
    case .tomorrow:
      guard moment.today < Self.lastDay else { return false }
      moment = LaunchMoment(
        now: moment.now.adding(days: 1), zone: moment.zone, calendars: moment.calendars, roster: moment.roster)
    }
    return true
  }

  private mutating func act(_ verb: ItemVerb, _ key: ItemKey, by person: PersonID) throws(Problem) {
    var action = ItemAction(launch: checklist.launch, key: key)
    if verb.needsReason { action.reason = "because" }
    if verb == .waive { action.until = Self.waivedUntil }
    if verb == .attach { action.evidence = Evidence(kind: .text, value: "another draft") }
    _ = try checklist.perform(
      verb, action, on: ItemReference(key: key), by: Fixture.actor(person), at: moment)
  }

  private mutating func decide(_ kind: DecisionKind, override: Bool) throws(Problem) {
    let request = DecisionRequest(
      launch: checklist.launch, decision: kind, reason: "because", override: override ? true : nil)
    let snapshot = try checklist.decide(
      request, by: Fixture.actor("dana"), at: moment, isExposed: isExposed, halt: standingHalt)
    decision = Decision(
      of: snapshot, sequence: (decision?.sequence ?? 0) + 1, madeOn: moment.today, digest: "x")
  }

  private mutating func confirm() throws(Problem) -> Bool {
    guard let standing = decision else { return false }
    try checklist.requireRunning()
    try standing.requireConfirmable(at: moment.now, exposure: exposure, in: moment.zone)
    decision?.confirmedAt = moment.now
    decision?.confirmedBy = "dana"
    return true
  }

  private mutating func expose(_ verb: ExposureVerb) throws(Problem) {
    let request = ExposureRequest(launch: checklist.launch, reason: verb == .rollback ? "errors doubled" : nil)
    var step = try exposure.step(
      verb, request, rollout: checklist.record.plan.rollout, by: Fixture.actor("ibrahim"), now: moment.now)
    step.decisions = decision?.sequence ?? 0
    exposure = Exposure(exposure.steps + [step])
    checklist.exposedSince = exposure.attempts.first?.startedAt
    checklist.latestAttempt = exposure.attempts.last
  }

  /// Applies what tiering would announce; false if that is nothing new, or the launch is cancelled.
  private mutating func change(_ edit: (inout LaunchRecord) -> Void) -> Bool {
    var record = checklist.record
    edit(&record)
    guard checklist.record.status != .cancelled, record != checklist.record else { return false }
    record.version += 1
    _ = checklist.update(to: record, template: template, in: moment.calendars, roster: moment.roster)
    return true
  }

  /// What follows from every change: the launch's status, and whether the GO is stale.
  private mutating func settle() {
    checklist.recordWaits(at: moment.now)
    if isExposed, !checklist.isRunning { checklist.record.status = .live }
    let worsened = history.worsened(in: checklist, at: moment)
    guard !worsened.isEmpty else { return }
    decision?.staleAt = moment.now
    decision?.staleReasons = worsened
  }
}

extension LaunchRecord {
  /// Gives the launch a date, which also ends a postponement.
  fileprivate mutating func move(to date: LocalDate) {
    plan.date = date
    if status == .postponed { status = .preparing }
  }
}

extension SpaceState {
  /// Everything that what follows depends on; states with the same key are merged.
  struct Key: Hashable {
    fileprivate struct Item: Hashable {
      var key: ItemKey
      var state: ItemState
      var doneOn: LocalDate?
      var waivedUntil: LocalDate?
      var origin: [ItemState?]
      var approvals: [String]
      var authors: [PersonID]
      var isDoneSinceRollback: Bool
    }

    fileprivate struct Standing: Hashable {
      var kind: DecisionKind
      var force: String
      var isStale: Bool
      var isConfirmed: Bool
      var isOfRunningAttempt: Bool
      var madeOn: LocalDate
      var tier: Tier
      var date: LocalDate
      var facts: Facts
      var levels: [ItemStanding.Level]
      var votes: [DecisionBasis.Vote]
    }

    fileprivate var items: [Item]
    fileprivate var votes: [String]
    fileprivate var tier: Tier
    fileprivate var date: LocalDate
    fileprivate var facts: Facts
    fileprivate var status: LaunchStatus
    fileprivate var isHalted: Bool
    fileprivate var today: LocalDate
    fileprivate var wasExposed: Bool
    fileprivate var exposedOn: LocalDate?
    fileprivate var decision: Standing?
    fileprivate var expected: ExpectedGate
  }

  var key: Key {
    let record = checklist.record
    return Key(
      items: checklist.items.map { itemKey(of: $0) }, votes: checklist.votes.map { "\($0.function) \($0.answer)" },
      tier: record.tier, date: record.plan.date, facts: record.plan.facts, status: record.status,
      isHalted: standingHalt != nil, today: moment.today,
      wasExposed: !exposure.attempts.isEmpty, exposedOn: exposedSince.map(moment.zone.localDate(at:)),
      decision: decision.map { standingKey(of: $0) }, expected: expected)
  }

  /// When the running attempt began; nil if customers do not have the launch.
  private var exposedSince: Timestamp? {
    exposure.attempts.last.flatMap { $0.rolledBackAt == nil ? $0.startedAt : nil }
  }

  private func itemKey(of item: ChecklistItem) -> Key.Item {
    // Only the GO of tier 3 asks for work after a rollback.
    let rolledBackAt = checklist.record.tier == .minor ? exposure.rollbacks.last?.recordedAt : nil
    let isSince = rolledBackAt.map { back in item.completedAt.map { $0 > back } ?? false } ?? false
    let standing = item.approvals.filter(\.stands)
    return Key.Item(
      key: item.definition.key, state: item.state, doneOn: item.doneOn, waivedUntil: item.waiver?.until,
      origin: [item.blockedFrom, item.voidedFrom],
      approvals: standing.map { "\($0.person) \($0.verdict) \($0.group)" }, authors: item.authors,
      isDoneSinceRollback: isSince)
  }

  private func standingKey(of decision: Decision) -> Key.Standing {
    let force = decision.force(at: moment.now, exposure: exposure, in: moment.zone)
    let basis = decision.basis
    return Key.Standing(
      kind: decision.kind, force: force.name, isStale: decision.staleAt != nil,
      isConfirmed: decision.confirmedAt != nil, isOfRunningAttempt: exposedSince.map { decision.at >= $0 } ?? false,
      madeOn: decision.madeOn, tier: basis.tier, date: basis.date, facts: basis.facts,
      levels: basis.items.map(\.level), votes: basis.votes)
  }
}

extension DecisionForce {
  /// The case without the step of a rollback, whose times differ from path to path.
  fileprivate var name: String { if case .rolledBack = self { "rolledBack" } else { "\(self)" } }
}

extension SpaceState {
  /// The states that the actions reach, breadth first and each once.
  ///
  /// - Parameter step: Called with each action that was tried, the state before, and the state after; nil if it was
  ///   refused.
  func reachable(
    by actions: [SpaceAction], within depth: Int, _ step: (SpaceState, SpaceAction, SpaceState?) -> Void
  ) -> [SpaceState] {
    var known: Set<Key> = [key]
    var all = [self]
    var border = [self]
    for _ in 0..<depth {
      var next: [SpaceState] = []
      for state in border {
        for action in actions {
          let after = state.after(action)
          step(state, action, after)
          guard let after, known.insert(after.key).inserted else { continue }
          next.append(after)
        }
      }
      all += next
      border = next
    }
    return all
  }
}
