public import Contract
public import LaunchModel

/// A decision on a launch; every decision is retained.
public struct Decision: Sendable, Hashable, Codable {
  /// The decision's number within the launch, from 1.
  public var sequence: Int
  /// GO, NO-GO or hold.
  public var kind: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as shown in histories, with a claimed identity marked.
  public var by: String
  /// The reason given; nil if there was none.
  public var reason: String?
  /// The digest of the artifact to which a GO is limited, in lower case; nil if the GO is valid for any artifact.
  public var artifact: String?
  /// Whether it was deliberately made against the recommendation.
  public var override: Bool
  /// The recommendation computed at that moment.
  public var recommendation: Recommendation
  /// The reasons against GO when it was made.
  public var reasons: [ReadinessReason]
  /// The local day on which it was made.
  public var madeOn: LocalDate
  /// The facts that the decision depends on, as they were when it was made.
  public var basis: DecisionBasis
  /// The SHA-256 of the snapshot's canonical JSON, in lower-case hex.
  public var digest: String
  /// When it was confirmed on the launch date; nil if it was not.
  public var confirmedAt: Timestamp?
  /// Who confirmed it, as shown in histories; nil if nobody did.
  public var confirmedBy: String?
  /// When it became stale; nil if it is not.
  public var staleAt: Timestamp?
  /// Why it became stale; empty if it is not.
  public var staleReasons: [ReadinessReason]
  /// The heads of the audit chains when it was made or last confirmed, by service; nil in decisions older than this
  /// field.
  public var chains: [String: ChainHead]?

  /// Creates a decision, neither confirmed nor stale, from its snapshot.
  public init(of snapshot: DecisionSnapshot, sequence: Int, madeOn: LocalDate, digest: String) {
    self.sequence = sequence
    kind = snapshot.decision
    at = snapshot.at
    by = snapshot.by
    reason = snapshot.reason
    artifact = snapshot.artifact
    override = snapshot.override
    recommendation = snapshot.recommendation
    reasons = snapshot.reasons
    self.madeOn = madeOn
    basis = snapshot.basis
    self.digest = digest
    staleReasons = []
    chains = snapshot.chains
  }

  /// Whether it was made before the launch date. Always false in tier 3, whose GO is not bound to the date.
  public var isEarly: Bool { basis.tier != .minor && madeOn < basis.date }

  /// Whether it opens the gate only after it has been confirmed on the launch date.
  public var needsConfirmation: Bool { isEarly && basis.tier.hasPoll }
}

/// What was known when a decision was made; the decision's digest covers its canonical JSON.
public struct DecisionSnapshot: Sendable, Hashable, Codable {
  /// The launch it is about.
  public var launch: LaunchID
  /// GO, NO-GO or hold.
  public var decision: DecisionKind
  /// When it was made, on the service's clock.
  public var at: Timestamp
  /// Who made it, as shown in histories, with a claimed identity marked.
  public var by: String
  /// The reason given; nil if there was none.
  public var reason: String?
  /// The digest of the artifact to which a GO is limited, in lower case; nil if the GO is valid for any artifact.
  public var artifact: String?
  /// Whether it was deliberately made against the recommendation.
  public var override: Bool
  /// The recommendation computed at that moment.
  public var recommendation: Recommendation
  /// The reasons against GO; empty if the recommendation was GO.
  public var reasons: [ReadinessReason]
  /// The readiness of each function.
  public var functions: [FunctionReadiness]
  /// The facts that the decision depends on.
  public var basis: DecisionBasis
  /// The heads of the audit chains at that moment, by service; nil in decisions older than this field.
  public var chains: [String: ChainHead]?
}

/// The decisions of one launch that matter, and the one that was in effect at a given moment.
public struct DecisionHistory: Sendable, Hashable {
  /// The latest decision, and every earlier one that was in effect when something happened that must be judged by it;
  /// oldest first.
  public var decisions: [Decision]

