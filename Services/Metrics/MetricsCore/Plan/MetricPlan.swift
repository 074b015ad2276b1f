import Contract
public import JSON
public import LaunchModel

/// The success metrics of a launch, with every default filled in, ready to be sealed.
public struct MetricPlan: Sendable, Hashable {
  /// The key that identifies the measured feature in signals.
  public var feature: String
  /// The metrics in the plan's order, with unique keys.
  public var metrics: [Metric]

  public init(feature: String, metrics: [Metric]) {
    self.feature = feature
    self.metrics = metrics
  }

  /// The length of the longest window of a kind of metric, in days; nil if there is no such metric.
  public func days(of kind: Metric.Kind) -> Int? {
    metrics.filter { $0.measure.kind == kind }.map(\.days).max()
  }

  /// Every tag that the plan maps to its feature.
  public var tags: Set<String> {
    metrics.reduce(into: []) { tags, metric in
      if case .tickets(let forecast) = metric.measure { tags.formUnion(forecast.tags) }
    }
  }

  /// The rule for which tickets are about the plan's feature.
  public var attribution: TicketAttribution { TicketAttribution(feature: feature, tags: tags) }
}

extension MetricPlan {
  /// The definition to be sealed: every metric with its defaults and rules. The seal is the hash of its canonical JSON
  /// (RFC 8785), so its texts must never change.
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
  /// The metric's part of the plan's definition.
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
    case .tickets(let forecast): forecast.definition
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

  static func number(_ value: Double) -> JSONValue {
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

extension MetricPlan {
  /// Reads a metric file (contract.md, "Metric file") for a launch's feature.
  ///
  /// - Throws: `invalid`, listing every error in the file.
  public init(reading document: JSONValue, feature: String) throws(Problem) {
    self = try Self.read(document, feature: feature, DocumentErrors())
  }

  /// Reads a definition written by `definition`. Ignores unknown fields, which a later version may have added.
  ///
  /// - Throws: `invalid` if the value is not a definition.
  public init(definition: JSONValue) throws(Problem) {
    let feature = definition["feature"]?.stringValue ?? ""
    self = try Self.read(definition, feature: feature, DocumentErrors(ignoresUnknownFields: true))
  }

  private static func read(
    _ document: JSONValue, feature: String, _ faults: DocumentErrors
  ) throws(Problem) -> MetricPlan {
    var metrics: [Metric] = []
    if let reader = FieldReader(document, knowing: ["metrics"], faults) {
      reader.require(
        "metrics", "list at least one metric, such as - {key: adoption, kind: adoption, target: \">= 30%\"}")
      let elements = reader.elements("metrics") ?? []
      if elements.isEmpty, reader.value("metrics") != nil {
        reader.fault("metrics", "this must list at least one metric")
      }
      var keys: Set<String> = []
      for (pointer, value) in elements {
        if let metric = MetricReader(value, at: pointer, faults)?.metric() { metrics.append(metric) }
        if let key = value["key"]?.stringValue, !keys.insert(key).inserted {
          faults.add(pointer.appending("key"), "duplicate key \"\(key)\"; each metric needs its own")
        }
      }
    }
    let plan = MetricPlan(feature: feature, metrics: metrics)
    return try faults.finish(plan, "invalid-metrics", title: "invalid metric file")
  }
}

/// Reads one metric of a file, collecting every error.
struct MetricReader {
  private let reader: FieldReader
  private let kind: Metric.Kind

  /// Returns nil and records an error if the value is not an object or has no valid kind;
  /// without a kind, its fields cannot be checked.
  init?(_ value: JSONValue, at pointer: JSONPointer, _ faults: DocumentErrors) {
    guard case .object(let members) = value else {
      faults.add(
        pointer, "a metric must be an object, such as {key: adoption, kind: adoption, target: \">= 30%\"}")
      return nil
    }
    let loose = FieldReader(members, at: pointer, faults)
    loose.require("kind", "give one of \(Metric.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    guard let kind = loose.word("kind", Metric.Kind.self) else {
      Self.readKey(loose)
      return nil
    }
    guard let reader = FieldReader(value, at: pointer, knowing: Self.fields(of: kind), faults) else { return nil }
    self.reader = reader
    self.kind = kind
  }

  /// Reads the metric; returns nil and records the errors if a required value is missing or invalid.
  func metric() -> Metric? {
    let key = Self.readKey(reader)
    let days = reader.value("days") == nil ? kind.defaultDays : reader.integer("days", in: 1...366)
    let measure = measure()
    guard let key, let days, let measure else { return nil }
    return Metric(key: key, days: days, baseline: baseline(), measure: measure)
  }

  private static func fields(of kind: Metric.Kind) -> [String] {
    let common = ["key", "kind", "days", "baseline"]
    return switch kind {
    case .adoption: common + ["target"]
    case .tickets: common + ["forecast", "tags", "shares"]
    case .csat: common + ["margin"]
    case .articles: common + ["target", "minimumVotes", "articles"]
    case .custom: common + ["type", "aggregate", "where", "of", "field", "target"]
    }
  }

  @discardableResult
  private static func readKey(_ reader: FieldReader) -> String? {
    guard let key = reader.requiredString("key", "give the metric a key, such as adoption") else { return nil }
    let allowed = key.utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
    }
    guard allowed, key.utf8.count <= 64 else {
      reader.fault("key", "\"\(key)\" is not a valid key; use 1 to 64 characters of a-z, 0-9 and -")
      return nil
    }
    return key
  }

  private func baseline() -> JSONValue? {
    guard let value = reader.value("baseline") else { return nil }
    if value.doubleValue == nil, value.stringValue == nil {
      reader.fault("baseline", "this must be a number or text")
    }
    return value
  }

  private func measure() -> Metric.Measure? {
    switch kind {
    case .adoption: share().map(Metric.Measure.adoption)
    case .tickets: forecast().map(Metric.Measure.tickets)
    case .csat: margin().map(Metric.Measure.csat)
    case .articles: articles().map(Metric.Measure.articles)
    case .custom: custom().map(Metric.Measure.custom)
    }
  }
}

extension MetricReader {
  private static let defaultHint = ", or propose a default for the tier with gonogo metric defaults propose FILE"

