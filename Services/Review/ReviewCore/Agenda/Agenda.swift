public import Contract
public import LaunchModel

/// The agenda of a review, assembled from the data (product.md, section 5), with the parts that could not be assembled.
public struct Agenda: Sendable, Hashable {
  /// The agenda as shown and stored. Its `missing` lists the unreachable parts and the drafts that could not be made.
  public let view: AgendaView
  /// The parts whose sources could not be reached. Only Product Ops can close the review without them.
  public let unreachable: [UnreachablePart]

  /// Assembles the agenda.
  ///
  /// - Throws: `unknown-zone` for the launch's time zone; `attempt-not-found`.
  public init(_ sources: AgendaSources) throws(Problem) {
    let zone = try ZoneRules(sources.launch.plan.timeZone)
    guard let window = AttemptWindow(of: sources.attempt, in: sources.attempts) else {
      throw .notFound(
        "attempt-not-found", title: "no such attempt",
        "\(sources.launch.plan.launch) has no attempt \(sources.attempt)")
    }
    unreachable = sources.remote.unreachable
    view = sources.view(
      in: window, zone: zone, missing: unreachable.map(\.description) + sources.remote.missingDrafts)
  }
}

/// A part of an agenda that could not be assembled.
public struct UnreachablePart: Sendable, Hashable, CustomStringConvertible {
  /// The part.
  public var part: AgendaPart
  /// Why the part's source could not be reached.
  public var reason: String

  public init(_ part: AgendaPart, reason: String) {
    self.part = part
    self.reason = reason
  }

  public var description: String { "\(part.rawValue): \(reason)" }
}

extension AgendaSources {
  fileprivate func view(in window: AttemptWindow, zone: ZoneRules, missing: [String]) -> AgendaView {
    let feature = launch.plan.feature
    let tickets = AttributedTickets(signals.tickets, attribution: remote.attribution(of: feature))
    let escalations = AgendaView.EscalationPoint.points(signals.escalations, of: tickets, in: window)
    var view = AgendaView(
      launch: launch.plan.launch, attempt: attempt, opensOn: opensOn, state: state,
      metrics: metricPoints, missing: missing)
    let topics = remote.topics.value
    view.topics = topics.map { AgendaView.Topic.points($0, in: window, at: now) } ?? []
    view.tickets = topics?.tickets.count
    view.ticketsElsewhere = topics.map { $0.tickets.count - view.topics.reduce(0) { $0 + $1.count } }
    let searches = AgendaView.GapPoint.searches(
      signals.searches.filter { window.contains($0.at) }, groups: topics?.searches ?? [])
    view.knowledgeGaps =
      AgendaView.GapPoint.points(withoutArticle: view.topics)
      + AgendaView.GapPoint.votedDown(
        signals.votes, articles: signals.articles.union(remote.plan.value?.articles ?? []), in: window)
      + searches.points
    view.escalations = escalations
    view.customers = AgendaView.CustomerPoint.points(
      signals, escalations: escalations, tickets: tickets, in: window)
    view.readiness = AgendaView.ReadinessPoint.points(
      items: remote.items.value ?? [], doneAt: doneAt, timeline: timeline, zone: zone,
      today: zone.localDate(at: now), in: window)
    var outcomes = self.outcomes.merging(outcomesByAction) { noted, _ in noted }
    for (id, others) in searches.otherIDs where outcomes[id] == nil {
      outcomes[id] = others.compactMap { outcomes[$0] }.first
    }
    view.setOutcomes(outcomes)
    view.setOutreach(actions, accounts: signals.accounts)
    return view
  }

  private var outcomesByAction: [String: String] {
    let answering = actions.filter { $0.state != .dropped }.compactMap { action in
      action.point.map { ($0, "action \(action.id): \(action.text)") }
    }
    return Dictionary(answering, uniquingKeysWith: { first, _ in first })
  }

  private var metricPoints: [AgendaView.MetricPoint] {
    (remote.metrics.value?.metrics ?? []).map { metric in
      let explanation = explanations[metric.key]
      return AgendaView.MetricPoint(
        metric: metric, gap: MetricGap.gap(of: metric), explanation: explanation,
        draft: explanation == nil ? remote.gaps[metric.key]?.value.flatMap(DraftExplanation.text) : nil)
    }
  }
}

extension Result {
  /// The answer; nil for a failure.
  fileprivate var value: Success? {
    switch self {
    case .success(let value): value
    case .failure: nil
    }
  }
}

extension RemoteSources {
  fileprivate var unreachable: [UnreachablePart] {
    [
      Self.failure(.metrics, of: metrics), Self.failure(.plan, of: plan), Self.failure(.readiness, of: items),
      Self.failure(.topics, of: topics),
    ].compactMap(\.self)
  }

  /// The drafts of explanations that could not be made. A review can be closed without them.
  fileprivate var missingDrafts: [String] {
    gaps.sorted { $0.key < $1.key }.compactMap { key, gap in
      guard case .failure(let problem) = gap else { return nil }
      return "draft explanation of \(key): \(problem)"
    }
  }

