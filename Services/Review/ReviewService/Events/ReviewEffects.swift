import JSON
import Contract
import LaunchModel
import Messaging
import ReviewCore
import ServiceKit

/// The effect of each event that reviews rest on; they only keep and compute, and never call anybody.
struct ReviewEffects {
  let stored: StoredEvent
  let event: CloudEvent
  let tx: ServiceTransaction

  init(_ stored: StoredEvent, _ tx: ServiceTransaction) throws {
    self.stored = stored
    self.tx = tx
    event = try stored.event()
  }

  /// Prefixes of the types that have an effect.
  static let subscriptions: [String] =
    launchTypes.map(\.name) + exposureTypes.map(\.name)
    + [
      Announcements.decisionMade.name, Announcements.decisionConfirmed.name, Announcements.decisionStale.name,
      Announcements.checklistItem.name, Announcements.metricsSealed.name, Announcements.metricsAmended.name,
      Announcements.templateAdopted.name,
    ]
    + ReviewSignal.read.map(\.rawValue).sorted()

  private static let launchTypes = [
    Announcements.launchProposed, Announcements.launchFactsChanged, Announcements.launchRetiered,
    Announcements.launchRescheduled, Announcements.launchCancelled, Announcements.launchPostponed,
  ]
  private static let exposureTypes = [
    Announcements.exposureStarted, Announcements.exposureStaged, Announcements.exposureRolledBack,
  ]

  func apply() throws {
    if let signal = SignalType(rawValue: event.type) { return try keep(signal) }
    if let type = Self.launchTypes.first(where: { $0.name == event.type }) { return try keepLaunch(type) }
    if let type = Self.exposureTypes.first(where: { $0.name == event.type }) { return try keepExposure(type) }
    switch event.type {
    case Announcements.decisionMade.name: try tellDecision(Announcements.decisionMade)
    case Announcements.decisionConfirmed.name: try tellDecision(Announcements.decisionConfirmed)
    case Announcements.decisionStale.name: try tellStale()
    case Announcements.checklistItem.name: try keepItem()
    case Announcements.metricsSealed.name: try keepMetrics(Announcements.metricsSealed)
    case Announcements.metricsAmended.name: try keepMetrics(Announcements.metricsAmended)
    case Announcements.templateAdopted.name: try keepTemplate()
    default: break
    }
  }

  private func announced<Payload>(
    _ type: EventType<Payload>
  ) throws -> (header: AnnouncementHeader, payload: Payload) {
    (try stored.header(), try stored.payload(of: type))
  }

  private func keep(_ type: SignalType) throws {
    do {
      let place = SignalPlace(at: try stored.occurredAt(), offset: stored.offset)
      guard let signal = try ReviewSignal(type, data: event.data, place: place, storedAt: stored.storedAt) else {
        return
      }
      try SignalRepository(db: tx.db).add(signal, offset: stored.offset)
    } catch let fault as SignalFault {
      throw EventError(code: fault.code, detail: fault.detail)
    }
  }

  private func keepLaunch(_ type: EventType<LaunchAnnounced>) throws {
    let record = try announced(type).payload.record
    guard try LaunchRepository(db: tx.db).keep(record) else { return }
    try ReviewRepository(db: tx.db).schedule(record.plan.launch)
  }

  private func keepExposure(_ type: EventType<ExposureAnnounced>) throws {
    let announced = try announced(type)
    guard let launch = LaunchID(announced.header.launch) else { return }
    try LaunchRepository(db: tx.db).replaceAttempts(of: launch, with: announced.payload.attempts)
    try tell(TimelineEvent.of(announced.payload), announced.header)
    try ReviewRepository(db: tx.db).schedule(launch)
  }

  private func tellDecision(_ type: EventType<DecisionAnnounced>) throws {
    let announced = try announced(type)
    try tell([TimelineEvent.of(announced.payload, by: announced.header)].compactMap { $0 }, announced.header)
  }

  private func tellStale() throws {
    let announced = try announced(Announcements.decisionStale)
    try tell([TimelineEvent.stale(announced.payload, by: announced.header)], announced.header)
  }

  private func tell(_ events: [TimelineEvent], _ header: AnnouncementHeader) throws {
    try TimelineRepository(db: tx.db).add(events, launch: header.launch, offset: stored.offset)
  }

  private func keepItem() throws {
    let announced = try announced(Announcements.checklistItem)
    let change = announced.payload
    guard change.to == .done, change.from != .done else { return }
    let item = ItemReference(key: change.item, instance: change.instance)
    try TimelineRepository(db: tx.db).done(item, launch: announced.header.launch, at: announced.header.at)
  }

  private func keepMetrics(_ type: EventType<MetricsSealed>) throws {
    let announced = try announced(type)
    try TimelineRepository(db: tx.db).keepMetrics(announced.payload.metrics, launch: announced.header.launch)
  }

  private func keepTemplate() throws {
    let adopted = try announced(Announcements.templateAdopted).payload
    let learnings = LearningRepository(db: tx.db)
    try learnings.keepTemplateVersion(adopted.templateVersion)
    if let learning = adopted.learning { try learnings.adopt(learning, as: adopted.templateVersion) }
  }
}
