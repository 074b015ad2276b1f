import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("Metric defaults")
struct MetricDefaultsTests {
  @Test("The built-in defaults are what a metric file without its own values means", arguments: Tier.allCases)
  func builtIn(tier: Tier) throws {
    let file: JSONValue = [
      "metrics": [
        ["key": "a", "kind": "adoption", "target": ">= 30%"], ["key": "b", "kind": "tickets", "forecast": 120],
        ["key": "c", "kind": "csat"], ["key": "d", "kind": "articles", "target": ">= 70% helpful"],
        ["key": "e", "kind": "articles", "target": ">= 1000 views"],
        ["key": "f", "kind": "custom", "type": "com.example.a", "aggregate": "count", "target": ">= 5"],
      ]
    ]
    let completed = MetricDefaults.builtIn.completing(file, of: tier)
    #expect(completed != file)
    let plans = try [file, completed].map { try MetricPlan(reading: $0, feature: "f") }
    #expect(plans[0] == plans[1])
    #expect(plans[0].definition.canonical() == plans[1].definition.canonical())
  }

  @Test("A file is merged into the built-in defaults, and its document is read back as the same defaults")
  func reading() throws {
    let defaults = try MetricDefaults(reading: Self.example)
    #expect(defaults.version == 2)
    let tier = defaults.document["tiers"]?["1"]
    #expect(tier?["adoption"] == ["target": ">= 30%", "days": 60])
    #expect(tier?["csat"] == ["margin": "5%", "days": 30])
    #expect(tier?["tickets"] == ["days": 7])
    #expect(tier?["articles"] == ["minimumVotes": 20, "days": 30])
    #expect(defaults.document["tiers"]?.objectValue?.count == 4)
    #expect(try MetricDefaults(reading: defaults.document) == defaults)
    #expect(try MetricDefaults(reading: ["tiers": [:]]).version == nil)
  }

  @Test("A metric uses its tier's default for values that its file omits or sets to null, and for no others")
  func completing() throws {
    let defaults = try MetricDefaults(reading: Self.example)
    let file: JSONValue = [
      "metrics": [
        ["key": "a", "kind": "adoption"], ["key": "b", "kind": "adoption", "target": ">= 10%", "days": .null],
        ["key": "c", "kind": "csat", "margin": "0%"], ["key": "d", "kind": "unknown"], 7,
      ],
      "other": 1,
    ]
    let completed = defaults.completing(file, of: .major)
    #expect(
      completed == [
        "metrics": [
          ["key": "a", "kind": "adoption", "target": ">= 30%", "days": 60],
          ["key": "b", "kind": "adoption", "target": ">= 10%", "days": 60],
          ["key": "c", "kind": "csat", "margin": "0%", "days": 30], ["key": "d", "kind": "unknown"], 7,
        ],
        "other": 1,
      ])
    let another = defaults.completing(file, of: .minor)["metrics"]?.arrayValue?.first
    #expect(another == ["key": "a", "kind": "adoption", "days": 30])
    #expect(defaults.completing("none", of: .major) == "none")
  }

  @Test("The differences from another version are listed with both values")
  func changes() throws {
    let defaults = try MetricDefaults(reading: Self.example)
    #expect(
      defaults.changes(from: .builtIn) == [
        "tier 1 adoption: target - → >= 30%", "tier 1 adoption: days 30 → 60", "tier 1 csat: margin 0% → 5%",
      ])
    #expect(MetricDefaults.builtIn.changes(from: defaults).first == "tier 1 adoption: target >= 30% → -")
    #expect(defaults.changes(from: defaults) == [])
  }

  @Test("All errors in a file are reported at once, each with its position")
  func errors() throws {
    let document: JSONValue = [
      "version": 0, "tier": [:],
      "tiers": [
        "0": ["adoption": ["target": "30", "days": 0], "ticket": [:]],
        "1": ["tickets": ["forecast": 120], "csat": ["margin": 0.05], "articles": ["target": ">= 70%"]],
        "2": ["adoption": ["target": ">= 130%"], "articles": ["minimumVotes": 0], "custom": ["target": ">= 5"]],
        "3": 7,
        "4": ["adoption": [:]],
      ],
    ]
    let problem = #expect(throws: Problem.self) { try MetricDefaults(reading: document) }
    #expect(problem?.kind == .invalid && problem?.code == "invalid-defaults")
    let errors = problem?.errors ?? []
    #expect(
      Set(errors.map(\.pointer)) == [
        "/version", "/tier", "/tiers/0/adoption/target", "/tiers/0/adoption/days", "/tiers/0/ticket",
        "/tiers/1/tickets/forecast", "/tiers/1/csat/margin", "/tiers/1/articles/target", "/tiers/2/adoption/target",
        "/tiers/2/articles/minimumVotes", "/tiers/2/custom/target", "/tiers/3", "/tiers/4",
      ])
    #expect(errors.count == 13)
    #expect(errors.contains { $0.detail == "unknown tier \"4\"; expected one of 0, 1, 2, 3" })
    #expect(errors.contains { $0.detail.contains("did you mean \"tickets\"?") })
  }

  @Test("A file without tiers is refused", arguments: [[:], ["tiers": "none"], [], 7] as [JSONValue])
  func empty(document: JSONValue) {
    #expect(throws: Problem.self) { try MetricDefaults(reading: document) }
  }

  @Test(
    "The error about a missing target names the defaults if they can give it",
    arguments: [
      (["key": "a", "kind": "adoption"], true), (["key": "a", "kind": "articles"], true),
      (["key": "a", "kind": "custom", "type": "com.example.a", "aggregate": "count"], false),
    ] as [(JSONValue, Bool)])
  func missingTarget(metric: JSONValue, isNamed: Bool) {
    let problem = #expect(throws: Problem.self) { try MetricPlan(reading: ["metrics": [metric]], feature: "f") }
    let detail = problem?.errors.first?.detail ?? ""
    #expect(detail.hasPrefix("the field \"target\" is missing; give one such as >= "))
    #expect(detail.contains("gonogo metric defaults propose") == isNamed)
  }

  private static let example: JSONValue = [
    "version": 2,
    "tiers": ["1": ["adoption": ["target": ">= 30%", "days": 60], "csat": ["margin": "5%"]]],
  ]
}