  /// Creates the history from decisions of one launch, given in any order.
  public init(_ decisions: [Decision]) { self.decisions = decisions.sorted { $0.sequence < $1.sequence } }

  /// The number of decisions made so far.
  public var count: Int { decisions.last?.sequence ?? 0 }

  /// Returns the decision in effect at a moment: the last one made by then.
  public func standing(at moment: Timestamp) -> Decision? { decisions.last { $0.at <= moment } }

  /// Whether a GO was in force when a step of exposure happened.
  public func wasInForce(for step: ExposureStep, of exposure: Exposure, in zone: ZoneRules) -> Bool {
    standing(at: step.at)?.force(at: step.at, exposure: exposure, before: step, in: zone) == .inForce
  }
}

/// The effect of a decision at a moment.
public enum DecisionForce: Sendable, Hashable {
  /// A GO that opens the gate.
  case inForce
  /// A GO given before its launch date, which has not come yet.
  case provisional
  /// A GO given before its launch date, which has come: the GO must now be confirmed.
  case unconfirmed
  /// A GO whose launch date passed without the launch being exposed under it.
  case lapsed
  /// A GO that is stale because facts that it depends on have become worse.
  case stale
  /// A GO that a rollback ended.
  case rolledBack(ExposureStep)
  /// Not a GO.
  case notGo
}

extension Decision {
  /// Its effect at a moment.
  ///
  /// A GO is in force only on its launch date and, after that, for later stages of an exposure that began under it. In
  /// tier 3 a GO is not bound to the date. A rollback ends it in every tier.
  ///
  /// - Parameter step: the exposure step at that moment that is to be judged. Steps after it are ignored, even if they
  ///   happened at the same moment.
  public func force(
    at moment: Timestamp, exposure: Exposure, before step: ExposureStep? = nil, in zone: ZoneRules
  ) -> DecisionForce {
    guard kind == .go else { return .notGo }
    if let step = rollback(in: exposure, at: moment, before: step) { return .rolledBack(step) }
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

  /// Returns the rollback that had ended the GO by a moment; nil if none had.
  ///
  /// A rollback ends every GO that was given before the rollback was recorded. A GO given before the rollback happened
  /// ends when it happened. A GO given later, but before it was recorded, ends at the recording: whoever gave it did
  /// not know of the rollback.
  func rollback(in exposure: Exposure, at moment: Timestamp, before other: ExposureStep? = nil) -> ExposureStep? {
    guard kind == .go else { return nil }
    return exposure.rollbacks.last { step in
      guard step.decisions.map({ sequence <= $0 }) ?? (at <= step.recordedAt) else { return false }
      let end = max(step.at, step.at < at ? step.recordedAt : at)
      if let other, end == moment { return step.sequence < other.sequence }
      return end <= moment
    }
  }

  /// Throws a conflict if it cannot be confirmed at a moment.
  public func requireConfirmable(at moment: Timestamp, exposure: Exposure, in zone: ZoneRules) throws(Problem) {
    switch force(at: moment, exposure: exposure, in: zone) {
    case .unconfirmed: return
    case .notGo:
      throw Problem.conflict("no-go-stands", "no GO to confirm: the current decision is \(kind.rawValue)")
    case .stale:
      let why = staleReasons.map(\.detail).joined(separator: "; ")
      throw Problem.conflict("stale", "a stale GO cannot be confirmed; decide again. It is stale because: \(why)")
    case .rolledBack(let step):
      throw Problem.conflict("rolled-back", "a GO that a rollback ended cannot be confirmed; \(step.endOfGo)")
    case .provisional:
      throw Problem.conflict(
        "not-launch-date", "a GO cannot be confirmed before its launch date, \(basis.date) in \(basis.timeZone)")
    case .lapsed: throw Problem.conflict("lapsed", "the GO lapsed at the end of \(basis.date); decide again")
    case .inForce: throw Problem.conflict("in-force", "the GO is already in force and needs no confirmation")
    }
  }
}

extension DecisionHistory {
  /// Returns why the current GO has become stale, if that is not recorded yet; empty if it is not stale or not a GO.
  public func worsened(in launch: LaunchChecklist, at moment: LaunchMoment) -> [ReadinessReason] {
    guard let decision = standing(at: moment.now), decision.kind == .go, decision.staleAt == nil else { return [] }
    return decision.basis.worsenings(in: launch, at: moment)
  }

