public import JSON
public import LaunchModel

extension TieringRoutes {
  /// A version of the tier policy, in full, with a record of how its rules performed.
  public static let showPolicy = Route<VersionReference, PolicyView>(.tiering, "policy.show", .read)
  /// Checks a policy by trying every combination of facts that it distinguishes.
  public static let lintPolicy = Route<LintPolicy, PolicyLintReport>(.tiering, "policy.lint", .read)
  /// Compares the tiers that a policy assigns with a table of cases.
  public static let testPolicy = Route<TestPolicy, PolicyTestReport>(.tiering, "policy.test", .read)
  /// Stores a policy as a proposal to be adopted.
  public static let proposePolicy = Route<ProposePolicy, PolicyProposal>(.tiering, "policy.propose", .change)
  /// All proposals, including adopted ones.
  public static let policyProposals = Route<NoParameters, PolicyProposalList>(.tiering, "policy.proposals", .read)
  /// Adopts a policy; Product Ops only. It applies to new launches at once, and to running ones when their facts change
  /// or they are re-tiered. A proposal whose base is no longer the adopted version is rejected with
  /// `proposal-outdated`.
  public static let adoptPolicy = Route<AdoptPolicy, PolicyAdoption>(.tiering, "policy.adopt", .change)
}

/// A policy version with a record of how its rules performed.
public struct PolicyView: Codable, Sendable, Hashable {
  /// The version: 1 for the first, increased by one with each adoption.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The document as adopted, in full.
  public var document: JSONValue
  /// How often each rule decided a tier and was overridden, by the rule's key.
  public var rules: [RuleRecord]

  public init(documentVersion: Int, digest: String, document: JSONValue, rules: [RuleRecord]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
    self.rules = rules
  }
}

/// The launches whose tier a rule decided, across all policy versions.
public struct RuleRecord: Codable, Sendable, Hashable {
  /// The rule's key; `otherwise` if no rule fired.
  public var rule: String
  /// The number of launches whose tier this rule decided, alone or with other rules.
  public var launches: Int
  /// How many of them were overridden to a more demanding tier, including overrides that were removed.
  public var raised: Int
  /// How many of them were overridden to a less demanding tier, including overrides that were removed.
  public var lowered: Int

  public init(rule: String, launches: Int, raised: Int, lowered: Int) {
    self.rule = rule
    self.launches = launches
    self.raised = raised
    self.lowered = lowered
  }
}

/// A policy to check.
public struct LintPolicy: Codable, Sendable, Hashable {
  /// The policy as written in its file; nil for the adopted one.
  public var document: JSONValue?

  public init(document: JSONValue? = nil) { self.document = document }
}

/// A problem found in a policy.
public struct PolicyFinding: Codable, Sendable, Hashable {
  /// The severity of a finding; a policy with an error cannot be adopted.
  public enum Severity: String, Codable, Sendable, Hashable, CaseIterable {
    case error, warning
  }

  /// The severity; a policy with an error cannot be adopted.
  public var severity: Severity
  /// A stable identifier: `undecided`, `never-fires`, `never-decides`, `otherwise-never`, `falls`.
  public var code: String
  /// The rule's key; nil if the finding is not about a rule.
  public var rule: String?
  /// The JSON Pointer into the document, for example `/rules/3`.
  public var pointer: String
  /// What is wrong and how to fix it, as a sentence for people.
  public var detail: String
  /// An example of facts for which the problem occurs, such as `kinds: new-feature`; empty if there is none.
  public var example: [String]

  public init(
    _ severity: Severity, code: String, rule: String? = nil, pointer: String, detail: String, example: [String] = []
  ) {
    self.severity = severity
    self.code = code
    self.rule = rule
    self.pointer = pointer
    self.detail = detail
    self.example = example
  }
}

/// The result of checking a policy.
public struct PolicyLintReport: Codable, Sendable, Hashable {
  /// The number of combinations of facts that were tried: every one that the policy distinguishes.
  public var combinations: Int
  /// The findings: errors first, then by position in the document.
  public var findings: [PolicyFinding]

  public init(combinations: Int, findings: [PolicyFinding]) {
    self.combinations = combinations
    self.findings = findings
  }
}

