public import JSON
public import LaunchModel

/// An organisation's tier policy: ordered rules over facts; the most demanding tier of those that fire wins.
public struct TierPolicy: Sendable, Hashable {
  /// Counts the adopted versions, from 1.
  public var version: Int
  /// What an omitted audience counts as; omitted flags count as no.
  public var defaultAudience: Audience
  /// The tier where no rule fires; nil where the rules are to decide every case, as they must before it is adopted.
  public var otherwise: Tier?
  /// As they were written; their order does not change the tier.
  public var rules: [TierRule]

  public init(version: Int, defaultAudience: Audience, otherwise: Tier?, rules: [TierRule]) {
    self.version = version
    self.defaultAudience = defaultAudience
    self.otherwise = otherwise
    self.rules = rules
  }

  /// The flags that a rule asks about.
  public var flags: [Flag] { Flag.allCases.filter { flag in rules.contains { $0.when.mentions(flag) } } }
}

/// One rule of a policy.
public struct TierRule: Sendable, Hashable {
  /// What explanations and records name where no rule fired.
  static let otherwiseKey = "otherwise"
  /// What explanations and records name where no rule fired, and nothing is said of the rest.
  static let undecidedKey = "undecided"

  /// Unique in its policy, as `revenue`; neither `otherwise` nor `undecided`.
  public var key: String
  /// What it asks for when it fires.
  public var tier: Tier
  /// What must hold of the facts for it to fire.
  public var when: TierCondition
  /// Why it asks for its tier, as a clause.
  public var because: String

  public init(key: String, tier: Tier, when: TierCondition, because: String) {
    self.key = key
    self.tier = tier
    self.when = when
    self.because = because
  }
}

/// A condition over facts.
public indirect enum TierCondition: Sendable, Hashable {
  case flag(Flag)
  /// One of the kinds is among the launch's.
  case kinds([ChangeKind])
  /// The audience is one of these.
  case audience([Audience])
  case all([TierCondition])
  case any([TierCondition])
  case not(TierCondition)

  func mentions(_ flag: Flag) -> Bool {
    switch self {
    case .flag(let own): own == flag
    case .kinds, .audience: false
    case .all(let conditions), .any(let conditions): conditions.contains { $0.mentions(flag) }
    case .not(let condition): condition.mentions(flag)
    }
  }

  var mentionsAudience: Bool {
    switch self {
    case .audience: true
    case .flag, .kinds: false
    case .all(let conditions), .any(let conditions): conditions.contains(where: \.mentionsAudience)
    case .not(let condition): condition.mentionsAudience
    }
  }
}

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

extension TierPolicy {
  /// Reads a policy file.
  ///
  /// - Throws: `invalid` with every fault.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    let policy = Self.read(document, faults)
    self = try faults.finish(policy, "invalid-policy", title: "the tier policy has faults")
  }

  private static func read(_ document: JSONValue, _ faults: DocumentErrors) -> TierPolicy? {
    let fields = ["version", "defaults", "otherwise", "rules"]
    guard let reader = FieldReader(document, knowing: fields, faults) else { return nil }
    reader.require("version", "start with 1")
    reader.require("rules")
    let audience = reader.object("defaults", knowing: ["audience"])?.word("audience", Audience.self)
    let elements = reader.elements("rules") ?? []
    let rules = elements.compactMap { TierRule(reading: $0.value, at: $0.pointer, faults) }
    // Also of rules that have other faults.
    let keys = elements.map { $0.value["key"]?.stringValue }
    for (index, key) in keys.enumerated() {
      guard let key, keys[..<index].contains(key) else { continue }
      faults.add(elements[index].pointer.appending("key"), "the key \"\(key)\" stands twice")
    }
    let otherwise = reader.value("otherwise") == nil ? nil : Tier(reading: reader, "otherwise")
    guard let version = reader.integer("version", in: 1...1_000_000_000) else { return nil }
    return TierPolicy(version: version, defaultAudience: audience ?? .subset, otherwise: otherwise, rules: rules)
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
      faults.add(pointer.appending("key"), "\"\(key)\" is what records call a case without a rule; choose another key")
    }
    let because = reader.requiredString("because")
    let when = reader.value("when").flatMap {
      TierCondition(reading: $0, at: pointer.appending("when"), faults)
    }
    guard let key, let tier, let when, let because else { return nil }
    self.init(key: key, tier: tier, when: when, because: because)
  }
}

extension TierCondition {
  private static let forms = ["kinds", "audience", "all", "any", "not"]

  /// Reads the name of a flag, or an object of one of the forms.
  init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    if let name = value.stringValue {
      guard let flag = FieldReader.word(name, Flag.self, at: pointer, faults) else { return nil }
      self = .flag(flag)
      return
    }
    guard let reader = FieldReader(value, at: pointer, knowing: Self.forms, faults) else { return nil }
    guard reader.members.count == 1, let form = reader.members.keys.first else {
      faults.add(pointer, "a condition is one flag's name or one of \(Self.forms.joined(separator: ", "))")
      return nil
    }
    guard let condition = Self.read(form, reader) else { return nil }
    self = condition
  }

  private static func read(_ form: String, _ reader: FieldReader) -> TierCondition? {
    let pointer = reader.pointer.appending(form)
    if reader.members[form] == .array([]) { reader.faults.add(pointer, "this list must not be empty") }
    switch form {
    case "kinds": return reader.words(form, ChangeKind.self).map { .kinds($0) }
    case "audience": return reader.words(form, Audience.self).map { .audience($0) }
    case "not":
      return reader.value(form).flatMap { TierCondition(reading: $0, at: pointer, reader.faults) }.map { .not($0) }
    default:
      guard let elements = reader.elements(form) else { return nil }
      let conditions = elements.compactMap { TierCondition(reading: $0.value, at: $0.pointer, reader.faults) }
      guard conditions.count == elements.count else { return nil }
      return form == "all" ? .all(conditions) : .any(conditions)
    }
  }
}
