import ChecklistService
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Synchronization
import TestSupport
import Testing

/// A checklist service with a launch; the test plays tiering and metrics.
struct Stage: Sendable {
  let harness: ServiceHarness<ChecklistService>
  private let owners: Owners

  static let launch = [LaunchID("smart-routing")].compactMap(\.self)[0]
  /// Tuesday in New York.
  static let date = day("2027-03-02")

  static func day(_ text: String) -> LocalDate { LocalDate(text) ?? LocalDate(ordinal: 0) }

  static func at(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(microseconds: 0) }

  static let roster = Roster(
    people: [
      "dana": person("Dana", [.productOps], lead: true, roles: ["product-ops"], uid: 11),
      "ibrahim": person("Ibrahim", [.engineering], lead: true, uid: 12),
      "erin": person("Erin", [.engineering], uid: 13), "petra": person("Petra", [.product], lead: true, uid: 14),
      "mia": person("Mia", [.marketing], lead: true, uid: 15), "max": person("Max", [.marketing], uid: 16),
      "lena": person("Lena", [], groups: ["legal"], uid: 17), "cora": person("Cora", [.cs], lead: true, uid: 18),
      "sam": person("Sam", [.support], lead: true, uid: 19), "sol": person("Sol", [.sales], lead: true, uid: 20),
    ])

  private static func person(
    _ name: String, _ functions: [LaunchFunction], lead: Bool = false, groups: [String] = [], roles: [String] = [],
    uid: UInt32
  ) -> Person {
    Person(
      name: name, functions: functions, lead: lead ? functions : [], groups: groups, roles: roles,
      principals: [.uid(uid)])
  }

  static func record(
    tier: Tier = .moderate, date: LocalDate = date, flags: [Flag: Stated<Bool>] = [:], version: Int = 1
  ) -> LaunchRecord {
    LaunchRecord(
      plan: LaunchPlan(
        launch: launch, name: "Smart routing", owner: "petra", feature: "smart-routing", date: date,
        timeZone: "America/New_York", locales: ["en", "de"], segments: ["enterprise"],
        facts: Facts(kinds: [.newSurface], flags: flags),
        rollout: Rollout(kind: .gradual, flag: "smart-routing", stages: [5, 25, 100])),
      tier: tier, tierComputed: tier, tierReasons: [], assumed: [], openQuestions: [], alternatives: [],
      reachedOn: [:], earliestDate: date, status: .preparing, version: version,
      proposedAt: at("2027-01-04T09:00:00Z"), proposedBy: "petra")
  }

  /// Runs the body after the launch has been proposed.
  static func with<R: Sendable>(
    _ record: LaunchRecord = record(), at start: String = "2027-02-01T15:00:00Z", isTampered: Bool = false,
    _ body: @Sendable (Stage) async throws -> R
  ) async throws -> R {
    let peers = StubPeers()
    return try await withServiceHarness(ChecklistService.self, at: at(start), peers: peers, isTampered: isTampered) {
      harness in
      try await body(try await begin(harness, record))
    }
  }

