import JSON
public import Contract
public import LaunchModel

/// Everything that the readiness of one launch is computed from.
public struct LaunchChecklist: Sendable, Hashable {
  /// The launch as tiering last announced it.
  public var record: LaunchRecord
  /// The template version it was instantiated from.
  public var templateVersion: Int
  /// The items, in the template's order.
  public var items: [ChecklistItem]
  /// The poll's answers, at most one per function.
  public var votes: [PollVote]
  /// The seal of the metric plan; nil while it is not sealed.
  public var seal: Seal?
  /// When customers first had the launch, by its exposure; nil before that.
  public var exposedSince: Timestamp?

  public init(
    record: LaunchRecord, templateVersion: Int, items: [ChecklistItem], votes: [PollVote] = [], seal: Seal? = nil,
    exposedSince: Timestamp? = nil
  ) {
    self.record = record
    self.templateVersion = templateVersion
    self.items = items
    self.votes = votes
    self.seal = seal
    self.exposedSince = exposedSince
  }

  /// The launch's id.
  public var launch: LaunchID { record.plan.launch }

  /// What the requirements of its items are checked against at a moment.
  func situation(at moment: LaunchMoment) -> LaunchSituation {
    LaunchSituation(
      roster: moment.roster, plan: record.plan, zone: moment.zone, today: moment.today, exposedSince: exposedSince,
      isSealed: seal != nil)
  }

  /// The names of an item's dependencies that are not satisfied.
  public func awaited(by item: ChecklistItem, at moment: LaunchMoment) -> [String] {
    items.filter { other in
      item.definition.dependencies.contains(other.definition.key) && other.state != .voided
        && standing(of: other, at: moment).level != .satisfied
    }.map(\.name)
  }
}

/// The seal of a launch's metric plan, as metrics announced it.
public struct Seal: Sendable, Hashable, Codable {
  /// The SHA-256 of the canonical definition.
  public var digest: String
  /// When it was first sealed; amendments do not change it.
  public var sealedAt: Timestamp

  public init(digest: String, sealedAt: Timestamp) {
    self.digest = digest
    self.sealedAt = sealedAt
  }
}

/// A moment in time together with the zone, calendars and roster that one launch judges it by.
public struct LaunchMoment: Sendable {
  /// The time of the service's clock.
  public var now: Timestamp
  /// The local day in the launch's zone.
  public var today: LocalDate
  /// The rules of the launch's zone.
  public var zone: ZoneRules
  /// The business calendars of the launch and of its functions.
  public var calendars: LaunchCalendars
  /// The adopted roster; nil before there is one.
  public var roster: Roster?

  public init(now: Timestamp, zone: ZoneRules, calendars: LaunchCalendars, roster: Roster?) {
    self.now = now
    self.zone = zone
    self.calendars = calendars
    self.roster = roster
    today = zone.localDate(at: now)
  }

  /// The groups whose approvals count only from proven identities.
  public var provenOnly: Set<String> { Set(roster?.provenOnly ?? []) }
}

/// The business-day calendars of one launch, by function.
public struct LaunchCalendars: Sendable {
  private var own: [LaunchFunction: BusinessCalendar]
  /// The functions whose calendar, as named by the launch, is missing or does not cover its date; Monday to Friday is
  /// used if it is missing.
  public private(set) var unknown: Set<LaunchFunction>

  /// Monday to Friday for every function.
  public static let standard = LaunchCalendars(own: [:], unknown: [])

  private init(own: [LaunchFunction: BusinessCalendar], unknown: Set<LaunchFunction>) {
    self.own = own
    self.unknown = unknown
  }

  /// Selects the calendars that a launch names, by key.
  public init(of plan: LaunchPlan, from known: CalendarSet) {
    own = [:]
    unknown = []
    for function in LaunchFunction.allCases {
      guard let key = plan.calendars[function.rawValue] ?? plan.calendar else { continue }
      own[function] = known.calendar(key)
      if own[function]?.covers(plan.date) != true { unknown.insert(function) }
    }
  }

  /// A function's calendar: its own, else the launch's, else Monday to Friday without holidays.
  public func calendar(of function: LaunchFunction) -> BusinessCalendar { own[function] ?? .standard }
}

/// The deal stages that `deal-stages` expands over: each needs different framing.
public let dealStages = ["prospecting", "evaluation", "negotiation"]

extension TemplateItem {
  /// The key of the item that is due on the launch file's `allHands` date, if it gives one.
  public static let allHandsKey: ItemKey = "all-hands"

  /// Whether a launch needs the item: its tier is one of the item's, and the condition's flag is not given as false.
  public func applies(to record: LaunchRecord) -> Bool {
    guard tiers.contains(record.tier) else { return false }
    guard let condition else { return true }
    return record.plan.facts.flags[condition.flag] != .known(false)
  }

  /// The instances of the item for a launch; a single nil if there is nothing to expand over.
  public func instances(for plan: LaunchPlan) -> [String?] {
    let values: [String] =
      switch expand {
      case .locales?: plan.locales
      case .segments?: plan.segments
      case .dealStages?: dealStages
      case nil: []
      }
    return values.isEmpty ? [nil] : values
  }

