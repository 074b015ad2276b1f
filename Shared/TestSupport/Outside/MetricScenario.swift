public import Contract
import Foundation
public import JSON
public import LaunchModel
import ServiceKit

/// A scenario for a rule of metrics: events, and the figures that an independent script computed from them.
///
/// The scenarios are the files in `Tests/Outside/metric-scenarios`; `metric-scenarios.py` next to the folder writes
/// their figures.
public struct MetricScenario: Sendable, Decodable {
  /// The launch that is measured.
  public static let launch = "trial"
  /// The feature of the launch.
  public static let feature = "f"

  /// The path of the script.
  public static let script = "\(folder).py"

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../Tests/Outside/metric-scenarios").standardized.path

  /// The names of all scenarios, ascending; empty if the folder cannot be read.
  public static let names: [String] = {
    // Hides no error, because a test requires that there are scenarios.
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
      .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(".json".count)) }
  }()

  /// A metric plan that replaced the sealed one.
  public struct Amendment: Sendable, Decodable {
    /// When it was amended.
    public var storedAt: Timestamp
    /// The metrics of the plan.
    public var metrics: [JSONValue]
  }

  /// An announcement of exposure, with all attempts so far.
  public struct Exposure: Sendable, Decodable {
    /// When the bus stored it.
    public var storedAt: Timestamp
    /// The attempts, from the first.
    public var attempts: [Attempt]
  }

  /// An attempt to launch.
  public struct Attempt: Sendable, Decodable {
    /// The first exposure.
    public var startedAt: Timestamp
    /// When it was rolled back; nil if it was not.
    public var rolledBackAt: Timestamp?
  }

  /// An event in the order of the log.
  public struct Event: Sendable, Decodable {
    /// When the bus stored it.
    public var storedAt: Timestamp
    /// When it happened; nil means the time at which it was stored.
    public var time: Timestamp?
    /// The type; for a signal, its short name, such as `feature.used`.
    public var type: String
    /// The id, which other events may share; nil for a unique one.
    public var id: String?
    /// The payload.
    public var data: JSONValue

    /// The full type.
    public var fullType: String {
      SignalType.allCases.first { $0.rawValue.hasSuffix(".signal.\(type).v1") }?.rawValue ?? type
    }
  }

  /// The figures expected at a moment.
  public struct Answer: Sendable, Decodable {
    /// The moment of the question: only what was stored by then counts.
    public var asOf: Timestamp
    /// The attempt in question; nil for the latest.
    public var attempt: Int?
    /// The figures of the plan in force.
    public var metrics: [Figure]
    /// The figures of the originally sealed plan; nil if it is still in force.
    public var beforeAmendment: [Figure]?
  }

  /// The figure of one metric.
  public struct Figure: Sendable, Decodable {
    /// The metric.
    public var key: String
    /// The value; nil without data.
    public var value: Double?
    /// The count; nil if the kind counts nothing.
    public var numerator: Int?
    /// The total; nil if the kind has none.
    public var denominator: Int?
    /// The number of observations.
    public var n: Int
    /// Whether the figure, or a past day of the curve, has changed since its period ended.
    public var restated: Bool
    /// For adoption: numerator and denominator of each day that has ended.
    public var curve: [[Int]]?
  }

  /// The rule, in one or two sentences.
  public var rule: String
  /// The metrics of the sealed plan.
  public var sealed: [JSONValue]
  /// The plan that replaced the sealed one; nil if none did.
  public var amended: Amendment?
  /// The announcements of exposure.
  public var exposures: [Exposure]
  /// The events, in the order of the log.
  public var events: [Event]
  /// The expected figures.
  public var expected: [Answer]

  /// Reads a scenario.
  ///
  /// - Throws: an error if there is none of that name, or the file does not have the format of one.
  public init(named name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name).json")))
    self = try JSONCoding.decode(MetricScenario.self, from: bytes)
  }

  /// The events that services count, each with its offset: the first of those with the same id, and none from the
  /// future.
  public var counted: [(offset: Int64, event: Event)] {
    var ids: Set<String> = []
    return events.enumerated().compactMap { index, event in
      if let id = event.id, !ids.insert(id).inserted { return nil }
      if let time = event.time, time > event.storedAt.adding(seconds: EventTime.tolerance) { return nil }
      return (Int64(index) + 1, event)
    }
  }
}

extension MetricScenario.Figure {
  /// The figure that a view shows.
  public init(_ view: MetricView) {
    key = view.key
    value = view.value
    numerator = view.numerator
    denominator = view.denominator
    n = view.n
    restated = view.restated
    curve = view.curve?.map { [$0.numerator, $0.denominator] }
  }

  /// Returns whether two figures are the same; sums may differ in their last digits, because the script rounds them
  /// only once.
  public func agrees(with other: MetricScenario.Figure) -> Bool {
    key == other.key && numerator == other.numerator && denominator == other.denominator && n == other.n
      && restated == other.restated && curve == other.curve && isClose(to: other.value)
  }

  private func isClose(to other: Double?) -> Bool {
    guard let value, let other else { return value == nil && other == nil }
    return (value - other).magnitude <= 1e-12 * max(value.magnitude, other.magnitude)
  }
}

extension MetricScenario.Answer {
  /// Returns the differences between these figures and those of an answer, one text for each; empty if they are equal.
  public func differences(from view: MetricsView) -> [String] {
    Self.differences(metrics, view.metrics) + Self.differences(beforeAmendment ?? [], view.beforeAmendment ?? [])
  }

  private static func differences(_ expected: [MetricScenario.Figure], _ views: [MetricView]) -> [String] {
    let found = views.map { MetricScenario.Figure($0) }
    guard found.count == expected.count else {
      return ["\(expected.map(\.key)) were expected, but not \(found.map(\.key))"]
    }
    return zip(expected, found).filter { !$0.agrees(with: $1) }.map { "expected \($0), found \($1)" }
  }
}