  /// A new service with the roster and a launch.
  static func begin(
    _ harness: ServiceHarness<ChecklistService>, _ record: LaunchRecord = record()
  ) async throws -> Stage {
    let stage = Stage(harness: harness, record)
    try await harness.settle()
    _ = try await harness.call(
      ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(roster)))
    try await stage.announce(record, as: Announcements.launchProposed)
    return stage
  }

  /// A service whose store has the launch already.
  init(harness: ServiceHarness<ChecklistService>, _ record: LaunchRecord) {
    let owners = Owners(record)
    self.harness = harness
    self.owners = owners
    harness.peers.answer(TieringRoutes.show) { _ in owners.record }
    harness.peers.answer(MetricsRoutes.showPlan) { _ in owners.plan }
  }

  /// Announces the launch as tiering, which also returns it from now on.
  func announce(
    _ record: LaunchRecord, as type: EventType<LaunchAnnounced> = Announcements.launchFactsChanged
  ) async throws {
    owners.set(record)
    try await harness.receive(
      type, from: .tiering, launch: Self.launch.rawValue, version: record.version, by: "petra",
      LaunchAnnounced(record: record, changed: []))
  }

  /// Announces as tiering that the launch was cancelled or postponed.
  func stop(_ status: LaunchStatus) async throws {
    var record = owners.record
    record.status = status
    record.version += 1
    try await announce(
      record, as: status == .cancelled ? Announcements.launchCancelled : Announcements.launchPostponed)
  }

  /// Seals the metrics and announces it as metrics.
  func seal(_ digest: String = "d1") async throws {
    owners.seal(digest, at: harness.clock.now())
    try await harness.receive(
      Announcements.metricsSealed, from: .metrics, launch: Self.launch.rawValue, by: "petra",
      MetricsSealed(digest: digest, metrics: ["adoption"]))
  }

  /// Gives tiering a later version than the announced one.
  func setOwner(_ record: LaunchRecord) { owners.set(record) }

  func set(_ time: String) { harness.clock.set(Self.at(time)) }

  /// What `act` attaches to what it marks as done or submits, because the built-in items ask for it.
  static let evidence = Evidence(kind: .text, value: "seen on staging by two people")

  private static func attachment(of route: Route<ItemAction, ItemResponse>) -> Evidence? {
    [ChecklistRoutes.done.method, ChecklistRoutes.submit.method].contains(route.method) ? evidence : nil
  }

  /// Acts on an item; what is done or submitted has evidence.
  @discardableResult
  func act(
    _ route: Route<ItemAction, ItemResponse>, _ key: ItemKey, as person: PersonID, instance: String? = nil,
    meta: CallMeta = CallMeta(), _ change: @Sendable (inout ItemAction) -> Void = { _ in }
  ) async throws -> ItemDetail {
    var action = ItemAction(
      launch: Self.launch, key: key, instance: instance, reason: "because", evidence: Self.attachment(of: route))
    change(&action)
    let response = try await harness.call(route, action, as: person, meta: meta)
    try await harness.settle()
    return try #require(response.detail)
  }

  /// Acts on several items in one call.
  @discardableResult
  func act(
    _ route: Route<ItemAction, ItemResponse>, on keys: [String], allInstances: Bool? = nil, as person: PersonID,
    meta: CallMeta = CallMeta(), _ change: @Sendable (inout ItemAction) -> Void = { _ in }
  ) async throws -> [ItemResult] {
    var action = ItemAction(
      launch: Self.launch, keys: keys, allInstances: allInstances, reason: "because",
      evidence: Self.attachment(of: route))
    change(&action)
    let response = try await harness.call(route, action, as: person, meta: meta)
    try await harness.settle()
    return try #require(response.results).results
  }

  /// An item with its history.
  func show(_ key: ItemKey, instance: String? = nil, as person: PersonID = "erin") async throws -> ItemDetail {
    let target = ItemTarget(launch: Self.launch, key: key, instance: instance)
    return try #require(try await harness.call(ChecklistRoutes.showItem, target, as: person).detail)
  }

  /// Seals the metrics, waives every blocking item and answers the poll, so that GO is recommended.
  func makeReady() async throws {
    try await seal()
    let items = try await harness.call(ChecklistRoutes.items, LaunchReference(launch: Self.launch)).items
    for item in items where item.gate == .blocking && item.state == .open {
      try await act(ChecklistRoutes.waive, item.key, as: "dana", instance: item.instance)
    }
    let poll = try await harness.call(ChecklistRoutes.showPoll, LaunchReference(launch: Self.launch))
    for function in poll.silent {
      try await harness.call(
        ChecklistRoutes.answerPoll, PollAnswer(launch: Self.launch, answer: .go, function: function), as: "dana")
    }
    try await harness.settle()
  }

  @discardableResult
  func decide(
    _ decision: DecisionKind = .go, override: Bool? = nil, as person: PersonID = "dana"
  ) async throws -> DecisionView {
    try await harness.settle()
    let request = DecisionRequest(
      launch: Self.launch, decision: decision, reason: "the board is green", override: override)
    let view = try await harness.call(ChecklistRoutes.makeDecision, request, as: person)
    try await harness.settle()
    return view
  }

  func gate() async throws -> GateView {
    try await harness.settle()
    return try await harness.call(ChecklistRoutes.checkGate, GateRequest(launch: Self.launch), as: "erin")
  }
}

/// The state of tiering and metrics that their stubs return.
private final class Owners: Sendable {
  private let state: Mutex<(record: LaunchRecord, plan: PlanView)>

  init(_ record: LaunchRecord) {
    state = Mutex((record, PlanView(launch: record.plan.launch, sealed: false)))
  }

  var record: LaunchRecord { state.withLock { $0.record } }
  var plan: PlanView { state.withLock { $0.plan } }

  func set(_ record: LaunchRecord) { state.withLock { $0.record = record } }

  func seal(_ digest: String, at: Timestamp) {
    state.withLock { $0.plan = PlanView(launch: $0.record.plan.launch, sealed: true, digest: digest, sealedAt: at) }
  }
}

/// The problem that the body throws; nil if it throws none.
func problem(_ body: () async throws -> Void) async -> Problem? {
  do {
    try await body()
    return nil
  } catch {
    return error as? Problem
  }
}
