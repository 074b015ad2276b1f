public import Contract
import JSON
public import LaunchModel

/// An action on an item; the raw value is the `action` in histories and events.
public enum ItemVerb: String, Sendable, Hashable, CaseIterable {
  case start, done, reopen, block, unblock, submit, approve, reject, withdraw, waive
  case markNotApplicable = "not-applicable"
  case assign, attach, comment

  /// The states in which the verb is allowed.
  ///
  /// In the state `done`, the verbs `done` and `waive` are allowed only if the item is failing: stale, or done too
  /// late.
  public var allowedFrom: Set<ItemState> {
    switch self {
    case .start: [.open]
    case .done: [.open, .inProgress, .waived, .done]
    case .reopen: [.done, .waived, .notApplicable, .inReview]
    case .block: [.open, .inProgress, .inReview]
    case .unblock: [.blocked]
    case .submit: [.open, .inProgress]
    case .approve, .reject: [.inReview]
    case .withdraw: [.inReview, .done]
    case .waive: [.open, .inProgress, .blocked, .inReview, .waived, .done]
    case .markNotApplicable: [.open, .inProgress, .blocked, .inReview, .waived, .notApplicable]
    case .assign: Set(ItemState.allCases).subtracting([.voided])
    case .attach: Set(ItemState.allCases).subtracting([.voided, .notApplicable])
    case .comment: Set(ItemState.allCases)
    }
  }

  /// The verbs allowed in a state.
  public static func possible(from state: ItemState) -> [ItemVerb] {
    allCases.filter { $0.allowedFrom.contains(state) }
  }

  /// Whether a reason is required.
  public var needsReason: Bool {
    switch self {
    case .reopen, .block, .reject, .waive, .markNotApplicable: true
    case .start, .done, .unblock, .submit, .approve, .withdraw, .assign, .attach, .comment: false
    }
  }

  /// Throws a conflict that lists the allowed verbs if this one is not allowed in the state.
  func requireAllowed(from state: ItemState, of item: String) throws(Problem) {
    guard !allowedFrom.contains(state) else { return }
    let possible = Self.possible(from: state).map(\.rawValue)
    throw Problem(
      .conflict, code: "not-allowed-in-state", title: "not allowed in the item's state",
      detail:
        "\(rawValue) is not allowed while \(item) is \(state.rawValue); allowed now: "
        + possible.joined(separator: ", "),
      extra: ["state": .string(state.rawValue), "possible": .array(possible.map { .string($0) })])
  }
}

extension ItemVerb {
  /// Throws `forbidden` if the actor may not apply the verb to the item (product.md, section 6).
  ///
  /// For approve, reject and withdraw, it is enough here to be on the roster; membership of the group is checked when
  /// the verb is applied.
  func requireRight(of actor: Actor, on item: ChecklistItem, _ action: ItemAction) throws(Problem) {
    let function = item.definition.function
    switch self {
    case .start, .done, .reopen, .block, .unblock, .submit, .attach:
      try Rights.require(actor, .memberOf(function))
    case .waive:
      try item.requireWaiving(action, by: actor)
    case .markNotApplicable:
      try Rights.require(actor, .leads(function))
    case .assign:
      let isSelfAssigned = action.to == actor.person
      try Rights.require(actor, isSelfAssigned ? .memberOf(function) : .leads(function))
    case .comment, .approve, .reject, .withdraw:
      try Rights.require(actor, .onRoster)
    }
  }
}

extension ChecklistItem {
  /// Applies a verb, without checking rights.
  ///
  /// A comment does not change `version`; every other verb increments it.
  ///
  /// - Throws: if the verb is not allowed in the item's state, or a parameter is missing or invalid; the item is then
  ///   unchanged.
  public mutating func apply(
    _ verb: ItemVerb, _ action: ItemAction, in context: ItemContext
  ) throws(Problem) -> ItemStep {
    try verb.requireAllowed(from: state, of: name)
    let given = action.reason?.trimmedOrNil
    if verb.needsReason, given == nil {
      throw Problem.missing("reason", "\(verb.rawValue) needs a reason (--reason TEXT)")
    }
    var next = self
    let isRequest = verb == .waive && isWaiverRequest(action, by: context.actor)
    let detail = try next.perform(verb, action, given, in: context)
    if verb != .comment { next.version += 1 }
    defer { self = next }
    let name = isRequest ? action.waiver?.action ?? WaiverStep.request.action : verb.rawValue
    return ItemStep(from: state, to: next.state, action: name, detail: detail)
  }

