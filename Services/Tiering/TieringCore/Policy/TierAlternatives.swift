internal import LaunchModel

/// Finds the smallest changes of facts that give other tiers.
///
/// A change is a kind added or removed, or a fact stated otherwise. Every combination of so many changes is tried before one
/// more is, so that the sets found are the smallest there are. Kinds that the policy never tells apart are tried as one and
/// named each.
struct TierAlternatives {
  private let policy: CompiledPolicy
  private let start: FactState
  private let steps: [[Step]]

  /// One way to change one fact, or one group of like kinds.
  private struct Step {
    var cost: Int
    var apply: (inout FactState) -> Void
    /// Each way to say it; all have the same effect.
    var wordings: [[String]]
  }

  init(policy: TierPolicy, facts: Facts) {
    self.policy = CompiledPolicy(policy)
    let start = FactState(facts, defaultAudience: policy.defaultAudience)
    self.start = start
    steps =
      Self.kindGroups(policy).map { Self.steps(kinds: $0, start) }
      + [Self.audienceSteps(policy, facts)] + policy.flags.map { Self.steps(flag: $0, facts) }
  }

  /// All smallest sets for each tier other than the one there is, the most demanding tier first.
  func smallest(from tier: Tier) -> [TierAlternative] {
    var wanted = Set(Tier.allCases).subtracting([tier])
    var found: [TierAlternative] = []
    let mostChanges = steps.reduce(0) { $0 + ($1.map(\.cost).max() ?? 0) }
    for size in stride(from: 1, through: mostChanges, by: 1) where !wanted.isEmpty {
      var ofSize: [TierAlternative] = []
      search(dimension: 0, remaining: size, state: start, changes: [[]]) { state, changes in
        let reached = policy.tier(of: state)
        guard state.kinds != 0, wanted.contains(reached) else { return }
        ofSize += changes.map { TierAlternative(tier: reached, changes: $0) }
      }
      wanted.subtract(ofSize.map(\.tier))
      found += ofSize
    }
    return found.sorted { ($0.tier.rawValue, $0.changes.joined()) < ($1.tier.rawValue, $1.changes.joined()) }
  }

  private func search(
    dimension: Int, remaining: Int, state: FactState, changes: [[String]], _ visit: (FactState, [[String]]) -> Void
  ) {
    guard remaining > 0 else { return visit(state, changes) }
    guard dimension < steps.count else { return }
    search(dimension: dimension + 1, remaining: remaining, state: state, changes: changes, visit)
    for step in steps[dimension] where step.cost <= remaining {
      var changed = state
      step.apply(&changed)
      let said = changes.flatMap { before in step.wordings.map { before + $0 } }
      search(dimension: dimension + 1, remaining: remaining - step.cost, state: changed, changes: said, visit)
    }
  }
}

extension TierAlternatives {
  /// Kinds by the lists of the policy that they stand in.
  private static func kindGroups(_ policy: TierPolicy) -> [[ChangeKind]] {
    let lists = policy.rules.flatMap { kindLists($0.when) }
    var groups: [(signature: [Bool], kinds: [ChangeKind])] = []
    for kind in ChangeKind.allCases {
      let signature = lists.map { $0.contains(kind) }
      if let index = groups.firstIndex(where: { $0.signature == signature }) {
        groups[index].kinds.append(kind)
      } else {
        groups.append((signature, [kind]))
      }
    }
    return groups.map(\.kinds)
  }

  private static func kindLists(_ condition: TierCondition) -> [[ChangeKind]] {
    switch condition {
    case .kinds(let kinds): [kinds]
    case .flag, .audience: []
    case .all(let conditions), .any(let conditions): conditions.flatMap(kindLists)
    case .not(let condition): kindLists(condition)
    }
  }

  /// A group that is there goes by removing all its kinds; one that is not comes by adding any.
  private static func steps(kinds group: [ChangeKind], _ start: FactState) -> [Step] {
    let present = group.filter { start.kinds & $0.bit != 0 }
    guard present.isEmpty else {
      let bits = present.reduce(UInt16(0)) { $0 | $1.bit }
      let wording = present.map { "kinds: remove \($0.rawValue)" }
      return [Step(cost: present.count, apply: { $0.kinds &= ~bits }, wordings: [wording])]
    }
    let bit = group[0].bit
    return [Step(cost: 1, apply: { $0.kinds |= bit }, wordings: group.map { ["kinds: add \($0.rawValue)"] })]
  }

  private static func audienceSteps(_ policy: TierPolicy, _ facts: Facts) -> [Step] {
    guard policy.rules.contains(where: \.when.mentionsAudience) else { return [] }
    let current: Audience? =
      switch facts.audience {
      case .known(let audience)?: audience
      case .unknown?: nil
      case nil: policy.defaultAudience
      }
    return Audience.allCases.filter { $0 != current }.map { audience in
      Step(cost: 1, apply: { $0.audiences = audience.bit }, wordings: [["audience: \(audience.rawValue)"]])
    }
  }

  private static func steps(flag: Flag, _ facts: Facts) -> [Step] {
    let current: Bool? =
      switch facts.flags[flag] {
      case .known(let value)?: value
      case .unknown?: nil
      case nil: false
      }
    return [true, false].filter { $0 != current }.map { value in
      Step(cost: 1, apply: { $0.set(flag, value) }, wordings: [["\(flag.rawValue): \(value)"]])
    }
  }
}
