public import JSON

extension MetricPlan {
  /// What is sealed: every metric with its defaults and rules filled in. Its canonical JSON (RFC 8785) is hashed.
  public var definition: JSONValue {
    .object([
      "schema": 1,
      "feature": .string(feature),
      "exclude": .array(AccountState.excluded.map(\.rawValue).sorted().map(JSONValue.string)),
      "excludeBy": "state at the window's end",
      "window": "[exposure, exposure + days x 24 h)",
      "metrics": .array(metrics.map(\.definition)),
    ])
  }
}

extension Metric {
  /// The metric as it stands in a plan's definition.
  var definition: JSONValue {
    var members: [String: JSONValue] = [
      "key": .string(key), "kind": .string(measure.kind.rawValue), "days": .integer(Int64(days)),
    ]
    members["baseline"] = baseline
    return .object(members.merging(measure.definition) { own, _ in own })
  }
}

extension Metric.Measure {
  fileprivate var definition: [String: JSONValue] {
    switch self {
    case .adoption(let target):
      [
        "target": .string(target.description),
        "numerator": "accounts with a feature.used of the feature",
        "denominator": "accounts with a feature.used of any feature or an account.active",
      ]
    case .tickets(let forecast):
      [
        "forecast": Self.number(forecast.forecast), "tags": .array(forecast.tags.sorted().map(JSONValue.string)),
        "spike": .object([
          "test": "poisson, one-sided, exact", "alpha": .number(TicketSpike.alpha), "looks": "one a day, Bonferroni",
          "atLeastTimes": .number(TicketSpike.factor), "atLeastOver": .number(TicketSpike.excess),
        ]),
      ]
    case .csat(let margin):
      [
        "margin": .string("\(margin.points)%"), "priorWeight": .number(SatisfactionComparison.priorWeight),
        "worseFrom": .number(SatisfactionComparison.worseFrom), "okUpTo": .number(SatisfactionComparison.okUpTo),
        "comparedWith": "all others in the same window and channel",
      ]
    case .articles(let articles): articles.definition
    case .custom(let custom): custom.definition
    }
  }

  fileprivate static func number(_ value: Double) -> JSONValue {
    Int64(exactly: value).map(JSONValue.integer) ?? .number(value)
  }
}

extension ArticleMeasure {
  fileprivate var definition: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "target": .string(target.description), "articles": .array(articles.sorted().map(JSONValue.string)),
    ]
    if target.unit == .helpful {
      members["minimumVotes"] = .integer(Int64(minimumVotes))
      members["interval"] = "wilson, 95%"
    }
    return members
  }
}

extension CustomMeasure {
  var definition: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "type": .string(type), "aggregate": .string(aggregate.rawValue), "where": Self.members(conditions),
      "target": .string(target.description),
    ]
    members["field"] = field.map { .string($0.description) }
    if aggregate == .ratio { members["of"] = Self.members(base) }
    return members
  }

  private static func members(_ conditions: [JSONPointer: JSONValue]) -> JSONValue {
    .object(Dictionary(uniqueKeysWithValues: conditions.map { ($0.key.description, $0.value) }))
  }
}
