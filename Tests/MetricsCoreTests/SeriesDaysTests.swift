import Contract
import JSON
import LaunchModel
import MetricsCore
import Testing

/// The days of a series, in a window of seven days.
@Suite("Days in series")
struct SeriesDaysTests {
  private static let metrics: [JSONValue] = [
    ["key": "adoption", "kind": "adoption", "target": ">= 1%", "days": 7],
    ["key": "tickets", "kind": "tickets", "forecast": 20, "days": 7],
    ["key": "csat", "kind": "csat", "days": 7],
    ["key": "views", "kind": "articles", "target": ">= 1 views", "articles": ["x"], "days": 7],
    ["key": "votes", "kind": "articles", "target": ">= 1% helpful", "articles": ["x"], "days": 7],
    [
      "key": "custom", "kind": "custom", "type": "com.example.x", "aggregate": "count", "target": ">= 1", "days": 7,
    ],
  ]
  private static let byDay = ["tickets", "csat", "views", "votes", "custom"]

  /// The days of a metric's series, asked that many microseconds after exposure.
  private func days(
    _ key: String, after microseconds: Int64, attempt: Attempt = MetricEvents.attempt()
  ) throws -> [Int] {
    let now = Timestamp(microseconds: MetricEvents.exposure.microseconds + microseconds)
    let series = try Trial(Self.metrics, attempt: attempt).evaluation(at: now).series(key)
    return try #require(series).map(\.day)
  }

  @Test(
    "A series has the days of the window that have begun, and that of adoption those that are over",
    arguments: [
      (0, 1, 0), (1, 1, 0), (86_399_999_999, 1, 0),
      (86_400_000_000, 1, 1), (86_400_000_001, 2, 1), (604_799_999_999, 7, 6),
      (604_800_000_000, 7, 7), (2_592_000_000_000, 7, 7),
    ] as [(Int64, Int, Int)])
  func begun(microseconds: Int64, begun: Int, over: Int) throws {
    for key in Self.byDay { #expect(try days(key, after: microseconds) == Array(1...begun), "\(key)") }
    #expect(try days("adoption", after: microseconds) == (0..<over).map { $0 + 1 })
  }

  @Test("A rollback cuts the series within its day")
  func rolledBack() throws {
    let cut = MetricEvents.attempt(rolledBackAt: MetricEvents.moment(day: 2, hour: 12))
    for key in Self.byDay { #expect(try days(key, after: 432_000_000_000, attempt: cut) == [1, 2, 3], "\(key)") }
    #expect(try days("adoption", after: 432_000_000_000, attempt: cut) == [1, 2])
  }

  @Test("Before the exposure a series has no days, and there is none of a metric that the plan does not have")
  func unexposed() throws {
    let evaluation = try Trial(Self.metrics, attempt: nil).evaluation(at: MetricEvents.exposure)
    for key in Self.byDay + ["adoption"] { #expect(evaluation.series(key)?.isEmpty == true, "\(key)") }
    #expect(evaluation.series("else") == nil)
  }

  @Test("A day counts what happened in its 24 hours, its beginning included and its end not")
  func edges() throws {
    var trial = try Trial(Self.metrics)
    let third = MetricEvents.moment(day: 2)
    let moments = [
      MetricEvents.exposure, MetricEvents.moment(day: 1), Timestamp(microseconds: third.microseconds - 1), third,
    ]
    for (number, moment) in moments.enumerated() {
      try trial.add(.ticketOpened, ["ticket": .string("t\(number)"), "account": "a", "feature": "f"], at: moment)
      try trial.add(.articleViewed, ["article": "x"], at: moment)
    }
    let evaluation = try trial.evaluation(at: MetricEvents.moment(day: 3))
    for key in ["tickets", "views"] { #expect(evaluation.series(key)?.map(\.value) == [1, 2, 1], "\(key)") }
  }
}
