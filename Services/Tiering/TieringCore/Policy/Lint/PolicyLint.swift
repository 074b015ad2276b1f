internal import BitCollections
public import Contract
public import LaunchModel

/// Examines a policy by trying every combination of facts that it tells apart, and so without leaving one out.
public struct PolicyLint {
  private let policy: TierPolicy
  private let space: FactSpace
  /// Where each rule fires.
  private let fires: [BitSet]
  /// Where the rules decide for each tier, by the tier's number.
  private let decided: [BitSet]
  /// Where no rule fires.
  private let unfired: BitSet

  /// What is found of a policy.
  public static func report(_ policy: TierPolicy) -> PolicyLintReport {
    let lint = PolicyLint(policy)
    let findings = lint.undecided + lint.ruleFindings + lint.otherwiseFindings + lint.falls
    return PolicyLintReport(
      combinations: lint.space.combinations,
      findings: findings.filter { $0.severity == .error } + findings.filter { $0.severity == .warning })
  }

  /// What lint finds of a policy that can be adopted.
  ///
  /// - Throws: `invalid` with every error, and an example of each.
  @discardableResult
  public static func requireDecided(_ policy: TierPolicy) throws(Problem) -> [PolicyFinding] {
    let findings = report(policy).findings
    let errors = findings.filter { $0.severity == .error }
    guard errors.isEmpty else {
      throw .invalid(
        "invalid-policy", title: "the tier policy has faults",
        errors: errors.map { finding in
          let example = finding.example.isEmpty ? "" : " (as with \(finding.example.joined(separator: "; ")))"
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
        detail: "no rule decides every case; add `otherwise: 3`, or a rule for what is left", example: words(unfired))
    ]
  }

  private var ruleFindings: [PolicyFinding] {
    policy.rules.enumerated().compactMap { index, rule in
      guard fires[index].isDisjoint(with: decided[rule.tier.rawValue]) else { return nil }
      guard !fires[index].isEmpty else {
        return PolicyFinding(
          .warning, code: "never-fires", rule: rule.key, pointer: "/rules/\(index)/when",
          detail: "the rule \"\(rule.key)\" can never fire: its condition holds for no facts; mend it or take it out")
      }
      return PolicyFinding(
        .warning, code: "never-decides", rule: rule.key, pointer: "/rules/\(index)",
        detail:
          "the rule \"\(rule.key)\" never decides: whenever it fires, so does one for a more demanding tier; take it out",
        example: words(fires[index]))
    }
  }

  private var otherwiseFindings: [PolicyFinding] {
    guard policy.otherwise != nil, unfired.isEmpty else { return [] }
    return [
      PolicyFinding(
        .warning, code: "otherwise-never", pointer: "/otherwise",
        detail: "`otherwise` is never reached: a rule fires for all facts; take it out, or mend the rules")
    ]
  }
}

// What happens to the tier when a fact becomes more demanding.
extension PolicyLint {
  /// Of each fact, a case in which the tier falls when the fact becomes more demanding.
  private var falls: [PolicyFinding] {
    let tiers = tiers
    return space.steps.compactMap { step in
      let places = tiers.indices.dropLast().compactMap { tier in
        let (demanding, others) = (Self.union(tiers[...tier]), Self.union(tiers[(tier + 1)...]))
        return demanding.intersection(step.from).first { others.contains($0 + step.distance) }
      }
      return places.min().map { fall($0, step) }
    }
  }

  /// Where each tier is given, by rules or by `otherwise`; places that are undecided are in none.
  private var tiers: [BitSet] {
    var tiers = decided
    if let otherwise = policy.otherwise { tiers[otherwise.rawValue].formUnion(unfired) }
    return tiers
  }

  private static func union(_ sets: ArraySlice<BitSet>) -> BitSet { sets.reduce(into: []) { $0.formUnion($1) } }

  private func fall(_ place: Int, _ step: FactSpace.Step) -> PolicyFinding {
    let next = place + step.distance
    let (before, after) = (tier(at: place), tier(at: next))
    // The rule that fires no longer; where none did, the one that then decides.
    let rule = deciding(place) ?? deciding(next)
    return PolicyFinding(
      .warning, code: "falls", rule: rule.map { policy.rules[$0].key },
      pointer: rule.map { "/rules/\($0)/when" } ?? "/otherwise",
      detail: "the tier falls from \(before) to \(after) when \(step.what); more demanding facts should not",
      example: space.words(space.point(at: place)))
  }

  private func tier(at place: Int) -> Int { tiers.firstIndex { $0.contains(place) } ?? TierPolicy.undecided.rawValue }

  /// The first rule that decides at a place; nil where none fires.
  private func deciding(_ place: Int) -> Int? {
    policy.rules.indices.first { fires[$0].contains(place) && decided[policy.rules[$0].tier.rawValue].contains(place) }
  }
}
