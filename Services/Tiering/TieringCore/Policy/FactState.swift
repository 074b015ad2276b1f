internal import LaunchModel

/// What the policy takes a launch's facts for: each fact as what it can still be.
struct FactState: Hashable {
  /// A bit for each kind, in the order of `ChangeKind.allCases`.
  var kinds: UInt16
  /// A bit for each audience that it can be.
  var audiences: UInt8
  /// A bit for each flag that can be true.
  var canBeTrue: UInt8
  /// A bit for each flag that can be false.
  var canBeFalse: UInt8

  init(_ facts: Facts, defaultAudience: Audience) {
    kinds = facts.kinds.reduce(0) { $0 | $1.bit }
    switch facts.audience {
    case .known(let audience)?: audiences = audience.bit
    case .unknown?: audiences = 0b1111
    case nil: audiences = defaultAudience.bit
    }
    (canBeTrue, canBeFalse) = (0, 0)
    for flag in Flag.allCases {
      switch facts.flags[flag] {
      case .known(true)?: canBeTrue |= flag.bit
      case .unknown?:
        canBeTrue |= flag.bit
        canBeFalse |= flag.bit
      case .known(false)?, nil: canBeFalse |= flag.bit
      }
    }
  }

  mutating func set(_ flag: Flag, _ value: Bool) {
    canBeTrue = value ? canBeTrue | flag.bit : canBeTrue & ~flag.bit
    canBeFalse = value ? canBeFalse & ~flag.bit : canBeFalse | flag.bit
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
    otherwise = policy.otherwise
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
        let holds = state.kinds & bits != 0
        return Outcome(canHold: holds, canFail: !holds)
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
