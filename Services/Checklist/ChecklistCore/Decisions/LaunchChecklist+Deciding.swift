import JSON
public import LaunchModel

extension LaunchChecklist {
  /// What would be stored of a decision, or throws why it is not taken: rights, a launch that was stopped, a missing reason,
  /// or a decision against the recommendation that does not say so.
  ///
  /// An override goes against reasons, and not against there being no launch: one that is cancelled takes no decision, and
  /// one that is postponed no GO.
  public func decide(
    _ request: DecisionRequest, by actor: Actor, at moment: LaunchMoment, isExposed: Bool
  ) throws(Problem) -> DecisionSnapshot {
    try Rights.require(actor, .productOps)
    if request.decision == .go { try requireRunning() } else { try requireNotCancelled() }
    let reasons = reasonsAgainstGo(at: moment, isExposed: isExposed)
    let recommendation: Recommendation = reasons.isEmpty ? .go : .noGo
    let given = request.reason?.trimmedOrNil
    let isAgainst = request.decision != .hold && request.decision.rawValue != recommendation.rawValue
    if isAgainst, request.override != true { throw Self.refusal(of: request.decision, reasons) }
    if given == nil, isAgainst || request.decision != .go {
      throw Problem.missing("reason", "\(isAgainst ? "an override" : request.decision.rawValue) needs a reason")
    }
    return DecisionSnapshot(
      launch: launch, decision: request.decision, at: moment.now, by: actor.description, reason: given,
      override: isAgainst, recommendation: recommendation, reasons: reasons, functions: functions(at: moment),
      basis: basis(at: moment))
  }

  private static func refusal(of decision: DecisionKind, _ reasons: [ReadinessReason]) -> Problem {
    guard decision == .go else {
      return .conflict(
        "against-recommendation", title: "against the recommendation",
        "GO is recommended; to decide \(decision.rawValue) all the same, say that you override it, and why")
    }
    let count = reasons.count == 1 ? "1 reason" : "\(reasons.count) reasons"
    return .conflict(
      "against-recommendation", title: "against the recommendation",
      "NO-GO is recommended, for \(count): \(reasons.map(\.detail).joined(separator: "; ")). "
        + "To decide go all the same, say that you override it, and why",
      extra: ["reasons": .array(reasons.map { ["code": .string($0.code), "detail": .string($0.detail)] })])
  }
}
