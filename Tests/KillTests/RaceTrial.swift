import Contract
import Foundation
import Glibc
import JSON
import LaunchModel
import Messaging
import TestSupport

/// The people and small launches that races are about, and the calls of those who take part.
struct RaceTrial: Sendable {
  let system: RunningSystem
  /// Determines the delays; the progress of the processes still varies.
  let seed: UInt64

  /// How often each race is run.
  static let rounds = 20

  /// Two items of tier 2: one that is approved by two groups, and one that is ticked; and one more in some versions.
  static func keys(withExtra: Bool) -> Set<ItemKey> { withExtra ? ["copy", "qa", "extra"] : ["copy", "qa"] }

  /// The template with these items.
  static func template(_ keys: Set<ItemKey>) -> JSONValue {
    let items = keys.sorted().map { key -> JSONValue in
      let isCopy = key == "copy"
      var item: [String: JSONValue] = [
        "key": .string(key), "title": .string("Item \(key)"), "section": "Trial",
        "function": isCopy ? "marketing" : "engineering", "tiers": [2], "due": "launch day", "evidence": "none",
        "why": "a race is about it",
      ]
      if isCopy { item["approvals"] = ["product", "legal"] }
      return .object(item)
    }
    return ["version": 1, "items": .array(items)]
  }

  /// The people; the test's own user may act for each of them.
  private static func roster() -> Roster {
    let own = Principal.uid(getuid())
    let dana = Person(
      name: "Dana", functions: [.productOps], lead: [.productOps], roles: ["product-ops"], principals: [own])
    return Roster(
      people: [
        "dana": dana, "ibrahim": Person(name: "Ibrahim", functions: [.engineering], lead: [.engineering]),
        "erin": Person(name: "Erin", functions: [.engineering]),
        "max": Person(name: "Max", functions: [.marketing], lead: [.marketing]),
        "petra": Person(name: "Petra", functions: [.product], lead: [.product]),
        "lena": Person(name: "Lena", groups: ["legal"]),
        "lex": Person(name: "Lex", functions: [.product], groups: ["legal"]),
      ],
      grants: [Grant(principal: own, onBehalfOf: "any")])
  }

  /// Adopts the roster and the template.
  func begin() async throws {
    try await call(ChecklistRoutes.adoptRoster, AdoptRoster(document: try JSONCoding.value(Self.roster())))
    let template = AdoptTemplate(document: Self.template(Self.keys(withExtra: false)))
    try await call(ChecklistRoutes.adoptTemplate, template)
  }

  /// Random numbers for a race, the same for the same seed.
  func generator(_ race: UInt64) -> SeededGenerator { SeededGenerator(seed: seed &+ race) }

  /// How long each of three takes; the random moments are what a race is about.
  static func delays(_ generator: inout SeededGenerator) -> [Duration] {
    (0..<3).map { _ in .microseconds(Int.random(in: 0...12_000, using: &generator)) }
  }

  /// The result of what somebody does after a delay, or the refusal.
  func outcome<R: Sendable>(
    after delay: Duration, _ body: @Sendable () async throws -> R
  ) async throws -> Result<R, Problem> {
    // The random moment is what a race is about.
    try await Task.sleep(for: delay)
    do {
      return .success(try await body())
    } catch let problem as Problem {
      return .failure(problem)
    }
  }

  /// Calls a route for a person, again and again until the answer is one that a retry would not change.
  @discardableResult
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, as person: PersonID = "dana", seen version: Int? = nil
  ) async throws -> Output {
    let client = try system.client(route.service)
    let key = route.access == .change ? UUID().uuidString : nil
    let head = try await untilAnswered { try await system.bus().head().head }
    let meta = CallMeta(idempotencyKey: key, expectedVersion: version, onBehalfOf: person, after: head)
    return try await untilAnswered { try await client.call(route, params, meta: meta) }
  }

  /// Proposes a launch of tier 2 for today, and waits for its checklist.
  func propose(_ name: String, owner: PersonID = "dana") async throws -> LaunchID {
    let launch = try Trial.launch(named: name)
    let document: JSONValue = [
      "launch": .string(name), "name": .string(name), "owner": .string(owner), "date": "2027-03-02",
      "facts": ["kinds": ["new-feature"]],
    ]
    try await call(TieringRoutes.propose, ProposeLaunch(document: document))
    _ = try await untilAnswered(waitingFor: { $0.kind == .notFound }) { try await keys(of: launch) }
    return launch
  }

  /// Does everything that GO needs.
  func prepare(_ launch: LaunchID) async throws {
    let metric: JSONValue = ["key": "adoption", "kind": "adoption", "target": ">= 30%", "days": 30]
    let file: JSONValue = ["metrics": [metric]]
    try await call(TieringRoutes.waiveShortfall, LaunchAction(launch: launch, reason: "it is a trial"))
    try await call(MetricsRoutes.define, DefinePlan(launch: launch, document: file))
    try await call(MetricsRoutes.seal, LaunchAction(launch: launch, reason: "there is no history yet"))
    try await act(ChecklistRoutes.done, "qa", of: launch, as: "erin")
    try await act(ChecklistRoutes.submit, "copy", of: launch, as: "max")
    try await act(ChecklistRoutes.approve, "copy", of: launch, as: "petra")
    try await act(ChecklistRoutes.approve, "copy", of: launch, as: "lena")
  }

  /// Acts on an item.
  @discardableResult
  func act(
    _ route: Route<ItemAction, ItemResponse>, _ key: ItemKey, of launch: LaunchID, as person: PersonID,
    seen version: Int? = nil, _ change: @Sendable (inout ItemAction) -> Void = { _ in }
  ) async throws -> ItemDetail {
    var action = ItemAction(launch: launch, key: key)
    if route.method == ChecklistRoutes.reject.method { action.reason = "the price is wrong" }
    change(&action)
    return try Self.detail(try await call(route, action, as: person, seen: version), of: key)
  }

  func show(_ key: ItemKey, of launch: LaunchID) async throws -> ItemView {
    let response = try await call(ChecklistRoutes.showItem, ItemTarget(launch: launch, key: key))
    return try Self.detail(response, of: key).item
  }

  /// The keys of a launch's items.
  func keys(of launch: LaunchID) async throws -> Set<ItemKey> {
    Set(try await call(ChecklistRoutes.items, LaunchReference(launch: launch)).items.map(\.key))
  }

  func gate(_ launch: LaunchID) async throws -> GateView {
    try await call(ChecklistRoutes.checkGate, GateRequest(launch: launch))
  }

  private static func detail(_ response: ItemResponse, of key: ItemKey) throws -> ItemDetail {
    guard let detail = response.detail else { throw Problem.conflict("no-detail", "\(key) was not shown whole") }
    return detail
  }
}
