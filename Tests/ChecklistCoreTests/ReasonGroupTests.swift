import ChecklistCore
import Contract
import JSON
import LaunchModel
import Testing

@Suite("Reasons in groups") struct ReasonGroupTests {
  /// Five business days before the launch is 2027-02-23, ten are 2027-02-16.
  private static func checklist() -> LaunchChecklist {
    Fixture.checklist(
      Fixture.record(tier: .moderate), Fixture.item("qa", .engineering), Fixture.item("docs", .marketing),
      Fixture.item("copy", .marketing, due: -10), Fixture.item("demo", .cs))
  }

  @Test("The launch comes first, then functions with overdue items, overdue items first; each reason once")
  func order() throws {
    let view = Self.checklist().readiness(at: try Fixture.noon("2027-02-17"), isExposed: false)
    #expect(view.reasons.map(\.code) == ["not-sealed"] + Array(repeating: "item-not-done", count: 4))
    let groups = try #require(view.groups)
    #expect(groups.map(\.function) == [nil, .marketing, .engineering, .cs])
    #expect(groups.map(\.overdue) == [0, 1, 0, 0])
    #expect(groups[1].reasons.map { view.reasons[$0].item } == ["copy", "docs"])
    #expect(groups.flatMap(\.reasons).sorted() == Array(view.reasons.indices))
  }

  @Test("A group is one line, with its first reason and the number of others")
  func lines() throws {
    let view = Self.checklist().readiness(at: try Fixture.noon("2027-02-17"), isExposed: false)
    let lines = try #require(view.groups).map { $0.summary(of: view.reasons) }
    #expect(
      lines == [
        "Launch: the success metrics are not sealed",
        "Marketing (2, 1 overdue): copy (Marketing) is open, due 2027-02-16, and 1 more",
        "Engineering: qa (Engineering) is open, due 2027-02-23", "CS: demo (CS) is open, due 2027-02-23",
      ])
  }

  @Test("A refused GO has one line for each function and the one command that overrides")
  func refused() throws {
    let checklist = Self.checklist()
    let artifact = "sha256:" + String(repeating: "0", count: 64)
    let request = DecisionRequest(launch: checklist.launch, decision: .go, artifact: artifact)
    let moment = try Fixture.noon("2027-02-17")
    let problem = #expect(throws: Problem.self) {
      _ = try checklist.decide(request, by: Fixture.actor("dana"), at: moment, isExposed: false)
    }
    let detail = try #require(problem?.detail)
    #expect(detail.hasPrefix("NO-GO is recommended for 5 reasons: Launch: the success metrics are not sealed; "))
    #expect(detail.contains("Marketing (2, 1 overdue): copy (Marketing) is open, due 2027-02-16, and 1 more; "))
    #expect(!detail.contains("docs"))
    #expect(
      detail.hasSuffix(
        "To decide GO anyway: gonogo decide smart-routing go --artifact \(artifact) --override --reason TEXT"))
    #expect(problem?.extra["reasons"]?.arrayValue?.count == 5)
  }

  @Test("Without reasons there are no groups")
  func none() throws {
    let view = DecisionTests.ready().readiness(at: try Fixture.noon("2027-02-17"), isExposed: false)
    #expect(view.groups == [])
  }
}
