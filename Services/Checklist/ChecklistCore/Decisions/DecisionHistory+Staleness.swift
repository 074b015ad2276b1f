public import LaunchModel

extension DecisionHistory {
  /// Why the standing GO no longer holds, where that is not recorded yet; empty where it holds or there is none.
  public func worsened(in launch: LaunchChecklist, at moment: LaunchMoment) -> [ReadinessReason] {
    guard let decision = standing(at: moment.now), decision.kind == .go, decision.staleAt == nil else { return [] }
    return decision.basis.worsenings(in: launch, at: moment)
  }

  /// Whether a launch without coordinated process is to get its GO now: tier 3, nothing against it, and nobody has decided
  /// otherwise. A GO that went stale is given again; with nothing to be done before the launch, somebody has to decide.
  public func isDueByItself(for launch: LaunchChecklist, at moment: LaunchMoment, isExposed: Bool) -> Bool {
    guard launch.record.tier == .minor, launch.items.contains(where: \.blocksGo) else { return false }
    if let standing = standing(at: moment.now), standing.kind != .go || standing.staleAt == nil { return false }
    return launch.reasonsAgainstGo(at: moment, isExposed: isExposed).isEmpty
  }
}
