import Contract
import JSON
import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("Policy lint") struct PolicyLintTests {
  private static func policy(_ otherwise: JSONValue? = 3, _ rules: [JSONValue]) throws -> TierPolicy {
    var members: [String: JSONValue] = ["version": 1, "rules": .array(rules)]
    members["otherwise"] = otherwise
    return try TierPolicy(reading: .object(members))
  }

  private static func rule(_ key: String, _ tier: Int64, _ when: JSONValue) -> JSONValue {
    ["key": .string(key), "tier": .integer(tier), "when": when, "because": "x"]
  }

  @Test("The built-in policy has no findings over all its distinct combinations") func builtIn() throws {
    let report = PolicyLint.report(try PolicyFixture.policy())
    #expect(report.findings.isEmpty)
    // 4 groups of kinds of which at least one is present, audience all or not, 6 flags.
    #expect(report.combinations == 15 * 2 * 64)
  }

  @Test("A case without a matching rule is an error with an example") func undecided() throws {
    let policy = try Self.policy(nil, [Self.rule("a", 1, ["kinds": ["new-feature"]]), Self.rule("b", 2, "pricing")])
    let finding = try #require(PolicyLint.report(policy).findings.first { $0.code == "undecided" })
    #expect(finding.severity == .error)
    #expect(finding.example == ["kinds: bug-fix"])
    #expect(
      policy.tier(of: Facts(kinds: [.bugFix])) == .launchEvent, "what is not decided counts as the most demanding")
    let whole = try Self.policy(nil, [Self.rule("a", 1, "pricing"), Self.rule("b", 2, ["not": "pricing"])])
    #expect(!PolicyLint.report(whole).findings.contains { $0.severity == .error })
  }

  @Test("A rule that never applies and one that never decides are reported") func dead() throws {
    let policy = try Self.policy(
      3,
      [
        Self.rule("never", 0, ["all": ["pricing", ["not": "pricing"]]]), Self.rule("first", 1, "breaking"),
        Self.rule("shadowed", 2, ["all": ["breaking", ["kinds": ["bug-fix"]]]]),
      ])
    let findings = PolicyLint.report(policy).findings
    #expect(findings.map(\.code) == ["never-fires", "never-decides"])
    #expect(findings.map(\.rule) == ["never", "shadowed"])
    #expect(findings.map(\.pointer) == ["/rules/0/when", "/rules/2"])
    #expect(findings.last?.example == ["kinds: bug-fix", "breaking: true"])
  }

  @Test("A condition that no launch can meet, because each has a kind, never fires") func noKind() throws {
    let all = ChangeKind.allCases.map { JSONValue.string($0.rawValue) }
    let policy = try Self.policy(3, [Self.rule("none", 1, ["not": ["kinds": .array(all)]])])
    #expect(PolicyLint.report(policy).findings.map(\.code) == ["never-fires"])
  }

  @Test("A tier that falls as a fact becomes more demanding, and an unreachable otherwise, are reported") func falls()
    throws
  {
    let policy = try Self.policy(
      3, [Self.rule("quiet", 1, ["not": "publicMoment"]), Self.rule("loud", 2, ["not": ["audience": ["all"]]])])
    let falls = PolicyLint.report(policy).findings.filter { $0.code == "falls" }
    #expect(falls.count == 2)
    #expect(falls.contains { $0.detail.contains("from 2 to 3 when the audience is all instead of most") })
    #expect(falls.contains { $0.detail.contains("when publicMoment is true") })
    #expect(Set(falls.map(\.rule)) == ["quiet", "loud"])
    #expect(Set(falls.map(\.pointer)) == ["/rules/0/when", "/rules/1/when"])
    let demanding = try Self.policy(1, [Self.rule("eased", 2, "pricing")])
    #expect(PolicyLint.report(demanding).findings.map(\.rule) == ["eased"])
    let covered = try Self.policy(3, [Self.rule("a", 1, "pricing"), Self.rule("b", 2, ["not": "pricing"])])
    #expect(PolicyLint.report(covered).findings.map(\.code) == ["otherwise-never"])
  }

  @Test("The names of cases without a rule are reserved", arguments: ["otherwise", "undecided"])
  func reserved(_ key: String) throws {
    let problem = #expect(throws: Problem.self) { try Self.policy(3, [Self.rule(key, 1, "pricing")]) }
    #expect(problem?.errors.map(\.pointer) == ["/rules/0/key"])
  }

  @Test("A duplicate key is reported together with other errors") func twice() throws {
    let problem = #expect(throws: Problem.self) {
      try Self.policy(3, [Self.rule("a", 1, "pricing"), Self.rule("a", 7, "breaking")])
    }
    #expect(Set(problem?.errors.map(\.pointer) ?? []) == ["/rules/1/key", "/rules/1/tier"])
  }

  /// Evaluates random conditions for every combination of facts, independently of lint's grouping.
  @Test("For random policies, lint agrees with trying all facts", arguments: 0..<12) func bruteForce(seed: UInt64)
    throws
  {
    var generator = SeededGenerator(seed: seed)
    let rules = (0..<4).map { index in
      Self.rule(
        "r\(index)", Int64.random(in: 0...3, using: &generator), Self.condition(depth: 2, using: &generator))
    }
    let policy = try Self.policy(nil, rules)
    let findings = PolicyLint.report(policy).findings
    var (fires, decides): (Set<Int>, Set<Int>) = ([], [])
    var isDecided = true
    for facts in Self.everyFact {
      let firing = policy.rules.indices.filter { Self.holds(policy.rules[$0].when, facts) }
      fires.formUnion(firing)
      guard let tier = firing.map({ policy.rules[$0].tier }).min() else {
        isDecided = false
        continue
      }
      decides.formUnion(firing.filter { policy.rules[$0].tier == tier })
      #expect(policy.tier(of: facts) == tier)
    }
    #expect(findings.contains { $0.code == "undecided" } == !isDecided)
    let all = Set(policy.rules.indices)
    #expect(
      Set(findings.filter { $0.code == "never-fires" }.compactMap(\.rule))
        == Set(all.subtracting(fires).map { "r\($0)" }))
    let shadowed = fires.subtracting(decides)
    #expect(Set(findings.filter { $0.code == "never-decides" }.compactMap(\.rule)) == Set(shadowed.map { "r\($0)" }))
  }

  @Test("For random policies, lint names the facts with which a tier falls", arguments: 20..<32)
  func bruteForceFalls(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let rules = (0..<4).map { index in
      Self.rule(
        "r\(index)", Int64.random(in: 0...3, using: &generator), Self.condition(depth: 2, using: &generator))
    }
    let policy = try Self.policy(seed.isMultiple(of: 2) ? 2 : nil, rules)
    var falls: Set<String> = []
    for facts in Self.everyFact {
      guard let before = Self.tier(facts, policy) else { continue }
      for (what, step) in Self.steps(from: facts) {
        if let after = Self.tier(step, policy), after > before { falls.insert(what) }
      }
    }
    let found = PolicyLint.report(policy).findings.filter { $0.code == "falls" }
    let named = Set(
      found.compactMap { $0.detail.split(separator: " when ").last?.split(separator: ";").first.map(String.init) })
    // Of kinds that the policy does not distinguish, lint names one.
    let isKind = { (what: String) in what.hasPrefix("the kind") }
    #expect(named.filter { !isKind($0) } == falls.filter { !isKind($0) })
    #expect(named.isSubset(of: falls))
    #expect(named.contains(where: isKind) == falls.contains(where: isKind))
    #expect(found.allSatisfy { $0.rule != nil || $0.pointer == "/otherwise" })
  }

  private static func tier(_ facts: Facts, _ policy: TierPolicy) -> Tier? {
    policy.rules.filter { holds($0.when, facts) }.map(\.tier).min() ?? policy.otherwise
  }

  /// Each fact made more demanding, in the words of lint.
  private static func steps(from facts: Facts) -> [(what: String, facts: Facts)] {
    var steps: [(String, Facts)] = []
    for kind in ChangeKind.allCases where !facts.kinds.contains(kind) {
      var step = facts
      step.kinds.insert(kind)
      steps.append(("the kind \(kind.rawValue) is added", step))
    }
    for flag in asked where facts.flags[flag] == .known(false) {
      var step = facts
      step.flags[flag] = .known(true)
      steps.append(("\(flag.rawValue) is true", step))
    }
    for (smaller, larger) in zip(Audience.allCases, Audience.allCases.dropFirst())
    where facts.audience == .known(smaller) {
      var step = facts
      step.audience = .known(larger)
      steps.append(("the audience is \(larger.rawValue) instead of \(smaller.rawValue)", step))
    }
    return steps
  }

  private static let asked: [Flag] = [.pricing, .breaking]

  /// All facts that the random conditions can depend on.
  private static let everyFact: [Facts] = (1..<512).flatMap { mask in
    let kinds = Set(ChangeKind.allCases.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element))
    return Audience.allCases.flatMap { audience in
      (0..<4).map { flags in
        Facts(
          kinds: kinds, audience: .known(audience),
          flags: [.pricing: .known(flags & 1 == 1), .breaking: .known(flags & 2 == 2)])
      }
    }
  }

  private static func condition(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth == 0 ? 3 : 6), using: &generator) {
    case 0: return .string((asked.randomElement(using: &generator) ?? .pricing).rawValue)
    case 1:
      let kinds = ChangeKind.allCases.shuffled(using: &generator).prefix(Int.random(in: 1...4, using: &generator))
      return ["kinds": .array(kinds.map { .string($0.rawValue) })]
    case 2:
      let audiences = Audience.allCases.shuffled(using: &generator).prefix(Int.random(in: 1...2, using: &generator))
      return ["audience": .array(audiences.map { .string($0.rawValue) })]
    case 3: return ["not": condition(depth: depth - 1, using: &generator)]
    case 4:
      return ["all": [condition(depth: depth - 1, using: &generator), condition(depth: depth - 1, using: &generator)]]
    default:
      return ["any": [condition(depth: depth - 1, using: &generator), condition(depth: depth - 1, using: &generator)]]
    }
  }

  private static func holds(_ condition: FactCondition, _ facts: Facts) -> Bool {
    switch condition {
    case .flag(let flag): facts.flags[flag] == .known(true)
    case .kinds(let kinds): kinds.contains { facts.kinds.contains($0) }
    case .audience(let audiences): audiences.contains { facts.audience == .known($0) }
    case .all(let conditions): conditions.allSatisfy { holds($0, facts) }
    case .any(let conditions): conditions.contains { holds($0, facts) }
    case .not(let condition): !holds(condition, facts)
    }
  }
}