  private static func failure<Success>(_ part: AgendaPart, of result: Result<Success, Problem>) -> UnreachablePart? {
    guard case .failure(let problem) = result else { return nil }
    return UnreachablePart(part, reason: "\(problem)")
  }
}

/// The data that an agenda is assembled from.
public struct AgendaSources: Sendable {
  /// The launch as tiering last announced it.
  public var launch: LaunchRecord
  /// The number of the reviewed attempt, from 1.
  public var attempt: Int
  /// Every attempt so far.
  public var attempts: [ExposureAttempt]
  /// The local date on which the review opens.
  public var opensOn: LocalDate
  /// Whether the review is scheduled, open or closed.
  public var state: ReviewState
  /// The time of the service's clock.
  public var now: Timestamp
  /// The current data of the metrics and checklist services.
  public var remote: RemoteSources
  /// The customer signals. The agenda uses only those in the attempt's window.
  public var signals: CustomerSignals
  /// The overrides, stale decisions and violations of every attempt.
  public var timeline: [TimelineEvent]
  /// When each item was last marked as done.
  public var doneAt: [ItemReference: Timestamp]
  /// The recorded explanations, by metric key.
  public var explanations: [String: String]
  /// The recorded outcomes, by point id.
  public var outcomes: [String: String]
  /// The review's actions. If a point has no recorded outcome, an action for it serves as the outcome.
  public var actions: [ActionView]

  public init(
    launch: LaunchRecord, attempt: Int, attempts: [ExposureAttempt], opensOn: LocalDate, state: ReviewState,
    now: Timestamp, remote: RemoteSources, signals: CustomerSignals = CustomerSignals(),
    timeline: [TimelineEvent] = [], doneAt: [ItemReference: Timestamp] = [:], explanations: [String: String] = [:],
    outcomes: [String: String] = [:], actions: [ActionView] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.attempts = attempts
    self.opensOn = opensOn
    self.state = state
    self.now = now
    self.remote = remote
    self.signals = signals
    self.timeline = timeline
    self.doneAt = doneAt
    self.explanations = explanations
    self.outcomes = outcomes
    self.actions = actions
  }
}

/// The part of the launch's metric plan that an agenda uses.
public struct ReviewedPlan: Sendable, Hashable {
  /// The knowledge base articles that the plan's metrics name.
  public var articles: Set<String>
  /// The rule for which tickets are about the plan's feature; nil if there is no plan.
  public var attribution: TicketAttribution?

  public init(articles: Set<String> = [], attribution: TicketAttribution? = nil) {
    self.articles = articles
    self.attribution = attribution
  }
}

/// The answers of other services, or the problems that prevented them.
public struct RemoteSources: Sendable {
  /// The sealed metrics with their verdicts, from the metrics service.
  public var metrics: Result<MetricsView, Problem>
  /// The metric plan, from the metrics service.
  public var plan: Result<ReviewedPlan, Problem>
  /// The launch's items, from the checklist service.
  public var items: Result<[ItemView], Problem>
  /// The breakdown of the gap of each missed or inconclusive metric, by metric key, from the metrics service.
  public var gaps: [String: Result<GapView, Problem>]
  /// The topics of the attempt's tickets. Finding them takes too long for a transaction, so they are found beforehand.
  public var topics: Result<AttemptTopics, Problem>

  public init(
    metrics: Result<MetricsView, Problem>, plan: Result<ReviewedPlan, Problem>, items: Result<[ItemView], Problem>,
    gaps: [String: Result<GapView, Problem>] = [:], topics: Result<AttemptTopics, Problem> = .success(AttemptTopics())
  ) {
    self.metrics = metrics
    self.plan = plan
    self.items = items
    self.gaps = gaps
    self.topics = topics
  }
}

extension RemoteSources {
  /// The rule for which tickets are about a launch, from its metric plan; if the plan is
  /// missing or unreachable, the feature alone.
  public func attribution(of feature: String) -> TicketAttribution {
    Self.attribution(of: feature, by: plan)
  }

  /// The rule for which tickets are about a launch, from the given plan; if it is
  /// missing or a failure, the feature alone.
  public static func attribution(of feature: String, by plan: Result<ReviewedPlan, Problem>) -> TicketAttribution {
    plan.value?.attribution ?? TicketAttribution(feature: feature)
  }
}

extension AgendaView {
  /// A point that needs an outcome.
  public struct Point: Sendable, Hashable {
    /// The id under which its outcome is recorded; it remains the same whenever the agenda is assembled again.
    public var id: String
    /// What it is about, in words, such as `escalated ticket T-17`.
    public var subject: String
    /// Its outcome, from a note or an action; nil if there is none.
    public var outcome: String?
  }

