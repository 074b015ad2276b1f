import Digests
import JSON
import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The calls about metric plans.
struct PlanHandlers {
  let measurability: MeasurabilityCheck

  func register(on router: inout ServiceRouter) {
    router.change(MetricsRoutes.define, define)
    router.change(MetricsRoutes.seal, prepare: measure, apply: seal)
    router.change(MetricsRoutes.amend, amend)
    router.read(MetricsRoutes.showPlan, show)
  }

  @Sendable
  private func define(_ params: DefinePlan, _ call: CallContext, _ tx: ServiceTransaction) throws -> PlanView {
    let known = try permitted(params.launch, call, tx)
    let history = try history(params.launch, call, tx)
    guard !history.isSealed else {
      throw Problem.conflict(
        "plan-sealed", title: "the plan is sealed",
        "the metrics of \(params.launch) are sealed; to change them: "
          + "gonogo metric amend \(params.launch) FILE --reason TEXT")
    }
    let file = try completed(params.document, known, tx)
    let plan = try MetricPlan(reading: file.document, feature: known.feature)
    let entry = PlanHistory.Entry(
      version: history.version + 1, action: .define, at: tx.now, by: tx.actor.description, document: file.document,
      isRetroactive: false, defaultsVersion: file.defaultsVersion)
    let view = try save(entry, params.launch, known, tx)
    try tx.record(
      launch: params.launch.rawValue, action: "plan.define",
      detail: ["digest": SHA256Digest.hex(ofCanonical: plan.definition)], reason: params.reason)
    return view
  }

  @Sendable
  private func seal(
    _ params: LaunchAction, _ measured: MeasuredPlan?, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> PlanView {
    let known = try permitted(params.launch, call, tx)
    let history = try history(params.launch, call, tx)
    guard let current = history.current else { throw Problem.noPlan(params.launch) }
    guard !history.isSealed else {
      throw Problem.conflict(
        "plan-sealed", title: "the plan is sealed", "the metrics of \(params.launch) are already sealed")
    }
    guard let measured, measured.version == history.version else {
      throw Problem.conflict(
        "plan-changed", title: "the plan was changed meanwhile",
        "the metrics of \(params.launch) were changed while they were checked; review them and seal again")
    }
    if !measured.unmeasurable.isEmpty { try measured.requireReason(params) }
    let plan = try current.plan(feature: known.feature)
    let file = CompletedFile(document: current.document, defaultsVersion: current.defaultsVersion)
    let entry = try step(.seal, file, plan, after: history, params.launch, reason: params.reason, tx)
    let view = try save(entry, params.launch, known, tx)
    try announce(
      Announcements.metricsSealed, entry, plan, params.launch, tx,
      unmeasurable: measured.unmeasurable.isEmpty ? nil : measured.unmeasurable)
    return view
  }

  @Sendable
  private func amend(_ params: DefinePlan, _ call: CallContext, _ tx: ServiceTransaction) throws -> PlanView {
    let known = try permitted(params.launch, call, tx)
    let history = try history(params.launch, call, tx)
    guard let current = history.current, history.isSealed else {
      throw Problem.conflict(
        "not-sealed", title: "no sealed metrics to amend",
        "the metrics of \(params.launch) are not sealed; replace them with gonogo metric define \(params.launch) FILE")
    }
    guard let reason = params.reason, reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "amending sealed metrics needs a reason (--reason TEXT)")
    }
    let file = try completed(params.document, known, tx)
    let plan = try MetricPlan(reading: file.document, feature: known.feature)
    let entry = try step(.amend, file, plan, after: history, params.launch, reason: reason, tx)
    guard entry.digest != current.digest else {
      throw Problem.conflict(
        "unchanged", title: "nothing would change", "the file is identical to the sealed plan (\(entry.digest ?? ""))")
    }
    let view = try save(entry, params.launch, known, tx)
    try announce(Announcements.metricsAmended, entry, plan, params.launch, tx)
    return view
  }

  @Sendable
  private func show(_ params: LaunchReference, _ call: CallContext) async throws -> PlanView {
    try Rights.require(call.actor, .read)
    return try await call.environment.database.read { db in
      let known = try LaunchRepository(db).launch(params.launch)
      try SealCheck(db).require(params.launch, until: params.asOf)
      return try PlanRepository(db).history(of: params.launch, until: params.asOf)
        .view(of: params.launch, feature: known.feature)
    }
  }
}

extension PlanHandlers {
  private func permitted(_ launch: LaunchID, _ call: CallContext, _ tx: ServiceTransaction) throws
    -> LaunchRepository.Known
  {
    let known = try LaunchRepository(tx.db).launch(launch)
    try Rights.require(call.actor, .ownLaunch(owner: known.owner))
    return known
  }

  private func history(_ launch: LaunchID, _ call: CallContext, _ tx: ServiceTransaction) throws -> PlanHistory {
    try SealCheck(tx.db).require(launch)
    let history = try PlanRepository(tx.db).history(of: launch)
    try call.requireVersion(history.version)
    return history
  }

  /// A metric file completed with default values.
  private struct CompletedFile {
    var document: JSONValue
    /// The version of the defaults that were used.
    var defaultsVersion: Int?
  }

