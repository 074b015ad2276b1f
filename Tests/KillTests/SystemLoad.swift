import JSON
import Contract
import LaunchModel
import Messaging
import TestSupport

/// Publishers and people that continue through failures of any process until they are stopped.
struct SystemLoad: Sendable {
  private let system: RunningSystem
  private let acknowledged: AcknowledgedChanges
  private let seed: UInt64
  private let isStopping = StopFlag()

  init(_ system: RunningSystem, acknowledged: AcknowledgedChanges, seed: UInt64) {
    self.system = system
    self.acknowledged = acknowledged
    self.seed = seed
  }

  /// Stops once everything that was sent is acknowledged.
  func stop() { isStopping.raise() }

  /// Publishes messages of 1 to 16 events, retrying until each is acknowledged, and sends some of them again.
  func publish(_ publisher: Int) async throws {
    var generator = SeededGenerator(seed: seed &+ UInt64(publisher))
    let bus = try system.bus()
    var sequence = 0
    while !isStopping.isRaised {
      let uses = (0..<Int.random(in: 1...16, using: &generator)).map { _ in
        sequence += 1
        return Self.use("\(publisher)-\(sequence)", &generator)
      }
      let results = try await untilAnswered { try await bus.publish(uses.map(\.bytes)) }
      acknowledged.acknowledge(uses, results)
      guard Int.random(in: 0..<10, using: &generator) == 0 else { continue }
      let again = try await untilAnswered { try await bus.publish(uses.map(\.bytes)) }
      acknowledged.acknowledgeAgain(uses, results, again)
    }
  }

  /// Publishes a number of uses, retrying until each is acknowledged.
  ///
  /// - Parameter report: Called with the number of each message that was acknowledged, from 0.
  func flood(_ count: Int, reporting report: (Int) -> Void) async throws {
    var generator = SeededGenerator(seed: seed)
    let bus = try system.bus()
    for (message, first) in stride(from: 0, to: count, by: Self.floodMessage).enumerated() {
      let uses = (first..<min(count, first + Self.floodMessage)).map { Self.use("flood-\($0)", &generator) }
      acknowledged.acknowledge(uses, try await untilAnswered { try await bus.publish(uses.map(\.bytes)) })
      report(message)
    }
  }

  /// The number of events in a message of a flood.
  static let floodMessage = 500

  /// Proposes launches, and comments on an item of each.
  func propose() async throws {
    var number = 0
    while !isStopping.isRaised {
      number += 1
      let launch = try Trial.launch(named: "launch-\(number)")
      let proposal = ProposeLaunch(document: Trial.document(launch, feature: "other-\(number)"))
      try await call(TieringRoutes.propose, proposal, key: "propose-\(number)")
      acknowledged.acknowledge(launch)
      let item = try await firstItem(of: launch)
      let comment = ItemAction(launch: launch, key: item.key, instance: item.instance, text: Self.comment)
      try await call(ChecklistRoutes.comment, comment, key: "comment-\(number)")
      acknowledged.acknowledge(commentOn: item)
    }
  }

  /// The comment on each launch.
  static let comment = "kill test"

  /// Retries a change until it is acknowledged; its idempotency key ensures that it is made once.
  private func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, key: String
  ) async throws {
    let client = try system.client(route.service)
    _ = try await untilAnswered { try await client.call(route, params, meta: CallMeta(idempotencyKey: key)) }
  }

  /// Waits for the checklist of an acknowledged launch, which may not have received it yet.
  private func firstItem(of launch: LaunchID) async throws -> ItemTarget {
    let checklist = try system.client(.checklist)
    return try await untilAnswered(waitingFor: { $0.kind == .notFound }) {
      let items = try await checklist.call(ChecklistRoutes.items, LaunchReference(launch: launch)).items
      guard let first = items.first else { throw Problem.conflict("no-items", "\(launch) has an empty checklist") }
      return ItemTarget(launch: launch, key: first.key, instance: first.instance)
    }
  }

  private static func use(_ id: String, _ generator: inout SeededGenerator) -> AcknowledgedChanges.Use {
    let account = "account-\(Int.random(in: 0..<20_000, using: &generator))"
    let feature = Bool.random(using: &generator) ? Trial.feature : "search"
    let event = CloudEvent(
      id: id, source: "//kill/accounts", type: SignalType.featureUsed.rawValue,
      time: Trial.shippedAt.adding(seconds: Int64.random(in: 0..<86_400, using: &generator)),
      data: ["account": .string(account), "feature": .string(feature)])
    return AcknowledgedChanges.Use(id: id, account: account, feature: feature, bytes: event.encoded())
  }
}
