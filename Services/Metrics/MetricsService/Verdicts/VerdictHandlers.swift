import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The calls about figures and verdicts.
struct VerdictHandlers {
  let backfill: Backfill
  let memory: AdoptionMemory

  func register(on router: inout ServiceRouter) {
    router.read(MetricsRoutes.verdicts, verdicts)
    router.read(MetricsRoutes.series, series)
    router.read(MetricsRoutes.gap, gap)
    router.change(MetricsRoutes.rebuild, prepare: start, apply: rebuild)
  }

  @Sendable
  private func verdicts(_ params: VerdictRequest, _ call: CallContext) async throws -> MetricsView {
    try await measured(params.launch, attempt: params.attempt, asOf: params.asOf, call).view()
  }

  @Sendable
  private func series(_ params: SeriesRequest, _ call: CallContext) async throws -> SeriesView {
    let measured = try await measured(params.launch, attempt: nil, asOf: params.asOf, call)
    guard let series = measured.series(params.key) else { throw Self.noMetric(params.key, of: measured) }
    return series
  }

  @Sendable
  private func gap(_ params: GapRequest, _ call: CallContext) async throws -> GapView {
    let measured = try await measured(
      params.launch, attempt: params.attempt, asOf: params.asOf, bySegment: true, call)
    guard let gap = measured.gap(params.key) else { throw Self.noMetric(params.key, of: measured) }
    return gap
  }

  private static func noMetric(_ key: String, of measured: MeasuredLaunch) -> Problem {
    let keys = measured.plan?.metrics.map(\.key).joined(separator: ", ") ?? "none"
    return .notFound(
      "metric-not-found", title: "no such metric",
      "\(measured.launch) has no metric \"\(key)\"; its metrics are: \(keys)")
  }

  private func measured(
    _ launch: LaunchID, attempt: Int?, asOf: Timestamp?, bySegment: Bool = false, _ call: CallContext
  ) async throws -> MeasuredLaunch {
    try Rights.require(call.actor, .read)
    var question = MeasuredLaunch.Question(launch: launch, attempt: attempt, now: call.now)
    question.bySegment = bySegment
    if let asOf, asOf < call.now {
      question.now = asOf
      return try await historical(question, call)
    }
    while true {
      try await backfill.complete(launch, until: call.deadline)
      let loaded = try await call.environment.database.read { [question, memory] db in
        try MeasuredLaunch(complete: question, memory, db)
      }
      if let loaded { return loaded }
    }
  }

  private func historical(_ question: MeasuredLaunch.Question, _ call: CallContext) async throws -> MeasuredLaunch {
    let replay = LogReplay(environment: call.environment, memory: memory, deadline: call.deadline)
    var question = question
    let limit = try await replay.limit(at: question.now)
    question.limit = limit
    return try await replay.load(question, upTo: limit)
  }
}

extension VerdictHandlers {
  /// The offset from which the log must be read again.
  @Sendable
  private func start(_ params: LaunchAction, _ call: CallContext) async throws -> Int64 {
    let attempts = try await call.environment.database.read { try LaunchRepository($0).attempts(of: params.launch) }
    guard let first = attempts.map(\.startedAt).min() else { return 1 }
    return try await call.environment.bus.at(first.adding(seconds: -EventTime.tolerance))
  }

  @Sendable
  private func rebuild(
    _ params: LaunchAction, _ from: Int64, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> RebuildView {
    let known = try LaunchRepository(tx.db).launch(params.launch)
    try Rights.require(call.actor, .ownLaunch(owner: known.owner))
    let through = try ProjectionCatalog(tx.db).rebuild(params.launch)
    let view = RebuildView(launch: params.launch, from: min(from, through + 1), to: through)
    try tx.record(
      launch: params.launch.rawValue, action: "projection.rebuild", detail: ["from": view.from, "to": view.to],
      reason: params.reason)
    return view
  }
}
