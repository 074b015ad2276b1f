import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

@Suite("An unknown figure is not 0")
struct UnknownFigureTests {
  private static let type = "com.example.x"
  private static let adoption: JSONValue = ["key": "a", "kind": "adoption", "target": "<= 30%"]
  private static let tickets: JSONValue = ["key": "t", "kind": "tickets", "forecast": 20]
  private static let views: JSONValue = ["key": "v", "kind": "articles", "target": "<= 5 views", "articles": ["x"]]
  private static let votes: JSONValue = ["key": "h", "kind": "articles", "target": ">= 1% helpful", "articles": ["x"]]
  private let closed = MetricEvents.moment(day: 40)

  private func custom(_ fields: [String: JSONValue]) -> JSONValue {
    let common: [String: JSONValue] = ["key": "c", "kind": "custom", "type": .string(Self.type), "target": "<= 5"]
    return .object(common.merging(fields) { $1 })
  }

  /// A custom metric, and the events of its type with these data.
  private func trial(_ fields: [String: JSONValue], _ data: JSONValue...) throws -> Trial {
    var trial = try Trial(custom(fields))
    for data in data { try trial.add(Self.type, data, day: 3) }
    return trial
  }

  @Test("A sum, distinct count or mean without a usable value is unknown", arguments: ["sum", "distinct", "mean"])
  func withoutValues(aggregate: String) throws {
    let fields: [String: JSONValue] = ["aggregate": .string(aggregate), "field": "/data/ms"]
    let missing = try trial(fields, ["user": "u"], ["ms": .null]).view(at: closed)
    #expect(missing.verdict == .unknown && missing.value == nil)
    #expect(missing.notes == ["no event has a usable value at /data/ms"])
    var filtered = fields
    filtered["where"] = ["/data/user": "v"]
    let unmatched = try trial(filtered, ["user": "u", "ms": 3]).view(at: closed)
    #expect(unmatched.verdict == .unknown && unmatched.value == nil)
    #expect(unmatched.notes == ["no event that matches the metric's where has a usable value at /data/ms"])
  }

  @Test("A count without matching events is 0, with a note; so is a ratio")
  func withoutMatches() throws {
    let condition: JSONValue = ["/data/user": "v"]
    let count = try trial(["aggregate": "count", "where": condition], ["user": "u"]).view(at: closed)
    #expect(count.verdict == .met && count.value == 0)
    #expect(count.notes == ["no event of type com.example.x matches the metric's where"])
    let ratio = try trial(["aggregate": "ratio", "where": condition], ["user": "u"]).view(at: closed)
    #expect(ratio.verdict == .met && ratio.value == 0 && ratio.notes == count.notes)
    let fitting = try trial(["aggregate": "count", "where": condition], ["user": "v"]).view(at: closed)
    #expect(fitting.value == 1 && fitting.notes == [])
  }

  @Test("A ratio without a denominator names the condition that matches no event")
  func withoutDenominator() throws {
    let fields: [String: JSONValue] = [
      "aggregate": "ratio", "where": ["/data/user": "u"], "of": ["/data/plan": "pro"],
    ]
    let view = try trial(fields, ["user": "u", "plan": "free"]).view(at: closed)
    #expect(view.verdict == .unknown && view.value == nil)
    #expect(view.notes == ["no event of type com.example.x matches the metric's of"])
    let other = try trial(fields, ["user": "v", "plan": "pro"]).view(at: closed)
    #expect(other.value == 0 && other.notes == ["no event that matches the metric's of also matches its where"])
  }

  @Test("If fewer than half of the matching events have a usable value, a note gives both numbers")
  func fewValues() throws {
    for aggregate in ["sum", "mean"] as [JSONValue] {
      let fields: [String: JSONValue] = [
        "aggregate": aggregate, "field": "/data/ms", "where": ["/data/user": "u"],
      ]
      let few = try trial(fields, ["user": "u", "ms": 4], ["user": "u"], ["user": "u", "ms": "4"], ["user": "v"])
      #expect(try few.view(at: closed).value == 4)
      #expect(try few.view(at: closed).notes == ["events with a usable value at /data/ms: only 1 of 3"])
      let half = try trial(fields, ["user": "u", "ms": 4], ["user": "u"], ["user": "v"], ["user": "v"])
      #expect(try half.view(at: closed).notes == [])
    }
  }

