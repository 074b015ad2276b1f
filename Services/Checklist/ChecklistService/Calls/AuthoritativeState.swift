import ChecklistCore
import JSON
import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage

/// The state that a decision depends on, fetched from the services that own it when the decision is made, so that no
/// decision is based on a lagging copy.
struct AuthoritativeState: Sendable {
  /// The launch's record in tiering.
  let record: LaunchRecord
  /// The metric plan in metrics; nil if the tier has no metrics or no plan was defined.
  let plan: PlanView?
  /// The first sign of tampering: the store of tiering or metrics contradicts its audit chain, or the sealed plan was
  /// changed. Nil if there is none.
  let tampering: Problem?
  /// The current heads of the audit chains of tiering and metrics, by service.
  let chains: [String: ChainHead]
  /// The chain heads that the latest decision cites, by service; the chains must still contain them.
  private let cited: [String: ChainHead]

  /// How long to wait for the bus, and for each of the owning services.
  static let timeout = Duration.seconds(2)

  /// Waits until the checklist has processed the bus up to its head, then asks the owning services.
  ///
  /// - Throws: `unavailable` if the bus or an owner does not answer in time, or if the checklist does not catch up;
  ///   `not found` if there is no such launch.
  static func ask(_ launch: LaunchID, _ context: ChecklistContext, until deadline: ContinuousClock.Instant) async throws
    -> AuthoritativeState
  {
    try await reachHead(context.environment, until: deadline)
    let (tier, cited) = try await context.read(launch) { state, _, _ in
      (state.checklist.record.tier, state.decisions.decisions.last { $0.chains != nil }?.chains ?? [:])
    }
    async let record = record(launch, context.environment)
    async let plan = tier.isMeasured ? plan(launch, context.environment) : nil
    async let tiering = check(launch, .tiering, citing: cited, context.environment)
    async let metrics = tier.isMeasured ? check(launch, .metrics, citing: cited, context.environment) : nil
    let checks = [(ServiceName.tiering, try await tiering), (.metrics, try await metrics ?? AuditCheck(head: nil))]
    let heads = Dictionary(uniqueKeysWithValues: checks.map { ($0.rawValue, $1.head) }).compactMapValues(\.self)
    let contradiction = checks.lazy.compactMap { service, check in
      check.broken.map { Problem.contradictsChain(service, launch, $0) }
    }.first
    do {
      return AuthoritativeState(
        record: try await record, plan: try await plan, tampering: contradiction, chains: heads, cited: cited)
    } catch let problem as Problem where problem.isTampering {
      return AuthoritativeState(
        record: try await record, plan: nil, tampering: problem, chains: heads, cited: cited)
    }
  }

