public import JSON
public import LaunchModel

/// An organisation's tier policy: rules over facts. The most demanding tier among the rules that fire is the result.
public struct TierPolicy: Sendable, Hashable {
  /// The version number; the first adopted policy has version 1.
  public var version: Int
  /// The audience of a launch that states none. An omitted flag counts as false.
  public var defaultAudience: Audience
  /// The tier if no rule fires. If nil, the rules must decide every case, which is checked before adoption.
  public var otherwise: Tier?
  /// The rules in document order; the order does not affect the tier.
  public var rules: [TierRule]
  /// How often owners have to confirm their launch dates.
  public var reconfirmation: ReconfirmationRule
  /// How each kind of double booking affects a GO; a kind without an entry only warns.
  public var bookings: [ConflictKind: BookingRule]

  public init(
    version: Int, defaultAudience: Audience, otherwise: Tier?, rules: [TierRule],
    reconfirmation: ReconfirmationRule = .standard, bookings: [ConflictKind: BookingRule] = [:]
  ) {
    self.version = version
    self.defaultAudience = defaultAudience
    self.otherwise = otherwise
    self.rules = rules
    self.reconfirmation = reconfirmation
    self.bookings = bookings
  }

  /// The flags that the rules use.
  public var flags: [Flag] { Flag.allCases.filter { flag in rules.contains { $0.when.mentions(flag) } } }
}

/// One rule of a policy.
public struct TierRule: Sendable, Hashable {
  /// The key that explanations and records use if no rule fired and `otherwise` applies.
  static let otherwiseKey = "otherwise"
  /// The key that explanations and records use if no rule fired and `otherwise` is missing.
  static let undecidedKey = "undecided"

  /// The rule's key, unique in its policy, for example `revenue`; never `otherwise` or `undecided`.
  public var key: String
  /// The tier that the rule requires when it fires.
  public var tier: Tier
  /// The condition on the facts; the rule fires if it holds.
  public var when: FactCondition
  /// Why the rule requires its tier, as a clause.
  public var because: String

  public init(key: String, tier: Tier, when: FactCondition, because: String) {
    self.key = key
    self.tier = tier
    self.when = when
    self.because = because
  }
}

/// A tier with its explanation.
public struct TierAnswer: Sendable, Hashable {
  /// The most demanding tier of the rules that fired, or the policy's `otherwise`.
  public var tier: Tier
  /// The version of the policy that determined the tier; nil if it was not recorded.
  public var policyVersion: Int?
  /// The rules that fired, most demanding tier first; the policy's `otherwise` if none did.
  public var reasons: [TierReason]
  /// Omitted facts that took the policy's default, for example `audience: subset`.
  public var assumed: [String]
  /// Facts that are unknown and were treated as the more demanding answer.
  public var openQuestions: [String]
  /// The changes of facts that would result in another tier.
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
  /// The tier of a launch with these facts; an unknown fact counts as the more demanding answer.
  public func tier(of facts: Facts) -> Tier {
    CompiledPolicy(self).tier(of: FactState(facts, defaultAudience: defaultAudience))
  }

  /// The tier with its explanation: the rules that fired, what was assumed or is unknown, and what would change it.
  public func classify(_ facts: Facts) -> TierAnswer {
    let tier = tier(of: facts)
    return TierAnswer(
      tier: tier, policyVersion: version, reasons: reasons(facts), assumed: assumed(facts),
      openQuestions: openQuestions(facts),
      alternatives: TierAlternatives(policy: self, facts: facts).smallest(from: tier))
  }

  /// Every rule that fires, most demanding tier first.
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
        detail: "no rule of the policy decides this case, so it counts as the most demanding tier")
    }
    return TierReason(
      tier: otherwise, rule: TierRule.otherwiseKey, facts: facts, detail: "no rule requires a more demanding tier")
  }

  /// The tier of a case that the policy does not decide.
  static let undecided = Tier.launchEvent

  /// The omitted facts for which the policy's default was assumed. Only facts that a rule uses are listed; an omitted
  /// fact that only the checklist uses remains unknown there.
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

/// Names the facts that make a condition hold.
struct FactExplainer {
  let facts: Facts
  let defaultAudience: Audience

  private var state: FactState { FactState(facts, defaultAudience: defaultAudience) }

  /// The facts that make a condition hold, without duplicates. Only for a condition that can hold.
  func facts(for condition: FactCondition) -> [String] {
    var seen: Set<String> = []
    return holding(condition).filter { seen.insert($0).inserted }
  }

  private func holding(_ condition: FactCondition) -> [String] {
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

  private func failing(_ condition: FactCondition) -> [String] {
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

extension TierPolicy {
  /// Reads and validates a policy file.
  ///
  /// - Throws: `invalid` with every error.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let policy = Self.read(document, faults)
    self = try faults.finish(policy, "invalid-policy", title: "the tier policy is invalid")
  }

  private static func read(_ document: JSONValue, _ faults: DocumentErrors) -> TierPolicy? {
    let fields = ["version", "defaults", "otherwise", "rules", "reconfirmation", "bookings"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("version", "start with version: 1")
    reader.require("rules")
    let audience = reader.object("defaults", knowing: ["audience"])?.word("audience", Audience.self)
    let elements = reader.elements("rules") ?? []
    let rules = elements.compactMap { TierRule(reading: $0.value, at: $0.pointer, faults) }
    // Rules with other errors count, too.
    let keys = elements.map { $0.value["key"]?.stringValue }
    for (index, key) in keys.enumerated() {
      guard let key, keys[..<index].contains(key) else { continue }
      faults.add(elements[index].pointer.appending("key"), "duplicate key \"\(key)\"; each rule needs a unique key")
    }
    let otherwise = reader.value("otherwise") == nil ? nil : Tier(reading: reader, "otherwise")
    let reconfirmation = ReconfirmationRule(readingFieldOf: reader)
    let weights = reader.object("bookings", knowing: BookingRule.kinds.map(\.rawValue))
    var bookings: [ConflictKind: BookingRule] = [:]
    for kind in BookingRule.kinds { bookings[kind] = weights?.word(kind.rawValue, BookingRule.self) }
    guard let version = reader.integer("version", in: 1...1_000_000_000) else { return nil }
    return TierPolicy(
      version: version, defaultAudience: audience ?? .subset, otherwise: otherwise, rules: rules,
      reconfirmation: reconfirmation, bookings: bookings)
  }
}

extension Tier {
  init?(reading reader: FieldReader, _ key: String) {
    guard let number = reader.integer(key, in: 0...3) else { return nil }
    self.init(rawValue: number)
  }
}

extension TierRule {
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: ["key", "tier", "when", "because"], faults) else {
      return nil
    }
    reader.require("tier")
    reader.require("when")
    let tier = Tier(reading: reader, "tier")
    let key = reader.requiredString("key")
    if let key, [Self.otherwiseKey, Self.undecidedKey].contains(key) {
      faults.add(pointer.appending("key"), "\"\(key)\" is reserved for cases without a rule; choose another key")
    }
    let because = reader.requiredString("because")
    let when = reader.value("when").flatMap {
      FactCondition(reading: $0, at: pointer.appending("when"), faults)
    }
    guard let key, let tier, let when, let because else { return nil }
    self.init(key: key, tier: tier, when: when, because: because)
  }
}
