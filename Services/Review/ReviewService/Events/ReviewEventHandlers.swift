import Contract
import LaunchModel
import ReviewCore
import ServiceKit

/// Handles the announcements and signals that reviews are assembled from. Handlers only
/// store data; they do not call other services.
struct ReviewEventHandlers {
  func register(on events: inout EventRouter) {
    events.on(anyOf: Announcements.launchRecords, updateLaunch)
    events.on(anyOf: Announcements.exposures, recordExposure)
    events.on(anyOf: [Announcements.decisionMade, Announcements.decisionConfirmed], recordDecision)
    events.on(Announcements.decisionStale, recordStaleDecision)
    events.on(Announcements.checklistItem, recordItem)
    events.on(anyOf: [Announcements.metricsSealed, Announcements.metricsAmended]) { event, tx in
      let launch = try event.content.launch()
      try TimelineRepository(db: tx.db).saveMetrics(event.content.payload.metrics, launch: launch.rawValue)
    }
    events.on(Announcements.templateAdopted, recordTemplate)
    events.on(anyOf: [Announcements.policyAdopted, Announcements.metricDefaultsAdopted]) { event, tx in
      let adopted = event.content.payload
      guard let learning = adopted.learning else { return }
      try LearningRepository(db: tx.db).adopt(learning, as: adopted.documentVersion)
    }
    events.on(Self.signals) { events, tx in
      let (repository, texts) = (SignalRepository(db: tx.db), TextRepository(db: tx.db))
      for event in events {
        try repository.save(event)
        try texts.save(event)
      }
    }
    events.on(Announcements.noticeSpike, recordSpike)
  }

  /// The signals that an agenda is assembled from.
  private static let signals: Set<SignalType> = [
    .ticketOpened, .ticketUpdated, .ticketEscalated, .csatScored, .articleRated, .articlePublished, .searchMissed,
    .accountChanged,
  ]

  /// Stores a newer version of a launch and reschedules its reviews.
  private func updateLaunch(_ event: Received<Announced<LaunchAnnounced>>, _ tx: ServiceTransaction) throws {
    let record = event.content.payload.record
    guard try LaunchRepository(db: tx.db).save(record) else { return }
    try ReviewRepository(db: tx.db).schedule(record.plan.launch)
  }

  /// Stores the attempts, reschedules their reviews, and adds violations to the timeline.
  private func recordExposure(_ event: Received<Announced<ExposureAnnounced>>, _ tx: ServiceTransaction) throws {
    let (exposure, launch) = (event.content.payload, try event.content.launch())
    let launches = LaunchRepository(db: tx.db)
    try launches.replaceAttempts(of: launch, with: exposure.attempts(after: try launches.attempts(of: launch)))
    try record(TimelineEvent.of(exposure), of: event, tx)
    try ReviewRepository(db: tx.db).schedule(launch)
  }

  private func recordDecision(_ event: Received<Announced<DecisionAnnounced>>, _ tx: ServiceTransaction) throws {
    let decision = TimelineEvent.of(event.content.payload, by: event.content.header)
    try record([decision].compactMap(\.self), of: event, tx)
  }

  private func recordStaleDecision(_ event: Received<Announced<DecisionAnnounced>>, _ tx: ServiceTransaction) throws {
    try record([TimelineEvent.stale(event.content.payload, by: event.content.header)], of: event, tx)
  }

  private func record<Payload>(
    _ timeline: [TimelineEvent], of event: Received<Announced<Payload>>, _ tx: ServiceTransaction
  ) throws {
    try TimelineRepository(db: tx.db).add(timeline, launch: try event.content.launch().rawValue, offset: event.offset)
  }

  /// Stores when an item was done, for comparison with its due date.
  private func recordItem(_ event: Received<Announced<ItemChanged>>, _ tx: ServiceTransaction) throws {
    let (change, header) = (event.content.payload, event.content.header)
    let launch = try event.content.launch()
    guard change.to == .done, change.from != .done else { return }
    let item = ItemReference(key: change.item, instance: change.instance)
    try TimelineRepository(db: tx.db).done(item, launch: launch.rawValue, at: header.at)
  }

  /// Stores the notice of a spike; `SpikeJob` then announces its topics. The third
  /// part of the notice's key is the attempt.
  private func recordSpike(_ event: Received<Announced<Notice>>, _ tx: ServiceTransaction) throws {
    let (notice, launch) = (event.content.payload, try event.content.launch())
    let parts = notice.key.split(separator: "/")
    let latest = try LaunchRepository(db: tx.db).attempts(of: launch).last?.attempt
    guard let attempt = (parts.count > 2 ? Int(parts[2]) : nil) ?? latest else { return }
    try TopicRepository(db: tx.db).add(
      SpikeRow(launch: launch, attempt: attempt, at: event.content.header.at, notice: notice))
  }

  private func recordTemplate(_ event: Received<Announced<TemplateAdopted>>, _ tx: ServiceTransaction) throws {
    let adopted = event.content.payload
    let learnings = LearningRepository(db: tx.db)
    try learnings.saveTemplateVersion(adopted.templateVersion)
    if let learning = adopted.learning { try learnings.adopt(learning, as: adopted.templateVersion) }
  }
}
