public import Contract
public import LaunchModel

/// One approval or rejection of an item.
public struct Approval: Sendable, Hashable, Codable {
  /// Whether the group approves or rejects the item.
  public enum Verdict: String, Sendable, Hashable, Codable {
    case approved, rejected
  }

  /// An approval counts towards the group's quorum; a rejection blocks the item until it is withdrawn or voided.
  public var verdict: Verdict
  /// The group on whose behalf it was given.
  public var group: String
  /// Who gave it. A person counts only once, however many approvals they give.
  public var person: PersonID
  /// The absent person for whom `person` acted, and whose own approval then does not count again; nil if `person` acted
  /// in their own right.
  public var standsInFor: PersonID?
  /// The person as shown in histories, with a claimed identity marked.
  public var by: String
  /// Whether the transport proved the identity; false if another principal only claimed it.
  public var isProven: Bool
  /// When it was given, on the service's clock.
  public var at: Timestamp
  /// The person's note; nil if none was given.
  public var note: String?
  /// When it was withdrawn, replaced, or voided by a change of the item; nil while it is valid.
  public var endedAt: Timestamp?
  /// Why it is no longer valid; nil while it is.
  public var ended: String?

  public init(
    verdict: Verdict, group: String, person: PersonID, standsInFor: PersonID? = nil, by: String, isProven: Bool,
    at: Timestamp, note: String? = nil
  ) {
    self.verdict = verdict
    self.group = group
    self.person = person
    self.standsInFor = standsInFor
    self.by = by
    self.isProven = isProven
    self.at = at
    self.note = note
  }

  /// Whether it is still valid: neither withdrawn, replaced nor voided.
  public var stands: Bool { endedAt == nil }

  /// The people whose approval it uses up: the person who gave it, and the absent person for whom it was given, if any.
  public var places: Set<PersonID> { Set([person, standsInFor ?? person]) }

  /// Whether an approval by the actor would repeat it, because both come from, or were given for, the same person.
  fileprivate func isOf(_ actor: Actor) -> Bool { !places.isDisjoint(with: actor.places) }
}

/// The count of an item's approvals against the required quorums (product.md, section 2, rule 4).
public struct ApprovalTally: Sendable, Hashable {
  /// The groups whose approval is required, each with its quorum; from the item's definition.
  public var rules: [ApprovalRule]
  /// Every approval and rejection, including those that are no longer valid.
  public var approvals: [Approval]
  /// Groups whose approvals count only from proven identities.
  public var provenOnly: Set<String>

  public init(rules: [ApprovalRule], approvals: [Approval], provenOnly: Set<String>) {
    self.rules = rules
    self.approvals = approvals
    self.provenOnly = provenOnly
  }

  /// The valid rejections.
  public var rejections: [Approval] { approvals.filter { $0.stands && $0.verdict == .rejected } }

  /// The approvals of a group that count.
  ///
  /// A person counts once: for the group of their first valid approval. A person and anyone who acted for them count as
  /// one.
  public func counted(for group: String) -> [Approval] {
    var seen: Set<PersonID> = []
    return approvals.filter { approval in
      guard approval.stands, approval.verdict == .approved, approval.isProven || !provenOnly.contains(approval.group),
        seen.isDisjoint(with: approval.places)
      else { return false }
      seen.formUnion(approval.places)
      return approval.group == group
    }
  }

  /// The groups with approvals still missing; each quorum is the number missing.
  public var missing: [ApprovalRule] {
    rules.compactMap { rule in
      let owed = rule.quorum - counted(for: rule.group).count
      return owed > 0 ? ApprovalRule(group: rule.group, quorum: owed) : nil
    }
  }

  /// Whether every quorum is reached and no valid rejection remains.
  public var isComplete: Bool { rejections.isEmpty && missing.isEmpty }

  /// Each group's approvals as shown in item lists.
  public var views: [ApprovalView] {
    rules.map { rule in
      let given = approvals.filter { $0.group == rule.group }
      return ApprovalView(
        group: rule.group, quorum: rule.quorum, approvedBy: counted(for: rule.group).map(\.by),
        rejectedBy: given.filter { $0.stands && $0.verdict == .rejected }.map(\.by),
        ended: given.filter { !$0.stands }.map { "\($0.by): \($0.verdict.rawValue), \($0.ended ?? "ended")" })
    }
  }
}

extension ChecklistItem {
  /// The groups whose approval is required: those of the template or, for a plain review, one member of the item's
  /// function who is not an author.
  public var approvalRules: [ApprovalRule] {
    if !definition.approvals.isEmpty { return definition.approvals }
    return definition.review ? [ApprovalRule(group: definition.function.rawValue)] : []
  }