  /// The day the item is due for a launch; an All-Hands date after the launch is ignored.
  public func dueDay(for plan: LaunchPlan, in calendars: LaunchCalendars) -> LocalDate {
    if key == Self.allHandsKey, let meeting = plan.allHands, meeting <= plan.date { return meeting }
    return due.date(launch: plan.date, in: calendars.calendar(of: function))
  }
}

extension LaunchChecklist {
  /// Creates the checklist of a new launch from the adopted template.
  public init(of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars) {
    self.init(
      record: record, templateVersion: template.version,
      items: Self.items(of: record, from: template, in: calendars))
  }

  /// The items that a template gives a launch, all open.
  static func items(
    of record: LaunchRecord, from template: ChecklistTemplate, in calendars: LaunchCalendars
  ) -> [ChecklistItem] {
    template.items.filter { $0.applies(to: record) }.flatMap { definition in
      definition.instances(for: record.plan).map { instance in
        ChecklistItem(
          definition: definition, instance: instance, due: definition.dueDay(for: record.plan, in: calendars))
      }
    }
  }
}

/// A change of one item.
public struct ItemEvent: Sendable, Hashable {
  /// The item's key and instance.
  public var item: ItemReference
  /// Its states before and after, and why.
  public var step: ItemStep

  public init(item: ItemReference, step: ItemStep) {
    self.item = item
    self.step = step
  }
}

extension LaunchChecklist {
  /// Applies a later version of the launch: items appear or are voided, open ones get their new due days, and votes are
  /// cleared if the date or the tier changed.
  ///
  /// - Parameter template: the version the launch was instantiated from.
  /// - Returns: the changes, for the items' histories.
  public mutating func update(
    to next: LaunchRecord, template: ChecklistTemplate, in calendars: LaunchCalendars
  ) -> [ItemEvent] {
    let before = record
    record = next
    if before.plan.date != next.plan.date || before.tier != next.tier { votes = [] }
    let expected = Self.items(of: next, from: template, in: calendars)
    let needed = Set(expected.map(\.reference))
    var events: [ItemEvent] = []
    for index in items.indices {
      let step =
        needed.contains(items[index].reference)
        ? items[index].refresh(for: next.plan, in: calendars)
        : items[index].void(because: Self.reason(for: items[index].definition, before, next))
      if let step { events.append(ItemEvent(item: items[index].reference, step: step)) }
    }
    events += add(expected, detail: "needed since version \(next.version)")
    sort(by: template)
    return events
  }

  /// Adds the items that it does not have yet, at the end.
  mutating func add(_ expected: [ChecklistItem], detail: String) -> [ItemEvent] {
    let present = Set(items.map(\.reference))
    let new = expected.filter { !present.contains($0.reference) }
    items += new
    return new.map { item in
      ItemEvent(item: item.reference, step: ItemStep(from: .open, to: .open, action: "appeared", detail: detail))
    }
  }

  /// Why a launch no longer needs an item that its template still has.
  static func reason(for item: TemplateItem, _ before: LaunchRecord, _ next: LaunchRecord) -> String {
    if !item.tiers.contains(next.tier) { return "not needed in tier \(next.tier.rawValue)" }
    if let flag = item.condition?.flag, next.plan.facts.flags[flag] == .known(false) {
      return "not needed because \(flag.rawValue) is false"
    }
    return "the launch no longer has this instance"
  }

