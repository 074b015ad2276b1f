import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Builds agendas from the stored data and other services' answers.
struct AgendaBuilder {
  let queries: ReviewQueries

  func agenda(
    of review: ReviewRow, _ launch: LaunchRecord, state: ReviewState? = nil, remote: RemoteSources
  ) throws -> Agenda {
    let attempts = try LaunchRepository(db: queries.db).attempts(of: review.launch)
    guard let window = AttemptWindow(of: review.attempt, in: attempts) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt",
        "attempt \(review.attempt) of \(review.launch) no longer exists: "
          + "its exposure was corrected after the review had opened")
    }
    let records = ReviewRecordRepository(db: queries.db, of: review)
    let timeline = TimelineRepository(db: queries.db)
    return try Agenda(
      AgendaSources(
        launch: launch, attempt: review.attempt, attempts: attempts, opensOn: review.opensOn,
        state: state ?? review.state, now: queries.now, remote: remote,
        signals: try SignalRepository(db: queries.db).signals(
          of: launch, about: remote.attribution(of: launch.plan.feature), in: window),
        timeline: try timeline.events(of: review.launch),
        doneAt: try timeline.doneAt(review.launch), explanations: try records.explanations(),
        outcomes: try records.outcomes(), actions: try queries.actions(of: review, today: try queries.today(of: launch))
      ))
  }
}

/// A request for one page of a launch's items.
private struct ItemPage: Codable, Sendable {
  var launch: LaunchID
  var next: String?
}

/// Fetches an agenda's data from the metrics and checklist services concurrently, and finds the topics.
struct RemoteLoader {
  /// How long to wait for each answer.
  static let timeout = Duration.seconds(2)

  let environment: ServiceEnvironment
  /// The bus offset that the other services must have processed before they answer; nil if the caller named none.
  let after: Int64?
  /// When the search for topics must end, so that the caller still receives the answer in time.
  let deadline: ContinuousClock.Instant

  init(_ call: CallContext) {
    environment = call.environment
    after = call.meta.after
    deadline = call.deadline.advanced(by: .milliseconds(-500))
  }

  /// Creates a loader for a job.
  init(_ environment: ServiceEnvironment) {
    self.environment = environment
    after = nil
    deadline = .now + Self.timeout
  }

  func load(_ launch: LaunchID, attempt: Int) async throws -> RemoteSources {
    async let metrics = answer(of: .metrics, MetricsRoutes.verdicts, VerdictRequest(launch: launch, attempt: attempt))
    async let knownPlan = self.plan(of: launch)
    async let items = items(of: launch)
    let plan = try await knownPlan
    async let topics = self.topics(of: launch, attempt: attempt, plan: plan)
    let verdicts = try await metrics
    async let gaps = gaps(of: verdicts)
    return RemoteSources(
      metrics: verdicts, plan: plan, items: try await items, gaps: try await gaps, topics: try await topics)
  }

  /// The launch's metric plan, as far as agendas use it.
  func plan(of launch: LaunchID) async throws -> Result<ReviewedPlan, Problem> {
    try await answer(of: .metrics, MetricsRoutes.showPlan, LaunchReference(launch: launch)).map { ReviewedPlan($0) }
  }

  private func topics(
    of launch: LaunchID, attempt: Int, plan: Result<ReviewedPlan, Problem>
  ) async throws -> Result<AttemptTopics, Problem> {
    let record = try await environment.database.read { try LaunchRepository(db: $0).required(launch) }
    let finding = TopicFinding(
      environment: environment, launch: record, attempt: attempt,
      attribution: RemoteSources.attribution(of: record.plan.feature, by: plan))
    do {
      return .success(try await finding.topics(until: deadline))
    } catch let problem as Problem {
      return .failure(problem)
    }
  }

  /// The breakdown of the gap of each missed or inconclusive metric, by metric key.
  private func gaps(of verdicts: Result<MetricsView, Problem>) async throws -> [String: Result<GapView, Problem>] {
    guard case .success(let view) = verdicts else { return [:] }
    let keys = view.metrics.filter { $0.verdict == .missed || $0.verdict == .inconclusive }.map(\.key)
    return try await withThrowingTaskGroup(of: (String, Result<GapView, Problem>).self) { group in
      for key in keys {
        let request = GapRequest(launch: view.launch, key: key, attempt: view.attempt)
        group.addTask { (key, try await answer(of: .metrics, MetricsRoutes.gap, request)) }
      }
      var gaps: [String: Result<GapView, Problem>] = [:]
      for try await (key, gap) in group { gaps[key] = gap }
      return gaps
    }
  }

  /// The launch's items, from all pages.
  private func items(of launch: LaunchID) async throws -> Result<[ItemView], Problem> {
    let route = Route<ItemPage, ItemList>(.checklist, ChecklistRoutes.items.method, .read)
    var items: [ItemView] = []
    var next: String?
    repeat {
      let page = try await answer(of: .checklist, route, ItemPage(launch: launch, next: next))
      guard case .success(let list) = page else { return page.map(\.items) }
      items += list.items
      next = list.next
    } while next != nil
    return .success(items)
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
}

extension ReviewedPlan {
  fileprivate init(_ plan: PlanView) {
    let metrics = plan.definition?["metrics"]?.arrayValue ?? []
    func texts(_ name: String) -> [String] {
      metrics.flatMap { $0[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    }
    self.init(
      articles: Set(texts("articles")),
      attribution: plan.definition?["feature"]?.stringValue.map { TicketAttribution(feature: $0, tags: texts("tags")) })
  }
}
