import Contract
import LaunchModel
import Reporting

/// Reads the parts of a report from the services. A part that cannot be read is left out, and noted with the reason.
struct ReportReader {
  private let session: Session
  /// The parts that could not be read so far.
  private(set) var missing: [MissingPart] = []
  /// The services that did not answer, with the reason; they are not asked again.
  private var silent: [ServiceName: String] = [:]

  /// The maximum number of earlier launches whose curves are compared.
  private static let mostEarlier = 5

  init(_ session: Session) { self.session = session }

  /// Reads everything about a launch.
  ///
  /// - Throws: an error if tiering does not have the launch or does not answer; `GatewayError` if no connection can be
  ///   made.
  mutating func report(on id: LaunchID) async throws -> LaunchReport {
    let session = session
    let reference = LaunchReference(launch: id)
    let launch = try await session.call(TieringRoutes.show, reference).value
    let now = try await session.now(of: .tiering)
    let items = try await read("items", .checklist) { try await session.call(ChecklistRoutes.items, reference).value }
    let readiness = try await read("readiness", .checklist) {
      try await session.call(ChecklistRoutes.readiness, reference).value
    }
    let poll =
      try await launch.tier.hasPoll
      ? read("poll", .checklist) { try await session.call(ChecklistRoutes.showPoll, reference).value } : nil
    let decision = try await read("decision", .checklist) {
      try await session.call(ChecklistRoutes.showDecision, reference).value
    }
    let exposure = try await read("exposure", .checklist) {
      try await session.call(ChecklistRoutes.showExposure, reference).value
    }
    let outcome = try await launch.tier.isMeasured ? outcome(of: launch) : Outcome()
    let isExposed = exposure.map { !$0.attempts.isEmpty } ?? launch.status.isExposed
    var (agenda, review): (AgendaView?, ReviewView?)
    if launch.tier.isMeasured, isExposed {
      let reviewed = ReviewReference(launch: id)
      review = try await read("review", .review) { try await session.call(ReviewRoutes.show, reviewed).value }
      agenda = try await read("agenda", .review) { try await session.call(ReviewRoutes.agenda, reviewed).value }
    }
    let chains = try await chains(of: id)
    return LaunchReport(
      at: now, launch: launch, items: items?.items, readiness: readiness, poll: poll, decision: decision,
      exposure: exposure, metrics: outcome.metrics, series: outcome.series, gaps: outcome.gaps, plan: outcome.plan,
      earlier: outcome.earlier, agenda: agenda, review: review, chains: chains, missing: missing)
  }

  /// A launch's data from the metrics service.
  private struct Outcome {
    var metrics: MetricsView?
    var series: [SeriesView] = []
    var gaps: [GapView] = []
    var plan: PlanView?
    var earlier: [EarlierLaunch] = []
  }

  private mutating func outcome(of launch: LaunchRecord) async throws -> Outcome {
    let session = session
    let id = launch.plan.launch
    var outcome = Outcome()
    outcome.metrics = try await read("metrics", .metrics) {
      try await session.call(MetricsRoutes.verdicts, VerdictRequest(launch: id)).value
    }
    guard let metrics = outcome.metrics else { return outcome }
    outcome.plan = try await read("metric plan", .metrics) {
      try await session.call(MetricsRoutes.showPlan, LaunchReference(launch: id)).value
    }
    for metric in metrics.metrics where metric.windowStart != nil {
      let series = try await read("\(metric.key) by day", .metrics) {
        try await session.call(MetricsRoutes.series, SeriesRequest(launch: id, key: metric.key)).value
      }
      let gap = try await read("gap of \(metric.key)", .metrics) {
        try await session.call(MetricsRoutes.gap, GapRequest(launch: id, key: metric.key)).value
      }
      if let series { outcome.series.append(series) }
      if let gap { outcome.gaps.append(gap) }
    }
    if let adoption = metrics.metrics.first(where: { $0.kind == "adoption" }), let start = adoption.windowStart {
      outcome.earlier = try await earlier(than: start, launch)
    }
    return outcome
  }