  /// Whether the item is completed by approvals, so that it cannot be marked done directly.
  public var needsApproval: Bool { !approvalRules.isEmpty }

  /// Tallies its approvals against the required quorums.
  public func approvalTally(provenOnly: Set<String>) -> ApprovalTally {
    ApprovalTally(rules: approvalRules, approvals: approvals, provenOnly: provenOnly)
  }

  /// The groups whose quorum was reached only with claimed identities, which no longer count.
  func groupsOfClaimedApprovals(provenOnly: Set<String>) -> [String] {
    guard !provenOnly.isDisjoint(with: approvalRules.map(\.group)) else { return [] }
    let reached = Set(approvalTally(provenOnly: []).missing.map(\.group))
    return approvalTally(provenOnly: provenOnly).missing.map(\.group).filter { !reached.contains($0) }
  }

  /// Voids every valid approval and rejection because the item changed; they stay visible in its history (product.md,
  /// section 2, rule 4).
  ///
  /// Called by `submit` and `reopen` (`ItemVerb`), by attached evidence (`recordMaterialChange`), by events that
  /// contradict the item (`contradict`), and by a template upgrade that changes which approvals it needs.
  ///
  /// - Returns: whether there were any.
  @discardableResult
  mutating func voidApprovals(at now: Timestamp, because reason: String) -> Bool {
    var voided = false
    for index in approvals.indices where approvals[index].stands {
      approvals[index].endedAt = now
      approvals[index].ended = reason
      voided = true
    }
    return voided
  }
}

extension ChecklistItem {
  /// The required groups in words, such as `2 of legal and product`.
  var requiredApprovers: String {
    approvalRules.map { $0.quorum == 1 ? $0.group : "\($0.quorum) of \($0.group)" }.joined(separator: " and ")
  }

  /// Records an approval, and marks the item done if it completes the last quorum.
  mutating func approve(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    let group = try approvingGroup(action, in: context)
    if let author = authors.first(where: context.actor.places.contains) {
      throw Problem.forbidden(
        code: "own-work",
        "\(author) submitted \(name) or attached evidence to it, and nobody may approve their own work")
    }
    try requireNotApproved(for: group, in: context)
    record(.approved, for: group, note: action.reason?.trimmedOrNil, in: context)
    guard approvalTally(provenOnly: context.provenOnly).isComplete else { return "for \(group)" }
    guard context.awaited.isEmpty else {
      throw Problem.conflict(
        "dependency-not-done",
        "the last approval would complete \(name), but it depends on items that are not done: "
          + context.awaited.joined(separator: ", "))
    }
    completeByApproval(in: context)
    return "for \(group); all approvals given"
  }

  /// Records a rejection, which blocks the item until it is withdrawn or the item changes.
  mutating func reject(
    _ action: ItemAction, _ given: String?, in context: ItemContext
  ) throws(Problem) -> String? {
    let group = try approvingGroup(action, in: context)
    record(.rejected, for: group, note: given, in: context)
    reason = "rejected by \(context.actor.description) for \(group): \(given ?? "")"
    return "for \(group): \(given ?? "")"
  }

  /// Withdraws the actor's own approval or rejection.
  mutating func withdraw(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    let own = approvals.indices.filter { approvals[$0].stands && approvals[$0].isOf(context.actor) }
    guard let index = own.last else {
      throw Problem.conflict(
        "nothing-to-withdraw", "\(context.actor.person) has no approval or rejection of \(name) to withdraw")
    }
    approvals[index].endedAt = context.now
    approvals[index].ended = "withdrawn"
    let tally = approvalTally(provenOnly: context.provenOnly)
    if state == .done, !tally.isComplete {
      state = .inReview
      doneOn = nil
      completedAt = nil
      vouchedAt = nil
      reason = "an approval was withdrawn"
    } else if state == .inReview {
      reason = tally.rejections.last.map { "rejected by \($0.by) for \($0.group): \($0.note ?? "")" }
      if tally.isComplete, context.awaited.isEmpty { completeByApproval(in: context) }
    }
    return "\(approvals[index].verdict.rawValue) for \(approvals[index].group)"
  }

