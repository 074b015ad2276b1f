import LaunchModel
import TestSupport
import Testing
import TieringCore

/// Compares the built-in policy with `TierStatement`, its rules as plain conditions, for every combination.
///
/// All 511 sets of kinds are tested with known facts. Unknown and omitted facts are tested with one kind of each group
/// that the rules name together, because kinds are never unknown, and one fact at a time, because an unknown fact acts
/// independently: it counts as the more demanding answer, whatever the others are.
@Suite("The built-in policy, exhaustively") struct ExhaustivePolicyTests {
  private static let flags: [Flag] = [
    .changesWorkflow, .companyWide, .publicMoment, .personalData, .pricing, .breaking, .addsServerCompute,
  ]
  private static let grouped: [ChangeKind] = [.bugFix, .newFeature, .newSurface, .flagship]

  private static func kinds(_ mask: Int, of all: [ChangeKind]) -> Set<ChangeKind> {
    Set(all.enumerated().filter { mask >> $0.offset & 1 == 1 }.map(\.element))
  }

  private static func flags(_ mask: Int) -> [Flag: Stated<Bool>] {
    Dictionary(
      flags.enumerated().map { ($0.element, Stated.known(mask >> $0.offset & 1 == 1)) }, uniquingKeysWith: { $1 })
  }

  @Test("Every set of kinds, audience and flags", arguments: Audience.allCases)
  func everySetOfKinds(_ audience: Audience) throws {
    let policy = try PolicyFixture.policy()
    for mask in 1..<512 {
      let kinds = Self.kinds(mask, of: ChangeKind.allCases)
      for flagMask in 0..<128 {
        let facts = Facts(kinds: kinds, audience: .known(audience), flags: Self.flags(flagMask))
        guard policy.tier(of: facts) != (try PolicyFixture.statedTier(facts)) else { continue }
        Issue.record("\(facts)")
      }
    }
  }

  @Test(
    "Each fact unknown or omitted in turn, with every combination of the others",
    arguments: [Stated<Bool>.unknown, nil])
  func eachFactInTurn(_ stated: Stated<Bool>?) throws {
    let policy = try PolicyFixture.policy()
    let audiences: [Stated<Audience>?] = [nil, .unknown] + Audience.allCases.map { .known($0) }
    for mask in 1..<16 {
      for audience in audiences {
        for flag in Self.flags {
          for flagMask in 0..<128 {
            var facts = Facts(
              kinds: Self.kinds(mask, of: Self.grouped), audience: audience, flags: Self.flags(flagMask))
            facts.flags[flag] = stated
            guard policy.tier(of: facts) != (try PolicyFixture.statedTier(facts)) else { continue }
            Issue.record("\(facts)")
          }
        }
      }
    }
  }
}