  /// Whether a launch should now get its GO automatically: it is in tier 3, there is no reason against GO, and no other
  /// decision is in effect.
  ///
  /// A stale automatic GO is given again. A launch without blocking items never gets an automatic GO. After a rollback
  /// it gets none until one of its items has been reopened and completed again, or Product Ops decides.
  public func isAutomaticGoDue(for launch: LaunchChecklist, at moment: LaunchMoment, exposure: Exposure) -> Bool {
    guard launch.record.tier == .minor, launch.items.contains(where: \.blocksGo) else { return false }
    if let standing = standing(at: moment.now) {
      guard standing.kind == .go, standing.staleAt != nil else { return false }
      let rollback = standing.rollback(in: exposure, at: moment.now)
      guard rollback.map({ launch.hasRepeatedWork(since: $0) }) ?? true else { return false }
    }
    return launch.reasonsAgainstGo(at: moment, isExposed: exposure.percentage > 0).isEmpty
  }
}

extension LaunchChecklist {
  /// Whether a blocking item was completed after a rollback was recorded.
  fileprivate func hasRepeatedWork(since rollback: ExposureStep) -> Bool {
    items.contains { item in item.blocksGo && (item.completedAt.map { $0 > rollback.recordedAt } ?? false) }
  }
}

extension DecisionHistory {
  /// Returns the current decision as calls show it: with the current reasons, and stale if the facts say so now, even
  /// if that is not recorded yet.
  public func view(of launch: LaunchChecklist, at moment: LaunchMoment, exposure: Exposure) -> DecisionView {
    guard var decision = standing(at: moment.now) else {
      // In tier 3, GO is given automatically, so the text must not ask a person to decide.
      let detail =
        launch.record.tier == .minor
        ? "tier 3 needs no decision: the gate opens by itself once the launch's items are done"
        : "no decision has been made yet"
      return DecisionView(launch: launch.launch, reasons: [ReadinessReason(code: "no-decision", detail: detail)])
    }
    let worsened = decision.kind == .go ? decision.basis.worsenings(in: launch, at: moment) : []
    if decision.staleAt == nil, !worsened.isEmpty { decision.staleAt = moment.now }
    let force = decision.force(at: moment.now, exposure: exposure, in: moment.zone)
    return DecisionView(
      launch: launch.launch, decision: decision.kind, inForce: force == .inForce,
      provisional: force == .provisional || force == .unconfirmed, stale: force == .stale,
      reasons: decision.reasons(for: force, worsened: worsened, exposure), digest: decision.digest, at: decision.at,
      by: decision.by, reason: decision.reason, override: decision.override, confirmedAt: decision.confirmedAt,
      recommendation: decision.recommendation, artifact: decision.artifact)
  }
}

extension Decision {
  /// Returns why the decision does not open the gate; empty if it does.
  ///
  /// - Parameter worsened: the facts that are worse now than when the decision was made; empty if what made it stale
  ///   has since been fixed.
  func reasons(
    for force: DecisionForce, worsened: [ReadinessReason], _ exposure: Exposure
  ) -> [ReadinessReason] {
    switch force {
    case .inForce: []
    case .rolledBack(let step): [ReadinessReason(code: "rolled-back", detail: step.endOfGo)] + worsened
    case .stale where worsened.isEmpty:
      [
        ReadinessReason(
          code: "stale",
          detail: "the GO went stale\(staleAt.map { " at \($0)" } ?? ""); the cause is fixed, but you must decide again"
        )
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
      [ReadinessReason(code: "unconfirmed", detail: "the GO was given before the launch date; confirm it today")]
    case .lapsed:
      [
        ReadinessReason(
          code: "lapsed", detail: "the GO lapsed at the end of \(basis.date) \(unused(exposure)); decide again")
      ]
    }
  }

  /// Returns why the GO lapsed, as the end of a sentence.
  private func unused(_ exposure: Exposure) -> String {
    if exposure.attempts.isEmpty { return "with nothing shipped" }
    return needsConfirmation && confirmedAt == nil ? "without having been confirmed" : "with nothing shipped under it"
  }

  private var because: String { reason.map { ": \($0)" } ?? "" }
}

extension ExposureStep {
  /// Who ended the GO, when and why, for a step that is a rollback.
  var endOfGo: String {
    "\(by) rolled the launch back at \(at)\(reason.map { ": \($0)" } ?? ""); another attempt needs a GO of its own"
  }
}

extension GateView {
  /// Creates the gate's state: open only if the current decision is a GO that is in force.
  ///
  /// If the gate needs another decision to open, the current reasons against GO are included, without duplicates. A
  /// provisional GO needs only its date or its confirmation, so they are left out.
  public init(of view: DecisionView, reasonsAgainstGo: [ReadinessReason]) {
    let isOpen = view.inForce && !view.stale
    let more = isOpen || view.provisional ? [] : reasonsAgainstGo
    self.init(
      open: isOpen, of: view,
      reasons: view.reasons + more.filter { reason in !view.reasons.contains { $0.concernsSame(as: reason) } })
  }
}

extension ReadinessReason {
  /// Whether both concern the same item or the same function's vote, or have the same code for the launch as a whole.
  fileprivate func concernsSame(as other: ReadinessReason) -> Bool {
    guard item == other.item, instance == other.instance else { return false }
    if item != nil { return true }
    return function == other.function && (function != nil || code == other.code)
  }
}

extension LaunchChecklist {
  /// Returns the snapshot of a decision to be stored.
  ///
  /// An override can set aside reasons but not a stopped launch: a cancelled launch accepts no decision, and a
  /// postponed launch no GO.
  ///
  /// - Parameter halt: the halt that closes the launch's gate, which counts as a reason against GO; nil if there is
  ///   none.
  /// - Throws: `forbidden` for anyone but Product Ops; a conflict if the launch is stopped, or the decision is against
  ///   the recommendation and not an override; `invalid` if a required reason is missing, or the artifact is not a
  ///   digest.
  public func decide(
    _ request: DecisionRequest, by actor: Actor, at moment: LaunchMoment, isExposed: Bool, halt: Halt? = nil
  ) throws(Problem) -> DecisionSnapshot {
    try Rights.require(actor, .productOps)
    if request.decision == .go { try requireRunning() } else { try requireNotCancelled() }
    let artifact = try ArtifactDigest.normalized(request.artifact)
    if artifact != nil, request.decision != .go {
      throw Problem.unfit("artifact", "only a GO is for an artifact; omit it for \(request.decision.rawValue)")
    }
    let reasons = reasonsAgainstGo(at: moment, isExposed: isExposed, halt: halt)
    let recommendation: Recommendation = reasons.isEmpty ? .go : .noGo
    let given = request.reason?.trimmedOrNil
    let isAgainst = request.decision != .hold && request.decision.rawValue != recommendation.rawValue
    if isAgainst, request.override != true { throw refusal(of: request, reasons, on: moment.today) }
    if given == nil, isAgainst || request.decision != .go {
      throw Problem.missing(
        "reason", "\(isAgainst ? "an override" : request.decision.rawValue) needs a reason (--reason TEXT)")
    }
    return DecisionSnapshot(
      launch: launch, decision: request.decision, at: moment.now, by: actor.description, reason: given,
      artifact: artifact, override: isAgainst, recommendation: recommendation, reasons: reasons,
      functions: functions(at: moment), basis: basis(at: moment))
  }
}