  /// Returns the latest launches of the same tier whose adoption windows had ended before this one began.
  private mutating func earlier(than start: Timestamp, _ launch: LaunchRecord) async throws -> [EarlierLaunch] {
    let session = session
    let calibration = try await read("earlier launches", .metrics) {
      try await session.call(MetricsRoutes.calibration, CalibrationRequest(tier: launch.tier, day: 1)).value
    }
    let ended = (calibration?.launches ?? []).filter { $0.windowStart < start && $0.launch != launch.plan.launch }
    var earlier: [EarlierLaunch] = []
    for ended in ended.sorted(by: { $0.windowStart > $1.windowStart }).prefix(Self.mostEarlier) {
      let view = try await read("adoption of \(ended.launch)", .metrics) {
        let request = VerdictRequest(launch: ended.launch, attempt: ended.attempt)
        return try await session.call(MetricsRoutes.verdicts, request).value
      }
      let curve = view?.metrics.first { $0.key == ended.metric }?.curve ?? []
      if !curve.isEmpty {
        earlier.append(EarlierLaunch(launch: ended.launch, outcome: ended.outcome, curve: curve))
      }
    }
    return earlier
  }

  /// Returns the head of each service's audit chain for a launch, verified.
  private mutating func chains(of launch: LaunchID) async throws -> [CitedChain] {
    let session = session
    var chains: [CitedChain] = []
    for service in AuditCommand.services {
      let parameters = AuditVerifyParameters(launch: launch.rawValue)
      let verification = try await read("audit chain of \(service.rawValue)", service) {
        try await session.call(ServiceRoutes.auditVerify(service), parameters).value
      }
      chains += (verification?.chains ?? []).filter { $0.launch == launch.rawValue }.map { chain in
        CitedChain(service: service, head: chain.head, broken: chain.broken?.detail)
      }
    }
    return chains
  }

  /// Reads the launches in a range of dates.
  ///
  /// - Throws: an error if tiering does not answer; `GatewayError` if no connection can be made.
  mutating func report(from: LocalDate, to: LocalDate) async throws -> QuarterReport {
    let session = session
    let now = try await session.now(of: .tiering)
    let launches = try await session.launches(LaunchFilter(from: from, to: to)).launches
    let board = try await read("readiness", .checklist) {
      try await session.call(ChecklistRoutes.board, BoardReference()).value
    }
    var entries: [QuarterLaunch] = []
    for launch in launches {
      let decision = try await read("decisions", .checklist) {
        try await session.call(ChecklistRoutes.showDecision, LaunchReference(launch: launch.id)).value
      }
      var metrics: MetricsView?
      if launch.tier.isMeasured, launch.status.isExposed {
        metrics = try await read("verdicts", .metrics) {
          try await session.call(MetricsRoutes.verdicts, VerdictRequest(launch: launch.id)).value
        }
      }
      let readiness = board?.launches.first { $0.launch == launch.id }
      entries.append(QuarterLaunch(launch: launch, readiness: readiness, decision: decision, metrics: metrics))
    }
    return QuarterReport(at: now, from: from, to: to, launches: entries, missing: missing)
  }

  /// Makes a call for a part of the report. Returns nil, and notes the reason, if the service refuses or does not
  /// answer.
  private mutating func read<Value>(
    _ part: String, _ service: ServiceName, _ call: () async throws -> Value
  ) async throws -> Value? {
    if let reason = silent[service] {
      note(part, reason)
      return nil
    }
    do {
      return try await call()
    } catch let failure as CallError {
      let reason = GatewayError(failure).messages.joined(separator: "; ")
      if failure.problem.mayPass { silent[service] = reason }
      note(part, reason)
      return nil
    }
  }

  /// Notes a missing part, once.
  private mutating func note(_ part: String, _ reason: String) {
    let part = MissingPart(part: part, reason: reason)
    if !missing.contains(part) { missing.append(part) }
  }
}

extension LaunchStatus {
  /// Whether customers have it, or had it.
  fileprivate var isExposed: Bool {
    switch self {
    case .live, .hypercare, .measuring, .inReview, .closed, .rolledBack: true
    case .proposed, .preparing, .decided, .postponed, .cancelled: false
    }
  }
}
