import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("Trying a plan on the last 30 days")
struct PlanTrialTests {
  private static let now = MetricEvents.moment(day: 30)
  private static let type = "com.example.x"

  /// Tries metrics of the feature `f` on events, all from one source that delivers.
  private func findings(
    _ metrics: [JSONValue], _ events: [MetricEvent], retired: [FeedName] = [], daysLeft: Int? = nil
  ) throws -> [PlanTrial.Finding] {
    let plan = try MetricPlan(reading: ["metrics": .array(metrics)], feature: "f")
    let trial = PlanTrial(launch: try #require(LaunchID("trial")), plan: plan, now: Self.now)
    var evidence = MetricEvidence()
    var use = FeedUse(trial)
    use.daysLeft = daysLeft
    for event in events {
      use.add(event, from: FeedName(type: event.type, source: "//test"))
      switch LowVolumeSignal(event) {
      case .score(let score): evidence.scores.append(score)
      case .vote(let vote): evidence.votes.append(vote)
      case .account, .ticket, .publication, nil: break
      }
    }
    for (spec, windows) in trial.specs {
      if case .adoption(let feature, let span) = spec {
        let adoption = events.reduce(into: AdoptionProjection(feature: feature, span)) { $0.apply($1) }
        evidence.projections[spec] = adoption.projection(for: windows, accounts: evidence.accounts, asOf: Self.now)
      } else {
        evidence.projections[spec] = events.reduce(into: Projection()) { $0.apply($1, of: spec) }
      }
    }
    let alive = Set(events.map(\.type)).map { FeedName(type: $0, source: "//test") }
    let conditions =
      alive.map { FeedOutlook.Condition(name: $0, status: .alive, firstSeen: MetricEvents.exposure) }
      + retired.map { FeedOutlook.Condition(name: $0, status: .retired, firstSeen: MetricEvents.exposure) }
    return trial.findings(evidence, FeedOutlook(conditions), use)
  }

  private func finding(_ metric: JSONValue, _ events: [MetricEvent]) throws -> PlanTrial.Finding {
    try #require(try findings([metric], events).first)
  }

  /// Makes events, one an hour from a day on.
  private func events(_ type: String, from day: Int, _ data: [JSONValue]) throws -> [MetricEvent] {
    try data.enumerated().map { index, data in
      let moment = MetricEvents.moment(day: day, hour: Int64(index % 24)).adding(seconds: Int64(index))
      return try MetricEvents.make(type, data, at: moment, offset: Int64(day * 10_000 + index + 1))
    }
  }

  private func uses(_ accounts: Range<Int>, of feature: String, on day: Int) throws -> [MetricEvent] {
    try events(
      SignalType.featureUsed.rawValue, from: day,
      accounts.map { ["account": .string("a\($0)"), "feature": .string(feature)] })
  }

  @Test("For adoption, the trial gives the active accounts and the share that already uses the feature")
  func adoption() throws {
    let uses = try uses(0..<10, of: "f", on: 3) + uses(0..<100, of: "other", on: 5)
    let found = try finding(["key": "a", "kind": "adoption", "target": ">= 30%"], uses)
    #expect(found.expected == 100 && found.baseline == 0.1)
    #expect(found.measurability.isMeasurable, "\(found.measurability.problems)")
    // Wilson's interval of 30 out of 100, from statsmodels.
    let interval = try #require(found.measurability.interval)
    #expect(abs(interval.low - 0.218_95) < 1e-4 && abs(interval.high - 0.395_85) < 1e-4)
    #expect(found.feeds.map(\.events) == [110] && found.feeds.map(\.fit) == [1])
  }

  @Test("A shorter window uses its own last days, a longer one the accounts of 30 days")
  func length() throws {
    let uses = try uses(0..<50, of: "other", on: 2) + uses(40..<60, of: "other", on: 28)
    let metrics = [7, 30, 90].map { (days: Int64) -> JSONValue in
      ["key": .string("d\(days)"), "kind": "adoption", "target": ">= 30%", "days": .integer(days)]
    }
    #expect(try findings(metrics, uses).map(\.expected) == [20, 60, 60])
  }

  @Test("Events are scaled to the length of the window")
  func scaled() throws {
    let metric: JSONValue = [
      "key": "c", "kind": "custom", "type": .string(Self.type), "aggregate": "count", "target": ">= 500", "days": 60,
    ]
    let found = try finding(metric, try events(Self.type, from: 1, [JSONValue](repeating: [:], count: 40)))
    #expect(found.expected == 80 && found.baseline == 80)
    #expect(found.measurability.isMeasurable, "\(found.measurability.problems)")
  }

  @Test("Conditions that never match, and missing fields, are reported")
  func custom() throws {
    let matched: JSONValue = [
      "key": "c", "kind": "custom", "type": .string(Self.type), "aggregate": "count", "where": ["/data/plan": "pro"],
      "target": ">= 500",
    ]
    let free = try events(Self.type, from: 1, [JSONValue](repeating: ["plan": "free"], count: 10))
    #expect(try finding(matched, free).measurability.problems.contains(.noMatch))
    let sum: JSONValue = [
      "key": "s", "kind": "custom", "type": .string(Self.type), "aggregate": "sum", "field": "/data/ms",
      "target": ">= 800",
    ]
    #expect(try finding(sum, free).baseline == nil, "without a usable value nothing is known, not 0")
    let mean: JSONValue = [
      "key": "m", "kind": "custom", "type": .string(Self.type), "aggregate": "mean", "field": "/data/ms",
      "target": "<= 800",
    ]
    let timed = (0..<10).map { (number: Int64) -> JSONValue in
      number < 8 ? ["ms": .integer(number * 100 + 900)] : [:]
    }
    let found = try finding(mean, try events(Self.type, from: 1, timed))
    #expect(found.expected == 8 && found.baseline == 1_250)
    let missing = Measurability.Problem.missingField(
      feed: "\(Self.type) from //test", field: "/data/ms", fit: 0.8)
    #expect(found.measurability.problems.first == missing)
  }

  @Test("A log that was pruned within the last 30 days is a problem of every metric")
  func pruned() throws {
    let metrics: [JSONValue] = [
      ["key": "a", "kind": "adoption", "target": ">= 30%"], ["key": "t", "kind": "tickets", "forecast": 120],
    ]
    let found = try findings(metrics, try uses(0..<100, of: "other", on: 25), daysLeft: 12)
    #expect(found.allSatisfy { $0.measurability.problems.first == .pruned(days: 12) })
    #expect("\(Measurability.Problem.pruned(days: 1))".hasPrefix("the log was pruned: only 1 day is left"))
  }

  @Test("CSAT needs enough scores of other features", arguments: [15, 30])
  func satisfaction(count: Int) throws {
    let scores = (0..<count).map { number -> JSONValue in
      let score: JSONValue = number % 3 == 0 ? 1 : 5
      return ["ticket": .string("t\(number)"), "score": score, "scale": "1-5", "feature": "other"]
    }
    let found = try finding(
      ["key": "s", "kind": "csat"], try events(SignalType.csatScored.rawValue, from: 4, scores))
    #expect(found.others == count && found.expected == 0)
    #expect(try abs(#require(found.baseline) - 2.0 / 3) < 1e-9)
    let wanted: [Measurability.Problem] = count < 20 ? [.tooFew(expected: count, needed: 20)] : []
    #expect(found.measurability.problems == wanted)
  }

  @Test("New articles are expected to get as many votes as others; the baseline is the plan's")
  func articles() throws {
    let votes = (0..<200).map { number -> JSONValue in
      let article: JSONValue = number % 2 == 0 ? "x" : "y"
      return ["article": article, "voter": .string("v\(number)"), "rating": "up"]
    }
    let events = try events(SignalType.articleRated.rawValue, from: 4, votes)
    let metric: JSONValue = [
      "key": "kb", "kind": "articles", "target": ">= 70% helpful", "articles": ["new"], "baseline": 0.5,
    ]
    let found = try finding(metric, events)
    #expect(found.expected == 100 && found.baseline == 0.5)
    #expect(found.measurability.isMeasurable, "\(found.measurability.problems)")
    let unknown: JSONValue = ["key": "kb", "kind": "articles", "target": ">= 70% helpful", "articles": ["new"]]
    #expect(try finding(unknown, events).measurability.problems == [.noBaseline])
  }

  @Test("Simulated tickets show that a large forecast detects twice as many in the week, a small one does not")
  func tickets() throws {
    let opened = try events(SignalType.ticketOpened.rawValue, from: 4, [["ticket": "t", "account": "a"]])
    let large = try finding(["key": "t", "kind": "tickets", "forecast": 120], opened)
    #expect(large.expected == 120 && large.measurability.isMeasurable)
    #expect(large.alarms.map(\.multiple) == [1.5, 1.5, 2, 2] && large.alarms.map(\.day) == [3, 7, 3, 7])
    #expect(large.alarms[3].probability >= large.alarms[2].probability)
    #expect(large.alarms[3].probability >= large.alarms[1].probability)
    let small = try finding(["key": "t", "kind": "tickets", "forecast": 3], opened)
    #expect(small.measurability.problems == [.spikeMissed(power: small.alarms[3].probability)])
  }

  @Test("A type that was never delivered is the only problem; a retired feed is not if another delivers")
  func feeds() throws {
    let adoption: JSONValue = ["key": "a", "kind": "adoption", "target": ">= 30%"]
    let type = SignalType.featureUsed.rawValue
    #expect(try finding(adoption, []).measurability.problems == [.neverDelivered(feed: type)])
    let old = FeedName(type: type, source: "//old")
    let found = try #require(
      try findings([adoption], try uses(0..<100, of: "other", on: 9), retired: [old]).first)
    #expect(found.measurability.isMeasurable && found.feeds.map(\.name) == ["\(type) from //test"])
    let alone = try #require(try findings([adoption], [], retired: [old]).first)
    #expect(alone.measurability.problems == [.silent(feed: "\(type) from //old")])
  }
}
