import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport
import Testing

/// `events/git_k8s_sig_release.csv` and the figures expected of it.
struct AdoptionData {
  struct Exposure {
    var launch: LaunchID
    var feature: String
    var at: Timestamp
    var figures: [CurvePoint]

    /// The length of a window that covers all of them.
    var days: Int { figures.map(\.day).max() ?? 30 }
  }

  enum Order: CaseIterable {
    case asWritten, shuffled, repeated

    func arranged(_ events: [CloudEvent]) -> [CloudEvent] {
      switch self {
      case .asWritten: events
      case .shuffled: events.shuffled()
      case .repeated: (events + events.shuffled().prefix(events.count / 10)).shuffled()
      }
    }
  }

  private(set) var events: [CloudEvent] = []
  private(set) var exposures: [Exposure] = []

  init() throws {
    events = try Self.rows("events/git_k8s_sig_release.csv").map { row in
      CloudEvent(
        id: row[3] + row[2], source: "//git", type: SignalType.featureUsed.rawValue, time: Timestamp(row[0]),
        data: ["account": .string(row[1]), "feature": .string(row[2])])
    }
    let rows = try Self.rows("events/expected_adoption_git_k8s_sig_release.csv")
    for group in Dictionary(grouping: rows, by: { [$0[0], $0[1], $0[2]] }).sorted(by: { $0.key[1] < $1.key[1] }) {
      let figures = try group.value.map { row in
        CurvePoint(
          day: try #require(Int(row[3])), numerator: try #require(Int(row[4])), denominator: try #require(Int(row[5])))
      }
      exposures.append(
        Exposure(
          launch: try launchID("launch-\(exposures.count)"), feature: group.key[0],
          at: try #require(Timestamp(group.key[1])), figures: figures))
    }
  }

  /// Proposes, measures and exposes every launch.
  func expose(_ metrics: Metrics) async throws {
    for exposure in exposures {
      try await metrics.propose(exposure.launch, feature: exposure.feature)
      try await metrics.seal(exposure.launch, .adoption(days: exposure.days))
      try await metrics.expose(exposure.launch, ExposureAttempt(attempt: 1, startedAt: exposure.at))
    }
  }

  func check(_ metrics: Metrics) async throws { try await check { try await metrics.verdict($0) } }

  /// Compares the curves of the launches with the expected figures.
  func check(_ verdict: (LaunchID) async throws -> MetricView) async throws {
    #expect(exposures.reduce(0) { $0 + $1.figures.count } == 300)
    for exposure in exposures {
      let curve = try await verdict(exposure.launch).curve ?? []
      for figure in exposure.figures {
        #expect(curve.count >= figure.day && curve[figure.day - 1] == figure, "\(exposure.feature) at \(exposure.at)")
      }
    }
  }

  /// Without the header; the fields of these files are not quoted.
  private static func rows(_ path: String) throws -> [[String]] {
    try TestData.text(path).split(whereSeparator: \.isNewline).dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }
}
