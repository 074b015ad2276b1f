public import Contract
public import LaunchModel

extension LaunchChecklist {
  /// Moves the launch to another version of the template. This is always explicit: adopting a version changes no
  /// running launch.
  ///
  /// Items are added, or voided with their history. The others get their new definition and due day, and keep their
  /// state, evidence and approvals unless the new version requires something that they lack.
  ///
  /// - Returns: the changes, for the items' histories; none if the launch already uses the version.
  public mutating func upgrade(to template: ChecklistTemplate, at moment: LaunchMoment) -> [ItemEvent] {
    guard template.version != templateVersion else { return [] }
    templateVersion = template.version
    let situation = situation(at: moment)
    let expected = Self.items(of: record, from: template, in: moment.calendars, roster: moment.roster)
    let needed = Set(expected.map(\.reference))
    var events: [ItemEvent] = []
    for index in items.indices {
      let reference = items[index].reference
      let definition = template.item(reference.key)
      if needed.contains(reference), let definition {
        events += items[index].upgrade(to: definition, in: situation, at: moment).map {
          ItemEvent(item: reference, step: $0)
        }
        continue
      }
      // If the item is needed again later, it follows the version that the launch uses then.
      let why =
        definition.map { Self.reason(for: $0, record, record) } ?? "template version \(template.version) removed it"
      if let definition { items[index].definition = definition }
      if let step = items[index].void(because: why) { events.append(ItemEvent(item: reference, step: step)) }
    }
    let detail = "needed since template version \(template.version)"
    events += add(expected, detail: detail)
    sort(by: template)
    return events
  }

  /// Returns what moving to a version of the template would change, by applying it to a copy.
  ///
  /// - Parameters:
  ///   - decisions: the decisions made so far.
  ///   - isExposed: whether customers have the launch.
  /// - Throws: `invalid` if the version is older than the launch's.
  public func planUpgrade(
    to template: ChecklistTemplate, decisions: DecisionHistory, isExposed: Bool, at moment: LaunchMoment
  ) throws(Problem) -> LaunchUpgrade {
    guard template.version >= templateVersion else {
      throw Problem.invalid(
        "older-template", pointer: "/version",
        "\(launch) uses template version \(templateVersion), and version \(template.version) is older; "
          + "name a newer one")
    }
    var after = self
    _ = after.upgrade(to: template, at: moment)
    let comparison = ChecklistComparison(before: self, now: moment, after: after, then: moment)
    var plan = LaunchUpgrade(
      launch: launch, from: templateVersion, to: template.version, changed: comparison.redefined,
      checklist: comparison.preview(decisions: decisions), needs: [])
    let isGo = decisions.standing(at: moment.now).map { $0.kind == .go && $0.staleAt == nil } ?? false
    guard plan.from != plan.to else { return plan }
    let failing = plan.checklist.removed.filter(\.failing).map(\.key).joined(separator: ", ")
    let causes = [
      isExposed ? "customers have the launch" : nil, isGo ? "the current GO goes stale" : nil,
      failing.isEmpty ? nil : "failing items would disappear (\(failing))",
    ]
    plan.needs = causes.compactMap(\.self).map { "\($0), so only Product Ops may upgrade it, with a reason" }
    return plan
  }
}

extension LaunchUpgrade {
  /// Throws unless the actor may make the upgrade. The launch's owner may, but an upgrade with `needs` takes Product
  /// Ops and a reason.
  public func require(_ actor: Actor, owner: PersonID, reason: String?) throws(Problem) {
    try Rights.require(actor, .ownLaunch(owner: owner))
    guard let need = needs.first else { return }
    try Rights.require(actor, .productOps)
    guard reason?.trimmedOrNil == nil else { return }
    throw Problem.missing("reason", "the upgrade needs a reason (--reason TEXT): \(need)")
  }
}

extension ChecklistComparison {
  /// The items that stay and whose definition differs, each once.
  fileprivate var redefined: [TemplateDiff.ChangedItem] {
    var seen: Set<ItemKey> = []
    return kept.compactMap { pair in
      let next = pair.after.definition
      guard let earlier = pair.before?.definition, earlier != next, seen.insert(next.key).inserted else { return nil }
      return TemplateDiff.ChangedItem(key: next.key, title: next.title, changes: next.changes(since: earlier))
    }
  }
}

extension ChecklistItem {
  /// Gives the item the definition of another template version, and its due day.
  ///
  /// - Returns: the changes, for its history: at most one step for its due day or its return, and one for its
  ///   definition.
  fileprivate mutating func upgrade(
    to next: TemplateItem, in launch: LaunchSituation, at moment: LaunchMoment
  ) -> [ItemStep] {
    let earlier = self
    definition = next
    var steps: [ItemStep] = []
    if let step = refresh(for: launch.plan, in: moment.calendars) { steps.append(step) }
    guard earlier.definition != next else { return steps }
    let from = state
    let fields = next.changes(since: earlier.definition).map(\.field).joined(separator: ", ")
    var details = ["the template changed its \(fields)"]
    if let fault = fault(since: earlier, in: launch, at: moment) {
      details.append(fault)
      _ = reopen("the template changed: \(fault)", at: moment.now)
      // A done item keeps its due day, so the new one is set only now that the item is open again.
      due = next.dueDay(for: launch.plan, in: moment.calendars)
    } else if state == .inReview, approvalRules != earlier.approvalRules,
      voidApprovals(at: moment.now, because: "the template changed which approvals it needs")
    {
      reason = nil
      askForApprovals(at: moment.now)
      details.append("earlier approvals are void")
    }
    version += 1
    let action = from == state ? "upgraded" : ItemVerb.reopen.rawValue
    steps.append(ItemStep(from: from, to: state, action: action, detail: details.joined(separator: "; ")))
    return steps
  }

  /// Returns why the item cannot keep its state under its new definition; nil if it can.
  ///
  /// Anything that it already lacked before the upgrade does not count, because the item shows it anyway.
  private func fault(
    since earlier: ChecklistItem, in launch: LaunchSituation, at moment: LaunchMoment
  ) -> String? {
    switch state {
    case .done, .inReview:
      if state == .inReview, !needsApproval { return "it no longer needs approval" }
      let day = doneOn ?? launch.today
      let known = Set(earlier.missingRequirements(on: day, in: launch))
      let lacking = missingRequirements(on: day, in: launch).filter { !known.contains($0) }
      guard lacking.isEmpty else { return "it lacks \(lacking.map(\.text).joined(separator: "; "))" }
      let isApproved = approvalTally(provenOnly: moment.provenOnly).isComplete
      guard state == .done, approvalRules != earlier.approvalRules, !isApproved else { return nil }
      return "it needs approval by \(requiredApprovers)"
    case .waived:
      // A function's lead may waive an advisory item, but only Product Ops a blocking one.
      let blocksNow = definition.gate == .blocking && earlier.definition.gate == .advisory
      return blocksNow ? "it now blocks GO, but was waived when it was advisory" : nil
    case .open, .inProgress, .blocked, .notApplicable, .voided: return nil
    }
  }
}
