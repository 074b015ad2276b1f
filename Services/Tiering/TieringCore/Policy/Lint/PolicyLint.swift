public import LaunchModel

/// Examines a policy by trying every combination of facts that it tells apart, and so without leaving one out.
public struct PolicyLint {
  private let policy: TierPolicy
  private let space: FactSpace
  /// The tier of each combination; nil where no rule decides it.
  private var tiers: [Tier?]
  /// Of each rule, a combination that it fires with, and one that it decides.
  private var fires: [FactSpace.Point?]
  private var decides: [FactSpace.Point?]
  /// A combination that no rule decides.
  private var unfired: FactSpace.Point?

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
          return FieldFault(pointer: finding.pointer, detail: finding.detail + example)
        })
    }
    return findings
  }

  private init(_ policy: TierPolicy) {
    self.policy = policy
    space = FactSpace(policy)
    tiers = Array(repeating: nil, count: space.size)
    fires = Array(repeating: nil, count: policy.rules.count)
    decides = fires
    let conditions = policy.rules.map { CompiledPolicy.Condition($0.when) }
    for index in tiers.indices {
      let point = space.point(at: index)
      guard point.kinds != 0 else { continue }
      let state = space.state(of: point)
      let firing = conditions.indices.filter { conditions[$0].outcome(in: state).canHold }
      let tier = firing.map { policy.rules[$0].tier }.min()
      tiers[index] = tier ?? policy.otherwise
      if tier == nil, unfired == nil { unfired = point }
      for rule in firing {
        fires[rule] = fires[rule] ?? point
        if policy.rules[rule].tier == tier { decides[rule] = decides[rule] ?? point }
      }
    }
  }

  private var undecided: [PolicyFinding] {
    guard policy.otherwise == nil, let unfired else { return [] }
    return [
      PolicyFinding(
        .error, code: "undecided", pointer: "",
        detail: "no rule decides every case; add `otherwise: 3`, or a rule for what is left",
        example: space.words(unfired))
    ]
  }

  private var ruleFindings: [PolicyFinding] {
    policy.rules.enumerated().compactMap { index, rule in
      guard decides[index] == nil else { return nil }
      guard let fires = fires[index] else {
        return PolicyFinding(
          .warning, code: "never-fires", rule: rule.key, pointer: "/rules/\(index)/when",
          detail: "the rule \"\(rule.key)\" can never fire: its condition holds for no facts; mend it or take it out")
      }
      return PolicyFinding(
        .warning, code: "never-decides", rule: rule.key, pointer: "/rules/\(index)",
        detail:
          "the rule \"\(rule.key)\" never decides: whenever it fires, so does one for a more demanding tier; take it out",
        example: space.words(fires))
    }
  }

  private var otherwiseFindings: [PolicyFinding] {
    guard policy.otherwise != nil, unfired == nil else { return [] }
    return [
      PolicyFinding(
        .warning, code: "otherwise-never", pointer: "/otherwise",
        detail: "`otherwise` is never reached: a rule fires for all facts; take it out, or mend the rules")
    ]
  }

  /// Of each fact, a case in which the tier falls when the fact becomes more demanding.
  private var falls: [PolicyFinding] {
    let flags = space.flags.indices.compactMap { bit in
      fall("\(space.flags[bit].rawValue) is true") { point in
        point.flags & (1 << bit) == 0
          ? FactSpace.Point(kinds: point.kinds, audience: point.audience, flags: point.flags | 1 << bit) : nil
      }
    }
    let kinds = space.kinds.indices.compactMap { bit in
      fall("the kind \(space.kinds[bit][0].rawValue) is added") { point in
        point.kinds & (1 << bit) == 0
          ? FactSpace.Point(kinds: point.kinds | 1 << bit, audience: point.audience, flags: point.flags) : nil
      }
    }
    let audiences = zip(Audience.allCases, Audience.allCases.dropFirst()).compactMap {
      smaller, larger -> PolicyFinding? in
      guard let from = group(of: smaller), let to = group(of: larger), from != to else { return nil }
      return fall("the audience is \(larger.rawValue) instead of \(smaller.rawValue)") { point in
        point.audience == from ? FactSpace.Point(kinds: point.kinds, audience: to, flags: point.flags) : nil
      }
    }
    return kinds + audiences + flags
  }

  private func group(of audience: Audience) -> Int? { space.audiences.firstIndex { $0.contains(audience) } }

  /// The first combination whose tier is less demanding after a step to a more demanding fact.
  private func fall(_ what: String, step: (FactSpace.Point) -> FactSpace.Point?) -> PolicyFinding? {
    for index in tiers.indices {
      let point = space.point(at: index)
      guard point.kinds != 0, let next = step(point), let before = tiers[index],
        let after = tiers[space.index(of: next)], after > before
      else { continue }
      let (rule, pointer) = culprit(point, next)
      return PolicyFinding(
        .warning, code: "falls", rule: rule.map { policy.rules[$0].key }, pointer: pointer,
        detail:
          "the tier falls from \(before.rawValue) to \(after.rawValue) when \(what); more demanding facts should not",
        example: space.words(point))
    }
    return nil
  }

  /// The rule that decides before a fall, and fires no longer after it; where none did, the one that decides after it.
  private func culprit(_ point: FactSpace.Point, _ next: FactSpace.Point) -> (rule: Int?, pointer: String) {
    let rule = deciding(point) ?? deciding(next)
    return (rule, rule.map { "/rules/\($0)/when" } ?? "/otherwise")
  }

  /// The first rule that decides a combination; nil where none fires.
  private func deciding(_ point: FactSpace.Point) -> Int? {
    let state = space.state(of: point)
    return policy.rules.indices.first { index in
      policy.rules[index].tier == tiers[space.index(of: point)]
        && CompiledPolicy.Condition(policy.rules[index].when).outcome(in: state).canHold
    }
  }
}
