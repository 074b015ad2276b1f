import JSON
import LaunchModel
import TieringCore
import Testing

@Suite("How often a policy has dates confirmed") struct ReconfirmationPolicyTests {
  private static func policy(_ reconfirmation: JSONValue?) throws -> TierPolicy {
    var document: [String: JSONValue] = [
      "version": 1, "otherwise": 3,
      "rules": [["key": "pricing", "tier": 2, "when": "pricing", "because": "it affects pricing"]],
    ]
    document["reconfirmation"] = reconfirmation
    return try TierPolicy(reading: .object(document))
  }

  @Test("Without the field, dates are confirmed every 14 days in the last 6 weeks, in tiers 0 and 1")
  func standard() throws {
    let rule = ReconfirmationRule(everyDays: 14, lastWeeks: 6, tiers: [.launchEvent, .major])
    #expect(try Self.policy(nil).reconfirmation == rule)
    #expect(try PolicyFixture.policy().reconfirmation == rule)
    #expect(try Self.policy([:]).reconfirmation == rule)
  }

  @Test("Omitted members default to the standard rule; an empty list of tiers turns confirmation off")
  func partial() throws {
    #expect(
      try Self.policy(["everyDays": 7]).reconfirmation
        == ReconfirmationRule(everyDays: 7, lastWeeks: 6, tiers: [.launchEvent, .major]))
    #expect(
      try Self.policy(["lastWeeks": 2, "tiers": [2, 0, 2]]).reconfirmation
        == ReconfirmationRule(everyDays: 14, lastWeeks: 2, tiers: [.launchEvent, .moderate]))
    #expect(try Self.policy(["tiers": []]).reconfirmation.tiers.isEmpty)
  }

  @Test(
    "Every error is reported with its position",
    arguments: [
      (["everyDays": 0], ["/reconfirmation/everyDays"]), (["lastWeeks": 53], ["/reconfirmation/lastWeeks"]),
      (["tiers": [1, 4]], ["/reconfirmation/tiers/1"]), (["tiers": ["major"]], ["/reconfirmation/tiers/0"]),
      (["everyDays": 366, "lastWeeks": 0], ["/reconfirmation/everyDays", "/reconfirmation/lastWeeks"]),
      (["every": 7], ["/reconfirmation/every"]), ([14], ["/reconfirmation"]),
    ] as [(JSONValue, [String])])
  func faults(reconfirmation: JSONValue, pointers: [String]) {
    let problem = #expect(throws: Problem.self) { _ = try Self.policy(reconfirmation) }
    #expect(problem?.errors.map(\.pointer) == pointers)
  }
}
