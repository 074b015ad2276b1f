public import Contract
public import LaunchModel

/// One approval or rejection of an item.
public struct Approval: Sendable, Hashable, Codable {
  /// Which of the two it is.
  public enum Verdict: String, Sendable, Hashable, Codable {
    case approved, rejected
  }

  /// An approval counts towards the group's quorum; a rejection blocks the item while it stands.
  public var verdict: Verdict
  /// The group it was given for.
  public var group: String
  /// Who gave it; one person counts once.
  public var person: PersonID
  /// The person as history writes it, which marks a claimed identity.
  public var by: String
  /// Whether the transport proved the identity, rather than another principal claiming it.
  public var isProven: Bool
  /// When it was given, on the service's clock.
  public var at: Timestamp
  /// What the person wrote beside it; nil for nothing.
  public var note: String?
  /// When it was withdrawn, or a change of the item voided it; nil while it stands.
  public var endedAt: Timestamp?
  /// Why it no longer stands.
  public var ended: String?

  public init(
    verdict: Verdict, group: String, person: PersonID, by: String, isProven: Bool, at: Timestamp, note: String? = nil
  ) {
    self.verdict = verdict
    self.group = group
    self.person = person
    self.by = by
    self.isProven = isProven
    self.at = at
    self.note = note
  }

  /// Whether it was neither withdrawn nor voided.
  public var stands: Bool { endedAt == nil }
}

/// The count of an item's approvals against the groups it asks (product.md, section 2, rule 4).
public struct ApprovalTally: Sendable, Hashable {
  /// The groups that are asked, each with its quorum; from the item's definition.
  public var rules: [ApprovalRule]
  /// Every approval and rejection that was given, also those no longer standing.
  public var approvals: [Approval]
  /// Groups whose approvals count only from proven identities.
  public var provenOnly: Set<String>

  public init(rules: [ApprovalRule], approvals: [Approval], provenOnly: Set<String>) {
    self.rules = rules
    self.approvals = approvals
    self.provenOnly = provenOnly
  }

  /// The rejections that stand.
  public var rejections: [Approval] { approvals.filter { $0.stands && $0.verdict == .rejected } }

  /// The approvals of a group that count.
  ///
  /// A person counts once, for the group of the person's first standing approval.
  public func counted(for group: String) -> [Approval] {
    var seen: Set<PersonID> = []
    return approvals.filter { approval in
      approval.stands && approval.verdict == .approved && (approval.isProven || !provenOnly.contains(approval.group))
        && seen.insert(approval.person).inserted && approval.group == group
    }
  }

  /// The groups that still owe approvals, with how many.
  public var missing: [ApprovalRule] {
    rules.compactMap { rule in
      let owed = rule.quorum - counted(for: rule.group).count
      return owed > 0 ? ApprovalRule(group: rule.group, quorum: owed) : nil
    }
  }

  /// Whether every quorum is reached and nobody rejects.
  public var isComplete: Bool { rejections.isEmpty && missing.isEmpty }

  /// Each group's line, as lists show it.
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
  /// The groups that are asked: those of the template, or for a plain review any other member of the item's function.
  public var approvalRules: [ApprovalRule] {
    if !definition.approvals.isEmpty { return definition.approvals }
    return definition.review ? [ApprovalRule(group: definition.function.rawValue)] : []
  }

  /// Whether it becomes done by approvals, rather than by being ticked.
  public var needsApproval: Bool { !approvalRules.isEmpty }

  /// The count of its approvals.
  public func sheet(provenOnly: Set<String>) -> ApprovalTally {
    ApprovalTally(rules: approvalRules, approvals: approvals, provenOnly: provenOnly)
  }

  /// Voids every standing approval and rejection, visibly, because the item changed; true where there was one.
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
  /// The groups that are asked, as a person reads them.
  var asked: String {
    approvalRules.map { $0.quorum == 1 ? $0.group : "\($0.quorum) of \($0.group)" }.joined(separator: " and ")
  }

  /// Counts an approval; the one that completes every quorum makes the item done.
  mutating func approve(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    let group = try voice(action, in: context)
    guard !authors.contains(context.actor.person) else {
      throw Problem.forbidden(
        code: "own-work", "\(context.actor.person) submitted or attached to \(name), and nobody approves their own work"
      )
    }
    try refuseRepetition(for: group, in: context)
    record(.approved, for: group, note: action.reason?.trimmedOrNil, in: context)
    let sheet = sheet(provenOnly: context.provenOnly)
    guard sheet.isComplete else { return "for \(group)" }
    guard context.awaited.isEmpty else {
      throw Problem.conflict(
        "dependency-not-done",
        "this is the last approval, and \(name) depends on what is not done: \(context.awaited.joined(separator: ", "))"
      )
    }
    complete(on: context.today)
    return "for \(group); all approvals are given"
  }

