public import JSON
public import Contract
public import LaunchModel

/// One case of a table that tests a policy.
public struct PolicyCase: Sendable, Hashable {
  /// The case's name; nil if it has none.
  public var name: String?
  /// The facts of the case.
  public var facts: Facts
  /// The expected tier.
  public var tier: Tier

  /// Decodes the cases of a request.
  ///
  /// - Throws: `invalid`, listing every error of every case.
  public static func all(reading cases: [JSONValue]) throws(Problem) -> [PolicyCase] {
    let faults = DocumentErrors()
    let read = cases.enumerated().compactMap { index, value in
      PolicyCase(reading: value, at: JSONPointer(tokens: ["cases", "\(index)"]), faults)
    }
    return try faults.finish(read, "invalid-cases", title: "the cases are invalid")
  }

  private init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: ["name", "facts", "tier"], faults) else { return nil }
    reader.require("facts", "give at least kinds")
    reader.require("tier", "give the expected tier, 0 to 3")
    let facts = reader.value("facts").flatMap { Facts(reading: $0, at: pointer.appending("facts"), faults) }
    guard let facts, let tier = Tier(reading: reader, "tier") else { return nil }
    self.name = reader.string("name")
    self.facts = facts
    self.tier = tier
  }
}

extension TierPolicy {
  /// The result of testing the policy with a table of cases.
  public func report(on cases: [PolicyCase]) -> PolicyTestReport {
    PolicyTestReport(
      results: cases.map { entry in
        let tier = tier(of: entry.facts)
        let rules = reasons(entry.facts).filter { $0.tier == tier }.map(\.rule)
        return PolicyTestReport.Result(name: entry.name, expected: entry.tier, tier: tier, rules: rules)
      })
  }
}