/// Cases to test a policy with.
public struct TestPolicy: Codable, Sendable, Hashable {
  /// The policy as written in its file; nil for the adopted one.
  public var document: JSONValue?
  /// The cases, at most 10,000: objects with `facts` as in a launch file, the expected `tier` and optionally a `name`.
  public var cases: [JSONValue]

  public init(document: JSONValue? = nil, cases: [JSONValue]) {
    self.document = document
    self.cases = cases
  }

  /// The maximum number of cases in one call.
  public static let maximum = 10_000
}

/// The result of testing a policy with a table of cases.
public struct PolicyTestReport: Codable, Sendable, Hashable {
  /// The result of one case.
  public struct Result: Codable, Sendable, Hashable {
    /// The case's name; nil if it has none.
    public var name: String?
    /// The expected tier.
    public var expected: Tier
    /// The tier that the policy assigns.
    public var tier: Tier
    /// The rules that decided that tier.
    public var rules: [String]

    /// Whether the policy assigns the expected tier.
    public var passed: Bool { expected == tier }

    public init(name: String?, expected: Tier, tier: Tier, rules: [String]) {
      self.name = name
      self.expected = expected
      self.tier = tier
      self.rules = rules
    }
  }

  /// The results, in the order of the table.
  public var results: [Result]
  /// The number of failed cases.
  public var failed: Int

  public init(results: [Result]) {
    self.results = results
    failed = results.count { !$0.passed }
  }
}

/// A policy to propose, in full.
public struct ProposePolicy: Codable, Sendable, Hashable {
  /// The policy as written in its file; its version is assigned at adoption.
  public var document: JSONValue
  /// Why it should change; required.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// A proposed policy and its outcome.
public struct PolicyProposal: Codable, Sendable, Hashable {
  /// The id, for example `policy-2`.
  public var id: String
  /// Why it should change.
  public var reason: String
  /// The policy as it was proposed.
  public var document: JSONValue
  /// The version that was adopted at the time of the proposal, which it is to replace.
  public var baseVersion: Int
  /// The findings of the policy check.
  public var findings: [PolicyFinding]
  /// When it was proposed.
  public var proposedAt: Timestamp
  /// Who proposed it: `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// The version it became; nil if it was not adopted.
  public var adoptedAs: Int?
  /// The learning it came from, whose id is also the proposal's; nil if there is none.
  public var learning: String?
  /// The launches that the learning cites; nil if it came from none.
  public var launches: [LaunchID]?

  public init(
    id: String, reason: String, document: JSONValue, baseVersion: Int, findings: [PolicyFinding],
    proposedAt: Timestamp, proposedBy: String, adoptedAs: Int? = nil, learning: String? = nil,
    launches: [LaunchID]? = nil
  ) {
    self.learning = learning
    self.launches = launches
    self.id = id
    self.reason = reason
    self.document = document
    self.baseVersion = baseVersion
    self.findings = findings
    self.proposedAt = proposedAt
    self.proposedBy = proposedBy
    self.adoptedAs = adoptedAs
  }
}

/// The proposed policies.
public struct PolicyProposalList: Codable, Sendable, Hashable {
  /// The proposals, oldest first.
  public var proposals: [PolicyProposal]

  public init(proposals: [PolicyProposal]) { self.proposals = proposals }
}

/// A policy to adopt: either an open proposal or a document.
public struct AdoptPolicy: Codable, Sendable, Hashable {
  /// The proposal's id; nil if a document is given.
  public var proposal: String?
  /// The policy as written in its file; its own version number is ignored, because adoption assigns the next one.
  public var document: JSONValue?
  /// Why, for the audit trail; not needed for a proposal, which has its own reason.
  public var reason: String?

  public init(proposal: String? = nil, document: JSONValue? = nil, reason: String? = nil) {
    self.proposal = proposal
    self.document = document
    self.reason = reason
  }
}

/// An adopted policy.
public struct PolicyAdoption: Codable, Sendable, Hashable {
  /// The new version, one more than the previous one.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The warnings of the policy check.
  public var findings: [PolicyFinding]

  public init(documentVersion: Int, digest: String, findings: [PolicyFinding]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.findings = findings
  }
}
