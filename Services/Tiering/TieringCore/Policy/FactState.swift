internal import LaunchModel

/// What the policy takes a launch's facts for: each fact as the set of answers that it can have.
///
/// States unite: what holds of a part of the facts can be put together fact by fact.
struct FactState: Hashable {
  /// A bit for each kind that can be there, in the order of `ChangeKind.allCases`.
  var kindsPresent: UInt16 = 0
  /// A bit for each kind that can be missing.
  var kindsMissing: UInt16 = 0
  /// A bit for each audience that it can be.
  var audiences: UInt8 = 0
  /// A bit for each flag that can be true.
  var canBeTrue: UInt8 = 0
  /// A bit for each flag that can be false.
  var canBeFalse: UInt8 = 0

  /// Facts of which nothing is said.
  init() {}

  init(_ facts: Facts, defaultAudience: Audience) {
    for kind in ChangeKind.allCases { formUnion(FactState(kind, isPresent: facts.kinds.contains(kind))) }
    formUnion(FactState(facts.audience ?? .known(defaultAudience)))
    for flag in Flag.allCases { formUnion(FactState(flag, facts.flags[flag] ?? .known(false))) }
  }

  /// Facts of which each is known.
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

/// A policy in the form in which it is asked many times.
struct CompiledPolicy {
  let rules: [(tier: Tier, condition: Condition)]
  let otherwise: Tier

  init(_ policy: TierPolicy) {
    rules = policy.rules.map { ($0.tier, Condition($0.when)) }
    otherwise = policy.otherwise ?? TierPolicy.undecided
  }

  /// Whether a rule for a tier more demanding than that one fires.
  func firesAbove(_ tier: Tier, in state: FactState) -> Bool {
    rules.contains { $0.tier < tier && $0.condition.outcome(in: state).canHold }
  }

  /// Whether a rule for that very tier fires, or it is the tier where none does.
  func canGive(_ tier: Tier, in state: FactState) -> Bool {
    tier == otherwise || rules.contains { $0.tier == tier && $0.condition.outcome(in: state).canHold }
  }

  /// The most demanding tier of the rules that the facts do not rule out.
  func tier(of state: FactState) -> Tier {
    var tier: Tier?
    for rule in rules where tier.map({ rule.tier < $0 }) ?? true {
      if rule.condition.outcome(in: state).canHold { tier = rule.tier }
    }
    return tier ?? otherwise
  }

  /// Whether a condition can hold and can fail, given what the facts can be.
  struct Outcome {
    var canHold: Bool
    var canFail: Bool
  }

  /// A condition over bits.
  indirect enum Condition {
    case flag(UInt8)
    case kinds(UInt16)
    case audiences(UInt8)
    case all([Condition])
    case any([Condition])
    case not(Condition)

    init(_ condition: TierCondition) {
      switch condition {
      case .flag(let flag): self = .flag(flag.bit)
      case .kinds(let kinds): self = .kinds(kinds.reduce(0) { $0 | $1.bit })
      case .audience(let audiences): self = .audiences(audiences.reduce(0) { $0 | $1.bit })
      case .all(let conditions): self = .all(conditions.map(Condition.init))
      case .any(let conditions): self = .any(conditions.map(Condition.init))
      case .not(let condition): self = .not(Condition(condition))
      }
    }

    /// Kleene's three values: what is unknown can hold and can fail.
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
