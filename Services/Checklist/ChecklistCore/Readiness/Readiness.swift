public import Contract
public import LaunchModel

/// An item's standing at a moment: whether it is satisfied, and the flags derived from its dates.
public struct ItemStanding: Sendable, Hashable {
  /// How close the item is to being satisfied, from worst to best.
  public enum Level: Int, Sendable, Hashable, Codable, Comparable {
    /// Blocked, rejected, or too late to be done in time.
    case blocked
    /// Not done yet, or done but failing.
    case outstanding
    /// Done, not applicable, voided, or covered by an unexpired waiver.
    case satisfied

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  /// How close it is to being satisfied; a blocking item blocks GO unless its level is `satisfied`.
  public var level: Level
  /// A stable code for what is wrong, such as `item-not-done`; nil if the item is satisfied.
  public var code: String?
  /// What is wrong, as a sentence; nil if the item is satisfied.
  public var detail: String?
  /// The flags derived from its dates, such as `overdue`; empty if nothing needs attention.
  public var flags: Set<ItemFlag>

  init(_ level: Level, _ code: String? = nil, _ detail: String? = nil, flags: Set<ItemFlag> = []) {
    self.level = level
    self.code = code
    self.detail = detail
    self.flags = flags
  }
}

/// A condition derived from dates, never stored.
public enum ItemFlag: String, Sendable, Hashable, CaseIterable, Codable {
  case overdue
  case dueSoon = "due-soon"
  case atRisk = "at-risk"
  /// Done, but its shelf life ends before the launch.
  case stale
  /// It can no longer be done in time, or was done too late.
  case tooLate = "too-late"
}

extension LaunchChecklist {
  /// The number of business days ahead within which an item counts as due soon.
  public static let dueSoonDays = 3

  /// Returns the item's standing at a moment, given the launch's current date.
  public func standing(of item: ChecklistItem, at moment: LaunchMoment) -> ItemStanding {
    var standing = verdict(of: item, at: moment)
    guard item.state != .voided, item.state != .notApplicable else { return standing }
    if standing.level == .satisfied {
      if let until = item.waiver?.until, item.state == .waived, until <= record.plan.date {
        standing.flags.insert(.atRisk)
      }
      return standing
    }
    let calendar = moment.calendars.calendar(of: item.definition.function)
    if item.due < moment.today {
      standing.flags.insert(.overdue)
    } else if item.due <= calendar.day(Self.dueSoonDays, from: moment.today) {
      standing.flags.insert(.dueSoon)
    }
    let isUntouched = item.state == .open && standing.flags.contains(.dueSoon)
    let isLate = standing.flags.contains(.overdue)
    if standing.level == .blocked || standing.code != "item-not-done" || isLate || isUntouched {
      standing.flags.insert(.atRisk)
    }
    return standing
  }

  private func verdict(of item: ChecklistItem, at moment: LaunchMoment) -> ItemStanding {
    let name = "\(item.name) (\(item.definition.function.title))"
    switch item.state {
    case .voided, .notApplicable: return ItemStanding(.satisfied)
    case .done: return verdict(ofDone: item, name, at: moment)
    case .waived:
      guard let waiver = item.waiver, !holds(waiver, at: moment) else { return ItemStanding(.satisfied) }
      let until = waiver.until.map { " on \($0)" } ?? ""
      return ItemStanding(.outstanding, "waiver-expired", "\(name) is not done and its waiver expired\(until)")
    case .blocked:
      return ItemStanding(.blocked, "item-blocked", "\(name) is blocked: \(item.reason ?? "no reason given")")
    case .inReview where !item.approvalTally(provenOnly: moment.provenOnly).rejections.isEmpty:
      return ItemStanding(.blocked, "item-rejected", "\(name) is \(item.reason ?? "rejected")")
    case .open, .inProgress, .inReview:
      if item.definition.strict, item.due < moment.today {
        return ItemStanding(
          .blocked, "item-too-late",
          "\(name) had to happen by \(item.due); move the launch or waive the item", flags: [.tooLate])
      }
      return ItemStanding(.outstanding, "item-not-done", outstanding(item, name, at: moment))
    }
  }

  private func verdict(ofDone item: ChecklistItem, _ name: String, at moment: LaunchMoment) -> ItemStanding {
    let lost = item.lostRequirements(in: situation(at: moment)).map(\.text)
    guard lost.isEmpty else {
      return ItemStanding(
        .outstanding, "item-incomplete", "\(name) was done, but now lacks \(lost.joined(separator: "; "))")
    }
    let claimed = item.groupsOfClaimedApprovals(provenOnly: moment.provenOnly)
    guard claimed.isEmpty else {
      return ItemStanding(
        .outstanding, "item-incomplete",
        "\(name) was done, but \(claimed.joined(separator: " and ")) now needs approvals by proven identities; "
          + "reopen it, and have it approved again")
    }
    guard let day = item.doneOn else { return ItemStanding(.satisfied) }
    if item.definition.strict, day > item.due {
      let isPossible = moment.today <= item.due
      return ItemStanding(
        isPossible ? .outstanding : .blocked, "item-too-late",
        "\(name) happened on \(day), after its deadline of \(item.due); "
          + "repeat it in time, move the launch or waive the item",
        flags: [.tooLate])
    }
    if let days = item.definition.shelfLifeDays, day.adding(days: days) < record.plan.date {
      return ItemStanding(
        .outstanding, "item-stale",
        "\(name) was done on \(day) and is valid for \(days) days, which ends before the launch; do it again",
        flags: [.stale])
    }
    return ItemStanding(.satisfied)
  }

