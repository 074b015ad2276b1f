import JSON
import Contract
import LaunchModel
import MetricsCore
import Testing

@Suite("Verdicts")
struct EvaluationTests {
  private let closed = MetricEvents.moment(day: 40)

  @Test("Metrics are pending before the first exposure")
  func notExposed() throws {
    let view = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%"], attempt: nil).view(at: closed)
    #expect(view.verdict == .pending)
    #expect(view.windowStart == nil)
  }

  @Test("Adoption is pending until its window ends, and then met or missed by its value")
  func adoption() throws {
    var trial = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%"])
    for index in 0..<10 {
      try trial.add(
        index < 3 ? .featureUsed : .accountActive, ["account": .string("a\(index)"), "feature": "f"], day: 1)
    }
    let view = try trial.view(at: closed)
    #expect(view.verdict == .met)
    #expect(view.value == 0.3)
    #expect(view.n == 10)
    #expect(view.curve?.count == 30)
    #expect(view.windowEnd == MetricEvents.moment(day: 30))
    #expect(try trial.view(at: MetricEvents.moment(day: 29)).verdict == .pending)
    #expect(try trial.view(at: MetricEvents.moment(day: 30)).verdict == .met)
    try trial.add(.accountActive, ["account": "one-more"], day: 2)
    #expect(try trial.view(at: closed).verdict == .missed)
  }

  @Test("A rollback makes open windows inconclusive, but not closed ones")
  func rollback() throws {
    let metrics: [JSONValue] = [
      ["key": "short", "kind": "adoption", "target": ">= 30%", "days": 2],
      ["key": "long", "kind": "adoption", "target": ">= 30%"], ["key": "t", "kind": "tickets", "forecast": 3],
    ]
    var trial = try Trial(metrics, attempt: MetricEvents.attempt(rolledBackAt: MetricEvents.moment(day: 3)))
    try trial.add(.featureUsed, ["account": "a", "feature": "f"], day: 1)
    #expect(try trial.views(at: closed).map(\.verdict) == [.met, .inconclusive, .inconclusive])
  }

  @Test(
    "Without data, every kind is unknown, never 0% and never met",
    arguments: [
      ["key": "k", "kind": "adoption", "target": "<= 30%"], ["key": "k", "kind": "tickets", "forecast": 120],
      ["key": "k", "kind": "csat"], ["key": "k", "kind": "articles", "target": ">= 70% helpful", "articles": ["x"]],
      ["key": "k", "kind": "articles", "target": "<= 5 views", "articles": ["x"]],
      ["key": "k", "kind": "articles", "target": "<= 5 views"],
      ["key": "k", "kind": "custom", "type": "com.example.x", "aggregate": "count", "target": "<= 5"],
      [
        "key": "k", "kind": "custom", "type": "com.example.x", "aggregate": "mean", "field": "/data/ms",
        "target": "<= 5",
      ],
    ] as [JSONValue])
  func noData(metric: JSONValue) throws {
    let view = try Trial(metric).view(at: closed)
    #expect(view.verdict == .unknown)
    #expect(view.value == nil)
    #expect(!view.notes.isEmpty)
  }

