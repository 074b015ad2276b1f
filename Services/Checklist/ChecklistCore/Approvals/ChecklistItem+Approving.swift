import LaunchModel

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