  private func target(_ example: String) -> Target? {
    let hint = MetricDefaults.fields(of: kind).contains("target") ? Self.defaultHint : ""
    guard let text = reader.requiredString("target", "give one such as \(example)\(hint)") else { return nil }
    guard let target = Target(text) else {
      reader.fault(
        "target", "\"\(text)\" is not a target; give a comparison (>=, >, <=, <) and a number, such as \(example)")
      return nil
    }
    return target
  }

  private func plainTarget(_ example: String) -> Target? {
    guard let target = target(example) else { return nil }
    guard target.unit == nil else {
      reader.fault(
        "target", "only article metrics can use \(Target.Unit.allCases.map(\.rawValue).joined(separator: " or "))")
      return nil
    }
    return target
  }

  /// Reads a target for a share of at most 100 %.
  private func share() -> Target? {
    guard let target = plainTarget(">= 30%") else { return nil }
    guard target.value <= 1 else {
      reader.fault(
        "target", "adoption is a share of at most 100%, and \(target.digits) is more; did you mean \(target.digits)%?")
      return nil
    }
    return target
  }

  private func forecast() -> TicketForecast? {
    reader.require("forecast", "give the number of tickets expected in the window, such as 120")
    let tags = reader.strings("tags") ?? []
    guard let forecast = reader.double("forecast") else { return nil }
    guard forecast >= 0 else {
      reader.fault("forecast", "this must be 0 or more, not \(FieldReader.shown(.number(forecast)))")
      return nil
    }
    let isPoisson = reader.value("spike")?["test"]?.stringValue == TicketForecast.SpikeRule.poissonTest
    return TicketForecast(
      forecast: forecast, tags: tags, shares: shares(), spikeRule: isPoisson ? .poisson : .sequential)
  }

  /// Reads the shares of tickets that the days have, in any unit; nil if the file
  /// omits them, so that history determines them.
  private func shares() -> [Double]? {
    guard reader.value("shares") != nil else { return nil }
    let values = (reader.elements("shares") ?? []).map(\.1)
    let shares = values.compactMap(\.doubleValue)
    guard !values.isEmpty, values.count <= 366, shares.count == values.count, shares.allSatisfy({ $0 >= 0 }),
      shares.contains(where: { $0 > 0 })
    else {
      reader.fault("shares", "this must list each day's share of the tickets, such as [30, 20, 15, 10, 10, 8, 7]")
      return nil
    }
    return shares
  }

