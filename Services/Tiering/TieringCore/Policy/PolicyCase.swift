public import JSON
public import Contract
public import LaunchModel

/// A case of a table that a policy is tried with.
public struct PolicyCase: Sendable, Hashable {
  /// As the table names it; nil where it does not.
  public var name: String?
  /// What is known of a launch.
  public var facts: Facts
  /// The tier that the table expects.
  public var tier: Tier

  /// Reads the cases of a call.
  ///
  /// - Throws: `invalid` with every fault of any.
  public static func all(reading cases: [JSONValue]) throws(Problem) -> [PolicyCase] {
    let faults = DocumentErrors()
    let read = cases.enumerated().compactMap { index, value in
      PolicyCase(reading: value, at: JSONPointer(tokens: ["cases", "\(index)"]), faults)
    }
    return try faults.finish(read, "invalid-cases", title: "the cases have faults")
  }

  private init?(reading value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard let reader = FieldReader(value, at: pointer, knowing: ["name", "facts", "tier"], faults) else { return nil }
    reader.require("facts", "give at least kinds")
    reader.require("tier", "give the tier that you expect, 0 to 3")
    let facts = reader.value("facts").flatMap { Facts(reading: $0, at: pointer.appending("facts"), faults) }
    guard let facts, let tier = Tier(reading: reader, "tier") else { return nil }
    self.name = reader.string("name")
    self.facts = facts
    self.tier = tier
  }
}

extension TierPolicy {
  /// What the policy says of a table.
  public func report(on cases: [PolicyCase]) -> PolicyTestReport {
    PolicyTestReport(
      results: cases.map { entry in
        let tier = tier(of: entry.facts)
        let rules = reasons(entry.facts).filter { $0.tier == tier }.map(\.rule)
        return PolicyTestReport.Result(name: entry.name, expected: entry.tier, tier: tier, rules: rules)
      })
  }
}
