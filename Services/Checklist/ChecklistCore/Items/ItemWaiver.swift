public import Contract
public import LaunchModel

/// The acceptance of an item although it is not done.
public struct ItemWaiver: Sendable, Hashable, Codable {
  /// Why it is waived.
  public var reason: String
  /// Who waived it, as shown in histories, with a claimed identity marked.
  public var by: String
  /// When it was waived.
  public var at: Timestamp
  /// The day from which the item fails again; nil if the waiver does not expire, for example because the item is due
  /// after the launch.
  public var until: LocalDate?
  /// True if no end was given: the waiver then ends with the launch date, and `until` is the day after it. Nil
  /// otherwise.
  public var endsWithLaunch: Bool?

  public init(reason: String, by: String, at: Timestamp, until: LocalDate? = nil, endsWithLaunch: Bool? = nil) {
    self.reason = reason
    self.by = by
    self.at = at
    self.until = until
    self.endsWithLaunch = endsWithLaunch
  }
}

/// A request to waive an item, from somebody who may not waive it themselves.
public struct WaiverRequest: Sendable, Hashable, Codable {
  /// Why it should be waived.
  public var reason: String
  /// The key of the person who asks or, if a stand-in asked, of the person for whom they asked.
  public var person: PersonID
  /// Who asks, as histories show it; a claimed identity is marked.
  public var by: String
  /// When it was asked for.
  public var at: Timestamp
  /// The requested end; nil if the waiver should end with the launch date.
  public var until: LocalDate?
}

extension LaunchChecklist {
  /// Whether the waiver is in force at a moment.
  ///
  /// A waiver that ends with the launch date remains in force if the launch went live while the waiver was in force,
  /// because the later stages of a rollout depend on the same GO. If the launch moves to a later date, the waiver does
  /// not move with it.
  func holds(_ waiver: ItemWaiver, at moment: LaunchMoment) -> Bool {
    guard let until = waiver.until, until <= moment.today else { return true }
    return isKept(waiver, until: until, in: moment.zone)
  }

  /// Whether the waiver ends with the launch date, and the launch went live while the waiver was in force.
  func isKept(_ waiver: ItemWaiver, until: LocalDate, in zone: ZoneRules) -> Bool {
    guard endsOnTime(waiver, until: until), let exposedSince else { return false }
    return zone.localDate(at: exposedSince) < until
  }

  /// Whether the waiver ends with the launch date and the launch has not moved beyond its end, so that it lasts long
  /// enough.
  func endsOnTime(_ waiver: ItemWaiver, until: LocalDate) -> Bool {
    waiver.endsWithLaunch == true && record.plan.date < until
  }
}

extension ChecklistItem {
  /// Who may waive the item: its function's lead if it is advisory, else Product Ops.
  private var waiverRight: Right { definition.gate == .advisory ? .leads(definition.function) : .productOps }

  /// Whether the actor may waive the item.
  func isWaivable(by actor: Actor) -> Bool { Rights.allows(actor, waiverRight) }

  /// Whether the action requests a waiver or answers a request, rather than waiving the item.
  func isWaiverRequest(_ action: ItemAction, by actor: Actor) -> Bool {
    action.waiver != nil || !isWaivable(by: actor)
  }

  /// Throws `forbidden` if the actor may neither waive the item nor request a waiver. Its owner and the members of its
  /// function may request one, and whoever requested it may withdraw the request.
  func requireWaiving(_ action: ItemAction, by actor: Actor) throws(Problem) {
    guard !isWaivable(by: actor) else { return }
    let isKnown = Rights.allows(actor, .onRoster)
    if action.waiver == .decline {
      guard isKnown, waiverRequest?.person == actor.rightsHolder else { return try Rights.require(actor, waiverRight) }
    } else if !isKnown || owner != actor.rightsHolder {
      try Rights.require(actor, anyOf: [waiverRight, .memberOf(definition.function)])
    }
  }

  /// Waives the item, requests a waiver, or declines a request.
  mutating func waive(_ action: ItemAction, _ given: String, in context: ItemContext) throws(Problem) -> String? {
    if action.waiver == .decline { return try declineWaiver(given) }
    if state == .done, !context.isFailing {
      throw Problem.conflict("already-done", "\(name) is already done and needs no waiver")
    }
    if let until = action.until, until <= context.today {
      throw Problem.unfit("until", "a waiver must end in the future; got \(until), and today is \(context.today)")
    }
    if isWaiverRequest(action, by: context.actor) { return try requestWaiver(action, given, in: context) }
    var end = action.until
    if end == nil { end = try defaultEnd(in: context) }
    waiver = ItemWaiver(
      reason: given, by: context.actor.description, at: context.now, until: end,
      endsWithLaunch: action.until == nil && end != nil ? true : nil)
    waiverRequest = nil
    blockedFrom = nil
    if state == .done { forgetAttendance() }
    state = .waived
    reason = given
    return [given, waiver?.endText].compactMap(\.self).joined(separator: ", ")
  }

  /// Returns the end of a waiver that was given without one: the day after the launch date. Nil, meaning that the
  /// waiver does not expire, for items due after the launch and for launches that customers have.
  private func defaultEnd(in context: ItemContext) throws(Problem) -> LocalDate? {
    guard definition.phase != .after, context.launch.exposedSince == nil else { return nil }
    let date = context.launch.plan.date
    guard date >= context.today else {
      throw Problem.missing(
        "until", "a waiver ends with the launch date, and \(date) has passed; give the waiver an end (--until DATE)")
    }
    return date.adding(days: 1)
  }

  private mutating func requestWaiver(
    _ action: ItemAction, _ given: String, in context: ItemContext
  ) throws(Problem) -> String? {
    if let standing = waiverRequest, standing.reason == given, standing.until == action.until {
      throw Problem.conflict(
        "requested-already", "\(standing.by) already asked at \(standing.at) to waive \(name), for the same reason")
    }
    waiverRequest = WaiverRequest(
      reason: given, person: context.actor.rightsHolder, by: context.actor.description, at: context.now,
      until: action.until)
    return "of \(waiverRight.holder): \(given)" + (action.until.map { ", until \($0)" } ?? "")
  }

  private mutating func declineWaiver(_ given: String) throws(Problem) -> String? {
    guard let standing = waiverRequest else {
      throw Problem.conflict("nothing-to-decline", "nobody has asked to waive \(name)")
    }
    waiverRequest = nil
    return "asked for by \(standing.by): \(given)"
  }

  /// The function that decides on a waiver of the item: its own if the item is advisory, else Product Ops.
  public var waiverFunction: LaunchFunction { definition.gate == .advisory ? definition.function : .productOps }
}

extension ItemWaiver {
  /// When it ends, in words; nil if it does not expire.
  fileprivate var endText: String? {
    guard let until else { return nil }
    return endsWithLaunch == true ? "until the launch on \(until.adding(days: -1))" : "until \(until)"
  }
}

extension WaiverStep {
  /// The `action` in histories and events.
  public var action: String { "\(rawValue)-waiver" }
}
