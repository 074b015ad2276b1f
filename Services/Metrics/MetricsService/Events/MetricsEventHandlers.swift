import Contract
import JSON
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit

/// Handles every event in the order of the log. Launches and exposures determine what is measured, and signals are
/// counted. Custom metrics may count events of any type, so no type is skipped.
struct MetricsEventHandlers {
  let memory: AdoptionMemory

  func register(on events: inout EventRouter) { events.on(MetricsInput.self, batch: apply) }

  private func apply(_ events: [Scanned<MetricsInput>], _ tx: ServiceTransaction) throws {
    try ProjectionCatalog(tx.db).lock()
    let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, tx.db)
    try memory.latest(tx.db) { state in
      var batch = ProjectionBatch(state, processed: processed)
      var feeds = FeedBatch()
      for event in events {
        if case .usage(let usage) = event.content {
          feeds.add(usage, of: event.stored)
        } else {
          try follow(event, &feeds, tx)
        }
        switch event.content {
        case .usage(let usage) where !batch.documentTypes.contains(usage.type):
          batch.add(usage, of: event.stored, to: state)
        case .launch(let announced):
          if try updateLaunch(announced.payload.record, at: event.offset, tx) { try batch.refresh(tx.db) }
          try count(event, in: &batch, state, tx)
        case .exposure(let announced):
          if try recordExposure(announced, event, tx) { try batch.refresh(tx.db) }
          try count(event, in: &batch, state, tx)
        case .learning(let announced):
          try DefaultsRepository(tx.db).store(announced.payload, by: announced.header, tx)
          try count(event, in: &batch, state, tx)
        case .usage, .announcement, .signal, .other: try count(event, in: &batch, state, tx)
        }
      }
      try batch.write(tx.db, state)
      try FeedRepository(tx.db).add(feeds)
    }
  }

  /// Records that a feed delivered an event, or what an event reports about a feed's gap.
  private func follow(_ event: Scanned<MetricsInput>, _ feeds: inout FeedBatch, _ tx: ServiceTransaction) throws {
    let envelope = try event.stored.event()
    switch event.content {
    case .launch, .exposure, .learning, .announcement: return
    case .signal(.feedGap(let gap)): try FeedRepository(tx.db).add(gap, by: envelope.source, at: event.storedAt)
    case .signal(.feedFilled(let gap)): try FeedRepository(tx.db).fill(gap, by: envelope.source, at: event.storedAt)
    case .signal, .usage, .other: break
    }
    feeds.add(
      FeedName(type: envelope.type, source: envelope.source), at: envelope.time ?? event.storedAt,
      storedAt: event.storedAt)
  }

  /// Stores a later version of a launch, and adapts projections, because a plan that is not
  /// sealed uses the launch's current feature.
  ///
  /// - Returns: whether the set of projections changed.
  private func updateLaunch(_ record: LaunchRecord, at offset: Int64, _ tx: ServiceTransaction) throws -> Bool {
    try LaunchRepository(tx.db).save(record, offset: offset)
    return try ProjectionCatalog(tx.db).reconcile(record.plan.launch, at: offset)
  }

  /// Stores the attempts, which determine the windows, and adapts projections.
  ///
  /// - Returns: whether the set of projections changed.
  private func recordExposure(
    _ announced: Announced<ExposureAnnounced>, _ event: Scanned<MetricsInput>, _ tx: ServiceTransaction
  ) throws -> Bool {
    let launch = try announced.launch()
    try LaunchRepository(tx.db).save(
      announced.payload, launch: launch, offset: event.offset, storedAt: event.storedAt)
    return try ProjectionCatalog(tx.db).reconcile(launch, at: event.offset)
  }

  /// Adds an event to the projections that count it. Also stores it if it is a signal of a low-volume stream.
  private func count(
    _ event: Scanned<MetricsInput>, in batch: inout ProjectionBatch, _ state: borrowing AdoptionState,
    _ tx: ServiceTransaction
  ) throws {
    let envelope = try event.stored.event()
    let readsDocument = batch.documentTypes.contains(envelope.type)
    let signal: Signal? =
      switch event.content {
      case .signal(let signal): signal
      case .usage: try event.stored.signal()?.content
      case .launch, .exposure, .learning, .announcement, .other: nil
      }
    if EventNamespace.isAnnouncement(envelope.type), signal == nil, !readsDocument { return }
    let counted = MetricEvent(
      offset: event.offset, storedAt: event.storedAt, at: envelope.time ?? event.storedAt, type: envelope.type,
      reference: "\(envelope.source) \(envelope.id)", signal: signal,
      document: readsDocument ? try event.stored.document() : nil)
    if let signal = LowVolumeSignal(counted) { try SignalRepository(tx.db).save(signal) }
    batch.add(counted, to: state)
  }
}