  @Test("A figure computed from a pruned log is unknown, even while its window is open")
  func pruned() throws {
    var trial = try Trial([Self.adoption, Self.views, custom(["aggregate": "count"]), Self.tickets])
    try trial.add(.featureUsed, ["account": "a", "feature": "f"], day: 1)
    try trial.add(.articleViewed, ["article": "x"], day: 1)
    try trial.add(Self.type, [:], day: 1)
    try trial.add(.ticketOpened, ["ticket": "T", "account": "a", "feature": "f"], day: 1)
    for (day, verdict) in [(5, Verdict.pending), (40, .met)] {
      var evaluation = try trial.evaluation(at: MetricEvents.moment(day: day))
      for spec in evaluation.evidence.projections.keys { evaluation.evidence.projections[spec]?.prunedBefore = 9 }
      let views = evaluation.views()
      #expect(views.map(\.verdict) == [.unknown, .unknown, .unknown, verdict])
      let note = "the log was pruned: events before offset 9 are missing from this figure"
      #expect(views.map { $0.notes.contains(note) } == [true, true, true, false])
      let gap = try #require(evaluation.gap("a"))
      #expect(gap.verdict == .unknown && gap.value == nil && gap.gap == nil && gap.dimensions == [])
    }
  }

  @Test("If events are delivered but never name the feature, the figure has a note")
  func neverNamed() throws {
    var trial = try Trial([Self.tickets, ["key": "s", "kind": "csat"], Self.views, Self.votes])
    func notes(_ about: String) throws -> [Bool] {
      try trial.views(at: closed).map { view in view.notes.contains { $0.contains(about) } }
    }
    #expect(try notes("are delivered, but none is") == [false, false, false, false])
    try trial.add(.ticketOpened, ["ticket": "T", "account": "a", "feature": "g"], day: 1)
    try trial.score("T", 5)
    try trial.add(.articleViewed, ["article": "y"], day: 1)
    try trial.add(.articleRated, ["article": "y", "rating": "up"], day: 1)
    #expect(try notes("are delivered, but none is about f") == [true, true, false, false])
    #expect(try notes("are delivered, but none is about an article of f") == [false, false, true, true])
    #expect(try trial.views(at: closed).map(\.value) == [0, nil, 0, nil])
    try trial.add(.ticketOpened, ["ticket": "U", "account": "a", "feature": "f"], day: 1)
    try trial.score("U", 5)
    try trial.add(.articleViewed, ["article": "x"], day: 1)
    try trial.add(.articleRated, ["article": "x", "rating": "up"], day: 1)
    #expect(try notes("are delivered, but none is") == [false, false, false, false])
  }

  @Test("That no use is about the feature is noted only if uses were delivered in the window")
  func noUses() throws {
    // Half an hour after 09:00 UTC, so that the window's first hour with events began before it.
    let start = MetricEvents.exposure.adding(seconds: 1_800)
    var trial = try Trial(Self.adoption, attempt: Attempt(number: 1, startedAt: start, knownSince: start))
    try trial.add(.accountActive, ["account": "a"], at: start.adding(seconds: 60))
    func isNoted(lastUse seconds: Int64) throws -> Bool {
      var evaluation = try trial.evaluation(at: MetricEvents.moment(day: 2))
      let last = MetricEvents.exposure.adding(seconds: seconds)
      let hours = Array(-900...Int((Double(seconds) / 3_600).rounded(.down)))
      evaluation.evidence.feeds = FeedOutlook([
        FeedOutlook.Condition(
          name: FeedName(type: SignalType.featureUsed.rawValue, source: "//test"), status: .alive,
          firstSeen: MetricEvents.moment(day: -40), lastSeen: last, deliveries: MetricEvents.deliveries(hours))
      ])
      let view = try #require(evaluation.views().first)
      #expect(view.numerator == 0 && view.denominator == 1)
      return view.notes.contains { $0.contains("none is about f") }
    }
    #expect(try !isNoted(lastUse: -7_200))
    #expect(try !isNoted(lastUse: 1_799), "in the hour of the exposure, but before it")
    #expect(try isNoted(lastUse: 1_800))
    #expect(try isNoted(lastUse: 36 * 3_600))
  }

