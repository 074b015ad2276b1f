import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage

/// Checks whether a launch's metrics can be measured, by trying its plan on the last 30 days of the bus's log.
struct MeasurabilityCheck: Sendable {
  let memory: AdoptionMemory
  let feeds: FeedJudge

  /// The result of a check.
  struct Outcome: Sendable {
    var view: MeasurabilityView
    /// The version of the checked plan.
    var version: Int
  }

  /// Checks the current plan.
  ///
  /// - Throws: `no-plan` if there is no plan; `unavailable` if the bus cannot be reached, the log is still being
  ///   searched for feeds, or the deadline passes.
  func run(
    _ launch: LaunchID, at now: Timestamp, until deadline: ContinuousClock.Instant, _ environment: ServiceEnvironment
  ) async throws -> Outcome {
    var snapshot = try await takeSnapshot(of: launch, at: now, environment)
    let replay = LogReplay(environment: environment, memory: memory, deadline: deadline)
    let use = try await replay.count(snapshot.trial, into: &snapshot.evidence, upTo: snapshot.offset)
    let findings = snapshot.trial.findings(snapshot.evidence, snapshot.outlook, use)
    let view = MeasurabilityView(
      launch: launch, asOf: now, offset: snapshot.offset,
      measurable: findings.allSatisfy { $0.measurability.isMeasurable }, metrics: findings.map(\.view))
    return Outcome(view: view, version: snapshot.version)
  }

  private func takeSnapshot(
    of launch: LaunchID, at now: Timestamp, _ environment: ServiceEnvironment
  ) async throws -> Snapshot {
    while true {
      let taken = try await environment.database.read { [memory, feeds] db in
        try Snapshot(launch, at: now, memory, feeds, db)
      }
      if let taken { return taken }
    }
  }

  /// A plan and its evidence, as one snapshot of the store.
  private struct Snapshot: Sendable {
    var trial: PlanTrial
    var version: Int
    /// The evidence, without projections.
    var evidence: MetricEvidence
    var outlook: FeedOutlook
    /// The last offset processed.
    var offset: Int64

    /// Returns nil if the snapshot is older than the state in memory.
    init?(
      _ launch: LaunchID, at now: Timestamp, _ memory: AdoptionMemory, _ feeds: FeedJudge, _ db: any Transaction
    ) throws {
      let known = try LaunchRepository(db).launch(launch)
      try SealCheck(db).require(launch)
      let history = try PlanRepository(db).history(of: launch)
      guard let plan = try history.current?.plan(feature: known.feature) else { throw Problem.noPlan(launch) }
      let trial = PlanTrial(launch: launch, plan: plan, now: now)
      guard
        let outlook = try feeds.outlook(
          withStatusOf: trial.types, from: trial.span.lowerBound, at: now, db)
      else {
        throw Problem.unavailable(
          "lagging", title: "the feeds are not known yet",
          "the log is still being searched for earlier events of the feeds; try again", retryAfterMs: 500)
      }
      let offset = try ConsumerOffsets.offset(MetricsService.name.rawValue, db)
      guard let accounts = try memory.current(db, { state in state.accounts.known(upTo: offset) }) else { return nil }
      self.trial = trial
      version = history.version
      self.outlook = outlook
      self.offset = offset
      evidence = try MeasuredLaunch.lowVolumeEvidence([plan], in: trial.span, upTo: offset, memory.signals, db)
      evidence.accounts = accounts
      evidence.zone = try ZoneRules(known.timeZone)
      if plan.days(of: .tickets) != nil {
        evidence.earlierLaunches = try EarlierLaunches(db, upTo: nil).all(before: now, but: launch, until: nil)
      }
    }
  }
}

extension LogReplay {
  /// Adds projections of the trial's days to the evidence.
  ///
  /// - Returns: what each feed delivered.
  fileprivate func count(
    _ trial: PlanTrial, into evidence: inout MetricEvidence, upTo limit: Int64
  ) async throws -> FeedUse {
    let specs = trial.specs
    let documentTypes = Set(specs.keys.filter(\.readsDocuments).flatMap(\.types))
    var adoption: [ProjectionSpec: AdoptionProjection] = [:]
    var tallies: [ProjectionSpec: Projection] = [:]
    for spec in specs.keys {
      if case .adoption(let feature, let span) = spec {
        adoption[spec] = AdoptionProjection(feature: feature, span)
      } else {
        tallies[spec] = Projection()
      }
    }
    var use = FeedUse(trial)
    let first = try await environment.bus.at(trial.span.lowerBound.adding(seconds: -EventTime.tolerance))
    use.daysLeft = try await daysLeft(from: first, until: trial.now)
    try await forEachEvent(after: first - 1, upTo: limit, trial.types.sorted()) { stored in
      guard case .success(let envelope) = stored.content else { return }
      let feed = FeedName(type: envelope.type, source: envelope.source)
      guard let event = MetricEvent.counted(stored, readsDocument: { documentTypes.contains($0) }) else {
        use.addMalformed(feed, storedAt: stored.storedAt)
        return
      }
      use.add(event, from: feed)
      for spec in specs.keys {
        tallies[spec]?.apply(event, of: spec)
        adoption[spec]?.apply(event)
      }
    }
    for (spec, projection) in adoption {
      tallies[spec] = projection.projection(
        for: specs[spec] ?? [:], accounts: evidence.accounts, asOf: trial.now)
    }
    evidence.projections = tallies
    return use
  }

  /// Returns the number of whole days in a pruned log; nil if no event from the offset on was pruned.
  private func daysLeft(from first: Int64, until now: Timestamp) async throws -> Int? {
    let bounds = try await environment.bus.head()
    guard bounds.first > 1, first <= bounds.first else { return nil }
    guard let oldest = try await environment.bus.fetch(after: bounds.first - 1, max: 1).events.first else { return 0 }
    return Int(max(0, now.microseconds - oldest.storedAt.microseconds) / 86_400_000_000)
  }
}

extension Problem {
  /// The launch has no metrics to check or seal.
  static func noPlan(_ launch: LaunchID) -> Problem {
    .conflict(
      "no-plan", title: "no metrics are defined",
      "\(launch) has no metrics yet; define them with gonogo metric define \(launch) FILE")
  }
}

extension PlanTrial.Finding {
  /// The finding as returned by calls.
  fileprivate var view: MetricMeasurability {
    var view = MetricMeasurability(
      key: metric.key, kind: metric.measure.kind.rawValue, measurable: measurability.isMeasurable, n: expected,
      others: others, baseline: baseline, target: metric.target?.description, low: measurability.interval?.low,
      high: measurability.interval?.high, power: measurability.power, needed: needed,
      alarms: alarms.map { AlarmProbability(multiple: $0.multiple, day: $0.day, probability: $0.probability) },
      feeds: feeds.map {
        FeedMeasurability(name: $0.name, state: FeedView.State($0.status), events: $0.events, fit: $0.fit)
      },
      problems: measurability.problems.map(\.description))
    if case .tickets(let forecast) = metric.measure { view.forecast = forecast.forecast }
    return view
  }

  private var needed: Int? {
    for case .indistinguishable(_, let needed) in measurability.problems { return needed }
    return nil
  }
}