  @Test(
    "Tickets are met within the forecast, missed with a spike, and otherwise inconclusive",
    // By `Oracle/spikes.py`, after every ticket: 40 end with an e-value of 16.6, and 45 reach 21.9 with the 39th.
    arguments: [(0, Verdict.met), (20, .met), (21, .inconclusive), (40, .inconclusive), (45, .missed), (60, .missed)])
  func tickets(count: Int, verdict: Verdict) throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20])
    try trial.add(.ticketOpened, ["ticket": "other", "account": "a", "feature": "g"], day: 0)
    for index in 0..<count {
      try trial.add(.ticketOpened, ["ticket": .string("t\(index)"), "account": "a", "feature": "f"], day: index % 7)
    }
    let view = try trial.view(at: closed)
    #expect(view.verdict == verdict)
    #expect(view.value == Double(count))
    let isNamed = view.notes.contains { $0.hasSuffix(" as under the forecast (alarm from 20 times)") }
    #expect(isNamed == (verdict == .missed), "\(view.notes)")
  }

  @Test(
    "An e-value is shown as how many times likelier the tickets are under a raised rate, rounded down",
    arguments: [
      (75.3, "75"), (20.99, "20"), (10, "10"), (9.99, "9.9"), (0.46, "0.4"), (999_999.9, "999999"),
      (1_000_000_000, "over a million"),
    ] as [(Double, String)])
  func likelihood(evidence: Double, times: String) {
    let spike = SpikeView(raisedAt: nil, count: 0, expected: 10, ratio: 2, evidence: evidence, dispersion: 2)
    #expect(
      spike.likelihood == "\(times) times as likely under a raised rate as under the forecast (alarm from 20 times)")
  }

  @Test("Without an hourly profile of earlier tickets, a whole day's tickets are expected by the day's end")
  func wholeDay() throws {
    let trial = try Trial(["key": "t", "kind": "tickets", "forecast": 120])
    func view(day: Int, hour: Int64) throws -> MetricView {
      try trial.view(at: MetricEvents.moment(day: day, hour: hour))
    }
    let first = try view(day: 0, hour: 1)
    #expect(first.notes.first == "33.6 of the 120 forecast tickets expected by the end of day 1")
    #expect(first.spike?.wholeDay == 1)
    #expect(try view(day: 1, hour: 0).spike?.wholeDay == 2)
    #expect(try view(day: 6, hour: 23).spike?.wholeDay == 7)
    let over = try view(day: 7, hour: 0)
    #expect(over.notes.first == "120 of the 120 forecast tickets expected by now")
    #expect(over.spike?.wholeDay == nil)
  }

  @Test("With an hourly profile of earlier tickets, only tickets due by now are expected")
  func profile() throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 120])
    for hour in 0..<(30 * 24) {
      let moment = MetricEvents.moment(day: -30, hour: Int64(hour))
      try trial.add(.ticketOpened, ["ticket": .string("t\(hour)"), "account": "a"], at: moment)
    }
    let view = try trial.view(at: MetricEvents.moment(day: 0, hour: 6))
    let spike = try #require(view.spike)
    #expect(spike.wholeDay == nil && spike.expected < 33)
    #expect(view.notes.first?.hasSuffix(" of the 120 forecast tickets expected by now") == true)
  }

  @Test(
    "Every kind of metric has a comparison value",
    arguments: [
      (["key": "k", "kind": "adoption", "target": ">=30%"], ">= 30%"),
      (["key": "k", "kind": "tickets", "forecast": 120], "forecast 120"),
      (["key": "k", "kind": "tickets", "forecast": 12.5], "forecast 12.5"),
      (["key": "k", "kind": "csat", "margin": "5%"], "margin 5%"),
      (["key": "k", "kind": "articles", "target": ">= 1000 views"], ">= 1000 views"),
      (["key": "k", "kind": "custom", "type": "com.example.x", "aggregate": "count", "target": "< 5"], "< 5"),
    ] as [(JSONValue, String)])
  func expectation(metric: JSONValue, text: String) throws {
    #expect(try Trial(metric).view(at: closed).expectation == text)
    #expect(try Trial(metric, attempt: nil).view(at: closed).expectation == text)
  }

  @Test("A spike is both large and statistically surprising")
  func spike() {
    #expect(!TicketSpike(count: 6, forecast: 2, looks: 7).isSpike)
    #expect(!TicketSpike(count: 1200, forecast: 1000, looks: 7).isSpike)
    #expect(TicketSpike(count: 1500, forecast: 1000, looks: 7).isSpike)
    #expect(TicketSpike(count: 5, forecast: 0, looks: 7).isSpike)
    #expect(!TicketSpike(count: 4, forecast: 0, looks: 7).isSpike)
  }

  @Test("A helpful rate is judged by its confidence interval, and only above the minimum of votes")
  func helpful() throws {
    #expect(try helpful(up: 90, of: 100).verdict == .met)
    #expect(try helpful(up: 70, of: 100).verdict == .inconclusive)
    #expect(try helpful(up: 50, of: 100).verdict == .missed)
    #expect(try helpful(up: 19, of: 19).verdict == .inconclusive)
    #expect(try helpful(up: 20, of: 20).verdict == .met)
  }

  @Test("Each voter's latest vote in the window counts")
  func votes() throws {
    var trial = try Trial(["key": "kb", "kind": "articles", "target": ">= 70% helpful"])
    try trial.add(.articlePublished, ["article": "x", "locale": "en", "feature": "f"], day: -20)
    try trial.add(.articleRated, ["article": "x", "rating": "up", "voter": "v"], day: 3)
    try trial.add(.articleRated, ["article": "x", "rating": "down", "voter": "v"], day: 5)
    try trial.add(.articleRated, ["article": "x", "rating": "down", "voter": "v"], day: 2)
    try trial.add(.articleRated, ["article": "x", "rating": "up", "voter": "v"], day: 31)
    try trial.add(.articleRated, ["article": "x", "rating": "up"], day: 4)
    try trial.add(.articleRated, ["article": "x", "rating": "up"], day: 4)
    try trial.add(.articleRated, ["article": "y", "rating": "up"], day: 4)
    let view = try trial.view(at: closed)
    #expect(view.numerator == 2)
    #expect(view.denominator == 3)
  }

  @Test("Views count for articles that are named in the metric or published for the feature")
  func views() throws {
    var trial = try Trial(["key": "kb", "kind": "articles", "target": ">= 3 views", "articles": ["named"]])
    try trial.add(.articlePublished, ["article": "published", "locale": "en", "launch": "trial"], day: 9)
    for article in ["named", "published", "named", "other"] {
      try trial.add(.articleViewed, ["article": .string(article)], day: 4)
    }
    #expect(try trial.view(at: closed).value == 3)
    #expect(try trial.view(at: closed).verdict == .met)
  }

  @Test("Satisfaction is compared with all other features in the same window and channel")
  func satisfaction() throws {
    #expect(try satisfaction(own: (40, 50), others: (400, 500)).verdict == .inconclusive)
    #expect(try satisfaction(own: (48, 50), others: (400, 500)).verdict == .met)
    #expect(try satisfaction(own: (30, 50), others: (400, 500)).verdict == .missed)
    #expect(try satisfaction(own: (39, 50), others: (400, 500), margin: "15%").verdict == .met)
    #expect(try satisfaction(own: (5, 5), others: (0, 0)).verdict == .unknown)
  }

  @Test("Scores from another channel are not compared")
  func channels() throws {
    var trial = try Trial(["key": "c", "kind": "csat"])
    try trial.score("own", 5, feature: "f", channel: "chat")
    try trial.score("mail", 5, feature: "f", channel: "email")
    try trial.score("other", 1, feature: "g", channel: "email")
    let view = try trial.view(at: closed)
    #expect(view.n == 1)
    #expect(view.notes.contains { $0.contains("1 score left out") })
  }

  @Test("A score belongs to the feature of the score or its ticket, and only a ticket's latest score counts")
  func scores() throws {
    var trial = try Trial(["key": "c", "kind": "csat"])
    try trial.add(.ticketOpened, ["ticket": "t1", "account": "a", "tags": ["f"]], day: 1)
    try trial.score("t1", 1)
    try trial.score("t1", 5)
    try trial.score("t2", 5, feature: "g")
    let view = try trial.view(at: closed)
    #expect(view.numerator == 1)
    #expect(view.denominator == 1)
  }

  @Test(
    "A custom metric counts, counts distinct values, divides or averages the matching events",
    arguments: [
      (["aggregate": "count", "where": ["/data/plan": "pro"]], 3), (["aggregate": "count"], 4),
      (["aggregate": "distinct", "field": "/data/user"], 3),
      (["aggregate": "ratio", "where": ["/data/plan": "pro"]], 0.75),
      (["aggregate": "ratio", "where": ["/data/plan": "pro"], "of": ["/data/user": "u1"]], 0.5),
      (["aggregate": "mean", "field": "/data/ms"], 20), (["aggregate": "count", "where": ["/data/ms": 10.0]], 1),
    ] as [(JSONValue, Double)])
  func custom(fields: JSONValue, value: Double) throws {
    let common: [String: JSONValue] = ["key": "c", "kind": "custom", "type": "com.example.x", "target": ">= 0"]
    var trial = try Trial(.object(common.merging(fields.objectValue ?? [:]) { $1 }))
    for (user, plan, ms) in [
      ("u1", "pro", Optional<Int64>(10)), ("u1", "free", 20), ("u2", "pro", 30), ("u3", "pro", nil),
    ] {
      var data: [String: JSONValue] = ["user": .string(user), "plan": .string(plan)]
      data["ms"] = ms.map { .integer($0) }
      try trial.add("com.example.x", .object(data), day: 3)
    }
    try trial.add("com.example.other", ["plan": "pro", "user": "u9", "ms": 1000], day: 3)
    try trial.add("com.example.x", ["plan": "pro", "user": "u9", "ms": 1000], day: 31)
    #expect(try trial.view(at: closed).value == value)
  }

  @Test("Excluded accounts are left out of every kind")
  func excludedAccounts() throws {
    var trial = try Trial([
      ["key": "t", "kind": "tickets", "forecast": 20], ["key": "c", "kind": "csat"],
      ["key": "v", "kind": "articles", "target": ">= 1 views", "articles": ["x"]],
      ["key": "x", "kind": "custom", "type": "com.example.x", "aggregate": "count", "target": ">= 1"],
    ])
    try trial.add(.accountChanged, ["account": "staff", "state": "internal"], day: -1)
    for account: JSONValue in ["staff", "customer"] {
      let ticket: JSONValue = account
      try trial.add(.ticketOpened, ["ticket": ticket, "account": account, "feature": "f"], day: 1)
      try trial.add(.csatScored, ["ticket": ticket, "score": "up", "scale": "thumbs"], day: 2)
      try trial.add(.articleViewed, ["article": "x", "account": account], day: 2)
      try trial.add("com.example.x", ["account": account], day: 2)
    }
    try trial.score("other", 4, feature: "g")
    #expect(try trial.views(at: closed).map(\.n) == [1, 1, 1, 1])
  }

  @Test("A figure that late events changed is marked as restated")
  func restated() throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20])
    try trial.add(.ticketOpened, ["ticket": "t1", "account": "a", "feature": "f"], day: 1)
    #expect(try !trial.view(at: closed).restated)
    try trial.add(.ticketOpened, ["ticket": "t2", "account": "a", "feature": "g"], day: 1, storedOn: 20)
    #expect(try !trial.view(at: closed).restated)
    try trial.add(.ticketUpdated, ["ticket": "t2", "feature": "f"], day: 20)
    let view = try trial.view(at: closed)
    #expect(view.restated)
    #expect(view.value == 2)
  }

  @Test("A series contains each day that has begun")
  func series() throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 20])
    for (index, day) in [0, 0, 2].enumerated() {
      try trial.add(.ticketOpened, ["ticket": .string("t\(index)"), "account": "a", "feature": "f"], day: day)
    }
    #expect(try trial.evaluation(at: MetricEvents.moment(day: 3)).series("t")?.map(\.numerator) == [2, 0, 1])
    #expect(try trial.evaluation(at: closed).series("t")?.count == 7)
    #expect(try trial.evaluation(at: closed).series("nope") == nil)
  }

  private func helpful(up: Int, of total: Int) throws -> MetricView {
    var trial = try Trial(["key": "kb", "kind": "articles", "target": ">= 70% helpful", "articles": ["x"]])
    for index in 0..<total {
      try trial.add(.articleRated, ["article": "x", "rating": index < up ? "up" : "down"], day: 2)
    }
    return try trial.view(at: closed)
  }

  private func satisfaction(
    own: (satisfied: Int, total: Int), others: (satisfied: Int, total: Int), margin: String = "0"
  ) throws -> MetricView {
    var trial = try Trial(["key": "c", "kind": "csat", "margin": .string(margin)])
    for index in 0..<own.total { try trial.score("own\(index)", index < own.satisfied ? 5 : 2, feature: "f") }
    for index in 0..<others.total { try trial.score("o\(index)", index < others.satisfied ? 4 : 1, feature: "g") }
    return try trial.view(at: closed)
  }
}
