import LaunchModel
import MetricsCore
import Testing

@Suite("Checking whether metrics are measurable before sealing")
struct MeasurabilityTests {
  @Test("The power to distinguish a share from the baseline agrees with SciPy", arguments: ForecastOracle.powers)
  func power(trials: Int, baseline: Double, share: Double, power: Double) throws {
    let up = try #require(Target(">= \(share)"))
    let found = Measurability.share(trials: trials, baseline: baseline, target: up)
    #expect(try abs(#require(found.power) - power) < 1e-9)
    #expect(found.isMeasurable == (power >= 0.8))
    let down = try Measurability.share(
      trials: trials, baseline: 1 - baseline, target: #require(Target("<= \(shortened(1 - share))")))
    #expect(try abs(#require(down.power) - power) < 1e-9, "the same below the baseline")
  }

  @Test("The check says how many accounts are needed")
  func needed() throws {
    let target = try #require(Target(">= 30%"))
    let found = Measurability.share(trials: 60, baseline: 0.2, target: target)
    guard case .indistinguishable(_, let needed?) = found.problems.first else {
      Issue.record("60 accounts are too few")
      return
    }
    #expect(Measurability.share(trials: needed, baseline: 0.2, target: target).isMeasurable)
    #expect(!Measurability.share(trials: needed * 9 / 10, baseline: 0.2, target: target).isMeasurable)
  }

  @Test("Nothing is measurable without data, without a baseline, or if the baseline meets the target")
  func problems() throws {
    let target = try #require(Target(">= 30%"))
    #expect(Measurability.share(trials: 0, baseline: 0.2, target: target).problems == [.noData])
    #expect(Measurability.share(trials: 900, baseline: nil, target: target).problems == [.noBaseline])
    #expect(Measurability.share(trials: 900, baseline: 0.3, target: target).problems == [.alreadyMet])
    #expect(Measurability.share(trials: 900, baseline: nil, target: target).interval != nil)
  }

  @Test("A count is distinguished from the baseline by its scatter")
  func counts() throws {
    let target = try #require(Target(">= 500"))
    #expect(Measurability.count(baseline: 400, target: target, dispersion: 1).isMeasurable)
    #expect(!Measurability.count(baseline: 400, target: target, dispersion: 9).isMeasurable)
    let interval = try #require(Measurability.count(baseline: 400, target: target, dispersion: 4).interval)
    // 1.96 × √(500 × 4)
    #expect(abs(interval.high - 500 - 87.65) < 0.01)
  }

  @Test("Feeds that are silent or whose fields do not fit are named first")
  func feeds() {
    let silence = FeedState.Status.silent(.init(since: .init(microseconds: 0), probability: 0.001))
    let found = Measurability(problems: [.noBaseline]).adding([
      .init(name: "a", status: .alive, events: 100, fitting: ["account": 100, "feature": 94]),
      .init(name: "b", status: .neverDelivered, events: 0), .init(name: "c", status: silence, events: 9),
    ])
    let wanted: [Measurability.Problem] = [
      .missingField(feed: "a", field: "feature", fit: 0.94), .neverDelivered(feed: "b"), .silent(feed: "c"),
      .noBaseline,
    ]
    #expect(found.problems == wanted)
  }

  @Test("Events in quarantine, or unreadable for a custom metric, count as problems of their feed")
  func fits() {
    let found = Measurability(problems: [.noData]).adding([
      .init(name: "a", status: .alive, events: 100, malformed: 6),
      .init(name: "b", status: .alive, events: 100, matching: 50, fitting: ["/data/ms": 40]),
      .init(name: "c", status: .alive, events: 0, matching: 0, fitting: ["/data/ms": 0]),
    ])
    let wanted: [Measurability.Problem] = [
      .malformed(feed: "a", share: 0.06), .missingField(feed: "b", field: "/data/ms", fit: 0.8),
    ]
    #expect(found.problems == wanted, "which is why nothing was counted")
    let unmatched = Measurability().adding([.init(name: "a", status: .alive, events: 9, matching: 0)])
    #expect(unmatched.problems == [.noMatch])
  }

  @Test("The share of usable events is determined by the field that fits least")
  func fit() {
    #expect(Measurability.Feed(name: "a", status: .alive, events: 0).fit == nil)
    #expect(Measurability.Feed(name: "a", status: .alive, events: 10, malformed: 1).fit == 0.9)
    let feed = Measurability.Feed(name: "a", status: .alive, events: 10, matching: 5, fitting: ["x": 4, "y": 2])
    #expect(feed.fit == 0.4)
  }

  @Test("A mean is distinguished from the baseline by its standard error")
  func means() throws {
    let far = try #require(Target(">= 55"))
    let found = Measurability.mean(count: 100, deviation: 10, baseline: 50, target: far)
    // Φ(5 − 1.96), from SciPy.
    #expect(try abs(#require(found.power) - 0.998_817) < 1e-6)
    #expect(found.isMeasurable)
    let near = try #require(Target(">= 52"))
    guard
      case .indistinguishable(_, let needed?) =
        Measurability.mean(count: 100, deviation: 10, baseline: 50, target: near).problems.first
    else {
      Issue.record("100 values are too few")
      return
    }
    // ((1.96 + 0.8416) · 10 / 2)² = 196.2
    #expect(needed == 197)
    #expect(Measurability.mean(count: 0, deviation: 1, baseline: 1, target: far).problems == [.noData])
  }

  @Test(
    "Each problem says how to fix it",
    arguments: [
      .neverDelivered(feed: "x"), .silent(feed: "x"), .missingField(feed: "x", field: "/data/ms", fit: 0.5),
      .malformed(feed: "x", share: 0.1), .noMatch, .noData, .noBaseline, .alreadyMet,
      .indistinguishable(power: 0.4, needed: 300), .indistinguishable(power: 0.4, needed: nil),
      .tooFew(expected: 12, needed: 20), .spikeMissed(power: 0.3),
    ] as [Measurability.Problem])
  func advice(_ problem: Measurability.Problem) {
    let parts = problem.description.split(separator: ": ")
    #expect(parts.count == 2 && !problem.description.hasSuffix("."), "\(problem)")
  }

  private func shortened(_ share: Double) -> Double { (share * 1_000).rounded() / 1_000 }
}
