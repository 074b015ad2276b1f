public import JSON
public import LaunchModel

extension TieringRoutes {
  /// A version of the tier policy, whole, with what became of its rules.
  public static let showPolicy = Route<VersionReference, PolicyView>(.tiering, "policy.show", .read)
  /// What is wrong with a policy, found by trying every combination of facts that it tells apart.
  public static let lintPolicy = Route<LintPolicy, PolicyLintReport>(.tiering, "policy.lint", .read)
  /// Which tiers a policy gives to a table of cases.
  public static let testPolicy = Route<TestPolicy, PolicyTestReport>(.tiering, "policy.test", .read)
  /// Keeps a policy as a proposal, to be adopted or not.
  public static let proposePolicy = Route<ProposePolicy, PolicyProposal>(.tiering, "policy.propose", .change)
  /// The proposals, those adopted too.
  public static let policyProposals = Route<NoParameters, PolicyProposalList>(.tiering, "policy.proposals", .read)
  /// Adopts a policy by Product Ops: launches are tiered by it from then on, running ones when their facts change or they are
  /// re-tiered. Refused for a proposal that another adoption has overtaken, as `proposal-outdated`.
  public static let adoptPolicy = Route<AdoptPolicy, PolicyAdoption>(.tiering, "policy.adopt", .change)
}

/// A policy's version and what became of its rules.
public struct PolicyView: Codable, Sendable, Hashable {
  /// From 1, one more with each adoption.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// The document whole, as it was adopted.
  public var document: JSONValue
  /// How often each rule decided a tier and was overridden; by the rule's key.
  public var rules: [RuleRecord]

  public init(documentVersion: Int, digest: String, document: JSONValue, rules: [RuleRecord]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.document = document
    self.rules = rules
  }
}

/// What became of the launches whose tier a rule decided, whichever version of the policy it stood in.
public struct RuleRecord: Codable, Sendable, Hashable {
  /// The rule's key; `otherwise` where none fired.
  public var rule: String
  /// How many launches have the tier that it asks for, alone or with other rules.
  public var launches: Int
  /// How many of them were given a more demanding tier by override, also where that was taken back.
  public var raised: Int
  /// How many of them were given a less demanding tier by override, also where that was taken back.
  public var lowered: Int

  public init(rule: String, launches: Int, raised: Int, lowered: Int) {
    self.rule = rule
    self.launches = launches
    self.raised = raised
    self.lowered = lowered
  }
}

/// A policy to examine.
public struct LintPolicy: Codable, Sendable, Hashable {
  /// The policy as its file has it; nil for the adopted one.
  public var document: JSONValue?

  public init(document: JSONValue? = nil) { self.document = document }
}

/// Something about a policy that its author should know.
public struct PolicyFinding: Codable, Sendable, Hashable {
  /// How bad it is: a policy with an error is not adopted.
  public enum Severity: String, Codable, Sendable, Hashable {
    case error, warning
  }

  /// Whether the policy can be adopted with it.
  public var severity: Severity
  /// A stable word: `undecided`, `never-fires`, `never-decides`, `otherwise-never`, `falls`.
  public var code: String
  /// The rule's key; nil where it is about none.
  public var rule: String?
  /// Where in the document, as `/rules/3`.
  public var pointer: String
  /// A sentence for a person, with the mend.
  public var detail: String
  /// Facts with which it happens, as `kinds: new-feature`; empty where it never does.
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

/// What was found of a policy.
public struct PolicyLintReport: Codable, Sendable, Hashable {
  /// How many combinations of facts were tried: all that the policy tells apart.
  public var combinations: Int
  /// Errors first, then by their place in the document.
  public var findings: [PolicyFinding]

  public init(combinations: Int, findings: [PolicyFinding]) {
    self.combinations = combinations
    self.findings = findings
  }
}

/// Cases to try a policy with.
public struct TestPolicy: Codable, Sendable, Hashable {
  /// The policy as its file has it; nil for the adopted one.
  public var document: JSONValue?
  /// At most 10,000, each an object with `facts` as a launch file has them, the expected `tier`, and if wanted a `name`.
  public var cases: [JSONValue]

  public init(document: JSONValue? = nil, cases: [JSONValue]) {
    self.document = document
    self.cases = cases
  }

  /// The most cases of one call.
  public static let maximum = 10_000
}

/// What a policy says of a table of cases.
public struct PolicyTestReport: Codable, Sendable, Hashable {
  /// One case.
  public struct Result: Codable, Sendable, Hashable {
    /// The case's name; nil where it has none.
    public var name: String?
    /// The tier that the table expects.
    public var expected: Tier
    /// The tier that the policy gives.
    public var tier: Tier
    /// The rules that give it.
    public var rules: [String]

    /// Whether they are the same.
    public var passed: Bool { expected == tier }

    public init(name: String?, expected: Tier, tier: Tier, rules: [String]) {
      self.name = name
      self.expected = expected
      self.tier = tier
      self.rules = rules
    }
  }

  /// In the order of the table.
  public var results: [Result]
  /// How many differ from what the table expects.
  public var failed: Int

  public init(results: [Result]) {
    self.results = results
    failed = results.count { !$0.passed }
  }
}

/// A whole policy to propose.
public struct ProposePolicy: Codable, Sendable, Hashable {
  /// The policy as its file has it; its version is given at adoption.
  public var document: JSONValue
  /// Why it should change; needed.
  public var reason: String?

  public init(document: JSONValue, reason: String? = nil) {
    self.document = document
    self.reason = reason
  }
}

/// A proposed policy and what became of it.
public struct PolicyProposal: Codable, Sendable, Hashable {
  /// As `policy-2`.
  public var id: String
  /// Why it should change.
  public var reason: String
  /// The policy as it was proposed.
  public var document: JSONValue
  /// The version that was adopted when it was proposed, and that it is to follow.
  public var baseVersion: Int
  /// What lint says of it.
  public var findings: [PolicyFinding]
  /// When it was proposed.
  public var proposedAt: Timestamp
  /// Who proposed it, as `dana`, or `dana (claimed by uid:1000)`.
  public var proposedBy: String
  /// The version that it became; nil while it is open.
  public var adoptedAs: Int?

  public init(
    id: String, reason: String, document: JSONValue, baseVersion: Int, findings: [PolicyFinding],
    proposedAt: Timestamp, proposedBy: String, adoptedAs: Int? = nil
  ) {
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
  /// In the order in which they were proposed.
  public var proposals: [PolicyProposal]

  public init(proposals: [PolicyProposal]) { self.proposals = proposals }
}

/// A policy to adopt: an open proposal, or a whole document.
public struct AdoptPolicy: Codable, Sendable, Hashable {
  /// The proposal's id; nil where a document is given.
  public var proposal: String?
  /// The policy as its file has it; its version is the next one, whatever it says.
  public var document: JSONValue?
  /// Why, for the audit; a proposal has its own.
  public var reason: String?

  public init(proposal: String? = nil, document: JSONValue? = nil, reason: String? = nil) {
    self.proposal = proposal
    self.document = document
    self.reason = reason
  }
}

/// An adopted policy.
public struct PolicyAdoption: Codable, Sendable, Hashable {
  /// One more than the one before.
  public var documentVersion: Int
  /// The SHA-256 of the document in canonical JSON, lower-case hex.
  public var digest: String
  /// What lint warns of.
  public var findings: [PolicyFinding]

  public init(documentVersion: Int, digest: String, findings: [PolicyFinding]) {
    self.documentVersion = documentVersion
    self.digest = digest
    self.findings = findings
  }
}
