import JSON
public import Contract
public import LaunchModel

/// Everything that the readiness of one launch is computed from.
public struct LaunchChecklist: Sendable, Hashable {
  /// The launch's record as tiering last announced it.
  public var record: LaunchRecord
  /// The version of the template that the checklist was created from.
  public var templateVersion: Int
  /// The items, in the template's order.
  public var items: [ChecklistItem]
  /// The poll's answers, at most one per function.
  public var votes: [PollVote]
  /// The seal of the metric plan; nil while it is not sealed.
  public var seal: Seal?
  /// When customers first had the launch; nil if they never had.
  public var exposedSince: Timestamp?
  /// The latest launch attempt; nil before the first.
  public var latestAttempt: ExposureAttempt?
  /// The roster of shifts and the daily checks after the launch.
  public var hypercare = Hypercare()
  /// The double bookings that the adopted policy treats as reasons against GO. They depend on all launches, and are not
  /// stored here.
  public var bookings: [LaunchConflict] = []

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

  /// Returns the facts that the requirements of its items are checked against at a moment.
  func situation(at moment: LaunchMoment) -> LaunchSituation {
    LaunchSituation(
      roster: moment.roster, plan: record.plan, zone: moment.zone, today: moment.today, exposedSince: exposedSince,
      isSealed: seal != nil, hypercare: hypercareCoverage(in: moment.zone))
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

/// A moment, together with the zone, calendars and roster that apply to one launch.
public struct LaunchMoment: Sendable {
  /// The time of the service's clock.
  public var now: Timestamp
  /// The local date in the launch's zone.
  public var today: LocalDate
  /// The rules of the launch's zone.
  public var zone: ZoneRules
  /// The business calendars of the launch and of its functions.
  public var calendars: LaunchCalendars
  /// The adopted roster; nil before a roster is adopted.
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

/// The facts that the requirements of a launch's items are checked against.
public struct LaunchSituation: Sendable {
  /// The adopted roster; nil before a roster is adopted, when no people are required.
  public var roster: Roster?
  /// The launch's plan.
  public var plan: LaunchPlan
  /// The rules of the launch's zone.
  public var zone: ZoneRules
  /// The local date in the launch's zone.
  public var today: LocalDate
  /// When customers first had the launch; nil before that.
  public var exposedSince: Timestamp?
  /// Whether its success metrics are sealed.
  public var isSealed: Bool
  /// How its roster of shifts covers the days after the launch; nil if it has none.
  public var hypercare: HypercareCoverage?

  /// The day of the first exposure, in the launch's zone; nil before that.
  var exposedOn: LocalDate? { exposedSince.map(zone.localDate(at:)) }
}

/// The business-day calendars of one launch, by function.
public struct LaunchCalendars: Sendable {
  private var own: [LaunchFunction: BusinessCalendar]
  /// The launch's own calendar; Monday to Friday without holidays if the launch names no calendar, or one that is
  /// missing.
  public let launch: BusinessCalendar
  /// The functions for which the launch names a calendar that is missing or does not cover its date. If it is missing,
  /// Monday to Friday is used.
  public private(set) var unknown: Set<LaunchFunction>

  /// Monday to Friday for every function.
  public static let standard = LaunchCalendars(own: [:], unknown: [])

  private init(own: [LaunchFunction: BusinessCalendar], unknown: Set<LaunchFunction>) {
    self.own = own
    launch = .standard
    self.unknown = unknown
  }

  /// Selects the calendars that a launch names, by key.
  public init(of plan: LaunchPlan, from known: CalendarSet) {
    own = [:]
    launch = known.calendar(plan.calendar) ?? .standard
    unknown = []
    for function in LaunchFunction.allCases {
      guard let key = plan.calendars[function.rawValue] ?? plan.calendar else { continue }
      own[function] = known.calendar(key)
      if own[function]?.covers(plan.date) != true { unknown.insert(function) }
    }
  }

  /// Returns a function's calendar: its own, or else the launch's, or else Monday to Friday without holidays.
  public func calendar(of function: LaunchFunction) -> BusinessCalendar { own[function] ?? .standard }

  /// Returns an approval group's calendar: the function's, or the launch's if the group is not a function.
  func calendar(ofGroup group: String) -> BusinessCalendar {
    LaunchFunction(rawValue: group).map { calendar(of: $0) } ?? launch
  }
}

/// A change of one item.
public struct ItemEvent: Sendable, Hashable {
  /// The item's key and instance.
  public var item: ItemReference
  /// Its states before and after, and why.
  public var step: ItemStep
  /// The caller, in the identity that had the right; nil if the change was not made by a call.
  public var actor: Actor?

  public init(item: ItemReference, step: ItemStep, actor: Actor? = nil) {
    self.item = item
    self.step = step
    self.actor = actor
  }
}

extension LaunchChecklist {
  /// Applies a later version of the launch: items are added or voided, open items get their new due days, and votes are
  /// cleared if the date or the tier changed.
  ///
  /// - Parameters:
  ///   - template: the version the launch was instantiated from.
  /// - roster: determines the default owners of new items.
  /// - Returns: the changes, for the items' histories.
  public mutating func update(
    to next: LaunchRecord, template: ChecklistTemplate, in calendars: LaunchCalendars, roster: Roster? = nil
  ) -> [ItemEvent] {
    let before = record
    record = next
    if before.plan.date != next.plan.date || before.tier != next.tier { votes = [] }
    let expected = Self.items(of: next, from: template, in: calendars, roster: roster)
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

  /// Appends the items that the checklist does not have yet.
  mutating func add(_ expected: [ChecklistItem], detail: String) -> [ItemEvent] {
    let present = Set(items.map(\.reference))
    let new = expected.filter { !present.contains($0.reference) }
    items += new
    return new.map { item in
      ItemEvent(item: item.reference, step: ItemStep(from: .open, to: .open, action: "appeared", detail: detail))
    }
  }

  /// Returns why a launch no longer needs an item that its template still has.
  static func reason(for item: TemplateItem, _ before: LaunchRecord, _ next: LaunchRecord) -> String {
    if !item.tiers.contains(next.tier) { return "not needed in tier \(next.tier.rawValue)" }
    if let condition = item.applicability, !condition.mayHold(for: next.plan.facts) {
      if case .flag(let flag) = condition { return "not needed because \(flag.rawValue) is false" }
      return "the facts do not call for it: it applies if \(condition)"
    }
    return "the launch no longer has this instance"
  }

  /// Sorts the items by the template's order, then by their current order.
  mutating func sort(by template: ChecklistTemplate) {
    let rank = Dictionary(
      template.items.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
    let ranked = items.enumerated().map { offset, item in (rank[item.definition.key] ?? .max, offset, item) }
    items = ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}

extension ChecklistItem {
  /// Voids the item but keeps its history and evidence; returns nil if it is already voided.
  mutating func void(because why: String) -> ItemStep? {
    guard state != .voided else { return nil }
    let from = state
    voidedFrom = state
    state = .voided
    reason = why
    version += 1
    return ItemStep(from: from, to: .voided, action: "voided", detail: why)
  }

  /// Restores the item if it is voided, and updates its due day, except for an item that is done and not `strict`.
  /// Returns nil if nothing changed.
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

  /// Throws a conflict if the launch is cancelled: its items, decision, poll and exposure can then no longer be
  /// changed.
  public func requireNotCancelled() throws(Problem) {
    guard record.status == .cancelled else { return }
    throw stopped("\(launch) is cancelled; it can no longer be changed")
  }

  /// Throws a conflict if the launch is cancelled or postponed, and therefore has no date on which a GO could open the
  /// gate.
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
      function: item.definition.function, title: item.title, state: item.state,
      gate: item.definition.gate, due: item.due, overdue: standing.flags.contains(.overdue),
      flags: ItemFlag.allCases.filter(standing.flags.contains).map(\.rawValue), owner: item.owner,
      approvals: approvalViews(of: item, at: moment), evidence: item.evidence, reason: item.reason,
      why: item.definition.why, version: item.version, doneOn: item.doneOn,
      waivedUntil: item.state == .waived ? item.waiver?.until : nil,
      verified: item.state == .notApplicable ? item.exemption.map { $0.verifiedBy != nil } : nil,
      missing: item.missingTexts(in: situation(at: moment)), presenter: item.presenter, person: item.namedExecutor,
      guidance: item.definition.guidance,
      waiverRequest: item.waiverRequest.map {
        WaiverRequestView(by: $0.by, at: $0.at, reason: $0.reason, until: $0.until)
      })
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

  /// Returns the launch's readiness by function, with the recommendation and every reason against GO.
  ///
  /// - Parameter halt: the halt that closes the launch's gate; nil if none does.
  public func readiness(at moment: LaunchMoment, isExposed: Bool, halt: Halt? = nil) -> ReadinessView {
    let reasons = reasonsAgainstGo(at: moment, isExposed: isExposed)
    let risks = risks(at: moment, isExposed: isExposed)
    return ReadinessView(
      launch: launch, name: record.plan.name, tier: record.tier, date: record.plan.date,
      recommendation: reasons.isEmpty ? .go : .noGo, reasons: reasons, functions: functions(at: moment),
      hypercare: hypercareSummary(at: moment), groups: groups(of: reasons, on: moment.today),
      risks: risks.isEmpty ? nil : risks
    ).halted(by: halt)
  }

  /// Returns the same, with what each item that is not done still lacks; the board of all launches omits that.
  public func detailedReadiness(at moment: LaunchMoment, isExposed: Bool, halt: Halt? = nil) -> ReadinessView {
    var view = readiness(at: moment, isExposed: isExposed, halt: halt)
    let situation = situation(at: moment)
    let known = Dictionary(items.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    for index in view.reasons.indices where view.reasons[index].code == "item-not-done" {
      let reference = view.reasons[index].item.map { ItemReference(key: $0, instance: view.reasons[index].instance) }
      let missing = reference.flatMap { known[$0] }?.awaitedTexts(in: situation) ?? []
      if !missing.isEmpty { view.reasons[index].detail += "; missing: \(missing.joined(separator: "; "))" }
    }
    return view
  }
}
