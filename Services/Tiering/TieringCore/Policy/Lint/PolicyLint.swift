internal import BitCollections
public import Contract
public import LaunchModel

/// Checks a policy exhaustively, by trying every combination of facts that it distinguishes.
public struct PolicyLint {
  private let policy: TierPolicy
  private let space: FactSpace
  /// The combinations in which each rule fires.
  private let fires: [BitSet]
  /// The combinations that rules decide for each tier, indexed by the tier's number.
  private let decided: [BitSet]
  /// The combinations in which no rule fires.
  private let unfired: BitSet

  /// All findings for a policy, errors first.
  public static func report(_ policy: TierPolicy) -> PolicyLintReport {
    let lint = PolicyLint(policy)
    let findings = lint.undecided + lint.ruleFindings + lint.otherwiseFindings + lint.falls
    return PolicyLintReport(
      combinations: lint.space.combinations,
      findings: findings.filter { $0.severity == .error } + findings.filter { $0.severity == .warning })
  }

  /// Returns the findings for a policy that can be adopted.
  ///
  /// - Throws: `invalid` with every error, each with an example.
  @discardableResult
  public static func requireDecided(_ policy: TierPolicy) throws(Problem) -> [PolicyFinding] {
    let findings = report(policy).findings
    let errors = findings.filter { $0.severity == .error }
    guard errors.isEmpty else {
      throw .invalid(
        "invalid-policy", title: "the tier policy is invalid",
        errors: errors.map { finding in
          let example = finding.example.isEmpty ? "" : " (for example with \(finding.example.joined(separator: "; ")))"
          return FieldError(pointer: finding.pointer, detail: finding.detail + example)
        })
    }
    return findings
  }

  private init(_ policy: TierPolicy) {
    let space = FactSpace(policy)
    var open = space.possible
    let fires = policy.rules.map { [open] rule in open.intersection(space.holding(rule.when)) }
    decided = Tier.allCases.map { tier in
      let asking = zip(policy.rules, fires).filter { $0.0.tier == tier }.map(\.1)
      let won = asking.reduce(into: BitSet()) { $0.formUnion($1) }.intersection(open)
      open.subtract(won)
      return won
    }
    unfired = open
    self.policy = policy
    self.space = space
    self.fires = fires
  }

  private func words(_ set: BitSet) -> [String] { set.first.map { space.words(space.point(at: $0)) } ?? [] }

  private var undecided: [PolicyFinding] {
    guard policy.otherwise == nil, !unfired.isEmpty else { return [] }
    return [
      PolicyFinding(
        .error, code: "undecided", pointer: "",
        detail: "some cases match no rule; add `otherwise: 3`, or a rule for them", example: words(unfired))
    ]
  }

  private var ruleFindings: [PolicyFinding] {
    policy.rules.enumerated().compactMap { index, rule in
      guard fires[index].isDisjoint(with: decided[rule.tier.rawValue]) else { return nil }
      guard !fires[index].isEmpty else {
        return PolicyFinding(
          .warning, code: "never-fires", rule: rule.key, pointer: "/rules/\(index)/when",
          detail: "rule \"\(rule.key)\" can never fire: no facts meet its condition; correct or remove it")
      }
      return PolicyFinding(
        .warning, code: "never-decides", rule: rule.key, pointer: "/rules/\(index)",
        detail:
          "rule \"\(rule.key)\" never decides: whenever it fires, a rule for a more demanding tier does too; remove it",
        example: words(fires[index]))
    }
  }

  private var otherwiseFindings: [PolicyFinding] {
    guard policy.otherwise != nil, unfired.isEmpty else { return [] }
    return [
      PolicyFinding(
        .warning, code: "otherwise-never", pointer: "/otherwise",
        detail: "`otherwise` is never reached: some rule fires for all facts; remove it or correct the rules")
    ]
  }
}

// Checks whether a more demanding fact ever lowers the tier.
extension PolicyLint {
  /// One finding for each step to a more demanding fact that can lower the tier, with an example.
  private var falls: [PolicyFinding] {
    let tiers = tiers
    return space.steps.compactMap { step in
      let indices = tiers.indices.dropLast().compactMap { tier in
        let (demanding, others) = (Self.union(tiers[...tier]), Self.union(tiers[(tier + 1)...]))
        return demanding.intersection(step.from).first { others.contains($0 + step.distance) }
      }
      return indices.min().map { fall($0, step) }
    }
  }

  /// The combinations that result in each tier, by rules or by `otherwise`. Undecided combinations are in none.
  private var tiers: [BitSet] {
    var tiers = decided
    if let otherwise = policy.otherwise { tiers[otherwise.rawValue].formUnion(unfired) }
    return tiers
  }

  private static func union(_ sets: ArraySlice<BitSet>) -> BitSet { sets.reduce(into: []) { $0.formUnion($1) } }

  private func fall(_ index: Int, _ step: FactSpace.Step) -> PolicyFinding {
    let next = index + step.distance
    let (before, after) = (tier(at: index), tier(at: next))
    // Names the rule that no longer fires; if none fired before, the rule that decides afterwards.
    let rule = deciding(index) ?? deciding(next)
    return PolicyFinding(
      .warning, code: "falls", rule: rule.map { policy.rules[$0].key },
      pointer: rule.map { "/rules/\($0)/when" } ?? "/otherwise",
      detail: "the tier drops from \(before) to \(after) when \(step.what); more demanding facts should not lower it",
      example: space.words(space.point(at: index)))
  }

  private func tier(at index: Int) -> Int { tiers.firstIndex { $0.contains(index) } ?? TierPolicy.undecided.rawValue }

  /// The first rule that decides a combination; nil if none fires.
  private func deciding(_ index: Int) -> Int? {
    policy.rules.indices.first { fires[$0].contains(index) && decided[policy.rules[$0].tier.rawValue].contains(index) }
  }
}
