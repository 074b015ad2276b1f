/// The built-in tier policy, stated as plain conditions to be read next to the specification.
///
/// Written from the specification alone, by an author who had not seen the policy engine or its policy file. The tests
/// compare the engine with it, so it must not be adapted to either.
enum TierStatement {
  /// How a fact was answered: with a value, as unknown, or not at all.
  enum Answer<Value: Hashable & Sendable>: Hashable, Sendable {
    /// The fact was given with this value.
    case given(Value)
    /// The fact is unknown, which counts as the more demanding answer.
    case unknown
    /// The fact was left out, which gives it the policy's default.
    case omitted
  }

  /// The facts that describe a launch.
  struct Facts {
    /// The kinds of change, in the words of the specification; never empty.
    var kinds: Set<String>
    /// Who is affected: `none`, `subset`, `most` or `all`.
    var audience: Answer<String>
    /// Whether a customer's workflow changes.
    var changesWorkflow: Answer<Bool>
    /// Whether all customers are impacted.
    var companyWide: Answer<Bool>
    /// Whether a public announcement is intended.
    var publicMoment: Answer<Bool>
    /// Whether server compute is added; no tier rule depends on it.
    var addsServerCompute: Answer<Bool>
    /// Whether personal data is involved.
    var personalData: Answer<Bool>
    /// Whether pricing is involved.
    var pricing: Answer<Bool>
    /// Whether the change is breaking.
    var breaking: Answer<Bool>
  }

  /// The tier, 0 to 3: the most demanding (lowest) tier whose conditions match.
  static func tier(_ facts: Facts) -> Int {
    // Tier 0: a public moment for a flagship or a new product.
    if isYes(facts.publicMoment) && facts.kinds.contains("flagship") { return 0 }
    if isYes(facts.publicMoment) && facts.kinds.contains("new-product") { return 0 }

    // Tier 1: a major kind, company-wide impact, or a public moment.
    if facts.kinds.contains("new-surface") { return 1 }
    if facts.kinds.contains("capability-expansion") { return 1 }
    if facts.kinds.contains("flagship") { return 1 }
    if facts.kinds.contains("new-product") { return 1 }
    if isYes(facts.companyWide) { return 1 }
    if isYes(facts.publicMoment) { return 1 }

    // Tier 1: a feature, workflow or breaking change that reaches the whole audience.
    if facts.kinds.contains("new-feature") && isEveryone(facts.audience) { return 1 }
    if facts.kinds.contains("workflow-change") && isEveryone(facts.audience) { return 1 }
    if isYes(facts.changesWorkflow) && isEveryone(facts.audience) { return 1 }
    if isYes(facts.breaking) && isEveryone(facts.audience) { return 1 }

    // Tier 2: a feature, workflow or breaking change for any audience, or pricing or personal data.
    if facts.kinds.contains("new-feature") { return 2 }
    if facts.kinds.contains("workflow-change") { return 2 }
    if isYes(facts.changesWorkflow) { return 2 }
    if isYes(facts.pricing) { return 2 }
    if isYes(facts.personalData) { return 2 }
    if isYes(facts.breaking) { return 2 }

    // Tier 3: otherwise.
    return 3
  }

  /// Whether a yes-or-no fact counts as yes: given as yes, or unknown; omitted counts as no.
  private static func isYes(_ answer: Answer<Bool>) -> Bool {
    if answer == .given(true) { return true }
    if answer == .unknown { return true }
    return false
  }

  /// Whether the audience counts as `all`: given as `all`, or unknown; omitted counts as `subset`.
  private static func isEveryone(_ audience: Answer<String>) -> Bool {
    if audience == .given("all") { return true }
    if audience == .unknown { return true }
    return false
  }
}
