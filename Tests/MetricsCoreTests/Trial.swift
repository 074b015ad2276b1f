import JSON
import Contract
import LaunchModel
import MetricsCore
import Testing

/// A launch of the feature `f` whose metrics are evaluated with the added events.
struct Trial {
  private let plan: MetricPlan
  private let attempt: Attempt?
  private var events: [MetricEvent] = []

  init(_ metrics: [JSONValue], attempt: Attempt? = MetricEvents.attempt()) throws {
    plan = try MetricPlan(reading: ["metrics": .array(metrics)], feature: "f")
    self.attempt = attempt
  }

  init(_ metric: JSONValue, attempt: Attempt? = MetricEvents.attempt()) throws {
    try self.init([metric], attempt: attempt)
  }

  /// Adds an event; later events of a day get later hours.
  mutating func add(_ type: SignalType, _ data: JSONValue, day: Int, storedOn: Int? = nil) throws {
    try add(type.rawValue, data, day: day, storedOn: storedOn)
  }

  mutating func add(_ type: String, _ data: JSONValue, day: Int, storedOn: Int? = nil) throws {
    let moment = MetricEvents.moment(day: day).adding(seconds: Int64(events.count) + 1)
    events.append(
      try MetricEvents.make(
        type, data, at: moment, offset: Int64(events.count) + 1,
        storedAt: storedOn.map { MetricEvents.moment(day: $0) }))
  }

  /// Adds an event of an exact moment.
  mutating func add(_ type: SignalType, _ data: JSONValue, at moment: Timestamp) throws {
    events.append(try MetricEvents.make(type, data, at: moment, offset: Int64(events.count) + 1))
  }

  mutating func score(_ ticket: String, _ score: Int64, feature: String? = nil, channel: String? = nil) throws {
    var data: [String: JSONValue] = ["ticket": .string(ticket), "score": .integer(score), "scale": "1-5"]
    data["feature"] = feature.map { .string($0) }
    data["channel"] = channel.map { .string($0) }
    try add(.csatScored, .object(data), day: 3)
  }

  func views(at now: Timestamp) throws -> [MetricView] { try evaluation(at: now).views() }

  func view(at now: Timestamp) throws -> MetricView { try #require(try views(at: now).first) }

  func evaluation(at now: Timestamp) throws -> Evaluation {
    var evidence = MetricEvidence()
    var changes: [AccountChange] = []
    var tickets: [TicketEvent] = []
    for event in events {
      switch LowVolumeSignal(event) {
      case .account(let change): changes.append(change)
      case .ticket(let ticket): tickets.append(ticket)
      case .score(let score): evidence.scores.append(score)
      case .vote(let vote): evidence.votes.append(vote)
      case .publication(let publication): evidence.publications.append(publication)
      case nil: break
      }
    }
    evidence.accounts = AccountDirectory(changes)
    evidence.tickets = TicketIndex(tickets)
    if let attempt {
      for spec in ProjectionSpec.needed(for: [plan], attempt: attempt) {
        evidence.projections[spec] = projection(of: spec, attempt, evidence.accounts, now)
      }
    }
    let launch = try #require(LaunchID("trial"))
    return Evaluation(launch: launch, plan: plan, attempt: attempt, evidence: evidence, now: now)
  }

  private func projection(
    of spec: ProjectionSpec, _ attempt: Attempt, _ accounts: AccountDirectory, _ now: Timestamp
  ) -> Projection {
    guard case .adoption(let feature, let span) = spec else {
      return events.reduce(into: Projection()) { $0.apply($1, of: spec) }
    }
    let adoption = events.reduce(into: AdoptionProjection(feature: feature, span)) { $0.apply($1) }
    return adoption.projection(for: plan.adoptionWindows(of: attempt), accounts: accounts, asOf: now, bySegment: true)
  }
}
