public import Contract
public import JSON
public import LaunchModel

extension DecisionPredicate {
  /// Creates the content of a signed statement about a GO, from the facts that the GO depends on.
  ///
  /// - Parameters:
  /// - artifact: the artifact to which the GO is limited, such as `sha256:…`; nil if it is valid for any.
  ///   - exposure: the launch's exposure, which may have ended the GO.
  ///   - halt: the halt that closes the launch's gate; nil if none does.
  ///   - moment: when the statement is issued.
  ///   - digest: returns the SHA-256 of a document in canonical JSON, in lower-case hex.
  public init(
    of decision: Decision, on record: LaunchRecord, artifact: String?, exposure: Exposure, halt: Halt? = nil,
    at moment: LaunchMoment, digest: (JSONValue) -> String
  ) {
    let basis = decision.basis
    self.init(
      launch: record.plan.launch, name: record.plan.name, tier: basis.tier, date: basis.date, timeZone: basis.timeZone,
      artifact: artifact,
      decision: Decided(
        sequence: decision.sequence, kind: decision.kind, digest: decision.digest, at: decision.at, by: decision.by,
        reason: decision.reason, override: decision.override, recommendation: decision.recommendation,
        reasons: decision.reasons, confirmedAt: decision.confirmedAt, confirmedBy: decision.confirmedBy),
      votes: basis.votes.map { Vote(function: $0.function, answer: $0.answer) },
      items: basis.items.map { item in
        let pieces = item.evidence
        return Item(
          item: item.reference.name, state: item.state, doneOn: item.doneOn, evidence: pieces.count,
          evidenceDigest: pieces.isEmpty ? nil : digest(.array(pieces.map { .string($0) })), approvals: item.approvals)
      },
      metricSeal: basis.seal, chains: decision.chains ?? [:],
      validity: decision.validity(at: moment, exposure: exposure, halt: halt), issuedAt: moment.now)
  }
}

extension Decision {
  /// Returns when the decision opens the gate, and its state at a moment.
  ///
  /// - Parameters:
  ///   - moment: in the zone of the launch.
  /// - halt: the halt that closes the launch's gate, and during which even a valid GO is not in force; nil if there is
  ///   none.
  func validity(at moment: LaunchMoment, exposure: Exposure, halt: Halt? = nil) -> DecisionPredicate.Validity {
    let force = force(at: moment.now, exposure: exposure, in: moment.zone)
    let state = halt != nil && force.stands ? "halted" : force.name
    guard basis.tier != .minor else {
      return DecisionPredicate.Validity(state: state, opensAt: at, closesAt: nil)
    }
    let opensAt = needsConfirmation ? confirmedAt : max(at, moment.zone.startOfDay(basis.date))
    let closesAt = moment.zone.startOfDay(basis.date.adding(days: 1))
    return DecisionPredicate.Validity(state: state, opensAt: opensAt, closesAt: closesAt)
  }

  /// Throws unless the decision is a GO that opens the gate now or will on its launch date.
  ///
  /// - Parameter worsened: the facts that are worse now than when the decision was made.
  public func requireStanding(
    at moment: LaunchMoment, exposure: Exposure, worsened: [ReadinessReason]
  ) throws(Problem) {
    var current = self
    if current.staleAt == nil, !worsened.isEmpty { current.staleAt = moment.now }
    let force = current.force(at: moment.now, exposure: exposure, in: moment.zone)
    guard !force.stands else { return }
    let reasons = current.reasons(for: force, worsened: worsened, exposure).map(\.detail)
    throw .conflict(
      "no-go-stands", title: "no current GO",
      "no current GO to export: \(reasons.joined(separator: "; "))")
  }
}

extension DecisionForce {
  /// Whether it is a GO that opens the gate now or will on its launch date.
  fileprivate var stands: Bool {
    switch self {
    case .inForce, .provisional, .unconfirmed: true
    case .lapsed, .stale, .rolledBack, .notGo: false
    }
  }

  /// Its name in statements.
  var name: String {
    switch self {
    case .inForce: "in-force"
    case .provisional: "provisional"
    case .unconfirmed: "unconfirmed"
    case .lapsed: "lapsed"
    case .stale: "stale"
    case .rolledBack: "rolled-back"
    case .notGo: "not-go"
    }
  }
}

/// The rules for statements about a launch's verdicts.
public enum VerdictStatement {
  /// The number of days after the first exposure from which verdicts can be signed.
  static let days = 30

  /// Returns the launch attempt that the verdicts are about.
  ///
  /// - Throws: a conflict if the launch has no verdicts, or if they may still change: before day 30, or while a
  ///   measurement window is open.
  public static func attempt(
    of verdicts: MetricsView, exposure: Exposure, at now: Timestamp
  ) throws(Problem) -> ExposureAttempt {
    guard !verdicts.metrics.isEmpty else {
      throw .conflict("no-verdicts", "\(verdicts.launch) has no metrics, so it has no verdicts to export")
    }
    guard let attempt = exposure.attempts.last(where: { $0.attempt == verdicts.attempt }) else {
      throw .conflict("no-verdicts", "\(verdicts.launch) has not shipped, so it has no verdicts to export")
    }
    let end = attempt.startedAt.adding(days: days)
    guard now >= end else {
      throw .conflict("too-early", "verdicts are exported after day \(days), from \(end) on")
    }
    let pending = verdicts.metrics.filter { $0.verdict == .pending }.map(\.key)
    guard pending.isEmpty else {
      throw .conflict(
        "verdicts-pending",
        "the windows of these metrics are still open: \(pending.joined(separator: ", ")); export their verdicts later")
    }
    return attempt
  }
}
