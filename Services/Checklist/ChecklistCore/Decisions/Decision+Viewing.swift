public import LaunchModel

extension DecisionHistory {
  /// The standing decision as calls answer it.
  ///
  /// - Parameter worsened: what has become worse by now, recorded or not; it makes a GO stale at once.
  public func view(
    of launch: LaunchID, at moment: LaunchMoment, exposure: Exposure, worsened: [ReadinessReason]
  ) -> DecisionView {
    guard var decision = standing(at: moment.now) else {
      let none = ReadinessReason(code: "no-decision", detail: "nothing was decided yet")
      return DecisionView(launch: launch, reasons: [none])
    }
    if decision.kind == .go, decision.staleAt == nil, !worsened.isEmpty {
      decision.staleAt = moment.now
      decision.staleReasons = worsened
    }
    let force = decision.force(at: moment.now, exposure: exposure, in: moment.zone)
    return DecisionView(
      launch: launch, decision: decision.kind, inForce: force == .inForce,
      provisional: force == .provisional || force == .unconfirmed, stale: force == .stale,
      reasons: decision.reasons(for: force), digest: decision.digest, at: decision.at, by: decision.by,
      reason: decision.reason, override: decision.override, confirmedAt: decision.confirmedAt,
      recommendation: decision.recommendation)
  }
}

extension Decision {
  /// Why it does not open the gate; empty where it does.
  func reasons(for force: DecisionForce) -> [ReadinessReason] {
    switch force {
    case .inForce: []
    case .stale: staleReasons
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
  /// The gate's answer: open only for a standing GO that is in force; without a decision it also says what is missing.
  public init(of view: DecisionView, reasonsAgainstGo: [ReadinessReason]) {
    let missing = view.decision == nil ? reasonsAgainstGo : []
    self.init(open: view.inForce && !view.stale, of: view, reasons: view.reasons + missing)
  }
}
