import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("Tier alternatives") struct TierAlternativesTests {
  /// Applies changes, given as text, to facts.
  static func applying(_ changes: [String], to facts: Facts) throws -> Facts {
    var facts = facts
    for change in changes {
      let parts = change.split(separator: ": ").map(String.init)
      let (field, value) = (try #require(parts.first), try #require(parts.last))
      switch field {
      case "kinds":
        let words = value.split(separator: " ").map(String.init)
        let kind = try #require(ChangeKind(rawValue: words[1]))
        if words[0] == "add" { facts.kinds.insert(kind) } else { facts.kinds.remove(kind) }
      case "audience": facts.audience = .known(try #require(Audience(rawValue: value)))
      default: facts.flags[try #require(Flag(rawValue: field))] = .known(value == "true")
      }
    }
    return facts
  }

  @Test("Each alternative gives its tier, and no part of it does") func giveTheirTier() throws {
    let policy = try PolicyFixture.policy()
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<150 {
      let facts = PolicyFixture.random(using: &generator)
      let answer = policy.classify(facts)
      for alternative in answer.alternatives {
        let changed = try Self.applying(alternative.changes, to: facts)
        #expect(!changed.kinds.isEmpty)
        #expect(policy.tier(of: changed) == alternative.tier, "\(facts) \(alternative)")
        for index in alternative.changes.indices {
          var fewer = alternative.changes
          fewer.remove(at: index)
          let partly = try Self.applying(fewer, to: facts)
          #expect(partly.kinds.isEmpty || policy.tier(of: partly) != alternative.tier)
        }
      }
      #expect(Set(answer.alternatives.map(\.tier)) == Set(Tier.allCases).subtracting([answer.tier]))
    }
  }

  /// Tries every single change; if one of them gives a tier, no alternative for that tier may have two.
  @Test("No alternative has more changes than necessary") func areSmallest() throws {
    let policy = try PolicyFixture.policy()
    var generator = SeededGenerator(seed: 5)
    let single =
      ChangeKind.allCases.flatMap { ["kinds: add \($0.rawValue)", "kinds: remove \($0.rawValue)"] }
      + Audience.allCases.map { "audience: \($0.rawValue)" }
      + Flag.allCases.flatMap { ["\($0.rawValue): true", "\($0.rawValue): false"] }
    for _ in 0..<60 {
      let facts = PolicyFixture.random(using: &generator)
      let answer = policy.classify(facts)
      for tier in Tier.allCases where tier != answer.tier {
        let sizes = Set(answer.alternatives.filter { $0.tier == tier }.map(\.changes.count))
        #expect(sizes.count == 1)
        let one = try single.filter { change in
          let changed = try Self.applying([change], to: facts)
          return changed != facts && !changed.kinds.isEmpty && policy.tier(of: changed) == tier
        }
        #expect((sizes == [1]) == !one.isEmpty)
        if sizes == [1] {
          #expect(Set(answer.alternatives.filter { $0.tier == tier }.flatMap(\.changes)) == Set(one))
        }
      }
    }
  }

  @Test("A bug fix becomes a launch event with another kind and a public moment") func toLaunchEvent() throws {
    let alternatives = try PolicyFixture.policy().classify(Facts(kinds: [.bugFix])).alternatives
    #expect(
      alternatives.filter { $0.tier == .launchEvent }.map(\.changes) == [
        ["kinds: add flagship", "publicMoment: true"], ["kinds: add new-product", "publicMoment: true"],
      ])
  }
}
