import JSON
import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("The tier policy") struct TierPolicyTests {
  @Test(
    "Every case of the policy's statement gets its tier",
    .enabled(if: TestData.isAvailable, Comment(rawValue: TestData.unavailable)))
  func cases() throws {
    let rows = try TestData.rows("tiers/cases.csv")
    let policy = try PolicyFixture.policy()
    #expect(rows.count == 507)
    for row in rows {
      let facts = try PolicyFixture.facts(row)
      #expect(policy.tier(of: facts).rawValue == Int(row["tier"] ?? ""), "\(row)")
      #expect(TierStatement.tier(TierStatement.Facts(facts)) == Int(row["tier"] ?? ""), "the statement, \(row)")
    }
  }

  @Test("Random facts, including unknown ones, agree with the statement of the rules") func randomFacts() throws {
    let policy = try PolicyFixture.policy()
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<3_000 {
      let facts = PolicyFixture.random(using: &generator)
      #expect(try policy.tier(of: facts) == PolicyFixture.statedTier(facts), "\(facts)")
    }
  }

  @Test("The tier never falls when a fact becomes more demanding") func monotone() throws {
    let policy = try PolicyFixture.policy()
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<500 {
      let facts = PolicyFixture.random(using: &generator)
      for flag in Flag.allCases {
        var demanding = facts
        demanding.flags[flag] = .known(true)
        #expect(policy.tier(of: demanding) <= policy.tier(of: facts))
      }
      for kind in ChangeKind.allCases {
        var demanding = facts
        demanding.kinds.insert(kind)
        #expect(policy.tier(of: demanding) <= policy.tier(of: facts))
      }
    }
  }

  @Test("A classification includes its reasons, assumptions and open questions") func explanation() throws {
    var facts = Facts(kinds: [.newSurface, .bugFix], audience: nil)
    facts.flags = [.changesWorkflow: .known(true), .addsServerCompute: .unknown, .pricing: .unknown]
    let answer = try PolicyFixture.policy().classify(facts)
    #expect(answer.tier == .major)
    #expect(answer.reasons.map(\.rule) == ["major-kind", "changes-workflow", "pricing"])
    #expect(answer.reasons.map(\.facts) == [["kind new-surface"], ["changesWorkflow"], ["pricing unknown"]])
    #expect(
      answer.assumed == [
        "audience: subset", "companyWide: false", "publicMoment: false", "personalData: false", "breaking: false",
      ])
    #expect(answer.openQuestions == ["addsServerCompute", "pricing"])
  }

  @Test("A launch that matches no rule is minor, and the reason is given") func otherwise() throws {
    let answer = try PolicyFixture.policy().classify(Facts(kinds: [.bugFix]))
    #expect(answer.tier == .minor)
    #expect(answer.reasons.map(\.rule) == ["otherwise"])
    #expect(answer.reasons.first?.facts == ["kind bug-fix"])
  }

  @Test("All errors in a policy are reported at once") func errors() {
    let problem = #expect(throws: Problem.self) {
      try TierPolicy(
        reading: [
          "version": 1, "otherwise": 7, "defaults": ["audience": "some"],
          "rules": [
            ["key": "a", "tier": 1, "when": "companyWid", "because": "x"],
            ["key": "a", "tier": 2, "when": ["all": []], "because": "x"],
            ["key": "b", "tier": 2, "when": ["kinds": ["bug"], "not": "pricing"], "because": "x"],
            ["key": "c", "tier": 2, "when": ["kinds": ["bugfix"]], "because": ""],
          ],
        ])
    }
    #expect(
      Set(problem?.errors.map(\.pointer) ?? []) == [
        "/otherwise", "/defaults/audience", "/rules/0/when", "/rules/1/key", "/rules/1/when/all", "/rules/2/when",
        "/rules/3/when/kinds/0", "/rules/3/because",
      ])
  }

  @Test("A policy says which double bookings are reasons against GO; by default both are warnings")
  func bookings() throws {
    #expect(try PolicyFixture.policy().bookings.isEmpty)
    let rules: JSONValue = [["key": "a", "tier": 1, "when": "companyWide", "because": "x"]]
    let policy = try TierPolicy(
      reading: ["version": 1, "otherwise": 3, "rules": rules, "bookings": ["same-person": "reason"]])
    #expect(policy.bookings == [.samePerson: .reason])
    let problem = #expect(throws: Problem.self) {
      try TierPolicy(
        reading: [
          "version": 1, "otherwise": 3, "rules": rules,
          "bookings": ["same-person": "blocks", "same-week": "reason"],
        ])
    }
    #expect(Set(problem?.errors.map(\.pointer) ?? []) == ["/bookings/same-person", "/bookings/same-week"])
  }

  @Test("Negated conditions use three-valued logic") func negation() throws {
    let policy = try TierPolicy(
      reading: [
        "version": 1, "otherwise": 3,
        "rules": [
          [
            "key": "quiet", "tier": 1, "because": "x",
            "when": ["all": [["not": "publicMoment"], ["kinds": ["new-product"]]]],
          ]
        ],
      ])
    func tier(_ stated: Stated<Bool>?) -> Tier {
      var facts = Facts(kinds: [.newProduct])
      facts.flags[.publicMoment] = stated
      return policy.tier(of: facts)
    }
    #expect(tier(.known(true)) == .minor)
    #expect(tier(.known(false)) == .major)
    #expect(tier(nil) == .major)
    #expect(tier(.unknown) == .major)
  }
}
