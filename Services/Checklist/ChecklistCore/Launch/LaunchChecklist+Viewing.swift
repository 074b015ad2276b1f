public import LaunchModel

extension LaunchChecklist {
  /// An item as lists show it.
  public func view(of item: ChecklistItem, at moment: LaunchMoment) -> ItemView {
    let standing = standing(of: item, at: moment)
    return ItemView(
      key: item.definition.key, instance: item.instance, section: item.definition.section,
      function: item.definition.function, title: item.definition.title, state: item.state,
      gate: item.definition.gate, due: item.due, overdue: standing.flags.contains(.overdue),
      flags: ItemFlag.allCases.filter(standing.flags.contains).map(\.rawValue), owner: item.owner,
      approvals: item.sheet(provenOnly: moment.provenOnly).views, evidence: item.evidence, reason: item.reason,
      why: item.definition.why, version: item.version, doneOn: item.doneOn,
      waivedUntil: item.state == .waived ? item.waiver?.until : nil,
      verified: item.state == .notApplicable ? item.exemption.map { $0.verifiedBy != nil } : nil)
  }

  /// Every item in board order: by function, then section, then due day, then as the template has them.
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

  /// The launch's readiness, function by function, with the recommendation and every reason.
  public func readiness(at moment: LaunchMoment, isExposed: Bool) -> ReadinessView {
    let reasons = reasonsAgainstGo(at: moment, isExposed: isExposed)
    return ReadinessView(
      launch: launch, name: record.plan.name, tier: record.tier, date: record.plan.date,
      recommendation: reasons.isEmpty ? .go : .noGo, reasons: reasons, functions: functions(at: moment))
  }
}
