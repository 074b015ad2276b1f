import Contract
import JSON
import LaunchModel
import MetricsCore
import TestSupport
import Testing

/// What is known of a scenario at a moment that is asked about, and the answers that follow from it.
struct ScenarioEvidence {
  /// The events that were stored by then, in the order of the log.
  let events: [MetricEvent]
  private let now: Timestamp
  private let attempt: Attempt
  /// The plan in force, and after an amendment also the sealed one.
  private let plans: [MetricPlan]

  init(_ scenario: MetricScenario, at answer: MetricScenario.Answer) throws {
    let now = answer.asOf
    self.now = now
    events = try scenario.counted.filter { $0.event.storedAt <= now }.map { offset, event in
      try MetricEvents.make(
        event.fullType, event.data, at: event.time ?? event.storedAt, offset: offset, storedAt: event.storedAt)
    }
    let announced = scenario.exposures.filter { $0.storedAt <= now }
    let attempts = try #require(announced.last).attempts
    let number = answer.attempt ?? attempts.count
    let first = try #require(announced.first(where: { $0.attempts.count >= number }))
    attempt = Attempt(
      number: number, startedAt: attempts[number - 1].startedAt, rolledBackAt: attempts[number - 1].rolledBackAt,
      knownSince: first.storedAt)
    var plans = [try Self.plan(scenario.sealed)]
    if let amended = scenario.amended, amended.storedAt <= now { plans.insert(try Self.plan(amended.metrics), at: 0) }
    self.plans = plans
  }

  private static func plan(_ metrics: [JSONValue]) throws -> MetricPlan {
    try MetricPlan(reading: ["metrics": .array(metrics)], feature: MetricScenario.feature)
  }

  /// The answer from the log: every event once, in order.
  func replayed() throws -> MetricsView {
    try view(signals: events) { spec, accounts in
      guard case .adoption(let feature, let span) = spec else {
        return events.reduce(into: Projection()) { $0.apply($1, of: spec) }
      }
      let adoption = events.reduce(into: AdoptionProjection(feature: feature, span)) { $0.apply($1) }
      return adoption.projection(for: windows, accounts: accounts, asOf: now)
    }
  }

  /// The answer from batches, as a consumer applies them.
  func consumed(_ batches: [[MetricEvent]]) throws -> MetricsView {
    try view(signals: batches.flatMap(\.self)) { spec, accounts in
      guard case .adoption(let feature, let span) = spec else { return Self.tallies(batches, spec) }
      return Self.adoption(batches, feature, span).projection(for: windows, accounts: accounts, asOf: now)
    }
  }

  /// The events in any order and in batches of any size, half of them twice.
  func disturbed(using random: inout SeededGenerator) -> [[MetricEvent]] {
    let repeated = events.shuffled(using: &random).prefix(events.count / 2)
    var rest = (events + repeated).shuffled(using: &random)[...]
    var batches: [[MetricEvent]] = []
    while !rest.isEmpty {
      let batch = rest.prefix(Int.random(in: 1...5, using: &random))
      rest.removeFirst(batch.count)
      batches.append(Array(batch))
    }
    return batches
  }

  private var windows: [Int: MeasurementWindow] {
    plans.reduce(into: [:]) { windows, plan in
      windows.merge(plan.adoptionWindows(of: attempt)) { first, _ in first }
    }
  }

  private func view(
    signals: [MetricEvent], _ projection: (ProjectionSpec, AccountDirectory) -> Projection
  ) throws -> MetricsView {
    var evidence = Self.evidence(signals)
    for spec in ProjectionSpec.needed(for: plans, attempt: attempt) {
      evidence.projections[spec] = projection(spec, evidence.accounts)
    }
    let launch = try #require(LaunchID(MetricScenario.launch))
    let views = plans.map { plan in
      Evaluation(launch: launch, plan: plan, attempt: attempt, evidence: evidence, now: now).views()
    }
    return MetricsView(
      launch: launch, sealed: true, digest: nil, asOf: now, offset: events.last?.offset ?? 0, metrics: views[0],
      attempt: attempt.number, beforeAmendment: views.count > 1 ? views[1] : nil)
  }

  /// What is kept signal by signal.
  private static func evidence(_ events: [MetricEvent]) -> MetricEvidence {
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
    return evidence
  }

  /// The tallies of the batches, to each of which an event is added only the first time, as in a store that knows its offset.
  private static func tallies(_ batches: [[MetricEvent]], _ spec: ProjectionSpec) -> Projection {
    var offsets: Set<Int64> = []
    var stored = Projection()
    for batch in batches {
      var added = Projection()
      for event in batch where offsets.insert(event.offset).inserted { added.apply(event, of: spec) }
      stored.tallies.merge(added.tallies) { $0.adding($1) }
      stored.watermark = [stored.watermark, added.watermark].compactMap(\.self).max()
    }
    return stored
  }

  /// The columns of the batches, which may hold an event several times.
  private static func adoption(
    _ batches: [[MetricEvent]], _ feature: String, _ span: AdoptionSpan
  ) -> AdoptionProjection {
    let target = AdoptionBatch.Target(id: 1, feature: feature, span: span, offsets: 1...(.max))
    var known = AdoptionBatch.Known()
    known.set(target.id, AdoptionColumns(span))
    var latest: Timestamp?
    for events in batches {
      var batch = AdoptionBatch([target])
      for event in events { batch.add(event, to: known) }
      latest = [latest, batch.latest].compactMap(\.self).max()
      let logs = batch.changes(to: known)
      let isRead = known.keys.append(encoded: batch.newKeys.encoded())
      #expect(isRead)
      for log in logs {
        known.update(target.id) { pair in
          let fits = AdoptionChangeLog.read(log.bytes) { pair.apply($0) }
          #expect(fits)
        }
      }
    }
    return AdoptionProjection(
      feature: feature, known[target.id] ?? AdoptionColumns(span), numbers: known.keys, latest: latest)
  }
}

extension AdoptionBatch {
  /// Adds an event if it is a use or activity.
  fileprivate mutating func add(_ event: MetricEvent, to known: borrowing Known) {
    var (account, feature): (String, String?)
    switch event.signal {
    case .featureUsed(let use)?: (account, feature) = (use.account, use.feature)
    case .accountActive(let active)?: (account, feature) = (active.account, nil)
    default: return
    }
    account.withUTF8 { account in
      if var used = feature {
        used.withUTF8 {
          add(
            account: UnsafeRawBufferPointer(account), feature: UnsafeRawBufferPointer($0), at: event.at,
            storedAt: event.storedAt, offset: event.offset, to: known)
        }
      } else {
        add(
          account: UnsafeRawBufferPointer(account), feature: nil, at: event.at, storedAt: event.storedAt,
          offset: event.offset, to: known)
      }
    }
  }
}
