public import JSON
public import LaunchModel

/// The values that a metric takes if its file leaves them out, by the launch's tier and the kind of metric
/// (contract.md, "Metric defaults file").
public struct MetricDefaults: Sendable, Hashable {
  /// Starts at 1, which is built in, and increases by one with each adoption; of a proposal, the version that it changes.
  /// Nil if the file does not give it.
  public var version: Int?
  /// The fields of metric files with their values, by tier and kind of metric; what is built in is among them.
  private var values: [Tier: [Metric.Kind: [String: JSONValue]]]

  /// The defaults in force until others are adopted.
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

  /// The whole document: every default, and the version if there is one.
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

  /// Returns a metric file in which the metrics have the tier's defaults for what they left out; errors remain in place.
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

  /// The values that differ from another version, for example `tier 1 adoption: target - → >= 30%`.
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
  /// Reads a file of metric defaults (contract.md, "Metric defaults file"); what it leaves out is built in.
  ///
  /// - Throws: `invalid` with every error in the file.
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

  /// Returns the values given for a kind of metric. They are checked as fields of a metric that lacks nothing, so the rules
  /// are those of metric files.
  private static func given(_ reader: FieldReader, _ kind: Metric.Kind) -> [String: JSONValue] {
    let given = reader.members.filter { fields(of: kind).contains($0.key) && $0.value != .null }
    _ = MetricReader(.object(sample(kind).merging(given) { $1 }), at: reader.pointer, reader.faults)?.metric()
    return given
  }

  /// A metric of the kind with all that its file must give.
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
