import LaunchModel
import MetricsCore
import ServiceKit
import Storage

extension MeasuredLaunch {
  /// What is asked about.
  struct Question: Sendable {
    var launch: LaunchID
    /// Nil stands for the latest.
    var attempt: Int?
    /// The moment asked about.
    var now: Timestamp
    /// The last event that counts; nil for all that were processed.
    var limit: Int64?
    /// Whether an earlier moment is asked about, so that plans made since do not count.
    var isHistorical: Bool { limit != nil }
  }

  /// Loads everything but the projections.
  ///
  /// - Throws: `not-found` where there is no such launch or attempt; `changed-after-sealing` where its plan is not the
  ///   one that was sealed.
  init(_ question: Question, _ db: any Transaction) throws {
    let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, db)
    let limit = question.limit ?? processed
    let launches = LaunchStore(db, upTo: question.limit)
    let known = try launches.launch(question.launch)
    let moment = question.isHistorical ? question.now : nil
    try SealCheck(db).require(question.launch, until: moment)
    let history = try PlanStore(db).history(of: question.launch, until: moment)
    let plans = try history.plans(feature: known.feature)
    launch = question.launch
    attempt = try Self.attempt(question, try launches.attempts(of: question.launch))
    plan = plans.first
    sealedPlan = plans.dropFirst().first
    isSealed = history.isSealed
    renamedFeature = plans.first.flatMap { $0.feature == known.feature ? nil : known.feature }
    offset = limit
    now = question.now
    evidence = try Self.lightEvidence(plans, attempt, limit, feature: known.feature, db)
  }

  /// Loads all, the projections as they are kept; nil while one of them is still being built.
  init?(complete question: Question, _ db: any Transaction) throws {
    try self.init(question, db)
    let specs = neededSpecs
    let projections = specs.isEmpty ? [] : try ProjectionRegister(db).all(of: launch)
    for projection in projections where projection.row.attempt == attempt?.number && specs.contains(projection.spec) {
      guard projection.row.isComplete else { return nil }
      evidence.projections[projection.spec] = try ProjectionStore(db).load(projection.row)
    }
  }

  /// The projections that its metrics are read from.
  var neededSpecs: Set<ProjectionSpec> {
    attempt.map { ProjectionSpec.needed(for: [plan, sealedPlan].compactMap(\.self), attempt: $0) } ?? []
  }

  private static func attempt(_ question: Question, _ attempts: [Attempt]) throws -> Attempt? {
    guard let number = question.attempt else { return attempts.last }
    guard let attempt = attempts.first(where: { $0.number == number }) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt", "\(question.launch) has \(attempts.count) attempts at launching")
    }
    return attempt
  }

  private static func lightEvidence(
    _ plans: [MetricPlan], _ attempt: Attempt?, _ limit: Int64, feature: String, _ db: any Transaction
  ) throws -> MetricEvidence {
    let features = try LaunchStore(db).features().union(plans.map(\.feature))
    var evidence = MetricEvidence(
      attribution: TicketAttribution(features: features, tags: try PlanStore(db).tags()))
    guard let attempt else { return evidence }
    let kinds = Set(plans.flatMap { $0.metrics.map(\.measure.kind) })
    let days = plans.flatMap { $0.metrics.map(\.days) }.max() ?? 0
    let span = attempt.startedAt..<attempt.startedAt.adding(days: days)
    let signals = SignalStore(db)
    evidence.accounts = try signals.accounts(upTo: limit)
    if kinds.contains(.tickets) || kinds.contains(.csat) { evidence.tickets = try signals.tickets(upTo: limit) }
    if kinds.contains(.csat) { evidence.scores = try signals.scores(span, upTo: limit) }
    if kinds.contains(.articles) {
      evidence.votes = try signals.votes(span, upTo: limit)
      evidence.publications = try signals.publications(upTo: limit)
    }
    return evidence
  }
}