/// An event as metrics handle it.
///
/// Nearly all are uses and activities. What is larger is held indirectly, so that arrays of thousands of events stay
/// small.
enum MetricsInput: EventSet {
  indirect case launch(Announced<LaunchAnnounced>)
  indirect case exposure(Announced<ExposureAnnounced>)
  /// A learning, which may propose metric defaults.
  indirect case learning(Announced<LearningProposed>)
  /// Another announcement, which only a custom metric counts.
  case announcement
  indirect case signal(Signal)
  /// A use or activity, of which only what adoption counts was read.
  case usage(PlainUsage)
  /// An event of another system's own type; only custom metrics count these.
  case other

  static let types = EventTypes.all

  private static let launchRecords = Dictionary(uniqueKeysWithValues: Announcements.launchRecords.map { ($0.name, $0) })
  private static let exposures = Dictionary(uniqueKeysWithValues: Announcements.exposures.map { ($0.name, $0) })

  init?(_ stored: StoredEvent) throws(EventError) {
    if let usage = stored.plainUsage {
      self = .usage(usage)
      return
    }
    let event = try stored.event()
    if EventNamespace.isAnnouncement(event.type) {
      if let type = Self.launchRecords[event.type] {
        self = .launch(try event.announced(type))
      } else if let type = Self.exposures[event.type] {
        self = .exposure(try event.announced(type))
      } else if event.type == Announcements.learningProposed.name {
        self = .learning(try event.announced(Announcements.learningProposed))
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
  /// Decodes an event for counting.
  ///
  /// - Parameter readsDocument: whether any metric needs the whole document of events with this type.
  /// - Throws: `EventError` if the event is quarantined.
  init(_ stored: StoredEvent, readsDocument: (String) -> Bool) throws(EventError) {
    let event = try stored.event()
    let signal = try stored.signal()?.content
    if signal == nil, !EventNamespace.isAnnouncement(event.type) { try stored.requirePast() }
    self.init(
      offset: stored.offset, storedAt: stored.storedAt, at: event.time ?? stored.storedAt, type: event.type,
      reference: "\(event.source) \(event.id)", signal: signal,
      document: readsDocument(event.type) ? try stored.document() : nil)
  }

  /// Decodes an event for counting; nil if the consumer quarantines it.
  static func counted(_ stored: StoredEvent, readsDocument: (String) -> Bool) -> MetricEvent? {
    do throws(EventError) {
      return try MetricEvent(stored, readsDocument: readsDocument)
    } catch {
      return nil
    }
  }
}

extension PlainUsage {
  /// The event's type.
  var type: String { (feature == nil ? SignalType.accountActive : .featureUsed).rawValue }
}

extension StoredEvent {
  /// The event as a use or activity; nil if it is another event, is not in the plain form, or is dated in the future.
  var plainUsage: PlainUsage? {
    guard let usage = PlainUsage(bytes) else { return nil }
    guard let time = usage.time, time > storedAt.adding(seconds: EventTime.tolerance) else { return usage }
    return nil
  }

  /// The whole event as its producer wrote it, except that data in `data_base64` is decoded into `data`.
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
