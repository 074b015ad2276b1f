import JSON
import Contract
import LaunchModel
import MetricsCore
import TestSupport
import Testing

@Suite("Adoption in a window")
struct AdoptionTests {
  @Test("Accounts count once: in the numerator with a use, in the denominator with any activity")
  func counts() throws {
    let figures = try figures([
      use("a", day: 0), use("a", day: 3), use("b", "other", day: 1), active("c", day: 2), active("a", day: 5),
      use("c", day: 9),
    ])
    #expect(figures.adopted == 2)
    #expect(figures.active == 3)
    #expect(figures.curve[0] == CurvePoint(day: 1, numerator: 1, denominator: 1))
    #expect(figures.curve[1] == CurvePoint(day: 2, numerator: 1, denominator: 2))
    #expect(figures.curve[8] == CurvePoint(day: 9, numerator: 1, denominator: 3))
    #expect(figures.curve[9] == CurvePoint(day: 10, numerator: 2, denominator: 3))
    #expect(figures.curve.count == 30)
  }

  @Test("The window includes its start and excludes its end")
  func edges() throws {
    let end = MetricEvents.moment(day: 30)
    let figures = try figures([
      MetricEvents.make(.featureUsed, ["feature": "f", "account": "start"], at: MetricEvents.exposure),
      MetricEvents.make(.featureUsed, ["feature": "f", "account": "end"], at: end),
      MetricEvents.make(
        .featureUsed, ["feature": "f", "account": "last"], at: Timestamp(microseconds: end.microseconds - 1)),
      MetricEvents.make(
        .featureUsed, ["feature": "f", "account": "before"],
        at: Timestamp(microseconds: MetricEvents.exposure.microseconds - 1)),
    ])
    #expect(figures.adopted == 2)
    #expect(figures.active == 2)
  }

  @Test("Internal, test and closed accounts are excluded by their state before each day's end")
  func excluded() throws {
    let changes = [
      AccountChange(account: "b", at: MetricEvents.moment(day: 10), offset: 9, state: .test),
      AccountChange(account: "c", at: MetricEvents.moment(day: 40), offset: 9, state: .closed),
    ]
    let figures = try figures([use("a", day: 0), use("b", day: 0), active("c", day: 0)], accounts: changes)
    #expect(figures.curve[9] == CurvePoint(day: 10, numerator: 2, denominator: 3))
    #expect(figures.curve[10] == CurvePoint(day: 11, numerator: 1, denominator: 2))
    #expect(figures.adopted == 1)
    #expect(figures.active == 2)
  }

  @Test("Merged accounts count as one from the merge on")
  func merged() throws {
    let changes = [
      AccountChange(account: "a", at: MetricEvents.moment(day: 2), offset: 9, state: .merged, mergedInto: "b")
    ]
    let figures = try figures([use("a", day: 0), active("b", day: 0)], accounts: changes)
    #expect(figures.curve[1] == CurvePoint(day: 2, numerator: 1, denominator: 2))
    #expect(figures.curve[2] == CurvePoint(day: 3, numerator: 1, denominator: 1))
    #expect(figures.adopted == 1)
    #expect(figures.active == 1)
  }

  @Test("The curve contains only completed days; the figure also includes the current day")
  func openWindow() throws {
    let figures = try figures([use("a", day: 0), use("b", day: 2)], now: MetricEvents.moment(day: 2, hour: 5))
    #expect(figures.curve.map(\.day) == [1, 2])
    #expect(figures.adopted == 2)
  }

  @Test("A rollback cuts off the window")
  func rollback() throws {
    let figures = try figures(
      [use("a", day: 0), use("b", day: 4)], attempt: MetricEvents.attempt(rolledBackAt: MetricEvents.moment(day: 3)))
    #expect(figures.adopted == 1)
    #expect(figures.curve.count == 3)
  }

  @Test("A figure is restated only if an event stored after it was final changes it")
  func restated() throws {
    let late = MetricEvents.moment(day: 31)
    let inTime = try figures([use("a", day: 0), use("a", day: 1, storedAt: late)])
    #expect(!inTime.isRestated)
    let changed = try figures([use("a", day: 0), use("b", day: 1, storedAt: late)])
    #expect(changed.isRestated)
    let adopted = try figures([active("a", day: 0), use("a", day: 1, storedAt: late)])
    #expect(adopted.isRestated)
  }

  @Test("Neither the order nor the repetition of events changes anything", arguments: 0..<20)
  func commutative(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var events: [MetricEvent] = []
    for index in 0..<60 {
      let account = "a\(Int.random(in: 0..<12, using: &random))"
      let day = Int.random(in: -2..<33, using: &random)
      let feature = Bool.random(using: &random) ? "f" : "g"
      events.append(try use(account, feature, day: day, offset: Int64(index)))
    }
    let expected = try figures(events)
    let disturbed = (events + events.prefix(20)).shuffled(using: &random)
    #expect(try figures(disturbed) == expected)
  }

  private func figures(
    _ events: [MetricEvent], accounts: [AccountChange] = [], attempt: Attempt = MetricEvents.attempt(),
    now: Timestamp = MetricEvents.moment(day: 60)
  ) throws -> AdoptionFigures {
    let window = attempt.window(days: 30)
    let span = AdoptionSpan(start: window.start, end: window.effectiveEnd, knownSince: window.knownSince)
    var projection = AdoptionProjection(feature: "f", span)
    for event in events { projection.apply(event) }
    let figures = projection.projection(for: [30: window], accounts: AccountDirectory(accounts), asOf: now)
    return try #require(figures.adoption[30])
  }

  private func use(
    _ account: String, _ feature: String = "f", day: Int, offset: Int64 = 1, storedAt: Timestamp? = nil
  ) throws -> MetricEvent {
    try MetricEvents.make(
      .featureUsed, ["feature": .string(feature), "account": .string(account)],
      at: MetricEvents.moment(day: day, hour: 1), offset: offset, storedAt: storedAt)
  }

  private func active(_ account: String, day: Int) throws -> MetricEvent {
    try MetricEvents.make(.accountActive, ["account": .string(account)], at: MetricEvents.moment(day: day, hour: 1))
  }
}
