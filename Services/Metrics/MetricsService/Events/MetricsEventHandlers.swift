import Contract
import JSON
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit

/// Handles every event, in the order of the log: launches and exposure decide what is measured, signals are counted, and a custom
/// metric may ask for any type.
struct MetricsEventHandlers {
  let updater: ProjectionUpdater

  func register(on events: inout EventRouter) { events.on(MetricsInput.self, batch: apply) }

  private func apply(_ events: [Received<MetricsInput>], _ tx: ServiceTransaction) throws {
    try updater.begin(tx)
    for event in events {
      updater.enter(event.offset)
      switch event.content {
      case .launch(let announced): try updateLaunch(announced.payload.record, at: event.offset, tx)
      case .exposure(let announced): try recordExposure(announced, event, tx)
      case .announcement, .signal, .other: break
      }
      try count(event, tx)
    }
    try updater.finish(tx)
  }

  /// Stores a later version of a launch; a plan that is not sealed follows its feature.
  private func updateLaunch(_ record: LaunchRecord, at offset: Int64, _ tx: ServiceTransaction) throws {
    try LaunchRepository(tx.db).save(record, offset: offset)
    try reconcile(record.plan.launch, at: offset, tx)
  }

  /// Stores the attempts, from which windows follow.
  private func recordExposure(
    _ announced: Announced<ExposureAnnounced>, _ event: Received<MetricsInput>, _ tx: ServiceTransaction
  ) throws {
    let launch = try announced.launch()
    try LaunchRepository(tx.db).save(
      announced.payload, launch: launch, offset: event.offset, storedAt: event.storedAt)
    try reconcile(launch, at: event.offset, tx)
  }

  private func reconcile(_ launch: LaunchID, at offset: Int64, _ tx: ServiceTransaction) throws {
    try ProjectionCatalog(tx.db).reconcile(launch, at: offset)
    try updater.refresh(tx)
  }

  /// Adds an event to the projections that count it, and stores a signal of a low-volume stream.
  private func count(_ event: Received<MetricsInput>, _ tx: ServiceTransaction) throws {
    let readsDocument = updater.readsDocument(event.event.type)
    let signal: Signal? = if case .signal(let signal) = event.content { signal } else { nil }
    if EventNamespace.isAnnouncement(event.event.type), signal == nil, !readsDocument { return }
    let counted = MetricEvent(
      offset: event.offset, storedAt: event.storedAt, at: event.at, type: event.event.type, reference: event.reference,
      signal: signal, document: readsDocument ? try event.stored.document() : nil)
    if let signal = LowVolumeSignal(counted) { try SignalRepository(tx.db).save(signal) }
    updater.take(counted)
  }
}

/// An event as metrics handle it.
enum MetricsInput: EventSet {
  case launch(Announced<LaunchAnnounced>)
  case exposure(Announced<ExposureAnnounced>)
  /// Another announcement, which only a custom metric counts.
  case announcement
  case signal(Signal)
  /// An event of another system's own type, which only a custom metric counts.
  case other

  static let types = EventTypes.all

  private static let launchRecords = Dictionary(uniqueKeysWithValues: Announcements.launchRecords.map { ($0.name, $0) })
  private static let exposures = Dictionary(uniqueKeysWithValues: Announcements.exposures.map { ($0.name, $0) })

  init?(_ stored: StoredEvent) throws(EventError) {
    let event = try stored.event()
    if EventNamespace.isAnnouncement(event.type) {
      if let type = Self.launchRecords[event.type] {
        self = .launch(try event.announced(type))
      } else if let type = Self.exposures[event.type] {
        self = .exposure(try event.announced(type))
      } else {
        self = .announcement
      }
    } else if let signal = try stored.signal() {
      self = .signal(signal.content)
    } else {
      try stored.requirePast()
      self = .other
    }
  }
}

extension MetricEvent {
  /// The event as metrics count it.
  ///
  /// - Parameter readsDocument: whether a metric asks for the whole of an event of that type.
  /// - Throws: `EventError` if the event is quarantined instead.
  init(_ stored: StoredEvent, readsDocument: (String) -> Bool) throws(EventError) {
    let event = try stored.event()
    let signal = try stored.signal()?.content
    if signal == nil, !EventNamespace.isAnnouncement(event.type) { try stored.requirePast() }
    self.init(
      offset: stored.offset, storedAt: stored.storedAt, at: event.time ?? stored.storedAt, type: event.type,
      reference: "\(event.source) \(event.id)", signal: signal,
      document: readsDocument(event.type) ? try stored.document() : nil)
  }

  /// The event as metrics count it; nil for one that the consumer has quarantined, or will.
  static func counted(_ stored: StoredEvent, readsDocument: (String) -> Bool) -> MetricEvent? {
    do throws(EventError) {
      return try MetricEvent(stored, readsDocument: readsDocument)
    } catch {
      return nil
    }
  }
}

extension StoredEvent {
  /// The whole event, as its producer wrote it; what `data_base64` holds is its `data`.
  func document() throws(EventError) -> JSONValue {
    let decoded = try event().data
    do throws(JSONError) {
      let document = try JSONValue(parsing: bytes)
      guard let decoded, var members = document.objectValue, members["data"] == nil else { return document }
      members["data"] = decoded
      return .object(members)
    } catch {
      throw .malformedEvent(error.detail)
    }
  }
}