  @Test("A helpful rate without any article names that as the reason")
  func noArticles() throws {
    var trial = try Trial(["key": "h", "kind": "articles", "target": ">= 70% helpful"])
    try trial.add(.articleRated, ["article": "x", "rating": "up"], day: 1)
    #expect(
      try trial.view(at: closed).notes == ["no article is named in the plan or published for the feature"])
  }

  @Test("Tickets with updates but without a delivered opening are counted in a note")
  func unopened() throws {
    var trial = try Trial(Self.tickets)
    try trial.add(.ticketUpdated, ["ticket": "T", "feature": "f"], day: 1)
    try trial.add(.ticketUpdated, ["ticket": "U", "tags": ["f"]], day: 2)
    try trial.add(.ticketUpdated, ["ticket": "V", "feature": "g"], day: 2)
    try trial.add(.ticketUpdated, ["ticket": "W", "feature": "f"], day: 20)
    func note() throws -> String? { try trial.view(at: closed).notes.last }
    let rest = "about f not counted: updated in the window, but no ticket.opened was delivered"
    #expect(try note() == "2 tickets \(rest)")
    #expect(try trial.view(at: closed).verdict == .unknown)
    try trial.add(.ticketOpened, ["ticket": "T", "account": "a"], day: 3)
    #expect(try note() == "1 ticket \(rest)")
    #expect(try trial.view(at: closed).value == 1)
  }

  @Test("Scores without a feature or known ticket count neither for the feature nor for the others")
  func unknownSubjects() throws {
    var trial = try Trial(["key": "s", "kind": "csat"])
    try trial.score("own", 5, feature: "f")
    try trial.score("other", 5, feature: "g")
    try trial.score("known", 1)
    try trial.add(.ticketOpened, ["ticket": "known", "account": "a"], day: 1)
    func others() throws -> Int? { try trial.view(at: closed).satisfaction?.others }
    #expect(try others() == 2)
    for number in 0..<12 { try trial.score("x\(number)", 1) }
    #expect(try others() == 2)
    let note = "12 scores name no feature and no known ticket, and are left out"
    #expect(try trial.view(at: closed).notes.contains(note))
  }

  @Test("While a figure is unknown, its series has no value on days without any event of the type")
  func series() throws {
    var trial = try Trial([Self.tickets, custom(["aggregate": "count"]), Self.views])
    func values(_ key: String, silentFrom day: Int? = nil) throws -> [Double?]? {
      var evaluation = try trial.evaluation(at: MetricEvents.moment(day: 3))
      if let day {
        let hours = (0..<day * 24).map { $0 }
        evaluation.evidence.feeds = FeedOutlook([
          FeedOutlook.Condition(
            name: FeedName(type: SignalType.ticketOpened.rawValue, source: "//test"), status: .alive,
            firstSeen: MetricEvents.exposure, lastSeen: MetricEvents.exposure.adding(days: day),
            deliveries: MetricEvents.deliveries(hours))
        ])
      }
      return evaluation.series(key)?.map(\.value)
    }
    for key in ["t", "c", "v"] { #expect(try values(key) == [nil, nil, nil]) }
    try trial.add(.ticketOpened, ["ticket": "T", "account": "a", "feature": "g"], day: 1)
    try trial.add(Self.type, [:], day: 1)
    #expect(try values("t") == [0, 0, 0] && values("c") == [0, 1, 0])
    #expect(try values("t", silentFrom: 1) == [nil, 0, nil])
  }

  @Test("While the log is searched for what feeds delivered, every figure is unknown")
  func searching() throws {
    var trial = try Trial(Self.tickets)
    try trial.add(.ticketOpened, ["ticket": "T", "account": "a", "feature": "f"], day: 1)
    var evaluation = try trial.evaluation(at: closed)
    evaluation.evidence.isSearchingFeeds = true
    let view = try #require(evaluation.views().first)
    #expect(view.verdict == .unknown && view.notes.contains { $0.contains("still being searched") })
  }

  @Test("While its window is open, adoption has no value and no days if no use was ever delivered")
  func neverDelivered() throws {
    var trial = try Trial(Self.adoption)
    try trial.add(.accountActive, ["account": "a"], day: 0)
    func evaluation(_ types: SignalType...) throws -> Evaluation {
      var evaluation = try trial.evaluation(at: MetricEvents.moment(day: 2))
      evaluation.evidence.feeds = FeedOutlook(
        types.map {
          FeedOutlook.Condition(
            name: FeedName(type: $0.rawValue, source: "//test"), status: .alive,
            firstSeen: MetricEvents.moment(day: 0), lastSeen: MetricEvents.moment(day: 2),
            deliveries: MetricEvents.deliveries(Array(0..<48)))
        })
      return evaluation
    }
    let unknown = try evaluation(.accountActive)
    #expect(unknown.views().map(\.verdict) == [.pending] && unknown.views().map(\.value) == [nil])
    #expect(unknown.views().map(\.projection) == [nil])
    #expect(unknown.series("a")?.map(\.value) == [nil, nil])
    let known = try evaluation(.accountActive, .featureUsed)
    #expect(known.views().map(\.value) == [0] && known.series("a")?.map(\.value) == [0, 0])
  }
}