@Suite("Testing a policy with a table") struct PolicyCaseTests {
  @Test("A table of cases shows the tier of each case and the deciding rules") func table() throws {
    let cases = try PolicyCase.all(reading: [
      ["facts": ["kinds": ["bug-fix"]], "tier": 3],
      ["name": "a price", "facts": ["kinds": ["bug-fix"], "pricing": true], "tier": 3],
    ])
    let report = try PolicyFixture.policy().report(on: cases)
    #expect(report.results.map(\.tier) == [.minor, .moderate])
    #expect(report.results.map(\.passed) == [true, false])
    #expect(report.results.last?.rules == ["pricing"])
    #expect(report.results.last?.name == "a price")
    #expect(report.failed == 1)
  }

  @Test("All errors in a table are reported") func errors() {
    let problem = #expect(throws: Problem.self) {
      try PolicyCase.all(reading: [
        ["tier": 5, "facts": ["kinds": []]], 7, ["facts": ["kinds": ["bug-fix"], "pricing": "maybe"]],
      ])
    }
    #expect(
      Set(problem?.errors.map(\.pointer) ?? []) == [
        "/cases/0/tier", "/cases/0/facts/kinds", "/cases/1", "/cases/2/tier", "/cases/2/facts/pricing",
      ])
  }
}