  /// Completes a metric file with the adopted defaults for the launch's tier; with
  /// the built-in ones if the tier is unknown.
  private func completed(
    _ document: JSONValue, _ known: LaunchRepository.Known, _ tx: ServiceTransaction
  ) throws -> CompletedFile {
    guard let tier = known.tier else {
      return CompletedFile(document: document, defaultsVersion: MetricDefaults.builtIn.version)
    }
    let adopted = try DefaultsRepository(tx.db).adopted()
    let defaults = try MetricDefaults(reading: adopted.document)
    return CompletedFile(document: defaults.completing(document, of: tier), defaultsVersion: adopted.documentVersion)
  }

  /// Creates the entry of a seal or an amendment; it is retroactive if the launch was already exposed.
  private func step(
    _ action: PlanHistory.Entry.Action, _ file: CompletedFile, _ plan: MetricPlan, after history: PlanHistory,
    _ launch: LaunchID, reason: String?, _ tx: ServiceTransaction
  ) throws -> PlanHistory.Entry {
    let attempts = try LaunchRepository(tx.db).attempts(of: launch)
    return PlanHistory.Entry(
      version: history.version + 1, action: action, at: tx.now, by: tx.actor.description,
      document: file.document, definition: plan.definition, digest: SHA256Digest.hex(ofCanonical: plan.definition),
      reason: reason,
      isRetroactive: attempts.contains { $0.startedAt <= tx.now }, defaultsVersion: file.defaultsVersion)
  }

  private func announce(
    _ type: EventType<MetricsSealed>, _ entry: PlanHistory.Entry, _ plan: MetricPlan, _ launch: LaunchID,
    _ tx: ServiceTransaction, unmeasurable: [UnmeasurableMetric]? = nil
  ) throws {
    try tx.announce(
      type, launch: launch.rawValue, version: entry.version, reason: entry.reason,
      MetricsSealed(
        digest: entry.digest ?? "", metrics: plan.metrics.map(\.key), retroactive: entry.isRetroactive,
        unmeasurable: unmeasurable))
  }

  private func save(
    _ entry: PlanHistory.Entry, _ launch: LaunchID, _ known: LaunchRepository.Known, _ tx: ServiceTransaction
  ) throws -> PlanView {
    let plans = PlanRepository(tx.db)
    let metrics = try entry.plan(feature: known.feature).metrics
    try FeedSearches(tx.db).begin(for: Set(metrics.flatMap { $0.feedTypes { _ in true } }))
    try plans.add(entry, to: launch)
    try ProjectionCatalog(tx.db).reconcile(launch)
    return try plans.history(of: launch).view(of: launch, feature: known.feature)
  }
}

extension PlanHandlers {
  /// A plan about to be sealed, with the metrics that cannot be measured.
  private struct MeasuredPlan: Sendable {
    var version: Int
    var unmeasurable: [UnmeasurableMetric]
    /// The number of metrics in the plan.
    var count: Int

    /// Requires a reason for sealing metrics that cannot be measured.
    func requireReason(_ params: LaunchAction) throws {
      if params.reason?.contains(where: { !$0.isWhitespace }) == true { return }
      let reasons = unmeasurable.map { "\($0.metric): \($0.problems.first ?? "")" }.joined(separator: "; ")
      throw Problem.invalid(
        "reason-missing", title: "not every metric can be measured", pointer: "/reason",
        "\(unmeasurable.count) of \(count) metrics cannot be measured (\(reasons)); see gonogo metric check "
          + "\(params.launch). To seal anyway, pass --reason TEXT")
    }
  }

  /// Checks which metrics can be measured, for at most half of the time until the caller's
  /// deadline; nil if there is nothing to seal.
  ///
  /// A plan that could not be checked counts as not measurable, so it can still be sealed with a reason.
  @Sendable
  private func measure(_ params: LaunchAction, _ call: CallContext) async throws -> MeasuredPlan? {
    let (history, feature) = try await call.environment.database.read { db -> (PlanHistory, String) in
      let known = try LaunchRepository(db).launch(params.launch)
      try Rights.require(call.actor, .ownLaunch(owner: known.owner))
      return (try PlanRepository(db).history(of: params.launch), known.feature)
    }
    guard let current = history.current, !history.isSealed else { return nil }
    let deadline = ContinuousClock.now + ContinuousClock.now.duration(to: call.deadline) / 2
    do {
      let checked = try await measurability.run(params.launch, at: call.now, until: deadline, call.environment)
      let failing = checked.view.metrics.filter { !$0.measurable }
      return MeasuredPlan(
        version: checked.version,
        unmeasurable: failing.map { UnmeasurableMetric(metric: $0.key, problems: $0.problems) },
        count: checked.view.metrics.count)
    } catch let problem as Problem where problem.isTransient {
      let metrics = try current.plan(feature: feature).metrics
      return MeasuredPlan(
        version: history.version,
        unmeasurable: metrics.map {
          UnmeasurableMetric(metric: $0.key, problems: ["could not be checked: \(problem.detail)"])
        }, count: metrics.count)
    }
  }
}

extension Problem {
  /// Whether the check failed temporarily, because something is down or takes too long.
  fileprivate var isTransient: Bool {
    switch kind {
    case .unavailable, .expired, .busy: true
    default: false
    }
  }
}
