internal import LaunchModel

/// The possible answers to each fact of a launch.
///
/// The union of two states allows, for each fact, every answer that either of them allows.
/// A state may cover only some of the facts.
struct FactState: Hashable {
  /// A bit for each kind that may be present, in the order of `ChangeKind.allCases`.
  var kindsPresent: UInt16 = 0
  /// A bit for each kind that may be absent.
  var kindsMissing: UInt16 = 0
  /// A bit for each possible audience.
  var audiences: UInt8 = 0
  /// A bit for each flag that may be true.
  var canBeTrue: UInt8 = 0
  /// A bit for each flag that may be false.
  var canBeFalse: UInt8 = 0

  /// Creates a state in which no fact has an answer yet.
  init() {}

  init(_ facts: Facts, defaultAudience: Audience) {
    for kind in ChangeKind.allCases { formUnion(FactState(kind, isPresent: facts.kinds.contains(kind))) }
    formUnion(FactState(facts.audience ?? .known(defaultAudience)))
    for flag in Flag.allCases { formUnion(FactState(flag, facts.flags[flag] ?? .known(false))) }
  }

  /// Creates a state in which every fact is known.
  init(kinds: UInt16, audience: Audience, flags: UInt8) {
    kindsPresent = kinds
    kindsMissing = ~kinds
    audiences = audience.bit
    canBeTrue = flags
    canBeFalse = ~flags
  }

  init(_ kind: ChangeKind, isPresent: Bool) {
    if isPresent { kindsPresent = kind.bit } else { kindsMissing = kind.bit }
  }

  init(_ audience: Stated<Audience>) {
    switch audience {
    case .known(let audience): audiences = audience.bit
    case .unknown: audiences = Audience.allCases.reduce(0) { $0 | $1.bit }
    }
  }

  init(_ flag: Flag, _ stated: Stated<Bool>) {
    if stated != .known(false) { canBeTrue = flag.bit }
    if stated != .known(true) { canBeFalse = flag.bit }
  }

  mutating func formUnion(_ other: FactState) {
    kindsPresent |= other.kindsPresent
    kindsMissing |= other.kindsMissing
    audiences |= other.audiences
    canBeTrue |= other.canBeTrue
    canBeFalse |= other.canBeFalse
  }

  func union(_ other: FactState) -> FactState {
    var result = self
    result.formUnion(other)
    return result
  }
}

extension ChangeKind {
  var bit: UInt16 { 1 << UInt16(Self.allCases.firstIndex(of: self) ?? 0) }
}

extension Audience {
  var bit: UInt8 { 1 << UInt8(Self.allCases.firstIndex(of: self) ?? 0) }
}

extension Flag {
  var bit: UInt8 { 1 << UInt8(Self.allCases.firstIndex(of: self) ?? 0) }
}

/// A policy compiled for repeated evaluation.
struct CompiledPolicy {
  let rules: [(tier: Tier, condition: Condition)]
  let otherwise: Tier

  init(_ policy: TierPolicy) {
    rules = policy.rules.map { ($0.tier, Condition($0.when)) }
    otherwise = policy.otherwise ?? TierPolicy.undecided
  }

  /// Whether a rule for a tier more demanding than the given one fires.
  func firesAbove(_ tier: Tier, in state: FactState) -> Bool {
    rules.contains { $0.tier < tier && $0.condition.outcome(in: state).canHold }
  }

  /// Whether this tier can result: it is the fallback if no rule fires, or a rule for exactly this tier can fire.
  func canGive(_ tier: Tier, in state: FactState) -> Bool {
    tier == otherwise || rules.contains { $0.tier == tier && $0.condition.outcome(in: state).canHold }
  }

  /// The most demanding tier among the rules that may fire.
  func tier(of state: FactState) -> Tier {
    var tier: Tier?
    for rule in rules where tier.map({ rule.tier < $0 }) ?? true {
      if rule.condition.outcome(in: state).canHold { tier = rule.tier }
    }
    return tier ?? otherwise
  }

  /// Whether a condition can hold and whether it can fail, given the possible facts.
  struct Outcome {
    var canHold: Bool
    var canFail: Bool
  }

  /// A condition compiled to bit masks.
  indirect enum Condition {
    case flag(UInt8)
    case kinds(UInt16)
    case audiences(UInt8)
    case all([Condition])
    case any([Condition])
    case not(Condition)

    init(_ condition: FactCondition) {
      switch condition {
      case .flag(let flag): self = .flag(flag.bit)
      case .kinds(let kinds): self = .kinds(kinds.reduce(0) { $0 | $1.bit })
      case .audience(let audiences): self = .audiences(audiences.reduce(0) { $0 | $1.bit })
      case .all(let conditions): self = .all(conditions.map(Condition.init))
      case .any(let conditions): self = .any(conditions.map(Condition.init))
      case .not(let condition): self = .not(Condition(condition))
      }
    }

    /// Evaluates in Kleene's three-valued logic: an unknown can both hold and fail.
    func outcome(in state: FactState) -> Outcome {
      switch self {
      case .flag(let bit): return Outcome(canHold: state.canBeTrue & bit != 0, canFail: state.canBeFalse & bit != 0)
      case .kinds(let bits):
        return Outcome(canHold: state.kindsPresent & bits != 0, canFail: state.kindsMissing & bits == bits)
      case .audiences(let bits):
        return Outcome(canHold: state.audiences & bits != 0, canFail: state.audiences & ~bits != 0)
      case .all(let conditions):
        return conditions.reduce(into: Outcome(canHold: true, canFail: false)) { result, condition in
          let outcome = condition.outcome(in: state)
          result.canHold = result.canHold && outcome.canHold
          result.canFail = result.canFail || outcome.canFail
        }
      case .any(let conditions):
        return conditions.reduce(into: Outcome(canHold: false, canFail: true)) { result, condition in
          let outcome = condition.outcome(in: state)
          result.canHold = result.canHold || outcome.canHold
          result.canFail = result.canFail && outcome.canFail
        }
      case .not(let condition):
        let outcome = condition.outcome(in: state)
        return Outcome(canHold: outcome.canFail, canFail: outcome.canHold)
      }
    }
  }
}