  private mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, _ given: String?, in context: ItemContext
  ) throws(Problem) -> String? {
    switch verb {
    case .start: return move(to: .inProgress, reason: nil)
    case .done: return try markDone(action, in: context)
    case .reopen: return reopen(given, at: context.now)
    case .block:
      blockedFrom = state
      return move(to: .blocked, reason: given)
    case .unblock:
      _ = move(to: blockedFrom ?? .open, reason: nil)
      blockedFrom = nil
      return given
    case .submit: return try submit(action, in: context)
    case .approve: return try approve(action, in: context)
    case .reject: return try reject(action, given, in: context)
    case .withdraw: return try withdraw(action, in: context)
    case .waive: return try waive(action, given ?? "", in: context)
    case .markNotApplicable: return try exempt(given ?? "", in: context)
    case .assign: return try assign(action, in: context)
    case .attach: return try attach(action, in: context)
    case .comment: return try comment(action, in: context)
    }
  }

  /// Sets state and reason, and returns the reason as the step's detail.
  private mutating func move(to next: ItemState, reason why: String?) -> String? {
    state = next
    reason = why
    return why
  }

  private mutating func markDone(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard !needsApproval else {
      throw Problem.conflict(
        "needs-review", "\(name) needs approval by \(requiredApprovers): submit it for review instead")
    }
    if state == .done, !context.isFailing {
      throw Problem.conflict("already-done", "\(name) is already done; reopen it to repeat the work")
    }
    if definition.awaitsSeal, !context.launch.isSealed { throw MissingRequirement.seal.refusal(of: name) }
    let day = action.on ?? context.today
    guard day <= context.today else {
      throw Problem.unfit("on", "\(day) is in the future; today is \(context.today) in the launch's time zone")
    }
    try requireNothingAwaited(in: context)
    // The work is being repeated because it was too late or is stale, so its attendance must be recorded again.
    if state == .done, isRepeated(in: context) { forgetAttendance() }
    try recordEvidence(of: action, in: context)
    try requireComplete(on: day, in: context)
    complete(on: day, at: context.now, roster: context.roster)
    vouchedAt = day < context.today ? context.launch.zone.startOfDay(day.adding(days: 1)) : context.now
    return action.on.map { "on \($0)" }
  }

  /// Whether a done item fails because of the day on which the work was done, rather than because it lost something
  /// else.
  private func isRepeated(in context: ItemContext) -> Bool { lostRequirements(in: context.launch).isEmpty }

  /// Marks the item done, whether a person, an approval or an event completed it.
  ///
  /// - Parameter roster: the adopted roster; nil before a roster is adopted.
  mutating func complete(on day: LocalDate, at now: Timestamp, roster: Roster?) {
    executedBy = definition.needsExecutor ? roster.flatMap { executorByEvidence(on: $0) } : nil
    unmetByEvent = nil
    _ = move(to: .done, reason: nil)
    doneOn = day
    completedAt = now
    vouchedAt = nil
    blockedFrom = nil
    waiver = nil
    waiverRequest = nil
  }

  /// Marks the item done because its approvals are complete.
  mutating func completeByApproval(in context: ItemContext) {
    complete(on: context.today, at: context.now, roster: context.roster)
    vouchedAt = context.now
  }

  /// Reopens the item and voids its valid approvals.
  mutating func reopen(_ why: String?, at now: Timestamp) -> String? {
    forgetAttendance()
    // An item that is reopened during review keeps its review clock; for a completed item the clock starts over.
    if state != .inReview { rounds = [] }
    unmetByEvent = nil
    doneOn = nil
    completedAt = nil
    vouchedAt = nil
    waiver = nil
    exemption = nil
    voidApprovals(at: now, because: "the item was reopened")
    return move(to: .open, reason: why)
  }

  private mutating func submit(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard needsApproval else {
      throw Problem.conflict("needs-no-review", "\(name) needs no approval: mark it done instead")
    }
    try requireNothingAwaited(in: context)
    try recordEvidence(of: action, in: context)
    try requireComplete(on: context.today, in: context)
    recordAuthor(context.actor.person)
    voidApprovals(at: context.now, because: "submitted again")
    askForApprovals(at: context.now)
    _ = move(to: .inReview, reason: nil)
    return "for approval by \(requiredApprovers)"
  }

  /// Marks the item as not applicable: self-certified if the actor belongs to the item's function, and verified if
  /// somebody outside the function marks it or agrees later.
  private mutating func exempt(_ given: String, in context: ItemContext) throws(Problem) -> String? {
    let isOwn = context.actor.entry?.functions.contains(definition.function) ?? false
    if var standing = exemption, state == .notApplicable {
      guard standing.verifiedBy == nil, !isOwn, context.actor.places.isDisjoint(with: Actor.people(in: standing.by))
      else {
        throw Problem.conflict(
          "already-not-applicable",
          "\(name) is already marked not applicable; "
            + "only someone else, outside \(definition.function.title), can verify that"
        )
      }
      standing.verifiedBy = context.actor.description
      exemption = standing
      return "verified: \(given)"
    }
    let by = context.actor.description
    exemption = Exemption(reason: given, by: by, at: context.now, verifiedBy: isOwn ? nil : by)
    waiver = nil
    waiverRequest = nil
    blockedFrom = nil
    _ = move(to: .notApplicable, reason: given)
    return "\(isOwn ? "self-certified" : "verified"): \(given)"
  }

  private mutating func assign(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard let to = action.to?.trimmedOrNil else {
      throw Problem.missing("to", "assign needs a person (--to PERSON)")
    }
    try context.requireKnown([to], at: "/to")
    owner = to
    hasDefaultOwner = nil
    return "to \(to)"
  }

  private func comment(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    guard let text = action.text?.trimmedOrNil else { throw Problem.missing("text", "a comment cannot be empty") }
    try Mentions.requireFew(in: text, on: context.roster)
    return text
  }

  private func requireNothingAwaited(in context: ItemContext) throws(Problem) {
    guard context.awaited.isEmpty else {
      throw Problem.conflict(
        "dependency-not-done", "\(name) depends on items that are not done: \(context.awaited.joined(separator: ", "))")
    }
  }
}

