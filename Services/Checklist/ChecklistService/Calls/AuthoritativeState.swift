import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit

/// What a decision needs to know from those who own it, asked at that moment: nothing is decided on a lagging copy.
struct AuthoritativeState: Sendable {
  /// The launch as tiering has it.
  let record: LaunchRecord
  /// The metric plan as metrics has it; nil for a tier without metrics, or where none was defined.
  let plan: PlanView?
  /// What metrics answers instead of a plan that was changed behind its seal; nil where it was not.
  let tampering: Problem?

  /// How long the bus, and each owner, is waited for.
  static let patience = Duration.seconds(2)

  /// Waits until the checklist has processed the bus up to its head, then asks the owners.
  ///
  /// - Throws: `unavailable` where the bus, the checklist's own consumer or an owner does not get there; `not found` where
  ///   there is no such launch.
  static func ask(_ launch: LaunchID, _ context: ChecklistContext, until deadline: ContinuousClock.Instant) async throws
    -> AuthoritativeState
  {
    try await reachHead(context.environment, until: deadline)
    let tier = try await context.read(launch) { state, _, _ in state.checklist.record.tier }
    async let record = record(launch, context.environment)
    async let plan = tier.isMeasured ? plan(launch, context.environment) : nil
    do {
      return AuthoritativeState(record: try await record, plan: try await plan, tampering: nil)
    } catch let problem as Problem where problem.isTampering {
      return AuthoritativeState(record: try await record, plan: nil, tampering: problem)
    }
  }

  private static func reachHead(
    _ environment: ServiceEnvironment, until deadline: ContinuousClock.Instant
  ) async throws {
    let bounds = try await reach("the bus") { try await environment.bus.head(timeout: patience) }
    let limit = min(deadline, .now + patience)
    guard try await environment.gate.wait(for: bounds.head, until: limit) else {
      throw Problem.unavailable(
        "lagging", title: "the checklist has not caught up",
        "the checklist has processed the bus up to \(environment.gate.offset) of \(bounds.head); try again")
    }
  }

  private static func record(_ launch: LaunchID, _ environment: ServiceEnvironment) async throws -> LaunchRecord {
    try await reach("tiering") {
      try await environment.clients(for: .tiering)
        .call(TieringRoutes.show, LaunchReference(launch: launch), timeout: patience)
    }
  }

  private static func plan(_ launch: LaunchID, _ environment: ServiceEnvironment) async throws -> PlanView? {
    do {
      return try await reach("metrics") {
        try await environment.clients(for: .metrics)
          .call(MetricsRoutes.showPlan, LaunchReference(launch: launch), timeout: patience)
      }
    } catch let problem as Problem where problem.kind == .notFound {
      return nil
    }
  }

  /// Whatever keeps an owner from answering is the same to the caller: it cannot be known now.
  private static func reach<R>(_ whom: String, _ ask: () async throws -> R) async throws -> R {
    do {
      return try await ask()
    } catch let problem as Problem where problem.kind == .notFound || problem.isTampering {
      throw problem
    } catch let error where !(error is CancellationError) {
      throw Problem.unavailable(
        "owner-unreachable", title: "it cannot be known now",
        "\(whom) could not be asked (\(error)): there is no decision, and the gate is not open; try again")
    }
  }

  /// Throws `unavailable` where the checklist's copy is not what the owners have.
  func requireSame(as checklist: LaunchChecklist) throws(Problem) {
    guard record.version == checklist.record.version else {
      throw lagging("tiering has version \(record.version), and the checklist \(checklist.record.version)")
    }
    guard checklist.record.tier.isMeasured, tampering == nil else { return }
    let sealed = plan?.sealed == true ? plan?.amendments.last?.digest ?? plan?.digest : nil
    guard sealed == checklist.seal?.digest else {
      throw lagging(
        "metrics has sealed \(sealed ?? "nothing"), and the checklist knows of \(checklist.seal?.digest ?? "nothing")")
    }
  }

  /// Throws what metrics said of a plan that was changed behind its seal: there is no GO on it.
  func requireUntouched() throws(Problem) {
    if let tampering { throw tampering }
  }

  private func lagging(_ what: String) -> Problem {
    .unavailable("lagging", title: "the checklist has not caught up", "\(what); try again", retryAfterMs: 200)
  }
}
