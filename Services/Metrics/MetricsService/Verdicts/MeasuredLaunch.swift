import JSON
import Contract
import Digests
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// One attempt of a launch with its plan and all evidence, in one snapshot of the store.
struct MeasuredLaunch: Sendable {
  var launch: LaunchID
  var attempt: Attempt?
  /// The current plan; nil if there is none.
  var plan: MetricPlan?
  /// The originally sealed plan; nil if it was not amended.
  var sealedPlan: MetricPlan?
  var isSealed: Bool
  var evidence: MetricEvidence
  /// The launch's current feature, if the sealed one differs.
  var renamedFeature: String?
  /// The offset of the last event included.
  var offset: Int64
  /// The moment for which the launch is measured.
  var now: Timestamp
  /// Whether adoption is counted for each segment as well.
  var bySegment: Bool

  /// The answer to `verdict.show`.
  func view() -> MetricsView {
    MetricsView(
      launch: launch, sealed: isSealed, digest: plan.map { SHA256Digest.hex(ofCanonical: $0.definition) }, asOf: now,
      offset: offset,
      metrics: views(of: plan) ?? [], attempt: attempt?.number, beforeAmendment: views(of: sealedPlan))
  }

  /// The answer to `series`; nil if the plan has no metric with the key.
  func series(_ key: String) -> SeriesView? {
    guard let evaluation = plan.map(evaluation), let points = evaluation.series(key),
      let metric = evaluation.plan.metrics.first(where: { $0.key == key })
    else { return nil }
    return SeriesView(launch: launch, key: key, kind: metric.measure.kind.rawValue, points: points)
  }

  /// The answer to `gap.explain`; nil if the plan has no metric with the key.
  func gap(_ key: String) -> GapView? {
    plan.map(evaluation)?.gap(key, sealed: sealedPlan.map(evaluation))
  }

  private func evaluation(_ plan: MetricPlan) -> Evaluation {
    Evaluation(launch: launch, plan: plan, attempt: attempt, evidence: evidence, now: now)
  }

  private func views(of plan: MetricPlan?) -> [MetricView]? {
    guard let plan else { return nil }
    return evaluation(plan).views().map { view in
      guard let renamedFeature else { return view }
      var view = view
      view.notes.append(
        "measured for the sealed feature \(plan.feature); the launch's feature is now \(renamedFeature)")
      return view
    }
  }
}

extension MeasuredLaunch {
  /// A query for the figures of a launch.
  struct Question: Sendable {
    var launch: LaunchID
    /// The number of the attempt; nil for the latest.
    var attempt: Int?
    /// The moment for which to measure.
    var now: Timestamp
    /// The offset of the last event to include; nil for all processed events.
    var limit: Int64?
    /// Whether to count adoption for each segment as well.
    var bySegment = false
    /// Whether the moment is in the past, so that later plans are ignored.
    var isHistorical: Bool { limit != nil }
  }

