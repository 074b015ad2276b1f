public import JSON
public import LaunchModel

/// The default values of metric fields that a file omits, by the launch's tier and the kind of
/// metric (contract.md, "Metric defaults file").
public struct MetricDefaults: Sendable, Hashable {
  /// The version: 1 for the built-in defaults, and one more with each adoption. In a proposal, the version that it is
  /// based on. Nil if the file omits it.
  public var version: Int?
  /// The default values of metric fields, by tier and kind of metric; includes the built-in ones.
  private var values: [Tier: [Metric.Kind: [String: JSONValue]]]

  /// The built-in defaults, which are in force until others are adopted.
  public static let builtIn = MetricDefaults(
    version: 1, values: Dictionary(uniqueKeysWithValues: Tier.allCases.map { ($0, builtInValues) }))

  private static var builtInValues: [Metric.Kind: [String: JSONValue]] {
    var values: [Metric.Kind: [String: JSONValue]] = [:]
    for kind in Metric.Kind.allCases { values[kind] = ["days": .integer(Int64(kind.defaultDays))] }
    values[.csat]?["margin"] = .string("\(SatisfactionMargin.zero.points)%")
    values[.articles]?["minimumVotes"] = .integer(Int64(ArticleMeasure.defaultMinimumVotes))
    return values
  }

  /// The fields of a kind of metric that can have a default.
  static func fields(of kind: Metric.Kind) -> [String] {
    switch kind {
    case .adoption: ["target", "days"]
    case .tickets, .custom: ["days"]
    case .csat: ["margin", "days"]
    case .articles: ["target", "days", "minimumVotes"]
    }
  }

  /// The complete document: every default, and the version if it is known.
  public var document: JSONValue {
    var tiers: [String: JSONValue] = [:]
    for (tier, kinds) in values {
      let members = kinds.map { kind, values in (kind.rawValue, JSONValue.object(values)) }
      tiers[String(tier.rawValue)] = .object(Dictionary(uniqueKeysWithValues: members))
    }
    var members: [String: JSONValue] = ["tiers": .object(tiers)]
    members["version"] = version.map { .integer(Int64($0)) }
    return .object(members)
  }

  /// Returns a metric file in which metrics have the tier's defaults for fields they
  /// omit. Invalid values are left as they are.
  public func completing(_ file: JSONValue, of tier: Tier) -> JSONValue {
    guard let kinds = values[tier], var members = file.objectValue, let metrics = members["metrics"]?.arrayValue else {
      return file
    }
    members["metrics"] = .array(
      metrics.map { metric in
        guard var fields = metric.objectValue,
          let kind = fields["kind"]?.stringValue.flatMap({ Metric.Kind(rawValue: $0) })
        else { return metric }
        for (field, value) in kinds[kind] ?? [:] where (fields[field] ?? .null) == .null { fields[field] = value }
        return .object(fields)
      })
    return .object(members)
  }

  /// The differences from another version as text, for example `tier 1 adoption: target - → >= 30%`.
  public func changes(from other: MetricDefaults) -> [String] {
    Tier.allCases.flatMap { tier in
      Metric.Kind.allCases.flatMap { kind in
        Self.fields(of: kind).compactMap { field in
          let old = other.values[tier]?[kind]?[field]
          let new = values[tier]?[kind]?[field]
          guard old != new else { return nil }
          return "tier \(tier.rawValue) \(kind.rawValue): \(field) \(old.plainText) → \(new.plainText)"
        }
      }
    }
  }
}

extension MetricDefaults {
  /// Reads a file of metric defaults (contract.md, "Metric defaults file").
  /// Values that it omits remain the built-in ones.
  ///
  /// - Throws: `invalid`, listing every error in the file.
  public init(reading document: JSONValue) throws(Problem) {
    let faults = DocumentErrors()
    var defaults = Self.builtIn
    if let reader = FieldReader(document, knowing: ["version", "tiers"], faults) {
      defaults.version = reader.integer("version", in: 1...1_000_000)
      reader.require("tiers", "give the defaults by tier, such as {1: {adoption: {target: \">= 30%\"}}}")
      if let tiers = reader.names("tiers") {
        for name in tiers.members.keys.sorted() { defaults.read(name, tiers) }
      }
    }
    self = try faults.finish(defaults, "invalid-defaults", title: "invalid metric defaults")
  }

  /// Reads the defaults of one tier.
  private mutating func read(_ name: String, _ tiers: FieldReader) {
    guard let tier = Tier.allCases.first(where: { String($0.rawValue) == name }) else {
      let all = Tier.allCases.map { String($0.rawValue) }
      tiers.fault(name, "unknown tier \"\(name)\"; expected one of \(all.joined(separator: ", "))")
      return
    }
    guard let kinds = tiers.object(name, knowing: Metric.Kind.allCases.map(\.rawValue)) else { return }
    for kind in Metric.Kind.allCases {
      guard let reader = kinds.object(kind.rawValue, knowing: Self.fields(of: kind)) else { continue }
      values[tier, default: [:]][kind, default: [:]].merge(Self.given(reader, kind)) { $1 }
    }
  }

  /// Returns the values given for a kind of metric. They are validated as fields of an otherwise complete metric, so
  /// the same rules apply as in metric files.
  private static func given(_ reader: FieldReader, _ kind: Metric.Kind) -> [String: JSONValue] {
    let given = reader.members.filter { fields(of: kind).contains($0.key) && $0.value != .null }
    _ = MetricReader(.object(sample(kind).merging(given) { $1 }), at: reader.pointer, reader.faults)?.metric()
    return given
  }

  /// A metric of the kind with all required fields.
  private static func sample(_ kind: Metric.Kind) -> [String: JSONValue] {
    var metric: [String: JSONValue] = ["key": "sample", "kind": .string(kind.rawValue)]
    switch kind {
    case .adoption: metric["target"] = ">= 30%"
    case .tickets: metric["forecast"] = 1
    case .csat: break
    case .articles: metric["target"] = ">= 70% helpful"
    case .custom:
      metric["type"] = "com.example.sample"
      metric["aggregate"] = "count"
      metric["target"] = ">= 1"
    }
    return metric
  }
}
