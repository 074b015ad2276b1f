import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("Rules decided for unclear cases (product.md, section 4)")
struct DecidedRulesTests {
  private let closed = MetricEvents.moment(day: 40)

  @Test("An account closed at the very end of the window still counts; one closed earlier does not")
  func statesAtTheEnd() throws {
    for (seconds, count) in [(Int64(-1), 1), (0, 2)] {
      let end = MetricEvents.moment(day: 30)
      var trial = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%"])
      for account in ["a", "b"] { try trial.add(.featureUsed, ["account": .string(account), "feature": "f"], day: 1) }
      try trial.add(.accountChanged, ["account": "a", "state": "closed"], at: end.adding(seconds: seconds))
      let view = try trial.view(at: closed)
      #expect(view.denominator == count)
    }
  }

  @Test("A late use restates a figure only if it changes the counts")
  func lateUses() throws {
    var trial = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%"])
    try trial.add(.featureUsed, ["account": "a", "feature": "f"], day: 1)
    try trial.add(.featureUsed, ["account": "a", "feature": "f"], day: 2, storedOn: 35)
    #expect(try trial.view(at: closed).restated == false)
    // The same account, earlier than was known: day 1 of the curve had one account less at its end.
    try trial.add(.featureUsed, ["account": "a", "feature": "f"], day: 0, storedOn: 35)
    #expect(try trial.view(at: closed).restated == true)
  }

  @Test("A late merge restates adoption, and a late close restates tickets")
  func lateChanges() throws {
    var adoption = try Trial(["key": "a", "kind": "adoption", "target": ">= 30%"])
    for account in ["a", "b"] { try adoption.add(.featureUsed, ["account": .string(account), "feature": "f"], day: 1) }
    #expect(try adoption.view(at: closed).restated == false)
    try adoption.add(.accountChanged, ["account": "a", "state": "merged", "mergedInto": "b"], day: 3, storedOn: 33)
    #expect(try adoption.view(at: closed).restated == true)
    #expect(try adoption.view(at: closed).denominator == 1)

    var tickets = try Trial(["key": "t", "kind": "tickets", "forecast": 3])
    try tickets.add(.ticketOpened, ["ticket": "t", "account": "a", "feature": "f"], day: 1)
    try tickets.add(.accountChanged, ["account": "other", "state": "closed"], day: 2, storedOn: 20)
    #expect(try tickets.view(at: closed).restated == false)
    try tickets.add(.accountChanged, ["account": "a", "state": "closed"], day: 2, storedOn: 20)
    #expect(try tickets.view(at: closed).restated == true)
    #expect(try tickets.view(at: closed).numerator == nil || tickets.view(at: closed).numerator == 0)
  }

  @Test("The watermark comes from the feeds, up to the window's end, and not from the feature's last event")
  func watermark() throws {
    var trial = try Trial(["key": "t", "kind": "tickets", "forecast": 3])
    try trial.add(.ticketOpened, ["ticket": "t", "account": "a", "feature": "f"], day: 1)
    func watermark(_ days: [Int]) throws -> Timestamp? {
      var evaluation = try trial.evaluation(at: MetricEvents.moment(day: 5))
      evaluation.evidence.feeds = FeedOutlook(
        days.enumerated().map { index, day in
          FeedOutlook.Condition(
            name: FeedName(type: SignalType.ticketOpened.rawValue, source: "//\(index)"), status: .alive,
            firstSeen: MetricEvents.exposure, lastSeen: MetricEvents.moment(day: day))
        })
      return evaluation.views().first?.watermark
    }
    #expect(try watermark([2, 4]) == MetricEvents.moment(day: 4))
    #expect(try watermark([40]) == MetricEvents.moment(day: 7))
    #expect(try watermark([]) == MetricEvents.moment(day: 1).adding(seconds: 1))
  }

  @Test("A score keeps its feature if the interaction is scored again without naming one")
  func scoredAgain() throws {
    var trial = try Trial(["key": "c", "kind": "csat"])
    try trial.score("t", 5, feature: "f", channel: "chat")
    try trial.score("t", 1)
    for index in 0..<30 { try trial.score("o\(index)", 5, feature: "g", channel: "chat") }
    let view = try trial.view(at: closed)
    #expect(view.n == 1)
    #expect(view.numerator == 0)
  }

  @Test("Of a voter's votes on an article only the latest counts, whatever its locale")
  func votesInLocales() throws {
    var trial = try Trial(["key": "kb", "kind": "articles", "target": ">= 70% helpful", "articles": ["x"]])
    try trial.add(.articleRated, ["article": "x", "rating": "down", "voter": "v", "locale": "de"], day: 3)
    try trial.add(.articleRated, ["article": "x", "rating": "up", "voter": "v"], day: 4)
    #expect(try trial.view(at: closed).numerator == 1)
    #expect(try trial.view(at: closed).denominator == 1)
  }

  @Test("A custom distinct count of accounts respects merges and exclusions")
  func distinctAccounts() throws {
    var trial = try Trial([
      "key": "x", "kind": "custom", "type": "com.example.x", "aggregate": "distinct", "field": "/data/account",
      "target": ">= 2",
    ])
    for account in ["a", "b", "c", "d"] { try trial.add("com.example.x", ["account": .string(account)], day: 1) }
    #expect(try trial.view(at: closed).value == 4)
    try trial.add(.accountChanged, ["account": "a", "state": "merged", "mergedInto": "b"], day: 2)
    try trial.add(.accountChanged, ["account": "c", "state": "test"], day: 2)
    #expect(try trial.view(at: closed).value == 2)
  }

  @Test("A sum adds the matching events' numbers in the same order whenever it is computed")
  func sums() throws {
    var trial = try Trial([
      "key": "x", "kind": "custom", "type": "com.example.x", "aggregate": "sum", "field": "/data/amount",
      "where": ["/data/paid": true], "target": ">= 1",
    ])
    for amount in [1e16, 1, -1e16, 0.25, 0.25] {
      try trial.add("com.example.x", ["amount": .number(amount), "paid": true], day: 1)
    }
    try trial.add("com.example.x", ["amount": 70, "paid": false], day: 1)
    try trial.add("com.example.x", ["amount": "7", "paid": true], day: 1)
    let view = try trial.view(at: closed)
    // Ascending: -1e16 + 2 × 0.25 + 1 + 1e16 in doubles.
    #expect(view.value == -1e16 + 0.5 + 1 + 1e16)
    #expect(view.n == 5)
  }
}
