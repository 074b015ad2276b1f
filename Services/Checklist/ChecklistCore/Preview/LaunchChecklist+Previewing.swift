public import Contract
public import LaunchModel

extension LaunchChecklist {
  /// Returns how a later version of the launch would change the checklist, by applying it to a copy.
  ///
  /// - Parameters:
  /// - next: the launch after the change.
  ///   - template: the version the launch was instantiated from.
  ///   - decisions: the decisions made so far.
  /// - now: the current moment, with the launch's current zone and calendars.
  /// - then: the same moment, with the zone and calendars after the change.
  public func preview(
    of next: LaunchRecord, template: ChecklistTemplate, decisions: DecisionHistory, at now: LaunchMoment,
    then: LaunchMoment
  ) -> ChecklistPreview {
    var after = self
    _ = after.update(to: next, template: template, in: then.calendars)
    return ChecklistComparison(before: self, now: now, after: after, then: then).preview(decisions: decisions)
  }
}

/// A checklist before and after a change.
struct ChecklistComparison {
  /// One item before and after the change; `before` is nil for an item that appears.
  struct Pair {
    var before: ChecklistItem?
    var after: ChecklistItem

    var wasNeeded: Bool { before.map { $0.state != .voided } ?? false }
    var isNeeded: Bool { after.state != .voided }
  }

  private let before: LaunchChecklist
  private let now: LaunchMoment
  private let after: LaunchChecklist
  private let then: LaunchMoment
  private let pairs: [Pair]

  init(before: LaunchChecklist, now: LaunchMoment, after: LaunchChecklist, then: LaunchMoment) {
    (self.before, self.now, self.after, self.then) = (before, now, after, then)
    let known = Dictionary(before.items.map { ($0.reference, $0) }, uniquingKeysWith: { first, _ in first })
    pairs = after.items.map { Pair(before: known[$0.reference], after: $0) }
  }

  /// Returns everything that the change does.
  ///
  /// - Parameter decisions: the decisions made so far.
  func preview(decisions: DecisionHistory) -> ChecklistPreview {
    ChecklistPreview(
      version: before.record.version, added: added, removed: removed, kept: kept.count, moved: moved,
      impossible: impossible, stale: stale, approvalsStanding: approvals(standing: true),
      approvalsFalling: approvals(standing: false),
      votesFalling: before.votes.map(\.function).filter { function in
        !after.votes.contains { $0.function == function }
      },
      decisionStale: decisions.worsened(in: after, at: then))
  }

  var added: [ChecklistPreview.Item] { pairs.filter { !$0.wasNeeded && $0.isNeeded }.map { item($0) } }

  var removed: [ChecklistPreview.Item] {
    pairs.filter { $0.wasNeeded && !$0.isNeeded }.map { item($0, detail: $0.after.reason) }
  }

  var kept: [Pair] { pairs.filter { $0.wasNeeded && $0.isNeeded } }

  var moved: [ChecklistPreview.Item] { kept.filter { $0.before?.due != $0.after.due }.map { item($0) } }

  /// The items that would not be satisfied after the change and whose due day would be in the past.
  var impossible: [ChecklistPreview.Item] {
    pairs.filter { $0.isNeeded && $0.after.definition.phase != .after }.compactMap { pair in
      let standing = after.standing(of: pair.after, at: then)
      guard standing.level != .satisfied, pair.after.due < then.today else { return nil }
      return item(pair, detail: standing.detail)
    }
  }

  /// The items that are satisfied now and would not be after the change.
  var stale: [ChecklistPreview.Item] {
    kept.compactMap { pair in
      guard let earlier = pair.before, before.standing(of: earlier, at: now).level == .satisfied else { return nil }
      let standing = after.standing(of: pair.after, at: then)
      return standing.level == .satisfied ? nil : item(pair, detail: standing.detail)
    }
  }

  /// Returns the approvals of items that are needed now: either those that would stay valid, or those that would become
  /// void because the item is no longer needed or changes.
  private func approvals(standing: Bool) -> [String] {
    pairs.filter(\.wasNeeded).flatMap { pair in
      let given = (pair.before?.approvals ?? []).filter { $0.stands && $0.verdict == .approved }
      return given.filter { (pair.isNeeded && pair.after.approvals.contains($0)) == standing }.map {
        "\(pair.after.name): \($0.group) (\($0.by))"
      }
    }
  }

  private func item(_ pair: Pair, detail: String? = nil) -> ChecklistPreview.Item {
    let failing = pair.before.map { $0.state != .voided && isFailing($0) } ?? false
    let state = pair.isNeeded ? pair.after.state : pair.before?.state ?? pair.after.state
    return ChecklistPreview.Item(
      key: pair.after.definition.key, instance: pair.after.instance, function: pair.after.definition.function,
      state: state, due: pair.after.due, wasDue: pair.wasNeeded ? pair.before?.due : nil, failing: failing,
      detail: detail ?? (failing ? pair.before.flatMap { before.standing(of: $0, at: now).detail } : nil))
  }

  /// Whether the item is blocked, rejected, overdue, or done but no longer valid. An item that is simply not done yet
  /// is not failing.
  private func isFailing(_ item: ChecklistItem) -> Bool {
    let standing = before.standing(of: item, at: now)
    guard standing.level != .satisfied else { return false }
    return standing.level == .blocked || standing.code != "item-not-done" || standing.flags.contains(.overdue)
  }
}
