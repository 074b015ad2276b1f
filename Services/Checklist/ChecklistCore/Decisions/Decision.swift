import JSON
public import Contract
public import LaunchModel

/// A decision that was made; every one is kept.
public struct Decision: Sendable, Hashable, Codable {
  /// Which of the launch's decisions, from 1.
  public var sequence: Int
  /// GO, NO-GO or hold.
  public var kind: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as history writes it, which marks a claimed identity.
  public var by: String
  /// Why, in the words of who made it; nil where none was given.
  public var reason: String?
  /// Whether it was made against the recommendation, which was meant.
  public var override: Bool
  /// What was computed at that moment.
  public var recommendation: Recommendation
  /// What spoke against GO when it was made.
  public var reasons: [ReadinessReason]
  /// The local day on which it was made.
  public var madeOn: LocalDate
  /// What it rests on, as it was when it was made.
  public var basis: DecisionBasis
  /// The SHA-256 of the snapshot's canonical JSON, in lower-case hex.
  public var digest: String
  /// When it was confirmed on the launch date; nil while it was not.
  public var confirmedAt: Timestamp?
  /// Who confirmed it, as history writes it; nil while nobody did.
  public var confirmedBy: String?
  /// When what it rests on became worse; nil while it has not.
  public var staleAt: Timestamp?
  /// What became worse; empty while it is not stale.
  public var staleReasons: [ReadinessReason]

  /// Takes from the snapshot what it tells; it is neither confirmed nor stale yet.
  public init(of snapshot: DecisionSnapshot, sequence: Int, madeOn: LocalDate, digest: String) {
    self.sequence = sequence
    kind = snapshot.decision
    at = snapshot.at
    by = snapshot.by
    reason = snapshot.reason
    override = snapshot.override
    recommendation = snapshot.recommendation
    reasons = snapshot.reasons
    self.madeOn = madeOn
    basis = snapshot.basis
    self.digest = digest
    staleReasons = []
  }

  /// Whether it was made before the launch date, to which its tier binds it.
  public var isEarly: Bool { basis.tier != .minor && madeOn < basis.date }

  /// Whether it opens the gate only once confirmed on the launch date.
  public var needsConfirmation: Bool { isEarly && basis.tier.hasPoll }
}

/// What was known when a decision was made; its canonical JSON is what the decision's digest is of.
public struct DecisionSnapshot: Sendable, Hashable, Codable {
  /// The launch that it is about.
  public var launch: LaunchID
  /// GO, NO-GO or hold.
  public var decision: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as history writes it, which marks a claimed identity.
  public var by: String
  /// Why, in the words of who made it; nil where none was given.
  public var reason: String?
  /// Whether it was made against the recommendation, which was meant.
  public var override: Bool
  /// What was computed at that moment.
  public var recommendation: Recommendation
  /// What spoke against GO; empty where the recommendation was GO.
  public var reasons: [ReadinessReason]
  /// How ready each function was.
  public var functions: [FunctionReadiness]
  /// What the decision rests on from then on.
  public var basis: DecisionBasis
}

/// Every decision of one launch, by time, and what followed from them at any moment.
public struct DecisionHistory: Sendable, Hashable {
  /// In the order in which they were made.
  public var decisions: [Decision]

  /// Takes the decisions of one launch in any order.
  public init(_ decisions: [Decision]) { self.decisions = decisions.sorted { $0.sequence < $1.sequence } }

  /// The decision that stood at a moment: the last one made by then.
  public func standing(at moment: Timestamp) -> Decision? { decisions.last { $0.at <= moment } }

  /// Whether a GO was in force at a moment.
  public func wasInForce(at moment: Timestamp, exposure: Exposure, in zone: ZoneRules) -> Bool {
    standing(at: moment)?.force(at: moment, exposure: exposure, in: zone) == .inForce
  }
}

/// What a decision is worth at a moment.
public enum DecisionForce: Sendable, Hashable {
  /// A GO that opens the gate.
  case inForce
  /// A GO made before its date.
  case provisional
  /// A GO made before its date, which has come and asks for a confirmation.
  case unconfirmed
  /// A GO whose date ended without exposure.
  case lapsed
  /// A GO that rests on what has become worse since.
  case stale
  /// No GO.
  case notGo
}

extension Decision {
  /// What it is worth at a moment: in force on its launch date alone, and then for the later stages of the exposure that
  /// it began; tier 3's is not bound to its date.
  public func force(at moment: Timestamp, exposure: Exposure, in zone: ZoneRules) -> DecisionForce {
    guard kind == .go else { return .notGo }
    if let staleAt, staleAt <= moment { return .stale }
    if basis.tier == .minor { return .inForce }
    let today = zone.localDate(at: moment)
    if today < basis.date { return .provisional }
    let isConfirmed = !needsConfirmation || (confirmedAt.map { $0 <= moment } ?? false)
    if today == basis.date { return isConfirmed ? .inForce : .unconfirmed }
    guard isConfirmed, let attempt = exposure.attempt(at: moment) else { return .lapsed }
    let beganUnderIt = zone.localDate(at: attempt.startedAt) == basis.date || at >= attempt.startedAt
    return beganUnderIt ? .inForce : .lapsed
  }

  /// Throws why it cannot be confirmed at a moment.
  public func requireConfirmable(at moment: Timestamp, exposure: Exposure, in zone: ZoneRules) throws(Problem) {
    switch force(at: moment, exposure: exposure, in: zone) {
    case .unconfirmed: return
    case .notGo: throw Problem.conflict("no-go-stands", "\(kind.rawValue) stands: there is no GO to confirm")
    case .stale:
      let why = staleReasons.map(\.detail).joined(separator: "; ")
      throw Problem.conflict("stale", "the GO is stale and cannot be confirmed, decide again: \(why)")
    case .provisional:
      throw Problem.conflict(
        "not-launch-date", "a GO is confirmed on its launch date, \(basis.date) in \(basis.timeZone), and not before")
    case .lapsed: throw Problem.conflict("lapsed", "the GO lapsed at the end of \(basis.date): decide again")
    case .inForce: throw Problem.conflict("in-force", "the GO is in force and needs no confirmation")
    }
  }
}

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