  /// Every point that needs an outcome, in the agenda's order; metrics need explanations instead. A topic that no
  /// article answers is one point.
  public var points: [Point] {
    var points = topics.map { Point(id: $0.id, subject: Self.subject(of: $0), outcome: $0.outcome) }
    points += knowledgeGaps.filter { $0.topic == nil }.map { Point(id: $0.id, subject: $0.text, outcome: $0.outcome) }
    points += escalations.map { Point(id: $0.id, subject: "escalated ticket \($0.ticket)", outcome: $0.outcome) }
    points += customers.map { Point(id: $0.id, subject: "customer \($0.account)", outcome: $0.outcome) }
    points += readiness.map { Point(id: $0.id, subject: $0.detail, outcome: $0.outcome) }
    return points
  }

  private static func subject(of topic: Topic) -> String {
    "topic \(topic.label)" + (topic.articleMatch == nil ? ", which no article answers" : "")
  }

  /// The id of the point that an id stands for: itself, or for a topic without an article the topic; nil if there is
  /// none.
  public func point(named id: String) -> String? {
    if points.contains(where: { $0.id == id }) { return id }
    return knowledgeGaps.first { $0.id == id }?.topic
  }

  /// Sets the outcomes. A topic and its gap share theirs, also one that was recorded while the gap was a point of its
  /// own.
  mutating func setOutcomes(_ outcomes: [String: String]) {
    for index in topics.indices {
      let id = topics[index].id
      topics[index].outcome = outcomes[id] ?? outcomes[PointID.gap(ofTopic: id)]
    }
    for index in knowledgeGaps.indices {
      let gap = knowledgeGaps[index]
      knowledgeGaps[index].outcome = outcomes[gap.id] ?? gap.topic.flatMap { outcomes[$0] }
    }
    for index in escalations.indices { escalations[index].outcome = outcomes[escalations[index].id] }
    for index in customers.indices { customers[index].outcome = outcomes[customers[index].id] }
    for index in readiness.indices { readiness[index].outcome = outcomes[readiness[index].id] }
  }
}

/// The ids of agenda points, which remain the same as long as the point exists and are short enough to type.
enum PointID {
  /// The kind of the points about customers to call.
  static let customerKind = "customer"

  static func escalation(_ ticket: String) -> String { "escalation/\(word(ticket))" }
  static func customer(_ account: String) -> String { path(customerKind, account, nil) }
  static func article(_ article: String, _ locale: String?) -> String { path("article", article, locale) }
  static func search(_ words: String, _ locale: String?) -> String { path("search", words, locale) }

  /// The id of a topic with a label, such as `topic/turn-routing-off`.
  static func topic(_ label: String) -> String {
    var slug = ""
    for word in label.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      guard slug.isEmpty || slug.count + word.count < maximumSlug else { break }
      slug += (slug.isEmpty ? "" : "-") + word.prefix(maximumSlug)
    }
    return "topic/\(slug.isEmpty ? "unnamed" : slug)"
  }

  /// The maximum number of characters of a topic's label in its id.
  private static let maximumSlug = 40

  /// The id of the knowledge gap of a topic without an article, such as `gap/turn-routing-off`.
  static func gap(ofTopic id: String) -> String { "gap/\(id.drop { $0 != "/" }.dropFirst())" }

  /// The id if it is unused; otherwise the id with the lowest free number, from 2, such as `topic/slow-2`.
  static func unused(_ id: String, in used: Set<String>) -> String {
    guard used.contains(id) else { return id }
    var number = 2
    while used.contains("\(id)-\(number)") { number += 1 }
    return "\(id)-\(number)"
  }

  /// The id of a point about an item, such as `late/kb-article/de`.
  static func item(_ kind: String, _ key: String, _ instance: String?) -> String { path(kind, key, instance) }

  /// The id of the n-th point of a kind, from 1, such as `violation/2`.
  static func numbered(_ kind: String, _ number: Int) -> String { "\(kind)/\(number)" }

  private static func path(_ kind: String, _ subject: String, _ part: String?) -> String {
    ([kind, subject] + (part.map { [$0] } ?? [])).map(word).joined(separator: "/")
  }

  /// Replaces spaces by hyphens, so that the id needs no quotes in a shell.
  private static func word(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: "-")
  }
}

/// The difference between a metric's value and its reference.
enum MetricGap {
  /// The value minus its reference, in the value's unit. The reference is the target, the number of tickets expected by
  /// now, or the satisfied share of other features. Nil without a value or a reference, or if the verdict is `unknown`.
  static func gap(of metric: MetricView) -> Double? {
    let reference = metric.target.flatMap(threshold) ?? metric.spike?.expected ?? metric.satisfaction?.othersShare
    guard metric.verdict != .unknown, let value = metric.value, let reference else { return nil }
    return value - reference
  }

  /// The number in a target such as `>= 30%` or `>= 1000 views`; a percentage is returned as a share.
  static func threshold(of target: String) -> Double? {
    let number = target.drop { "<>= ".contains($0) }.prefix { $0.isNumber || $0 == "." || $0 == "-" }
    guard let value = Double(number) else { return nil }
    let isPercentage = target.drop { !$0.isNumber }.dropFirst(number.count).first { $0 != " " } == "%"
    return isPercentage ? value / 100 : value
  }
}
