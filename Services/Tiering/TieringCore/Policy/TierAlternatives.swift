internal import LaunchModel

/// Finds the smallest sets of fact changes that result in other tiers.
///
/// A change adds or removes a kind, or gives a fact another answer. Sets are tried in order of size, so the first ones
/// found are the smallest. Kinds and audiences that the policy never distinguishes are tried once, as a group, but each
/// is listed in the result. Branches that cannot lead to the tier are pruned.
struct TierAlternatives {
  /// One answer to one question; a question is about a group of kinds, the audience or a flag.
  private struct Choice {
    /// The number of changes that this answer needs.
    var cost: Int
    var state: FactState
    /// The alternative lists of changes, each of which gives this answer.
    var wordings: [[String]]
  }

  private let policy: CompiledPolicy
  private let questions: [[Choice]]
  /// For each question, the union of all answers to it and to the questions after it.
  private let open: [FactState]

  init(policy: TierPolicy, facts: Facts) {
    self.policy = CompiledPolicy(policy)
    let questions =
      Self.kindGroups(policy).map { Self.choices(kinds: $0, facts) }
      + [Self.audienceChoices(policy, facts)] + policy.flags.map { Self.choices(flag: $0, facts) }
    self.questions = questions
    open = questions.indices.map { index in
      questions[index...].joined().reduce(FactState()) { $0.union($1.state) }
    }
  }

  /// All smallest sets of changes for each tier except the given one, most demanding tier first.
  func smallest(from tier: Tier) -> [TierAlternative] {
    Tier.allCases.filter { $0 != tier }.flatMap { smallest(to: $0) }
  }

  private func smallest(to tier: Tier) -> [TierAlternative] {
    let most = questions.reduce(0) { $0 + ($1.map(\.cost).max() ?? 0) }
    for size in stride(from: 1, through: most, by: 1) {
      var found: [[String]] = []
      search(for: tier, question: 0, remaining: size, state: FactState(), changes: [[]], &found)
      guard found.isEmpty else {
        return found.sorted { $0.joined() < $1.joined() }.map { TierAlternative(tier: tier, changes: Self.ordered($0)) }
      }
    }
    return []
  }

  /// Lists removals before additions.
  private static func ordered(_ changes: [String]) -> [String] {
    let isRemoval = { (change: String) in change.hasPrefix("kinds: remove") }
    return changes.filter(isRemoval) + changes.filter { !isRemoval($0) }
  }

  private func search(
    for tier: Tier, question: Int, remaining: Int, state: FactState, changes: [[String]], _ found: inout [[String]]
  ) {
    // A rule that fires on the answers chosen so far fires whatever the remaining ones are.
    guard !policy.firesAbove(tier, in: state) else { return }
    guard question < questions.count else {
      if remaining == 0, state.kindsPresent != 0, policy.tier(of: state) == tier { found += changes }
      return
    }
    guard policy.canGive(tier, in: state.union(open[question])) else { return }
    for choice in questions[question] where choice.cost <= remaining {
      let extended = changes.flatMap { before in choice.wordings.map { before + $0 } }
      search(
        for: tier, question: question + 1, remaining: remaining - choice.cost, state: state.union(choice.state),
        changes: extended, &found)
    }
  }
}

extension TierAlternatives {
  /// Groups kinds that appear in the same lists of the policy.
  private static func kindGroups(_ policy: TierPolicy) -> [[ChangeKind]] {
    groups(ChangeKind.allCases, by: policy.rules.flatMap { $0.when.kindLists })
  }

  static func groups<Word: Hashable>(_ words: [Word], by lists: [[Word]]) -> [[Word]] {
    var groups: [(signature: [Bool], words: [Word])] = []
    for word in words {
      let signature = lists.map { $0.contains(word) }
      if let index = groups.firstIndex(where: { $0.signature == signature }) {
        groups[index].words.append(word)
      } else {
        groups.append((signature, [word]))
      }
    }
    return groups.map(\.words)
  }

  /// The answers for a group of kinds. To remove a group that is present, all its kinds must be removed; to add one
  /// that is absent, any one kind is enough.
  private static func choices(kinds group: [ChangeKind], _ facts: Facts) -> [Choice] {
    func state(_ present: [ChangeKind]) -> FactState {
      group.reduce(FactState()) { $0.union(FactState($1, isPresent: present.contains($1))) }
    }
    let present = group.filter(facts.kinds.contains)
    let unchanged = Choice(cost: 0, state: state(present), wordings: [[]])
    guard present.isEmpty else {
      let wording = present.map { "kinds: remove \($0.rawValue)" }
      return [unchanged, Choice(cost: present.count, state: state([]), wordings: [wording])]
    }
    let added = group.map { ["kinds: add \($0.rawValue)"] }
    return [unchanged, Choice(cost: 1, state: state([group[0]]), wordings: added)]
  }

  private static func audienceChoices(_ policy: TierPolicy, _ facts: Facts) -> [Choice] {
    let stated = facts.audience ?? .known(policy.defaultAudience)
    let unchanged = Choice(cost: 0, state: FactState(stated), wordings: [[]])
    let groups = groups(Audience.allCases, by: policy.rules.flatMap { $0.when.audienceLists })
    let others = groups.map { $0.filter { .known($0) != stated } }.filter { !$0.isEmpty }
    guard groups.count > 1 else { return [unchanged] }
    return [unchanged]
      + others.map { group in
        Choice(
          cost: 1, state: FactState(.known(group[0])), wordings: group.map { ["audience: \($0.rawValue)"] })
      }
  }

  private static func choices(flag: Flag, _ facts: Facts) -> [Choice] {
    let stated = facts.flags[flag] ?? .known(false)
    let others = [true, false].filter { .known($0) != stated }
    return [Choice(cost: 0, state: FactState(flag, stated), wordings: [[]])]
      + others.map { value in
        Choice(cost: 1, state: FactState(flag, .known(value)), wordings: [["\(flag.rawValue): \(value)"]])
      }
  }
}

extension FactCondition {
  /// Every list of kinds in the condition.
  var kindLists: [[ChangeKind]] {
    switch self {
    case .kinds(let kinds): [kinds]
    case .flag, .audience: []
    case .all(let conditions), .any(let conditions): conditions.flatMap(\.kindLists)
    case .not(let condition): condition.kindLists
    }
  }

  /// Every list of audiences in the condition.
  var audienceLists: [[Audience]] {
    switch self {
    case .audience(let audiences): [audiences]
    case .flag, .kinds: []
    case .all(let conditions), .any(let conditions): conditions.flatMap(\.audienceLists)
    case .not(let condition): condition.audienceLists
    }
  }
}