  /// Loads everything except the projections.
  ///
  /// - Throws: `launch-not-found`; `attempt-not-found`; `changed-after-sealing` if
  ///   the stored plan is not the sealed one.
  init(_ question: Question, _ signals: SignalMemory, _ db: any Transaction) throws {
    let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, db)
    let limit = question.limit ?? processed
    let launches = LaunchRepository(db, upTo: question.limit)
    let moment = question.isHistorical ? question.now : nil
    let known = try launches.launch(question.launch, asOf: moment)
    try SealCheck(db).require(question.launch, until: moment)
    let history = try PlanRepository(db).history(of: question.launch, until: moment)
    let plans = try history.plans(feature: known.feature)
    launch = question.launch
    attempt = try Self.attempt(question, try launches.attempts(of: question.launch))
    plan = plans.first
    sealedPlan = plans.dropFirst().first
    isSealed = history.isSealed
    renamedFeature = plans.first.flatMap { $0.feature == known.feature ? nil : known.feature }
    offset = limit
    now = question.now
    bySegment = question.bySegment
    evidence = try Self.lowVolumeEvidence(plans, attempt, limit, signals, db)
    if let attempt {
      let types = plans.flatMap(\.metrics).flatMap { $0.feedTypes { _ in true } }
      evidence.feeds = try FeedJudge.outlook(of: Set(types), from: attempt.startedAt, at: now, db)
      evidence.isSearchingFeeds = evidence.feeds == nil
    }
    evidence.zone = try ZoneRules(known.timeZone)
    evidence.tier = known.tier
    if let attempt, plans.contains(where: { $0.days(of: .tickets) != nil }) {
      evidence.earlierLaunches = try EarlierLaunches(db, upTo: question.limit).all(
        before: attempt.startedAt, but: question.launch, until: moment)
    }
    if let tier = known.tier, adoptionWindows.values.contains(where: { $0.contains(now) }) {
      evidence.earlierCurves = try CurveRepository(db).curves(of: tier, finalBy: now)
    }
  }

  /// Loads everything, including the stored projections; returns nil if one of them is still being backfilled, or if
  /// the snapshot is older than the state in memory.
  init?(complete question: Question, _ memory: AdoptionMemory, _ db: any Transaction) throws {
    try self.init(question, memory.signals, db)
    let specs = neededSpecs
    let needed = specs.isEmpty ? [] : try ProjectionCatalog(db).all(of: launch)
    let windows = adoptionWindows
    let loaded = try memory.current(db) { [launch = self, question] state -> (MetricEvidence?) in
      var evidence = launch.evidence
      evidence.accounts = state.accounts
      for projection in needed where projection.row.attempt == launch.attempt?.number && specs.contains(projection.spec)
      {
        guard projection.row.isComplete else { return nil }
        guard projection.row.isAdoption else {
          evidence.projections[projection.spec] = try ProjectionRepository(db).load(projection.row)
          continue
        }
        guard
          var figures = state.projection(
            projection, for: windows, asOf: question.now, bySegment: question.bySegment)
        else { return nil }
        figures.prunedBefore = projection.row.prunedBefore
        evidence.projections[projection.spec] = figures
      }
      return evidence
    }
    guard let loaded, let loaded else { return nil }
    evidence = loaded
  }

  /// The windows of the adoption metrics, keyed by their length in days.
  var adoptionWindows: [Int: MeasurementWindow] {
    guard let attempt else { return [:] }
    return [plan, sealedPlan].compactMap(\.self).reduce(into: [:]) { windows, plan in
      windows.merge(plan.adoptionWindows(of: attempt)) { first, _ in first }
    }
  }

  /// The specs of the projections that the metrics need.
  var neededSpecs: Set<ProjectionSpec> {
    attempt.map { ProjectionSpec.needed(for: [plan, sealedPlan].compactMap(\.self), attempt: $0) } ?? []
  }

  private static func attempt(_ question: Question, _ attempts: [Attempt]) throws -> Attempt? {
    guard let number = question.attempt else { return attempts.last }
    guard let attempt = attempts.first(where: { $0.number == number }) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt",
        "\(question.launch) has no attempt \(number); attempts so far: \(attempts.count)")
    }
    return attempt
  }

  /// The evidence from low-volume signals, without the account directory.
  private static func lowVolumeEvidence(
    _ plans: [MetricPlan], _ attempt: Attempt?, _ limit: Int64, _ memory: SignalMemory, _ db: any Transaction
  ) throws -> MetricEvidence {
    guard let attempt else { return MetricEvidence() }
    let days = plans.flatMap { $0.metrics.map(\.days) }.max() ?? 0
    let span = attempt.startedAt..<attempt.startedAt.adding(days: days)
    return try lowVolumeEvidence(plans, in: span, upTo: limit, memory, db)
  }

  /// The evidence from low-volume signals in a span of time, without the account directory.
  static func lowVolumeEvidence(
    _ plans: [MetricPlan], in span: Range<Timestamp>, upTo limit: Int64, _ memory: SignalMemory, _ db: any Transaction
  ) throws -> MetricEvidence {
    var evidence = MetricEvidence()
    let kinds = Set(plans.flatMap { $0.metrics.map(\.measure.kind) })
    let signals = SignalRepository(db)
    if kinds.contains(.tickets) || kinds.contains(.csat) {
      evidence.tickets = try memory.tickets(db, upTo: limit)
    }
    if kinds.contains(.csat) { evidence.scores = try memory.scores(db, before: span.upperBound, upTo: limit) }
    if kinds.contains(.articles) {
      evidence.votes = try signals.votes(span, upTo: limit)
      evidence.publications = try signals.publications(upTo: limit)
    }
    return evidence
  }
}