  /// Records a rejection, which blocks until it is withdrawn or the item changes.
  mutating func reject(
    _ action: ItemAction, _ given: String?, in context: ItemContext
  ) throws(Problem) -> String? {
    let group = try voice(action, in: context)
    record(.rejected, for: group, note: given, in: context)
    reason = "rejected by \(context.actor.description) for \(group): \(given ?? "")"
    return "for \(group): \(given ?? "")"
  }

  /// Takes one's own approval or rejection back.
  mutating func withdraw(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String? {
    let own = approvals.indices.filter { approvals[$0].stands && approvals[$0].person == context.actor.person }
    guard let index = own.last else {
      throw Problem.conflict(
        "nothing-to-withdraw", "\(context.actor.person) has no standing approval or rejection of \(name)")
    }
    approvals[index].endedAt = context.now
    approvals[index].ended = "withdrawn"
    let sheet = sheet(provenOnly: context.provenOnly)
    if state == .done, !sheet.isComplete {
      state = .inReview
      doneOn = nil
      reason = "an approval was withdrawn"
    } else if state == .inReview {
      reason = sheet.rejections.last.map { "rejected by \($0.by) for \($0.group): \($0.note ?? "")" }
      if sheet.isComplete, context.awaited.isEmpty { complete(on: context.today) }
    }
    return "\(approvals[index].verdict.rawValue) for \(approvals[index].group)"
  }

  /// The group that the person speaks for, of those that are asked.
  private func voice(_ action: ItemAction, in context: ItemContext) throws(Problem) -> String {
    let group = try group(named: action.group, of: context.actor)
    if context.provenOnly.contains(group), context.actor.isClaimed {
      throw Problem.forbidden(
        code: "identity-claimed",
        "\(group) counts only proven identities, and \(context.actor.person) is named by \(context.actor.principal)")
    }
    if let earlier = approvals.first(where: { $0.stands && $0.person == context.actor.person }),
      earlier.group != group
    {
      throw Problem.conflict(
        "counts-once",
        "\(context.actor.person) has spoken for \(earlier.group) already, and one person counts once: withdraw that first"
      )
    }
    return group
  }

  private func group(named wanted: String?, of actor: Actor) throws(Problem) -> String {
    let groups = approvalRules.map(\.group)
    let own = groups.filter { Rights.allows(actor, .approves(group: $0)) }
    if let wanted {
      guard groups.contains(wanted) else {
        throw Problem.unfit("group", "\(name) does not ask \(wanted), but \(asked)")
      }
      guard own.contains(wanted) else {
        throw Problem.forbidden(code: "not-in-group", "\(actor.person) is not in \(wanted)")
      }
      return wanted
    }
    guard let only = own.first else {
      throw Problem.forbidden(code: "not-in-group", "\(name) asks \(asked), and \(actor.person) is in none of these")
    }
    guard own.count == 1 else {
      throw Problem.missing("group", "\(actor.person) is in \(own.joined(separator: " and ")): say for which")
    }
    return only
  }

  /// Throws where the same approval stands; one of an identity that was claimed before and is proven now is another.
  private func refuseRepetition(for group: String, in context: ItemContext) throws(Problem) {
    let standing = approvals.first { approval in
      approval.stands && approval.verdict == .approved && approval.person == context.actor.person
        && approval.group == group
    }
    guard let standing, standing.isProven || context.actor.isClaimed else { return }
    throw Problem.conflict(
      "approved-already", "\(context.actor.person) has approved \(name) for \(group) already, at \(standing.at)")
  }

  /// The person's earlier word for the group, if any, gives way to the new one.
  private mutating func record(
    _ verdict: Approval.Verdict, for group: String, note: String?, in context: ItemContext
  ) {
    for index in approvals.indices where approvals[index].stands && approvals[index].person == context.actor.person {
      approvals[index].endedAt = context.now
      approvals[index].ended = "replaced"
    }
    approvals.append(
      Approval(
        verdict: verdict, group: group, person: context.actor.person, by: context.actor.description,
        isProven: !context.actor.isClaimed, at: context.now, note: note))
    if sheet(provenOnly: context.provenOnly).rejections.isEmpty { reason = nil }
  }
}