  /// Asks an owner whether its store matches its audit chain, and whether the chain contains the head that a decision
  /// cites.
  private static func check(
    _ launch: LaunchID, _ owner: ServiceName, citing cited: [String: ChainHead], _ environment: ServiceEnvironment
  ) async throws -> AuditCheck {
    let question = AuditCheckParameters(launch: launch.rawValue, cited: cited[owner.rawValue].map { [$0] })
    return try await reach(owner.rawValue) {
      try await environment.clients(for: owner).call(ServiceRoutes.auditCheck(owner), question, timeout: timeout)
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

  /// Asks metrics for a launch's verdicts, after metrics has processed the bus up to its head.
  ///
  /// - Throws: `unavailable` if the bus or metrics does not answer in time; `not found` if there is no plan.
  static func verdicts(of launch: LaunchID, _ environment: ServiceEnvironment) async throws -> MetricsView {
    let head = try await reach("the bus") { try await environment.bus.head(timeout: timeout) }.head
    return try await reach("metrics") {
      try await environment.clients(for: .metrics)
        .call(
          MetricsRoutes.verdicts, VerdictRequest(launch: launch), meta: CallMeta(after: head), timeout: timeout)
    }
  }

  /// Turns every failure to get an answer into `unavailable`. `not found` and tampering are answers, and are rethrown.
  private static func reach<R>(_ owner: String, _ ask: () async throws -> R) async throws -> R {
    do {
      return try await ask()
    } catch let problem as Problem where problem.kind == .notFound || problem.isTampering {
      throw problem
    } catch let error where !(error is CancellationError) {
      throw Problem.unavailable(
        "owner-unreachable", title: "result unknown",
        "\(owner) \(fault(error)); nothing was decided and the gate is not open; try again, or see gonogo ps")
    }
  }

  /// The codes of problems that mean only that a service did not answer.
  private static let silent: Set<String> = ["unreachable", "not-answering", "connection-lost", "timed-out"]

  /// Returns why there is no result: the owner did not answer, or answered with a problem.
  private static func fault(_ error: any Error) -> String {
    guard let problem = error as? Problem else { return "failed: \(error)" }
    if problem.kind == .expired || silent.contains(problem.code) { return "did not answer" }
    return "could not answer: \(problem.detail.isEmpty ? problem.title : problem.detail)"
  }

  /// Throws `unavailable` if the checklist's copy differs from the owners' state. If the owners' state was tampered
  /// with, that is thrown instead.
  func requireSame(as checklist: LaunchChecklist) throws(Problem) {
    guard tampering?.code != Problem.contradictsChain else { return }
    guard record.version == checklist.record.version else {
      throw lagging(
        "tiering has version \(record.version) of the launch, the checklist has version \(checklist.record.version)")
    }
    guard record.conflictsVersion == checklist.record.conflictsVersion else {
      throw lagging("tiering and the checklist list different conflicts for the launch's date")
    }
    guard checklist.record.tier.isMeasured, tampering == nil else { return }
    let sealed = plan?.sealed == true ? plan?.amendments.last?.digest ?? plan?.digest : nil
    guard sealed == checklist.seal?.digest else {
      throw lagging(
        "the seal in metrics is \(sealed ?? "missing"), in the checklist it is \(checklist.seal?.digest ?? "missing")")
    }
  }

  /// Throws if the facts that a GO would depend on were changed in a store without gonogo, at the owners or in the
  /// checklist.
  func requireUntampered(_ launch: LaunchID, _ state: StateLedger, _ db: any Transaction) throws {
    if let tampering { throw tampering }
    if let own = try contradiction(of: launch, state, db) { throw own }
  }

  /// Returns the first difference between the checklist's own store and its audit chains; nil if there is none.
  func contradiction(
    of launch: LaunchID, _ state: StateLedger, _ db: any Transaction
  ) throws -> Problem? {
    let own = cited[ServiceName.checklist.rawValue].map { [$0] } ?? []
    if let broken = try state.contradiction(of: launch.rawValue, in: ChecklistAudit.basis, citing: own, db) {
      return .contradictsChain(.checklist, launch, broken)
    }
    // The launch's own chain is not enough: the adopted roster determines who may decide, vote and approve, the policy
    // determines which double bookings count, and the halts determine whether any gate may open.
    let shared = [
      (RosterChange.subject, "adopted_roster"), (BookingRepository.reasonsSubject, "booking_reasons"),
      (HaltAnnounced.subject, "halts"),
    ]
    for (subject, table) in shared {
      if let broken = try state.contradiction(of: subject, in: [table], db) {
        return .contradictsChain(.checklist, launch, broken, of: subject)
      }
    }
    return nil
  }

  /// Returns why the checklist's copy differs from the owners' state: it lags, or an announcement never reached it.
  ///
  /// - Parameter problem: the difference.
  func explained(
    _ problem: Problem, _ launch: LaunchID, _ context: ChecklistContext, until deadline: ContinuousClock.Instant
  ) async throws -> Problem {
    do {
      for owner in [ServiceName.tiering, .metrics] {
        let stats = try await context.environment.clients(for: owner)
          .call(ServiceRoutes.stats(owner), NoParameters(), timeout: Self.timeout)
        guard let outbox = stats.outbox, outbox.unsent == 0 else { return problem }
        if outbox.rejected > 0 {
          return .unavailable(
            "announcement-refused", title: "an announcement was refused",
            "\(problem.detail). The bus refused announcements of \(owner.rawValue); see gonogo doctor")
        }
      }
      // By now, everything that the owners have announced is on the bus.
      try await Self.reachHead(context.environment, until: deadline)
      try await context.read(launch) { state, _, _ in try requireSame(as: state.checklist) }
      return problem
    } catch let found as Problem where found.code == Problem.laggingCode && found.retryAfterMs != nil {
      return .unavailable(
        "announcement-missing", title: "an announcement is missing",
        "\(found.detail). The checklist has processed everything on the bus, and nothing is waiting to be announced: an "
          + "announcement was deleted from an outbox or the bus's log, or is in quarantine; see gonogo audit verify "
          + "\(launch) and gonogo event quarantine list")
    } catch is Problem {
      return problem
    }
  }

  private func lagging(_ what: String) -> Problem {
    .unavailable(Problem.laggingCode, title: "the checklist has not caught up", "\(what); try again", retryAfterMs: 200)
  }
}

extension Problem {
  /// The code for a service that has not yet processed everything that it needs to answer.
  static let laggingCode = "lagging"

  /// Returns the problem that a store was changed without gonogo, with the first difference between it and its audit
  /// chain.
  ///
  /// - Parameter subject: the subject of the chain; nil for the launch's chain.
  static func contradictsChain(
    _ service: ServiceName, _ launch: LaunchID, _ broken: BrokenLink, of subject: String? = nil
  ) -> Problem {
    // A difference can be accepted only while the chain itself is intact. If a cited head is missing from the chain, a
    // new decision is needed, which cites the current heads instead.
    let way =
      broken.key == nil
      ? "you decide a hold, which cites the chains as they are now (gonogo decide \(launch) hold --reason TEXT)"
      : "Product Ops accepts the difference (gonogo audit accept \(subject ?? launch.rawValue) --service "
        + "\(service.rawValue))"
    return .conflict(
      contradictsChain, title: "the store contradicts its audit chain",
      "\(service.rawValue), link \(broken.length): \(broken.detail). It cannot be relied on until the store is "
        + "restored from a backup, or \(way)")
  }
}
