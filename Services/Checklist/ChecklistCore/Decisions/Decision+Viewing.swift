public import LaunchModel

extension DecisionHistory {
  /// The standing decision as calls answer it: stale by what is known now, recorded or not, with the reasons of now.
  public func view(of launch: LaunchChecklist, at moment: LaunchMoment, exposure: Exposure) -> DecisionView {
    guard var decision = standing(at: moment.now) else {
      let none = ReadinessReason(code: "no-decision", detail: "nothing was decided yet")
      return DecisionView(launch: launch.launch, reasons: [none])
    }
    let worsened = decision.kind == .go ? decision.basis.worsenings(in: launch, at: moment) : []
    if decision.staleAt == nil, !worsened.isEmpty { decision.staleAt = moment.now }
    let force = decision.force(at: moment.now, exposure: exposure, in: moment.zone)
    return DecisionView(
      launch: launch.launch, decision: decision.kind, inForce: force == .inForce,
      provisional: force == .provisional || force == .unconfirmed, stale: force == .stale,
      reasons: decision.reasons(for: force, worsened: worsened), digest: decision.digest, at: decision.at,
      by: decision.by,
      reason: decision.reason, override: decision.override, confirmedAt: decision.confirmedAt,
      recommendation: decision.recommendation)
  }
}

extension Decision {
  /// Why it does not open the gate; empty where it does.
  ///
  /// - Parameter worsened: what is worse now than when it was made; what made it stale may be mended since.
  func reasons(for force: DecisionForce, worsened: [ReadinessReason]) -> [ReadinessReason] {
    switch force {
    case .inForce: []
    case .stale where worsened.isEmpty:
      [
        ReadinessReason(
          code: "stale",
          detail: "the GO went stale\(staleAt.map { " at \($0)" } ?? ""), by what is mended since: decide again")
      ]
    case .stale: worsened
    case .notGo:
      [ReadinessReason(code: "decision-\(kind.rawValue)", detail: "the decision is \(kind.rawValue)\(because)")]
    case .provisional:
      [
        ReadinessReason(
          code: "provisional",
          detail: "the GO is provisional: it opens the gate on \(basis.date) (\(basis.timeZone)) and not before")
      ]
    case .unconfirmed:
      [ReadinessReason(code: "unconfirmed", detail: "the GO was given before its date and is to be confirmed today")]
    case .lapsed:
      [ReadinessReason(code: "lapsed", detail: "the GO lapsed at the end of \(basis.date), with nothing shipped")]
    }
  }

  private var because: String { reason.map { ": \($0)" } ?? "" }
}

extension GateView {
  /// The gate's answer: open only for a standing GO that is in force.
  ///
  /// Where it takes another decision to open it, everything that speaks against GO now is said too, each thing once. A GO
  /// that waits for its date or its confirmation is not held up by what it was given in spite of.
  public init(of view: DecisionView, reasonsAgainstGo: [ReadinessReason]) {
    let isOpen = view.inForce && !view.stale
    let more = isOpen || view.provisional ? [] : reasonsAgainstGo
    self.init(
      open: isOpen, of: view,
      reasons: view.reasons + more.filter { reason in !view.reasons.contains { $0.concernsSame(as: reason) } })
  }
}

extension ReadinessReason {
  /// Whether both are about one item or one function's vote, or say the same of the launch.
  fileprivate func concernsSame(as other: ReadinessReason) -> Bool {
    guard item == other.item, instance == other.instance else { return false }
    if item != nil { return true }
    return function == other.function && (function != nil || code == other.code)
  }
}