  /// Sorts the items by the template's order, then by their present order.
  mutating func sort(by template: ChecklistTemplate) {
    let rank = Dictionary(
      template.items.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    let ranked = items.enumerated().map { offset, item in (rank[item.definition.key] ?? .max, offset, item) }
    items = ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}

extension ChecklistItem {
  /// Voids the item, keeping its history and evidence; returns nil if it is already voided.
  mutating func void(because why: String) -> ItemStep? {
    guard state != .voided else { return nil }
    let from = state
    voidedFrom = state
    state = .voided
    reason = why
    version += 1
    return ItemStep(from: from, to: .voided, action: "voided", detail: why)
  }

  /// Restores the item if it is voided, and updates its due day unless it is done and not `strict`; returns nil if
  /// nothing changed.
  mutating func refresh(for plan: LaunchPlan, in calendars: LaunchCalendars) -> ItemStep? {
    let from = state
    let day = definition.dueDay(for: plan, in: calendars)
    let wasDue = due
    if state == .voided {
      state = voidedFrom ?? .open
      voidedFrom = nil
      reason = nil
    }
    if state != .done || definition.strict { due = day }
    guard from != state || wasDue != due else { return nil }
    version += 1
    let moved = wasDue == due ? nil : "due \(due), was \(wasDue)"
    return from == state
      ? ItemStep(from: from, to: state, action: "rescheduled", detail: moved)
      : ItemStep(from: from, to: state, action: "appeared", detail: moved ?? "needed again")
  }
}

extension LaunchChecklist {
  /// Applies a verb to an item on behalf of an actor.
  ///
  /// - Throws: if the item does not exist, the actor lacks the right, the launch is cancelled, the item is not at
  ///   `expectedVersion`, or the verb does not apply; nothing is changed then.
  public mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, on reference: ItemReference, by actor: Actor, at moment: LaunchMoment,
    expectedVersion: Int? = nil
  ) throws(Problem) -> ItemEvent {
    let index = try index(of: reference)
    let item = items[index]
    try verb.requireRight(of: actor, on: item, action)
    if verb != .comment { try requireNotCancelled() }
    if let expectedVersion, expectedVersion != item.version {
      throw Problem(
        .conflict, code: "version-conflict", title: "changed by someone else",
        detail: "\(item.name) is now at version \(item.version), not \(expectedVersion)",
        extra: ["current": .integer(Int64(item.version)), "state": .string(item.state.rawValue)])
    }
    let standing = standing(of: item, at: moment)
    let context = ItemContext(
      actor: actor, now: moment.now, launch: situation(at: moment), awaited: awaited(by: item, at: moment),
      isFailing: standing.level != .satisfied)
    let step = try items[index].apply(verb, action, in: context)
    return ItemEvent(item: item.reference, step: step)
  }
}

extension LaunchChecklist {
  /// Why the launch is not running: it is cancelled, or postponed without a new date; nil if it is running.
  public var stopReason: ReadinessReason? {
    switch record.status {
    case .cancelled: ReadinessReason(code: "launch-cancelled", detail: "the launch is cancelled")
    case .postponed:
      ReadinessReason(code: "launch-postponed", detail: "the launch is postponed and has no new date yet")
    case .proposed, .preparing, .decided, .live, .hypercare, .measuring, .inReview, .rolledBack, .closed: nil
    }
  }

  /// Whether it is neither cancelled nor postponed.
  public var isRunning: Bool { stopReason == nil }

  /// Throws a conflict if the launch is cancelled: no item, decision, poll or exposure of it can be changed.
  public func requireNotCancelled() throws(Problem) {
    guard record.status == .cancelled else { return }
    throw stopped("\(launch) is cancelled; it can no longer be changed")
  }

  /// Throws a conflict if the launch is cancelled or postponed, and so has no date on which a GO could open the gate.
  public func requireRunning() throws(Problem) {
    try requireNotCancelled()
    guard record.status == .postponed else { return }
    throw stopped("\(launch) is postponed; give it a new date before deciding GO (gonogo launch reschedule)")
  }

  private func stopped(_ detail: String) -> Problem {
    let status = record.status.rawValue
    return .conflict(
      "launch-\(status)", title: "the launch is \(status)", detail, extra: ["status": .string(status)])
  }
}

extension LaunchChecklist {
  /// An item as shown in lists.
  public func view(of item: ChecklistItem, at moment: LaunchMoment) -> ItemView {
    let standing = standing(of: item, at: moment)
    return ItemView(
      key: item.definition.key, instance: item.instance, section: item.definition.section,
      function: item.definition.function, title: item.definition.title, state: item.state,
      gate: item.definition.gate, due: item.due, overdue: standing.flags.contains(.overdue),
      flags: ItemFlag.allCases.filter(standing.flags.contains).map(\.rawValue), owner: item.owner,
      approvals: item.approvalTally(provenOnly: moment.provenOnly).views, evidence: item.evidence, reason: item.reason,
      why: item.definition.why, version: item.version, doneOn: item.doneOn,
      waivedUntil: item.state == .waived ? item.waiver?.until : nil,
      verified: item.state == .notApplicable ? item.exemption.map { $0.verifiedBy != nil } : nil,
      missing: item.missingTexts(in: situation(at: moment)), presenter: item.presenter, person: item.namedExecutor)
  }

  /// Every item in board order: by function, then section, due day and the template's order.
  public func itemViews(at moment: LaunchMoment) -> [ItemView] {
    var sections: [String: Int] = [:]
    for item in items where sections[item.definition.section] == nil {
      sections[item.definition.section] = sections.count
    }
    func rank(_ item: ChecklistItem, _ offset: Int) -> (LaunchFunction, Int, LocalDate, Int) {
      (item.definition.function, sections[item.definition.section] ?? 0, item.due, offset)
    }
    return items.enumerated()
      .sorted { rank($0.element, $0.offset) < rank($1.element, $1.offset) }
      .map { view(of: $0.element, at: moment) }
  }

  /// The launch's readiness by function, with the recommendation and every reason against GO.
  public func readiness(at moment: LaunchMoment, isExposed: Bool) -> ReadinessView {
    let reasons = reasonsAgainstGo(at: moment, isExposed: isExposed)
    return ReadinessView(
      launch: launch, name: record.plan.name, tier: record.tier, date: record.plan.date,
      recommendation: reasons.isEmpty ? .go : .noGo, reasons: reasons, functions: functions(at: moment))
  }
}
