public import LaunchModel

/// The count of an item's approvals against the groups it asks (product.md, section 2, rule 4).
public struct ApprovalSheet: Sendable, Hashable {
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
  public func sheet(provenOnly: Set<String>) -> ApprovalSheet {
    ApprovalSheet(rules: approvalRules, approvals: approvals, provenOnly: provenOnly)
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
