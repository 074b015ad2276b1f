import Contract
import JSON
import LaunchModel
@testable import MetricsCore
import Testing

@Suite("Custom metrics") struct CustomMeasureTests {
  private static func measure(
    _ type: String, _ aggregate: CustomMeasure.Aggregate, where conditions: [String: JSONValue] = [:],
    field: String? = nil
  ) throws -> CustomMeasure {
    CustomMeasure(
      type: type, aggregate: aggregate,
      conditions: Dictionary(
        uniqueKeysWithValues: try conditions.map { (try #require(JSONPointer($0.key)), $0.value) }),
      field: field.flatMap { JSONPointer($0) }, target: Target.none)
  }

  @Test(
    "A key matches as a string and as a whole number",
    arguments: [(17, 17), (17, "17"), ("17", 17), ("17", "17"), (17.0, 17)] as [(JSONValue, JSONValue)])
  func keys(wanted: JSONValue, given: JSONValue) throws {
    let measure = try Self.measure(SignalType.deployFinished.rawValue, .count, where: ["/data/version": wanted])
    #expect(measure.contribution(of: ["data": ["version": given]])?.hits == 1)
    #expect(measure.contribution(of: ["data": ["version": "18"]])?.hits == 0)
  }

  @Test("A signal's key counts as one value whether it is given as a number or as a string")
  func distinct() throws {
    let measure = try Self.measure(SignalType.featureUsed.rawValue, .distinct, field: "/data/account")
    let subjects = [17, "17"].map { measure.contribution(of: ["data": ["account": $0]])?.subject } as [String?]
    #expect(subjects == ["\"17\"", "\"17\""])
  }

  @Test("The mean is taken over numbers, including numbers in a key")
  func mean() throws {
    let measure = try Self.measure(SignalType.ticketEscalated.rawValue, .mean, field: "/data/level")
    #expect(measure.contribution(of: ["data": ["level": 2]])?.subject == "2")
    #expect(measure.contribution(of: ["data": ["level": "2"]])?.hits == 0)
  }
}
