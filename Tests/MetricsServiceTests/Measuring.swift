import JSON
import Contract
import LaunchModel
import Messaging
import MetricsService
import TestSupport
import Testing

/// The metrics service, with the events of the other services played by the test.
typealias Metrics = ServiceHarness<MetricsService>

extension ServiceHarness where Service == MetricsService {
  /// Announces a launch as tiering.
  func propose(
    _ launch: LaunchID, feature: String = "f", owner: PersonID = "dana", version: Int = 1, tier: Tier = .moderate
  ) async throws {
    let today = try #require(LocalDate("2027-01-01"))
    let plan = LaunchPlan(
      launch: launch, name: launch.rawValue, owner: owner, feature: feature, date: today,
      facts: Facts(kinds: [.newFeature]))
    let record = LaunchRecord(
      plan: plan, tier: tier, tierComputed: .moderate, tierReasons: [], assumed: [], openQuestions: [],
      alternatives: [], reachedOn: [:], earliestDate: today, version: version, proposedAt: clock.now(),
      proposedBy: owner)
    try await receive(
      version == 1 ? Announcements.launchProposed : Announcements.launchFactsChanged, from: .tiering,
      launch: launch.rawValue, version: version, LaunchAnnounced(record: record, changed: []))
  }

  /// Announces the exposure of a launch so far as checklist.
  func expose(_ launch: LaunchID, _ attempts: ExposureAttempt...) async throws {
    try await expose(launch, attempts: attempts)
  }

  /// Announces the exposure of a launch so far as checklist.
  func expose(_ launch: LaunchID, attempts: [ExposureAttempt]) async throws {
    let last = try #require(attempts.last)
    let isOver = last.rolledBackAt != nil
    try await receive(
      isOver ? Announcements.exposureRolledBack : Announcements.exposureStarted, from: .checklist,
      launch: launch.rawValue,
      ExposureAnnounced(
        attempt: last.attempt, percentage: isOver ? 0 : 100, occurredAt: last.rolledBackAt ?? last.startedAt,
        violations: [], attempts: attempts))
  }

  /// Defines and seals the metrics of a launch, whether they can be measured or not.
  func seal(_ launch: LaunchID, _ metrics: JSONValue...) async throws {
    try await call(MetricsRoutes.define, DefinePlan(launch: launch, document: ["metrics": .array(metrics)]))
    try await call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "no history"))
    try await settle()
  }

  func verdicts(_ launch: LaunchID, attempt: Int? = nil, asOf: Timestamp? = nil) async throws -> MetricsView {
    try await call(MetricsRoutes.verdicts, VerdictRequest(launch: launch, attempt: attempt, asOf: asOf))
  }

  func verdict(_ launch: LaunchID, asOf: Timestamp? = nil) async throws -> MetricView {
    try #require(try await verdicts(launch, asOf: asOf).metrics.first)
  }

  /// Publishes a signal and processes it.
  func signal(_ type: SignalType, _ data: JSONValue, at moment: Timestamp? = nil, id: String? = nil) async throws {
    try await receive(event(type.rawValue, data, at: moment, id: id))
  }

  /// Lets days pass, on each of which the same happens again: accounts that count already change no figure, and their feeds deliver.
  func pass(days: Int, _ signals: (type: SignalType, data: JSONValue)...) async throws {
    for _ in 0..<days {
      clock.advance(days: 1)
      for signal in signals { try await self.signal(signal.type, signal.data) }
    }
  }

  /// Publishes what a bridge says of a feed, and processes it.
  func report(_ type: SignalType, _ feed: FeedName, _ from: Timestamp, _ to: Timestamp) async throws {
    try await signal(
      type,
      [
        "feed": ["type": .string(feed.type), "source": .string(feed.source)], "from": .string("\(from)"),
        "to": .string("\(to)"),
      ])
  }

  func event(_ type: String, _ data: JSONValue, at moment: Timestamp? = nil, id: String? = nil) -> CloudEvent {
    CloudEvent(
      id: id ?? "\(type)-\(bus.events.count)-\(UInt64.random(in: 0 ... .max))", source: "//test", type: type,
      time: moment, data: data)
  }
}

extension JSONValue {
  static func adoption(_ target: String = ">= 30%", days: Int = 30) -> JSONValue {
    ["key": "adoption", "kind": "adoption", "target": .string(target), "days": .integer(Int64(days))]
  }
}

/// The id of a launch in a test.
func launchID(_ text: String) throws -> LaunchID { try #require(LaunchID(text)) }
