public import LaunchModel

/// The agenda of a review as it writes itself from the data (product.md, section 5), and what it lacks.
public struct Agenda: Sendable, Hashable {
  /// As it is shown and stored; its `missing` holds both lists below.
  public let view: AgendaView
  /// What could not be reached: the review cannot be closed without it.
  public let unreachable: [String]

  /// What this version assembles for no review.
  public static let notAssembled = ["topics: this version does not assemble the topics of the tickets"]

  /// Writes the agenda.
  ///
  /// - Throws: where the launch's time zone is not known here, or there is no such attempt.
  public init(_ sources: AgendaSources) throws(Problem) {
    let zone = try ZoneRules(sources.launch.plan.timeZone)
    guard let window = AttemptWindow(of: sources.attempt, in: sources.attempts) else {
      throw .notFound("attempt-not-found", "there was no attempt \(sources.attempt) of \(sources.launch.plan.launch)")
    }
    unreachable = sources.remote.unreachable
    view = sources.view(in: window, zone: zone, missing: unreachable + Self.notAssembled)
  }
}

extension AgendaSources {
  fileprivate func view(in window: AttemptWindow, zone: ZoneRules, missing: [String]) -> AgendaView {
    let feature = launch.plan.feature
    let tickets = AttributedTickets(
      signals.tickets, about: feature, attribution: TicketAttribution(features: features.union([feature])))
    let escalations = AgendaView.EscalationPoint.points(signals.escalations, of: tickets, in: window)
    var view = AgendaView(
      launch: launch.plan.launch, attempt: attempt, opensOn: opensOn, state: state,
      metrics: metricPoints, missing: missing)
    view.knowledgeGaps = AgendaView.GapPoint.points(
      signals, articles: signals.articles.union((try? remote.articles.get()) ?? []), in: window)
    view.escalations = escalations
    view.customers = AgendaView.CustomerPoint.points(
      signals, escalations: escalations, tickets: tickets, feature: feature, in: window)
    view.readiness = AgendaView.ReadinessPoint.points(
      items: (try? remote.items.get()) ?? [], doneAt: doneAt, story: story, zone: zone,
      today: zone.localDate(at: now), in: window)
    view.takeOutcomes(outcomes.merging(outcomesByAction) { noted, _ in noted })
    return view
  }

  private var outcomesByAction: [String: String] {
    let answering = actions.filter { $0.state != .dropped }.compactMap { action in
      action.point.map { ($0, "action \(action.id): \(action.text)") }
    }
    return Dictionary(answering, uniquingKeysWith: { first, _ in first })
  }

  private var metricPoints: [AgendaView.MetricPoint] {
    ((try? remote.metrics.get())?.metrics ?? []).map {
      AgendaView.MetricPoint(metric: $0, gap: MetricGap.gap(of: $0), explanation: explanations[$0.key])
    }
  }
}

extension RemoteSources {
  fileprivate var unreachable: [String] {
    [
      Self.failure("metrics", of: metrics), Self.failure("articles of the metric plan", of: articles),
      Self.failure("readiness", of: items),
    ].compactMap { $0 }
  }

  private static func failure<Success>(_ what: String, of result: Result<Success, Problem>) -> String? {
    guard case .failure(let problem) = result else { return nil }
    return "\(what): \(problem)"
  }
}
