import JSON
import Contract
import LaunchModel
import MetricsCore
import TestSupport
import Testing

@Suite("Adoption of a real event stream", .enabled(if: TestData.isAvailable, "shared/data is missing"))
struct AdoptionDataTests {
  @Test("All 300 figures on which pandas and DuckDB agree are reproduced exactly", arguments: Order.allCases)
  func allFigures(order: Order) throws {
    let events = order.arranged(try AdoptionData.events())
    for (exposure, figures) in try AdoptionData.expected() {
      let days = figures.keys.max() ?? 0
      let attempt = Attempt(number: 1, startedAt: exposure.at, knownSince: exposure.at)
      let window = attempt.window(days: days)
      let span = AdoptionSpan(start: window.start, end: window.effectiveEnd, knownSince: window.knownSince)
      var projection = AdoptionProjection(feature: exposure.feature, span)
      for event in events { projection.apply(event) }
      let found = try #require(
        projection.projection(for: [days: window], accounts: AccountDirectory(), asOf: window.end).adoption[days])
      for (day, wanted) in figures { #expect(found.curve[day - 1] == wanted, "\(exposure) on day \(day)") }
    }
  }

  enum Order: CaseIterable {
    case asWritten, shuffled, repeated

    func arranged(_ events: [MetricEvent]) -> [MetricEvent] {
      var random = SeededGenerator(seed: 7)
      return switch self {
      case .asWritten: events
      case .shuffled: events.shuffled(using: &random)
      case .repeated: (events + events.shuffled(using: &random).prefix(events.count / 10)).shuffled(using: &random)
      }
    }
  }
}

/// `events/git_k8s_sig_release.csv` and the figures expected of it.
enum AdoptionData {
  struct Exposure: Hashable {
    var feature: String
    var at: Timestamp
  }

  static func events() throws -> [MetricEvent] {
    try rows("events/git_k8s_sig_release.csv").enumerated().map { index, row in
      let time = try #require(Timestamp(row[0]))
      return try MetricEvents.make(
        .featureUsed, ["feature": .string(row[2]), "account": .string(row[1])], at: time, offset: Int64(index) + 1)
    }
  }

  /// By exposure and day.
  static func expected() throws -> [Exposure: [Int: CurvePoint]] {
    var figures: [Exposure: [Int: CurvePoint]] = [:]
    for row in try rows("events/expected_adoption_git_k8s_sig_release.csv") {
      let exposure = Exposure(feature: row[0], at: try #require(Timestamp(row[1])))
      let day = try #require(Int(row[3]))
      figures[exposure, default: [:]][day] = CurvePoint(
        day: day, numerator: try #require(Int(row[4])), denominator: try #require(Int(row[5])))
    }
    return figures
  }

  /// Without the header; the fields of these files are not quoted.
  private static func rows(_ path: String) throws -> [[String]] {
    try TestData.text(path).split(whereSeparator: \.isNewline).dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
