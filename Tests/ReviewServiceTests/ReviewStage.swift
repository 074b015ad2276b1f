import JSON
import Contract
import LaunchModel
import Messaging
import ReviewService
import TestSupport
import Testing

typealias Harness = ServiceHarness<ReviewService>

/// A review service with a roster; the test plays the other services.
enum ReviewStage {
  static let launch = "smart-routing"

  static func id(_ launch: String = launch) throws -> LaunchID { try #require(LaunchID(launch)) }
  static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }
  static func date(_ text: String) throws -> LocalDate { try #require(LocalDate(text)) }

  static let roster = Roster(people: [
    "dana": person("Dana Reyes", [.productOps], roles: ["product-ops"]),
    "ibrahim": person("Ibrahim Chen", [.engineering]),
    "priya": person("Priya Nair", [.support]),
    "omar": person("Omar Haddad", [.sales]),
  ])

  private static func person(_ name: String, _ functions: [LaunchFunction], roles: [String] = []) -> Person {
    Person(name: name, functions: functions, roles: roles, principals: [Principal("key:\(name)")])
  }

  /// Runs the body on 15 January 2027 with the roster adopted; metrics and checklist have nothing for the launch.
  static func run(
    peers: StubPeers = StubPeers(), isTampered: Bool = false, _ body: @Sendable (Harness) async throws -> Void
  ) async throws {
    try await withServiceHarness(
      ReviewService.self, at: try time("2027-01-15T15:00:00Z"), peers: peers, isTampered: isTampered
    ) { harness in
      try await harness.adopt(roster)
      answer(harness, metrics: [], items: [])
      try await body(harness)
    }
  }

  /// Sets the answers of metrics and checklist.
  static func answer(_ harness: Harness, metrics: [MetricView], items: [ItemView], articles: [JSONValue] = []) {
    harness.peers.answer(MetricsRoutes.verdicts) { request in
      MetricsView(
        launch: request.launch, sealed: true, digest: "d", asOf: Timestamp(microseconds: 0), offset: 1, metrics: metrics
      )
    }
    harness.peers.answer(MetricsRoutes.gap) { request in
      GapView(
        launch: request.launch, attempt: request.attempt, key: request.key, kind: "adoption",
        asOf: Timestamp(microseconds: 0), verdict: .missed, unit: .share, value: nil, comparedWith: .target,
        reference: nil)
    }
    harness.peers.answer(MetricsRoutes.showPlan) { reference in
      PlanView(
        launch: reference.launch, sealed: true,
        definition: ["metrics": [["key": "kb", "articles": .array(articles)]]])
    }
    harness.peers.answer(ChecklistRoutes.items) { ItemList(launch: $0.launch, items: items) }
  }

  static func record(
    _ launch: String = launch, tier: Tier = .major, calendar: String? = nil, zone: String = "America/New_York",
    version: Int = 1
  ) throws -> LaunchRecord {
    LaunchRecord(
      plan: LaunchPlan(
        launch: try id(launch), name: "Smart routing", owner: "dana", feature: launch, date: try date("2027-03-02"),
        timeZone: zone, calendar: calendar, facts: Facts(kinds: [.newSurface])),
      tier: tier, tierComputed: tier, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
      reachedOn: [:], earliestDate: try date("2027-02-12"), version: version,
      proposedAt: try time("2027-01-15T15:00:00Z"), proposedBy: "dana")
  }

  static func propose(_ harness: Harness, _ record: LaunchRecord) async throws {
    try await harness.receive(
      Announcements.launchProposed, from: .tiering, launch: record.plan.launch.rawValue,
      LaunchAnnounced(record: record, changed: []))
  }

  /// Announces a first exposure as checklist, with all attempts.
  static func expose(
    _ harness: Harness, _ launch: String = launch, attempts: [ExposureAttempt], violations: [String] = []
  ) async throws {
    let last = try #require(attempts.last)
    harness.clock.set(max(harness.clock.now(), last.startedAt))
    try await harness.receive(
      Announcements.exposureStarted, from: .checklist, launch: launch,
      ExposureAnnounced(
        attempt: last.attempt, percentage: 100, occurredAt: last.startedAt, violations: violations, attempts: attempts))
  }

  static func signal(
    _ harness: Harness, _ type: SignalType, _ id: String, at time: String, _ data: JSONValue
  ) async throws {
    try await harness.receive(
      CloudEvent(id: id, source: "//helpdesk/", type: type.rawValue, time: try Self.time(time), data: data))
  }

  /// Ships a launch on 2 March 2027 at 14:00 UTC and opens its review on 1 April.
  static func openReview(_ harness: Harness, sealed: [String] = ["adoption"]) async throws {
    try await propose(harness, try record())
    try await harness.receive(
      Announcements.metricsSealed, from: .metrics, launch: launch, MetricsSealed(digest: "d", metrics: sealed))
    try await expose(
      harness, attempts: [ExposureAttempt(attempt: 1, startedAt: try time("2027-03-02T14:00:00Z"))])
    harness.clock.set(try time("2027-04-01T14:00:00Z"))
    try await harness.sweep()
  }
}