  private func outstanding(_ item: ChecklistItem, _ name: String, at moment: LaunchMoment) -> String {
    var text = "\(name) is \(item.state.rawValue), due \(item.due)"
    if item.state == .inReview {
      let missing = item.approvalTally(provenOnly: moment.provenOnly).missing.map { "\($0.quorum) of \($0.group)" }
      if !missing.isEmpty { text += "; approvals missing: \(missing.joined(separator: ", "))" }
    } else if let reason = item.reason {
      text += ": \(reason)"
    }
    for fault in moment.roster.map(item.unreachableApprovals) ?? [] { text += "; \(fault)" }
    return text
  }
}

extension LaunchChecklist {
  /// The functions whose leads are polled: all that have items, except Product Ops, which runs the poll and decides.
  public var polled: [LaunchFunction] {
    Set(items.filter { $0.state != .voided }.map(\.definition.function)).subtracting([.productOps]).sorted()
  }

  /// Records a lead's answer, which replaces the function's earlier one.
  ///
  /// - Throws: if the launch is cancelled, its tier has no poll, the function is missing, ambiguous or not polled, or
  ///   the actor is not its lead.
  @discardableResult
  public mutating func answer(_ answer: PollAnswer, by actor: Actor, at now: Timestamp) throws(Problem) -> PollVote {
    try requireNotCancelled()
    guard record.tier.hasPoll else {
      throw Problem.conflict("no-poll", "tier \(record.tier.rawValue) has no poll")
    }
    let function = try function(of: answer, by: actor)
    try Rights.require(actor, .leads(function))
    let vote = PollVote(
      function: function, answer: answer.answer, by: actor.description, at: now, note: answer.note?.trimmedOrNil)
    votes.removeAll { $0.function == function }
    votes.append(vote)
    votes.sort { $0.function < $1.function }
    return vote
  }

  /// The current state of the poll.
  public var poll: PollView {
    let answered = Set(votes.map(\.function))
    return PollView(
      launch: launch, required: record.tier.hasPoll, votes: votes,
      silent: record.tier.hasPoll ? polled.filter { !answered.contains($0) } : [])
  }

  private func function(of answer: PollAnswer, by actor: Actor) throws(Problem) -> LaunchFunction {
    if let function = answer.function {
      guard polled.contains(function) else {
        let names = polled.map(\.rawValue).joined(separator: ", ")
        throw Problem.unfit(
          "function", "\(function.rawValue) is not polled for this launch; the polled functions are: \(names)")
      }
      return function
    }
    let led = polled.filter { actor.entry?.lead.contains($0) ?? false }
    if led.count == 1 { return led[0] }
    let choice = (led.isEmpty ? polled : led).map(\.rawValue).joined(separator: ", ")
    guard !led.isEmpty || Rights.allows(actor, .productOps) else {
      throw Problem.forbidden(
        code: "not-a-lead",
        "\(actor.person) leads no polled function; only a lead of \(choice), or Product Ops, can answer the poll")
    }
    throw Problem.missing("function", "choose the function to answer for (--function): \(choice)")
  }
}

extension LaunchChecklist {
  /// Returns every reason against GO; empty if GO is recommended.
  ///
  /// - Parameters:
  ///   - isExposed: whether customers have the feature now; if so, a past launch date is not a reason.
  /// - halt: the halt that closes the launch's gate; nil if there is none, or if its reason is added elsewhere.
  public func reasonsAgainstGo(
    at moment: LaunchMoment, isExposed: Bool, halt: Halt? = nil
  ) -> [ReadinessReason] {
    (halt.map { [$0.reasonAgainstGo] } ?? []) + launchReasons(at: moment, isExposed: isExposed)
      + itemReasons(at: moment) + pollReasons(at: moment) + rosterReasons(at: moment)
  }