  /// The required group on whose behalf the actor approves or rejects.
  private func approvingGroup(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String {
    let group = try group(named: action.group, of: context.actor)
    if context.provenOnly.contains(group), context.actor.isClaimed {
      throw Problem.forbidden(
        code: "identity-claimed",
        "\(group) accepts only proven identities, but \(context.actor.principal) only claimed to act for "
          + "\(context.actor.person)"
      )
    }
    if let earlier = approvals.first(where: { $0.stands && $0.isOf(context.actor) }), earlier.group != group {
      throw Problem.conflict(
        "counts-once",
        "\(earlier.by) has already approved or rejected \(name) for \(earlier.group), and a person counts only once: "
          + "withdraw that answer first")
    }
    return group
  }

  private func group(named wanted: String?, of actor: Actor) throws(Problem) -> String {
    let groups = approvalRules.map(\.group)
    let own = groups.filter { Rights.allows(actor, .approves(group: $0)) }
    if let wanted {
      guard groups.contains(wanted) else {
        throw Problem.unfit("group", "\(name) needs no approval from \(wanted); it needs \(requiredApprovers)")
      }
      guard own.contains(wanted) else {
        throw Problem.forbidden(code: "not-in-group", "\(actor.rightsHolder) is not a member of \(wanted)")
      }
      return wanted
    }
    guard let only = own.first else {
      throw Problem.forbidden(
        code: "not-in-group",
        "\(name) needs approval by \(requiredApprovers), and \(actor.rightsHolder) is a member of none of them")
    }
    guard own.count == 1 else {
      throw Problem.missing(
        "group", "\(actor.rightsHolder) is a member of \(own.joined(separator: " and ")): choose one with --group")
    }
    return only
  }

  /// Throws if the same valid approval exists already, even if it was given by someone who acts for the actor. An
  /// approval given under a claimed identity may be repeated under a proven one.
  private func requireNotApproved(for group: String, in context: ItemContext) throws(Problem) {
    let standing = approvals.first { approval in
      approval.stands && approval.verdict == .approved && approval.isOf(context.actor) && approval.group == group
    }
    guard let standing, standing.isProven || context.actor.isClaimed else { return }
    throw Problem.conflict(
      "approved-already", "\(standing.by) already approved \(name) for \(group) at \(standing.at)")
  }

  /// Records a verdict, which replaces the actor's earlier one for the item, if any.
  private mutating func record(
    _ verdict: Approval.Verdict, for group: String, note: String?, in context: ItemContext
  ) {
    for index in approvals.indices where approvals[index].stands && approvals[index].isOf(context.actor) {
      approvals[index].endedAt = context.now
      approvals[index].ended = "replaced"
    }
    approvals.append(
      Approval(
        verdict: verdict, group: group, person: context.actor.person, standsInFor: context.actor.delegation?.from,
        by: context.actor.description, isProven: !context.actor.isClaimed, at: context.now, note: note))
    if approvalTally(provenOnly: context.provenOnly).rejections.isEmpty { reason = nil }
  }
}

/// One request for an item's approvals: it was submitted, or it changed while in review.
public struct ReviewRound: Sendable, Hashable, Codable {
  /// A period in which the item waited for its reviewers.
  public struct Wait: Sendable, Hashable, Codable {
    /// When it began.
    public var from: Timestamp
    /// When it ended; nil while the item waits for its reviewers.
    public var until: Timestamp?
  }

  /// When the approvals were asked for.
  public var askedAt: Timestamp
  /// The periods in which the item waited for its reviewers, oldest first. Between them it was rejected or blocked, and
  /// waited for its author.
  public var waits: [Wait]
}

extension ChecklistItem {
  /// Whether it is the reviewers' turn: the item is in review and has no valid rejection.
  var isWaitingForReviewers: Bool {
    state == .inReview && !approvals.contains { $0.stands && $0.verdict == .rejected }
  }

  /// Begins a round of approvals.
  mutating func askForApprovals(at now: Timestamp) {
    endWait(at: now)
    rounds.append(ReviewRound(askedAt: now, waits: []))
  }

  /// Begins or ends a wait for reviewers, according to the item's present state.
  ///
  /// An item that was in review before waits were recorded begins its first round now.
  mutating func recordWait(at now: Timestamp) {
    guard isWaitingForReviewers else { return endWait(at: now) }
    if rounds.isEmpty { askForApprovals(at: now) }
    let last = rounds.count - 1
    guard rounds[last].waits.last.map({ $0.until != nil }) ?? true else { return }
    rounds[last].waits.append(ReviewRound.Wait(from: now))
  }

  private mutating func endWait(at now: Timestamp) {
    guard let last = rounds.last?.waits.last, last.until == nil else { return }
    let round = rounds.count - 1
    rounds[round].waits[rounds[round].waits.count - 1].until = now
  }
}

extension LaunchChecklist {
  /// Records when each item began or stopped waiting for its reviewers. Called after every change, whether by a person
  /// or an event.
  public mutating func recordWaits(at now: Timestamp) {
    for index in items.indices where items[index].isWaitingForReviewers || !items[index].rounds.isEmpty {
      items[index].recordWait(at: now)
    }
  }
}
