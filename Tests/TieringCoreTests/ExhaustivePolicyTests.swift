import LaunchModel
import TestSupport
import Testing
import TieringCore

/// The built-in policy against `TierStatement`, its rules as plain conditions, without leaving a combination out.
///
/// What all 511 sets of kinds give with known facts is asked of every one. A fact that is unknown or omitted is asked with one
/// kind of each group that the rules name together, for kinds are never unknown; each fact in turn, for an unknown fact acts by
/// itself: it counts as the more demanding answer, whatever the others say.
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

  @Test("every set of kinds, every audience, every flag", arguments: Audience.allCases)
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
    "each fact unknown, and omitted, in turn, with every answer of the others", arguments: [Stated<Bool>.unknown, nil])
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