/// The circumstances in which a verb is applied to an item: the actor, the time, the roster and the other items.
public struct ItemContext: Sendable {
  /// Who acts, with the rights the roster grants them.
  public var actor: Actor
  /// The current time of the service's clock.
  public var now: Timestamp
  /// The launch's state that the item's requirements are checked against.
  public var launch: LaunchSituation
  /// The items it depends on that are not satisfied, each as `key` or `key/instance`.
  public var awaited: [String]
  /// Whether the item is not satisfied, for example done but stale, or done too late.
  public var isFailing: Bool
  public init(
    actor: Actor, now: Timestamp, launch: LaunchSituation, awaited: [String] = [], isFailing: Bool = false
  ) {
    self.actor = actor
    self.now = now
    self.launch = launch
    self.awaited = awaited
    self.isFailing = isFailing
  }

  /// The local day in the launch's zone.
  var today: LocalDate { launch.today }

  /// The adopted roster; nil before a roster is adopted, when any name is accepted.
  var roster: Roster? { launch.roster }

  /// The groups whose approvals count only from proven identities.
  var provenOnly: Set<String> { Set(roster?.provenOnly ?? []) }

  /// Throws if a roster has been adopted and any of the people is missing from it.
  func requireKnown(_ people: [PersonID], at pointer: String) throws(Problem) {
    guard let roster else { return }
    try roster.requireKnown(people, at: pointer)
  }
}

/// The effect of a verb or an event on an item.
public struct ItemStep: Sendable, Hashable {
  /// The state before; equal to `to` if it did not change.
  public var from: ItemState
  /// The state after.
  public var to: ItemState
  /// The verb, such as `submit`, or what happened without one, such as `rescheduled`.
  public var action: String
  /// Details for the history; nil if the action says enough.
  public var detail: String?

  public init(from: ItemState, to: ItemState, action: String, detail: String? = nil) {
    self.from = from
    self.to = to
    self.action = action
    self.detail = detail
  }
}

extension Problem {
  /// Returns the error for a missing parameter.
  static func missing(_ field: String, _ why: String) -> Problem {
    .invalid("missing-\(field)", title: "missing \(field)", pointer: "/\(field)", why)
  }

  /// Returns the error for a parameter with an invalid value.
  static func unfit(_ field: String, _ why: String) -> Problem {
    .invalid("unfit-\(field)", title: "invalid \(field)", pointer: "/\(field)", why)
  }
}

extension String {
  /// The text without white space at either end; nil if nothing remains.
  var trimmedOrNil: String? {
    let trimmed = drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return trimmed.isEmpty ? nil : String(trimmed)
  }
}

extension LaunchChecklist {
  /// Applies a verb to an item on behalf of the actor or, if the actor may not, of the first person whom the actor
  /// stands in for and who may.
  ///
  /// - Throws: if the item does not exist, the actor lacks the right, the launch is cancelled, the item is not at
  ///   `expectedVersion`, or the verb does not apply; nothing is changed then.
  public mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, on reference: ItemReference, by actor: Actor, at moment: LaunchMoment,
    expectedVersion: Int? = nil
  ) throws(Problem) -> ItemEvent {
    let index = try index(of: reference)
    try actor.requireDelegation(on: moment.today)
    var identities = actor.identities(on: moment.today)
    // A stand-in for somebody who may waive the item waives it at once instead of requesting a waiver.
    let item = items[index]
    if verb == .waive, action.waiver == nil, let giver = identities.firstIndex(where: { item.isWaivable(by: $0) }) {
      identities.swapAt(0, giver)
    }
    var refusal: Problem?
    for identity in identities {
      do throws(Problem) {
        return try perform(verb, action, at: index, as: identity, at: moment, expectedVersion: expectedVersion)
      } catch {
        guard error.kind == .forbidden else { throw error }
        refusal = error
      }
    }
    throw refusal ?? .forbidden("\(actor.person) may not do this")
  }

  private mutating func perform(
    _ verb: ItemVerb, _ action: ItemAction, at index: Int, as actor: Actor, at moment: LaunchMoment,
    expectedVersion: Int?
  ) throws(Problem) -> ItemEvent {
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
    return ItemEvent(item: item.reference, step: step, actor: actor)
  }
}
