import JSON

/// The expected number of tickets, and the tags that attribute tickets to the feature.
public struct TicketForecast: Sendable, Hashable {
  /// The number of tickets expected in the whole window.
  public var forecast: Double
  /// The tags that attribute a ticket to the feature, in addition to the feature's own key.
  public var tags: [String]
  /// The planned shares of tickets by day; nil if history determines them.
  public var shares: [Double]?
  /// The test that detects a spike, which makes the metric `missed`.
  public var spikeRule: SpikeRule

  public init(
    forecast: Double, tags: [String] = [], shares: [Double]? = nil, spikeRule: SpikeRule = .sequential
  ) {
    self.forecast = forecast
    self.tags = tags
    self.shares = shares
    self.spikeRule = spikeRule
  }

  /// The tests for a spike that plans were sealed with.
  public enum SpikeRule: Sendable, Hashable {
    /// The test `TicketSpike`, in plans sealed before 0.2.0.
    case poisson
    /// The test `SpikeTest`.
    case sequential
  }
}

extension TicketForecast {
  var definition: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "forecast": Metric.Measure.number(forecast), "tags": .array(tags.sorted().map(JSONValue.string)),
      "spike": spikeRule.definition,
    ]
    members["shares"] = shares.map { .array($0.map(Metric.Measure.number)) }
    return members
  }
}

extension TicketForecast.SpikeRule {
  static let poissonTest = "poisson, one-sided, exact"

  fileprivate var definition: JSONValue {
    switch self {
    case .poisson:
      [
        "test": .string(Self.poissonTest), "alpha": .number(TicketSpike.alpha), "looks": "one a day, Bonferroni",
        "atLeastTimes": .number(TicketSpike.factor), "atLeastOver": .number(TicketSpike.excess),
      ]
    case .sequential:
      [
        "test": "e-value, after every ticket", "threshold": .number(SpikeTest.threshold),
        "atLeastTimes": .number(SpikeTest.factor), "atLeastOver": .number(SpikeTest.excess),
        "clearedBelow": .number(SpikeTest.clearing),
      ]
    }
  }
}
