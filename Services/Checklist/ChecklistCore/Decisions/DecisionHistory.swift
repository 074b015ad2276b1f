public import LaunchModel

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
