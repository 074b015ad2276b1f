import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("Metric plans")
struct MetricPlanTests {
  @Test("The contract's metric file is read, with defaults filled in")
  func contractExample() throws {
    let plan = try MetricPlan(reading: Self.contractExample, feature: "smart-routing")
    #expect(plan.metrics.map(\.key) == ["adoption", "tickets", "csat", "kb", "kb-views", "invites"])
    #expect(plan.metrics.map(\.days) == [30, 7, 30, 30, 30, 14])
    #expect(
      plan.metrics.map { $0.target?.description } == [">= 30%", nil, nil, ">= 70% helpful", ">= 1000 views", ">= 500"])
    #expect(plan.metrics[2].measure == .csat(SatisfactionMargin(points: "5")))
    #expect(SatisfactionMargin(points: "5").share == 0.05)
  }

  @Test("The definition contains the defaults, and is read back as the same plan")
  func definition() throws {
    let plan = try MetricPlan(reading: Self.contractExample, feature: "smart-routing")
    let definition = plan.definition
    #expect(definition["feature"] == "smart-routing")
    #expect(definition["exclude"] == ["closed", "internal", "test"])
    #expect(definition["metrics"]?.arrayValue?.first?["denominator"]?.stringValue?.isEmpty == false)
    #expect(try MetricPlan(definition: definition) == plan)
  }

  @Test("Two spellings of the same plan have the same canonical definition")
  func equivalentFiles() throws {
    let short: JSONValue = ["metrics": [["key": "a", "kind": "adoption", "target": ">=30%"]]]
    let long: JSONValue = ["metrics": [["target": " >= 30% ", "days": 30, "kind": "adoption", "key": "a"]]]
    let plans = try [short, long].map { try MetricPlan(reading: $0, feature: "f") }
    #expect(plans[0].definition.canonical() == plans[1].definition.canonical())
  }

  @Test("A changed target, window or feature changes the definition")
  func differences() throws {
    let base: JSONValue = ["metrics": [["key": "a", "kind": "adoption", "target": ">= 30%"]]]
    let others: [JSONValue] = [
      ["metrics": [["key": "a", "kind": "adoption", "target": ">= 31%"]]],
      ["metrics": [["key": "a", "kind": "adoption", "target": ">= 30%", "days": 31]]],
      ["metrics": [["key": "a", "kind": "adoption", "target": ">= 30%", "baseline": "12%"]]],
    ]
    let definition = try MetricPlan(reading: base, feature: "f").definition
    for other in others { #expect(try MetricPlan(reading: other, feature: "f").definition != definition) }
    #expect(try MetricPlan(reading: base, feature: "g").definition != definition)
  }

  @Test("All errors in a file are reported at once, each with its position")
  func errors() throws {
    let document: JSONValue = [
      "metrics": [
        ["key": "a", "kind": "adoption", "target": "30"],
        ["key": "a", "kind": "adoption", "target": ">= 30%", "day": 7],
        ["kind": "tickets", "days": 0],
        ["key": "Bad Key", "kind": "csat", "margin": "-5%"],
        ["key": "kb", "kind": "articles", "target": ">= 70%"],
        ["key": "c", "kind": "custom", "aggregate": "median", "where": ["data/plan": "pro"], "target": ">= 5 views"],
        ["key": "d", "kind": "conversion"],
        ["key": "e", "kind": "adoption", "target": ">= 30"],
      ],
      "metric": [],
    ]
    let problem = #expect(throws: Problem.self) { try MetricPlan(reading: document, feature: "f") }
    let pointers = Set((problem?.errors ?? []).map(\.pointer))
    #expect(problem?.kind == .invalid)
    #expect(
      pointers == [
        "/metric", "/metrics/0/target", "/metrics/1/key", "/metrics/1/day", "/metrics/2/key", "/metrics/2/days",
        "/metrics/2/forecast",
        "/metrics/3/key", "/metrics/3/margin", "/metrics/4/target", "/metrics/5/type", "/metrics/5/aggregate",
        "/metrics/5/where", "/metrics/5/target", "/metrics/6/kind", "/metrics/7/target",
      ])
  }

  @Test(
    "A margin below 1 needs a percent sign, because it could be meant as a share",
    arguments: [
      (0.05, "give percentage points with a percent sign, 5% if 0.05 is a share, else 0.05%"),
      (0.5, "50% if 0.5 is a share"),
      ("0.125", "12.5% if 0.125 is a share"), ("0.5%", nil), (5, nil), (2.5, nil), ("5", nil), (0, nil), ("0", nil),
      ("5%", nil),
    ] as [(JSONValue, String?)])
  func margins(margin: JSONValue, message: String?) throws {
    let document: JSONValue = ["metrics": [["key": "a", "kind": "csat", "margin": margin]]]
    guard let message else { return _ = try MetricPlan(reading: document, feature: "f") }
    let problem = #expect(throws: Problem.self) { try MetricPlan(reading: document, feature: "f") }
    #expect(problem?.errors.first?.detail.contains(message) == true, "\(problem?.errors ?? [])")
  }

  @Test("A misspelled field is named with a suggestion")
  func suggestion() throws {
    let document: JSONValue = ["metrics": [["key": "a", "kind": "adoption", "taget": ">= 30%"]]]
    let problem = #expect(throws: Problem.self) { try MetricPlan(reading: document, feature: "f") }
    #expect(problem?.errors.contains { $0.detail.contains("did you mean \"target\"?") } == true)
  }

  @Test(
    "A file without metrics is refused",
    arguments: [[:], ["metrics": []], ["metrics": "none"], [], ["metrics": [1]]] as [JSONValue])
  func empty(document: JSONValue) {
    #expect(throws: Problem.self) { try MetricPlan(reading: document, feature: "f") }
  }

  static let contractExample: JSONValue = [
    "metrics": [
      ["key": "adoption", "kind": "adoption", "target": ">= 30%", "days": 30],
      ["key": "tickets", "kind": "tickets", "forecast": 120, "days": 7],
      ["key": "csat", "kind": "csat", "margin": "5%", "days": 30],
      ["key": "kb", "kind": "articles", "target": ">= 70% helpful", "minimumVotes": 20, "articles": ["routing-intro"]],
      ["key": "kb-views", "kind": "articles", "target": ">= 1000 views"],
      [
        "key": "invites", "kind": "custom", "type": "com.example.invite.sent", "aggregate": "count",
        "where": ["/data/plan": "pro"], "target": ">= 500", "days": 14,
      ],
    ]
  ]
}