  /// Reads a margin in percentage points, such as `5%` or `5`; a number between 0 and 1 needs the percent sign.
  private func margin() -> SatisfactionMargin? {
    guard let value = reader.value("margin") else { return .zero }
    let text = value.stringValue ?? FieldReader.shown(value)
    let points = text.hasSuffix("%") ? String(text.dropLast().reversed().drop(while: \.isWhitespace).reversed()) : text
    guard let number = DecimalText(points)?.value(shiftedBy: 0), number < 100 else {
      reader.fault(
        "margin", "\"\(text)\" is not a margin; give percentage points from 0 to less than 100, such as 5%")
      return nil
    }
    guard points != text || number == 0 || number >= 1 else {
      let percent = (number * 1e6).rounded() / 1e4
      let share = percent == percent.rounded() ? String(Int(percent)) : String(percent)
      reader.fault(
        "margin",
        "\(text) is ambiguous: give percentage points with a percent sign, "
          + "\(share)% if \(text) is a share, else \(text)%")
      return nil
    }
    return SatisfactionMargin(points: points)
  }

  private func articles() -> ArticleMeasure? {
    let votes =
      reader.value("minimumVotes") == nil
      ? ArticleMeasure.defaultMinimumVotes : reader.integer("minimumVotes", in: 1...1_000_000)
    let articles = reader.strings("articles") ?? []
    guard let target = target(">= 70% helpful"), let votes else { return nil }
    switch (target.unit, target.isPercentage) {
    case (nil, _):
      reader.fault(
        "target", "add what to compare: \"\(target.description) helpful\" or \"\(target.description) views\"")
      return nil
    case (.views, true):
      reader.fault("target", "views are a number, not a percentage; remove the %")
      return nil
    case (.helpful, _) where target.value > 1:
      reader.fault(
        "target", "a helpful rate is at most 100%, and \(target.digits) is more; did you mean \(target.digits)%?")
      return nil
    default: return ArticleMeasure(target: target, minimumVotes: votes, articles: articles)
    }
  }
}

extension MetricReader {
  private func custom() -> CustomMeasure? {
    let type = reader.requiredString("type", "give the type of the events, such as com.example.invite.sent")
    reader.require(
      "aggregate", "give one of \(CustomMeasure.Aggregate.allCases.map(\.rawValue).joined(separator: ", "))")
    let aggregate = reader.word("aggregate", CustomMeasure.Aggregate.self)
    let conditions = self.conditions("where")
    let base = self.conditions("of")
    let field = field(of: aggregate)
    if reader.value("of") != nil, let aggregate, aggregate != .ratio {
      reader.fault("of", "only the aggregate ratio uses this field")
    }
    if aggregate == .ratio, conditions.isEmpty {
      reader.fault("where", "a ratio needs a filter, such as {/data/plan: pro}; without one it is always 1")
    }
    guard let target = plainTarget(">= 500"), let type, let aggregate else { return nil }
    return CustomMeasure(
      type: type, aggregate: aggregate, conditions: conditions, base: base, field: field, target: target)
  }

  private func field(of aggregate: CustomMeasure.Aggregate?) -> JSONPointer? {
    let needed = aggregate == .distinct || aggregate == .sum || aggregate == .mean
    if needed { reader.require("field", "give the location of the value, such as /data/account") }
    guard let text = reader.string("field") else { return nil }
    if !needed, let aggregate {
      reader.fault(
        "field", "the aggregate \(aggregate.rawValue) does not use this field; only distinct, sum and mean do")
    }
    return pointer(text, key: "field")
  }

  private func conditions(_ key: String) -> [JSONPointer: JSONValue] {
    guard let names = reader.names(key) else { return [:] }
    var conditions: [JSONPointer: JSONValue] = [:]
    for (name, value) in names.members.sorted(by: { $0.key < $1.key }) {
      guard let pointer = pointer(name, key: key) else { continue }
      switch value {
      case .array, .object: names.fault(name, "this must be text, a number, true, false or null")
      default: conditions[pointer] = value
      }
    }
    return conditions
  }

  private func pointer(_ text: String, key: String) -> JSONPointer? {
    guard let pointer = JSONPointer(text), !pointer.tokens.isEmpty else {
      reader.fault(key, "\"\(text)\" is not a JSON Pointer; give one such as /data/plan")
      return nil
    }
    return pointer
  }
}
