public import LaunchModel

extension LaunchChecklist {
  /// Each function that has items, in board order: the worst blocking item decides, and unknown is never read as ready.
  public func functions(at moment: LaunchMoment) -> [FunctionReadiness] {
    Dictionary(grouping: items.filter { $0.state != .voided }, by: \.definition.function)
      .sorted { $0.key < $1.key }
      .map { readiness(of: $0.key, $0.value, at: moment) }
  }

  private func readiness(
    of function: LaunchFunction, _ items: [ChecklistItem], at moment: LaunchMoment
  ) -> FunctionReadiness {
    let judged = items.map { (item: $0, standing: standing(of: $0, at: moment)) }
    let undone = judged.filter { $0.standing.level != .satisfied }
    let blocking = judged.filter { $0.item.blocksGo }
    let owners = Set(undone.compactMap(\.item.owner)).sorted()
    return FunctionReadiness(
      function: function,
      state: state(of: blocking.map(\.standing), isKnown: !moment.calendars.unknown.contains(function)),
      done: judged.count { $0.item.state == .done && $0.standing.level == .satisfied }, total: items.count,
      blocking: blocking.filter { $0.standing.level != .satisfied }.map(\.item.name),
      nextDue: undone.map(\.item.due).min(), owners: owners,
      waived: items.filter { $0.state == .waived }.map(\.name))
  }

  /// A function whose calendar nobody knows has days that cannot be relied on: unknown, until all its items are satisfied.
  private func state(of standings: [ItemStanding], isKnown: Bool) -> ReadinessState {
    if standings.contains(where: { $0.level == .blocked }) { return .blocked }
    let isReady = standings.allSatisfy { $0.level == .satisfied }
    if !isKnown, !isReady { return .unknown }
    if standings.contains(where: { $0.flags.contains(.atRisk) }) { return .atRisk }
    return isReady ? .ready : .onTrack
  }
}
