import Documents
import JSON
import Contract
import LaunchModel
import TestSupport
import Testing

@testable import TieringService

/// A tiering service with a roster, and sample launch files.
enum TieringStage {
  /// 2027-02-01T09:00:00Z, a Monday.
  static let start = Timestamp(microseconds: 1_801_472_400_000_000)

  static let file = """
    launch: smart-routing
    name: Smart routing
    owner: ibrahim
    date: 2027-03-02
    timeZone: America/New_York
    calendar: US
    calendars: {support: PL}
    locales: [en, de, fr]
    segments: [enterprise]
    allHands: 2027-02-25
    facts: {kinds: [new-surface], audience: subset, changesWorkflow: true, addsServerCompute: unknown}
    rollout: {kind: gradual, flag: smart-routing, stages: [5, 25, 100]}
    """

  /// The file with changed fields; with another date it has no All-Hands, unless that is given too.
  static func document(_ changes: [String: JSONValue] = [:]) throws -> JSONValue {
    let value = try SourceDocument(parsing: Array(file.utf8), file: "launch.yaml").value
    var fields = value.objectValue ?? [:]
    if changes["date"] != nil { fields["allHands"] = nil }
    return .object(fields.merging(changes) { _, new in new })
  }

  static func roster() throws -> Roster {
    try Roster(
      reading: [
        "people": [
          "dana": ["name": "Dana Reyes", "roles": ["product-ops"], "principals": ["uid:1000"]],
          "ibrahim": ["name": "Ibrahim Chen", "functions": ["engineering"], "principals": ["uid:1001"]],
          "sam": ["name": "Sam Ito", "functions": ["support"], "principals": ["uid:1002"]],
        ]
      ])
  }

  /// Runs the body with a service that has a roster.
  static func with(
    peers: StubPeers = StubPeers(), isTampered: Bool = false,
    _ body: @Sendable (ServiceHarness<TieringService>) async throws -> Void
  ) async throws {
    try await withServiceHarness(TieringService.self, at: start, peers: peers, isTampered: isTampered) {
      harness async throws in
      try await harness.adopt(try roster())
      try await body(harness)
    }
  }
}

extension ServiceHarness<TieringService> {
  @discardableResult
  func propose(_ changes: [String: JSONValue] = [:], as person: PersonID = "ibrahim") async throws -> LaunchRecord {
    try await call(
      TieringRoutes.propose, ProposeLaunch(document: try TieringStage.document(changes)), as: person)
  }

  func show(_ launch: LaunchID) async throws -> LaunchRecord {
    try await call(TieringRoutes.show, LaunchReference(launch: launch), as: "sam")
  }

  func decide(_ decision: DecisionKind, stale: Bool = false) async throws {
    let type = stale ? Announcements.decisionStale : Announcements.decisionMade
    try await receive(
      type, from: .checklist, launch: "smart-routing",
      DecisionAnnounced(decision: decision, digest: "test", override: false))
  }
}

/// The id of the stage's launch.
func smartRouting() throws -> LaunchID { try #require(LaunchID("smart-routing")) }