  private func launchReasons(at moment: LaunchMoment, isExposed: Bool) -> [ReadinessReason] {
    var reasons = stopReason.map { [$0] } ?? []
    if record.tier != .minor, !isExposed, record.plan.date < moment.today {
      reasons.append(
        ReadinessReason(
          code: "date-passed", detail: "the launch date \(record.plan.date) has passed; reschedule the launch"))
    }
    if let reason = unconfirmedDate(at: moment, isExposed: isExposed) { reasons.append(reason) }
    if let shortfall = record.shortfall, shortfall.waived == nil {
      let days = "\(shortfall.days) \(shortfall.days == 1 ? "day" : "days")"
      let because = shortfall.because.joined(separator: ", ")
      reasons.append(
        ReadinessReason(
          code: "shortfall",
          detail:
            "the date is \(days) too early (\(because)); move it or waive the shortfall"
        )
      )
    }
    // Once customers have the launch, its date can no longer move, and its conflicts can no longer be accepted.
    for conflict in isExposed ? [] : record.openConflicts {
      let detail = "\(conflict.reason); move the launch or accept the conflict"
      reasons.append(ReadinessReason(code: "conflict", detail: detail))
    }
    for booking in isExposed ? [] : bookings where booking.accepted == nil {
      let detail = "\(booking.reason); reassign items, move a launch or accept the conflict"
      reasons.append(ReadinessReason(code: "booking", detail: detail))
    }
    let hidden = record.openConflictCount - record.openConflicts.count
    if hidden > 0 {
      let detail = "\(hidden) more open \(hidden == 1 ? "conflict" : "conflicts"); see gonogo calendar conflicts"
      reasons.append(ReadinessReason(code: "conflict", detail: detail))
    }
    if record.tier.isMeasured, seal == nil {
      reasons.append(ReadinessReason(code: "not-sealed", detail: "the success metrics are not sealed"))
    }
    return reasons
  }

  private func itemReasons(at moment: LaunchMoment) -> [ReadinessReason] {
    let judged = items.filter(\.blocksGo).map { JudgedItem(item: $0, standing: standing(of: $0, at: moment)) }
    var locales = partlyReadyLocales(of: judged)
    return judged.compactMap { judged in
      let (item, standing) = (judged.item, judged.standing)
      guard standing.level != .satisfied, let code = standing.code else { return nil }
      // The other missing locales are named once, with the first one.
      let others = locales.removeValue(forKey: item.definition.key).map { "; \($0)" } ?? ""
      return ReadinessReason(
        code: code, item: item.definition.key, instance: item.instance, function: item.definition.function,
        detail: (standing.detail ?? item.name) + others)
    }
  }

  private func pollReasons(at moment: LaunchMoment) -> [ReadinessReason] {
    guard record.tier.hasPoll else { return [] }
    return polled.compactMap { function in
      guard let vote = votes.first(where: { $0.function == function }) else {
        return ReadinessReason(
          code: "poll-missing", function: function, detail: silence(of: function, at: moment))
      }
      guard vote.answer == .noGo else { return nil }
      let note = vote.note.map { ": \($0)" } ?? ""
      return ReadinessReason(
        code: "poll-no-go", function: function, detail: "\(function.title) answered no-go (\(vote.by))\(note)")
    }
  }
}

extension LaunchChecklist {
  /// Returns the readiness of each function that has items, in board order. The worst blocking item determines it, and
  /// an unknown state never counts as ready.
  public func functions(at moment: LaunchMoment) -> [FunctionReadiness] {
    Dictionary(grouping: items.filter { $0.state != .voided }, by: \.definition.function)
      .sorted { $0.key < $1.key }
      .map { readiness(of: $0.key, $0.value, at: moment) }
  }

  private func readiness(
    of function: LaunchFunction, _ items: [ChecklistItem], at moment: LaunchMoment
  ) -> FunctionReadiness {
    let judged = items.map { JudgedItem(item: $0, standing: standing(of: $0, at: moment)) }
    let undone = judged.filter { $0.standing.level != .satisfied }
    let blocking = judged.filter { $0.item.blocksGo }
    let owners = Set(undone.compactMap(\.item.owner)).sorted()
    return FunctionReadiness(
      function: function,
      state: state(of: blocking.map(\.standing), isKnown: !moment.calendars.unknown.contains(function)),
      done: judged.count { $0.item.state == .done && $0.standing.level == .satisfied }, total: items.count,
      blocking: blocking.filter { $0.standing.level != .satisfied }.map(\.item.name),
      nextDue: undone.map(\.item.due).min(), owners: owners,
      waived: items.filter { $0.state == .waived }.map(\.name), locales: locales(of: judged),
      waiverRequests: items.filter { $0.waiverRequest != nil }.map(\.name))
  }

  /// A function's due days are unreliable if its calendar is not known: its state is then unknown until all its items
  /// are satisfied.
  private func state(of standings: [ItemStanding], isKnown: Bool) -> ReadinessState {
    if standings.contains(where: { $0.level == .blocked }) { return .blocked }
    let isReady = standings.allSatisfy { $0.level == .satisfied }
    if !isKnown, !isReady { return .unknown }
    if standings.contains(where: { $0.flags.contains(.atRisk) }) { return .atRisk }
    return isReady ? .ready : .onTrack
  }
}
