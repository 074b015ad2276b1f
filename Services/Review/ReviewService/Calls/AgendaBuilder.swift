import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Writes agendas from what the service keeps and what the others answered.
struct AgendaBuilder {
  let desk: ReviewQueries

  func agenda(
    of review: ReviewRow, _ launch: LaunchRecord, state: ReviewState? = nil, remote: RemoteSources
  ) throws -> Agenda {
    let attempts = try LaunchRepository(db: desk.db).attempts(of: review.launch)
    guard let window = AttemptWindow(of: review.attempt, in: attempts) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt",
        "attempt \(review.attempt) of \(review.launch) was taken back after its review had opened")
    }
    let records = ReviewRecordRepository(db: desk.db, of: review)
    let story = TimelineRepository(db: desk.db)
    return try Agenda(
      AgendaSources(
        launch: launch, attempt: review.attempt, attempts: attempts, opensOn: review.opensOn,
        state: state ?? review.state, now: desk.now, remote: remote,
        signals: try SignalRepository(db: desk.db).signals(of: launch, in: window),
        features: try LaunchRepository(db: desk.db).features(), story: try story.story(of: review.launch),
        doneAt: try story.doneAt(review.launch), explanations: try records.explanations(),
        outcomes: try records.outcomes(), actions: try desk.actions(of: review, today: try desk.today(of: launch))))
  }
}

/// Asks metrics and checklist what an agenda needs of them, side by side.
struct RemoteLoader {
  /// How long each is waited for.
  static let timeout = Duration.seconds(2)

  let environment: ServiceEnvironment
  /// The bus offset that the others must have processed, where the caller named one.
  let after: Int64?

  init(_ call: CallContext) {
    environment = call.environment
    after = call.meta.after
  }

  func load(_ launch: LaunchID, attempt: Int) async throws -> RemoteSources {
    async let metrics = answer(of: .metrics, MetricsRoutes.verdicts, VerdictRequest(launch: launch, attempt: attempt))
    async let plan = answer(of: .metrics, MetricsRoutes.showPlan, LaunchReference(launch: launch))
    async let items = answer(of: .checklist, ChecklistRoutes.items, LaunchReference(launch: launch))
    return RemoteSources(
      metrics: try await metrics, articles: try await plan.map(Self.articles), items: try await items.map(\.items))
  }

  private func answer<Parameters, Output: Sendable>(
    of service: ServiceName, _ route: Route<Parameters, Output>, _ parameters: Parameters
  ) async throws -> Result<Output, Problem> {
    do {
      return .success(
        try await environment.clients(for: service).call(
          route, parameters, meta: CallMeta(after: after), timeout: Self.timeout))
    } catch let problem as Problem {
      return .failure(problem)
    }
  }

  /// The articles that a plan's metrics name.
  private static func articles(_ plan: PlanView) -> Set<String> {
    let metrics = plan.definition?["metrics"]?.arrayValue ?? []
    return Set(metrics.flatMap { $0["articles"]?.arrayValue?.compactMap(\.stringValue) ?? [] })
  }
}
