public import LaunchModel

extension Exposure {
  /// What was exposed against the rules, also when it became known late: before the metrics were sealed, by metrics that
  /// were sealed after the planned date, or without a GO in force. Each starts with a stable word.
  public func violations(
    of record: LaunchRecord, seal: Seal?, decisions: DecisionHistory, in zone: ZoneRules
  ) -> [String] {
    let measured = record.tier.isMeasured ? attempts.compactMap { unsealed($0, seal, record, in: zone) } : []
    let ungoverned = advances.filter { !decisions.wasInForce(at: $0.at, exposure: self, in: zone) }
    return measured + ungoverned.map { "no-go-in-force: \(percent($0.percentage)) from \($0.at) without a GO in force" }
  }

  private func unsealed(
    _ attempt: ExposureAttempt, _ seal: Seal?, _ record: LaunchRecord, in zone: ZoneRules
  ) -> String? {
    let exposed = "attempt \(attempt.attempt) was exposed at \(attempt.startedAt)"
    guard let seal else { return "not-sealed: \(exposed), and the metrics are not sealed" }
    if seal.sealedAt > attempt.startedAt { return "not-sealed: \(exposed), before the metrics were sealed" }
    let day = zone.localDate(at: seal.sealedAt)
    guard day > record.plan.date else { return nil }
    return "sealed-late: \(exposed); its metrics were sealed on \(day), after the planned date \(record.plan.date)"
  }
}
