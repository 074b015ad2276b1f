public import LaunchModel

/// A tier with its explanation.
public struct TierAnswer: Sendable, Hashable {
  /// The most demanding one that a rule asks for, or the policy's `otherwise`.
  public var tier: Tier
  /// The version of the policy that says so; nil where it was not kept.
  public var policyVersion: Int?
  /// The rules that fired, the most demanding first; the policy's `otherwise` where none did.
  public var reasons: [TierReason]
  /// Facts that were omitted and took the policy's default, as `audience: subset`.
  public var assumed: [String]
  /// Facts that are unknown and counted as the more demanding answer.
  public var openQuestions: [String]
  /// Which change of facts would give another tier.
  public var alternatives: [TierAlternative]

  public init(
    tier: Tier, policyVersion: Int? = nil, reasons: [TierReason], assumed: [String], openQuestions: [String],
    alternatives: [TierAlternative]
  ) {
    self.tier = tier
    self.policyVersion = policyVersion
    self.reasons = reasons
    self.assumed = assumed
    self.openQuestions = openQuestions
    self.alternatives = alternatives
  }
}

extension TierPolicy {
  /// The tier of a launch with these facts; an unknown fact counts as whichever answer is the more demanding.
  public func tier(of facts: Facts) -> Tier {
    CompiledPolicy(self).tier(of: FactState(facts, defaultAudience: defaultAudience))
  }

  /// The tier, and why: the rules that fired, what was assumed or is unknown, and what would change it.
  public func classify(_ facts: Facts) -> TierAnswer {
    let tier = tier(of: facts)
    return TierAnswer(
      tier: tier, policyVersion: version, reasons: reasons(facts), assumed: assumed(facts),
      openQuestions: openQuestions(facts),
      alternatives: TierAlternatives(policy: self, facts: facts).smallest(from: tier))
  }

  /// Every rule that fires, the most demanding first.
  func reasons(_ facts: Facts) -> [TierReason] {
    let state = FactState(facts, defaultAudience: defaultAudience)
    let fired = rules.filter { CompiledPolicy.Condition($0.when).outcome(in: state).canHold }
    guard !fired.isEmpty else {
      let kinds = ChangeKind.allCases.filter(facts.kinds.contains).map { "kind \($0.rawValue)" }
      return [Self.unfired(otherwise, facts: kinds)]
    }
    let explainer = FactExplainer(facts: facts, defaultAudience: defaultAudience)
    return fired.sorted { $0.tier < $1.tier }.map { rule in
      TierReason(tier: rule.tier, rule: rule.key, facts: explainer.facts(for: rule.when), detail: rule.because)
    }
  }

  private static func unfired(_ otherwise: Tier?, facts: [String]) -> TierReason {
    guard let otherwise else {
      return TierReason(
        tier: undecided, rule: TierRule.undecidedKey, facts: facts,
        detail: "the policy does not decide this, which counts as the most demanding tier")
    }
    return TierReason(
      tier: otherwise, rule: TierRule.otherwiseKey, facts: facts, detail: "no rule asks for a more demanding tier")
  }

  /// What a case counts as that the policy does not decide.
  static let undecided = Tier.launchEvent

  /// Only facts that a rule asks about; an omitted fact that only a checklist asks about stays unknown there.
  private func assumed(_ facts: Facts) -> [String] {
    var assumed: [String] = []
    if facts.audience == nil, rules.contains(where: \.when.mentionsAudience) {
      assumed.append("audience: \(defaultAudience.rawValue)")
    }
    return assumed + flags.filter { facts.flags[$0] == nil }.map { "\($0.rawValue): false" }
  }

  private func openQuestions(_ facts: Facts) -> [String] {
    let audience = facts.audience == .unknown ? ["audience"] : []
    return audience + Flag.allCases.filter { facts.flags[$0] == .unknown }.map(\.rawValue)
  }
}

/// Names the facts by which a condition holds.
struct FactExplainer {
  let facts: Facts
  let defaultAudience: Audience

  private var state: FactState { FactState(facts, defaultAudience: defaultAudience) }

  /// Of a condition that can hold, the facts that make it so, each once.
  func facts(for condition: TierCondition) -> [String] {
    var seen: Set<String> = []
    return holding(condition).filter { seen.insert($0).inserted }
  }

  private func holding(_ condition: TierCondition) -> [String] {
    switch condition {
    case .flag(let flag): [shown(flag)]
    case .kinds(let kinds): kinds.filter(facts.kinds.contains).map { "kind \($0.rawValue)" }
    case .audience: [shownAudience]
    case .all(let conditions): conditions.flatMap(holding)
    case .any(let conditions):
      conditions.filter { CompiledPolicy.Condition($0).outcome(in: state).canHold }.flatMap(holding)
    case .not(let condition): failing(condition)
    }
  }

  private func failing(_ condition: TierCondition) -> [String] {
    switch condition {
    case .flag(let flag): [shown(flag)]
    case .kinds(let kinds): kinds.map { "no kind \($0.rawValue)" }
    case .audience: [shownAudience]
    case .all(let conditions):
      conditions.filter { CompiledPolicy.Condition($0).outcome(in: state).canFail }.flatMap(failing)
    case .any(let conditions): conditions.flatMap(failing)
    case .not(let condition): holding(condition)
    }
  }

  private func shown(_ flag: Flag) -> String {
    switch facts.flags[flag] {
    case .known(let value)?: value ? flag.rawValue : "\(flag.rawValue) false"
    case .unknown?: "\(flag.rawValue) unknown"
    case nil: "\(flag.rawValue) false (assumed)"
    }
  }

  private var shownAudience: String {
    switch facts.audience {
    case .known(let audience)?: "audience \(audience.rawValue)"
    case .unknown?: "audience unknown"
    case nil: "audience \(defaultAudience.rawValue) (assumed)"
    }
  }
}
