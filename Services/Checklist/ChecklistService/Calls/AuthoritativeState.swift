import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit

/// The state that a decision depends on, fetched from the services that own it at that moment, so that nothing is
/// decided on a lagging copy.
struct AuthoritativeState: Sendable {
  /// The launch's record in tiering.
  let record: LaunchRecord
  /// The metric plan in metrics; nil if the tier has no metrics or no plan was defined.
  let plan: PlanView?
  /// The problem returned by metrics if the sealed plan has been tampered with; otherwise nil.
  let tampering: Problem?

  /// How long to wait for the bus, and for each owner.
  static let timeout = Duration.seconds(2)

  /// Waits until the checklist has processed the bus up to its head, then asks the owners.
  ///
  /// - Throws: `unavailable` if the bus or an owner does not answer in time, or the checklist does not catch up; not found
  ///   if there is no such launch.
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
    let bounds = try await reach("the bus") { try await environment.bus.head(timeout: timeout) }
    let limit = min(deadline, .now + timeout)
    guard try await environment.reach(bounds.head, until: limit) else {
      throw Problem.unavailable(
        "lagging", title: "the checklist has not caught up",
        "the checklist has processed bus offset \(environment.progress.offset) of \(bounds.head); try again")
    }
  }

  private static func record(_ launch: LaunchID, _ environment: ServiceEnvironment) async throws -> LaunchRecord {
    try await reach("tiering") {
      try await environment.clients(for: .tiering)
        .call(TieringRoutes.show, LaunchReference(launch: launch), timeout: timeout)
    }
  }

  private static func plan(_ launch: LaunchID, _ environment: ServiceEnvironment) async throws -> PlanView? {
    do {
      return try await reach("metrics") {
        try await environment.clients(for: .metrics)
          .call(MetricsRoutes.showPlan, LaunchReference(launch: launch), timeout: timeout)
      }
    } catch let problem as Problem where problem.kind == .notFound {
      return nil
    }
  }

  /// Turns every failure to get an answer into `unavailable`; `not found` and tampering are answers.
  private static func reach<R>(_ owner: String, _ ask: () async throws -> R) async throws -> R {
    do {
      return try await ask()
    } catch let problem as Problem where problem.kind == .notFound || problem.isTampering {
      throw problem
    } catch let error where !(error is CancellationError) {
      throw Problem.unavailable(
        "owner-unreachable", title: "result unknown",
        "\(owner) did not answer (\(error)); nothing was decided and the gate is not open; try again")
    }
  }

  /// Throws `unavailable` if the checklist's copy differs from the owners' state.
  func requireSame(as checklist: LaunchChecklist) throws(Problem) {
    guard record.version == checklist.record.version else {
      throw lagging(
        "tiering has version \(record.version) of the launch, the checklist has version \(checklist.record.version)")
    }
    guard record.conflictsVersion == checklist.record.conflictsVersion else {
      throw lagging("tiering has other conflicts of the launch's date than the checklist")
    }
    guard checklist.record.tier.isMeasured, tampering == nil else { return }
    let sealed = plan?.sealed == true ? plan?.amendments.last?.digest ?? plan?.digest : nil
    guard sealed == checklist.seal?.digest else {
      throw lagging(
        "the seal in metrics is \(sealed ?? "missing"), in the checklist it is \(checklist.seal?.digest ?? "missing")")
    }
  }

  /// Throws the problem reported by metrics if the sealed plan has been tampered with: no GO can rest on it.
  func requireUntampered() throws(Problem) {
    if let tampering { throw tampering }
  }

  private func lagging(_ what: String) -> Problem {
    .unavailable("lagging", title: "the checklist has not caught up", "\(what); try again", retryAfterMs: 200)
  }
}
