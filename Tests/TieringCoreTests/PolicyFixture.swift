import Documents
import Contract
import LaunchModel
import TestSupport
import Testing
import TieringCore

/// The built-in policy and facts to classify.
enum PolicyFixture {
  static func policy() throws -> TierPolicy {
    try TierPolicy(reading: try SourceDocument(parsing: BuiltIn.policy, file: "policy.yaml").value)
  }

  /// One row of `tiers/cases.csv`: facts as `yes`, `no`, `omitted`, `unknown`.
  static func facts(_ row: [String: String]) throws -> Facts {
    let kinds = try (row["kinds"] ?? "").split(separator: " ").map { try #require(ChangeKind(rawValue: String($0))) }
    var facts = Facts(kinds: Set(kinds))
    switch row["audience"] {
    case "omitted"?, nil: break
    case "unknown"?: facts.audience = .unknown
    case let text?: facts.audience = .known(try #require(Audience(rawValue: text)))
    }
    for flag in Flag.allCases {
      switch row[flag.rawValue] {
      case "yes"?: facts.flags[flag] = .known(true)
      case "no"?: facts.flags[flag] = .known(false)
      case "unknown"?: facts.flags[flag] = .unknown
      default: break
      }
    }
    return facts
  }

  /// The tier that the independent statement of the rules gives to facts.
  static func statedTier(_ facts: Facts) throws -> Tier {
    try #require(Tier(rawValue: TierStatement.tier(TierStatement.Facts(facts))))
  }

  /// A random combination of kinds, audience and flags, each stated or not.
  static func random(using generator: inout SeededGenerator) -> Facts {
    var facts = Facts(
      kinds: Set(ChangeKind.allCases.shuffled(using: &generator).prefix(Int.random(in: 1...3, using: &generator))))
    let audiences: [Stated<Audience>?] = [nil, .unknown] + Audience.allCases.map { .known($0) }
    facts.audience = audiences.randomElement(using: &generator) ?? nil
    for flag in Flag.allCases {
      let stated: [Stated<Bool>?] = [nil, .unknown, .known(true), .known(false), .known(false)]
      facts.flags[flag] = stated.randomElement(using: &generator) ?? nil
    }
    return facts
  }
}

extension TierStatement.Facts {
  /// The facts in the statement's types.
  init(_ facts: Facts) {
    func flag(_ flag: Flag) -> TierStatement.Answer<Bool> {
      switch facts.flags[flag] {
      case .known(let value)?: .given(value)
      case .unknown?: .unknown
      case nil: .omitted
      }
    }
    let audience: TierStatement.Answer<String> =
      switch facts.audience {
      case .known(let audience)?: .given(audience.rawValue)
      case .unknown?: .unknown
      case nil: .omitted
      }
    self.init(
      kinds: Set(facts.kinds.map(\.rawValue)), audience: audience, changesWorkflow: flag(.changesWorkflow),
      companyWide: flag(.companyWide), publicMoment: flag(.publicMoment), addsServerCompute: flag(.addsServerCompute),
      personalData: flag(.personalData), pricing: flag(.pricing), breaking: flag(.breaking))
  }
}
