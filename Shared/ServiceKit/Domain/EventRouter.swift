public import Contract
public import JSON
public import LaunchModel
public import Messaging
import Storage

/// The events that a service acts on, by type.
///
/// Registering a handler for a type is enough: the service subscribes to the type, its events are decoded by their
/// declaration in `Contract`, and an event whose data do not fit is quarantined. Each type has exactly one handler.
/// Handlers run in the order of the log, in the transaction that also stores the consumer's offset, on the store's
/// thread; they must not wait.
///
/// A handler throws `EventError`, or a `Problem` that is not retryable, for an error in the event itself, which is then
/// quarantined without any effect. Any other error is a failure of the store, and the batch is retried for as long as
/// it lasts.
public struct EventRouter: Sendable {
  /// Create an empty run of events for each handler.
  private var newRuns: [@Sendable () -> any EventRun] = []
  private var routeOfType: [String: Int] = [:]
  private var routeOfOtherTypes: Int?
  /// The types that were registered twice; with any, a service refuses to start.
  private(set) var conflicts: [String] = []

  public init() {}

  /// Registers a handler for what a service announces.
  public mutating func on<Payload>(
    _ type: EventType<Payload>,
    _ body: @escaping @Sendable (Received<Announced<Payload>>, ServiceTransaction) throws -> Void
  ) {
    register(
      .named([type.name]),
      decode: { stored throws(EventError) in
        let event = try stored.event()
        return Received(try event.announced(type), stored, event)
      },
      each: body)
  }

  /// Registers a handler for several announcements with the same payload.
  public mutating func on<Payload>(
    anyOf types: [EventType<Payload>],
    _ body: @escaping @Sendable (Received<Announced<Payload>>, ServiceTransaction) throws -> Void
  ) {
    for type in types { on(type, body) }
  }

  /// Registers a handler for a signal.
  public mutating func on<Payload: SignalPayload>(
    _ signal: Payload.Type, _ body: @escaping @Sendable (Received<Payload>, ServiceTransaction) throws -> Void
  ) {
    register(
      .signals([signal.type]), decode: { stored throws(EventError) in try stored.signal(signal) }, each: body)
  }

  /// Registers a handler for several types of signals, which receives consecutive ones together.
  public mutating func on(
    _ signals: Set<SignalType>, batch body: @escaping @Sendable ([Received<Signal>], ServiceTransaction) throws -> Void
  ) {
    register(.signals(signals), decode: { stored throws(EventError) in try stored.signal() }, batch: body)
  }

  /// Registers a handler for a set of events, which receives consecutive ones together, so that it can write their
  /// total at once.
  public mutating func on<Events: EventSet>(
    _ set: Events.Type, batch body: @escaping @Sendable ([Scanned<Events>], ServiceTransaction) throws -> Void
  ) {
    register(
      set.types,
      decode: { stored throws(EventError) in try Events(stored).map { Scanned(content: $0, stored: stored) } },
      batch: body)
  }

  /// Prefixes of the types to fetch from the bus, ascending.
  var subscriptions: [String] { routeOfOtherTypes == nil ? routeOfType.keys.sorted() : [""] }

  private mutating func register<Event: LoggedEvent>(
    _ types: EventTypes, decode: @escaping @Sendable (StoredEvent) throws(EventError) -> Event?,
    each body: @escaping @Sendable (Event, ServiceTransaction) throws -> Void
  ) {
    register(types, decode: decode) { events, tx in for event in events { try body(event, tx) } }
  }

  private mutating func register<Event: LoggedEvent>(
    _ types: EventTypes, decode: @escaping @Sendable (StoredEvent) throws(EventError) -> Event?,
    batch body: @escaping @Sendable ([Event], ServiceTransaction) throws -> Void
  ) {
    let route = newRuns.count
    newRuns.append { HandlerRun(route: route, decode: decode, handle: body) }
    switch types {
    case .named(let names):
      for name in names where routeOfType.updateValue(route, forKey: name) != nil { conflicts.append(name) }
    case .all:
      if routeOfOtherTypes != nil { conflicts.append("all types") }
      routeOfOtherTypes = route
    }
  }

  /// Decodes a batch into runs of consecutive events for one handler; events without a handler are left out.
  ///
  /// - Returns: the runs, and every event whose data do not fit.
  func decode(_ events: [StoredEvent]) -> (runs: [any EventRun], refusals: [RefusedEvents.Refusal]) {
    var runs: [any EventRun] = []
    var refusals: [RefusedEvents.Refusal] = []
    var current: Int?
    for event in events {
      do throws(EventError) {
        guard let route = try route(of: event) else { continue }
        if route != current { runs.append(newRuns[route]()) }
        current = route
        try runs[runs.count - 1].append(event)
      } catch {
        refusals.append(RefusedEvents.Refusal(event, error))
      }
    }
    return (runs, refusals)
  }

  private func route(of event: StoredEvent) throws(EventError) -> Int? {
    // A handler of all types reads the event's type itself, without building a tree if possible.
    if routeOfType.isEmpty { return routeOfOtherTypes }
    return routeOfType[try event.event().type] ?? routeOfOtherTypes
  }
}

/// A set of event types that one handler receives as values of one enum.
public protocol EventSet: Sendable {
  /// The types.
  static var types: EventTypes { get }

  /// Decodes an event of the set; nil if the handler does not need it.
  ///
  /// - Throws: `EventError` if the event's data do not fit its type.
  init?(_ event: StoredEvent) throws(EventError)
}

/// The types that a handler is registered for.
public enum EventTypes: Sendable, Hashable {
  case named(Set<String>)
  /// Every type that no other handler is registered for.
  case all

  /// Returns the types of the given signals.
  public static func signals(_ types: Set<SignalType>) -> EventTypes { .named(Set(types.map(\.rawValue))) }
}

/// Consecutive events for one handler.
protocol EventRun: Sendable {
  /// Decodes an event and adds it, unless the handler does not need it.
  mutating func append(_ event: StoredEvent) throws(EventError)

  /// Adds the events of a run that follows in the log.
  ///
  /// - Returns: false if it is another handler's, and was not added.
  mutating func join(_ later: any EventRun) -> Bool

  /// Hands the events after an offset to the handler, all at once.
  func apply(after offset: Int64, _ tx: ServiceTransaction) throws

  /// Finds the events after an offset that cannot take effect: passes all of them to the handler in a savepoint and, if
  /// one is refused, each half in its own savepoint. Events that are not refused take effect, in the order of the log.
  ///
  /// - Parameter refusal: returns the error as an error of the event; nil for a failure of the store, which ends the
  ///   search.
  /// - Returns: the events that cannot take effect.
  func applyEach(
    after offset: Int64, _ tx: ServiceTransaction, refusal: (any Error) -> EventError?
  ) throws -> [RefusedEvents.Refusal]
}

extension [any EventRun] {
  /// The same, with runs of one handler that follow each other as one.
  func joiningHandlers() -> [any EventRun] {
    var runs: [any EventRun] = []
    for run in self {
      if let last = runs.indices.last, runs[last].join(run) { continue }
      runs.append(run)
    }
    return runs
  }
}

private struct HandlerRun<Event: LoggedEvent>: EventRun {
  let route: Int
  let decode: @Sendable (StoredEvent) throws(EventError) -> Event?
  let handle: @Sendable ([Event], ServiceTransaction) throws -> Void
  var events: [Event] = []

  mutating func append(_ event: StoredEvent) throws(EventError) {
    if let received = try decode(event) { events.append(received) }
  }

  mutating func join(_ later: any EventRun) -> Bool {
    guard let later = later as? HandlerRun<Event>, later.route == route else { return false }
    events += later.events
    return true
  }

  func apply(after offset: Int64, _ tx: ServiceTransaction) throws {
    let unprocessed = events.first.map { $0.offset > offset } ?? true ? events : events.filter { $0.offset > offset }
    guard !unprocessed.isEmpty else { return }
    try handle(unprocessed, tx)
  }

  func applyEach(
    after offset: Int64, _ tx: ServiceTransaction, refusal: (any Error) -> EventError?
  ) throws -> [RefusedEvents.Refusal] {
    try applyParts(of: events.filter { $0.offset > offset }[...], tx, refusal)
  }

  private func applyParts(
    of part: ArraySlice<Event>, _ tx: ServiceTransaction, _ refusal: (any Error) -> EventError?
  ) throws -> [RefusedEvents.Refusal] {
    guard let first = part.first else { return [] }
    do {
      try tx.db.savepoint { try handle(Array(part), tx) }
      return []
    } catch {
      guard let fault = refusal(error) else { throw error }
      guard part.count > 1 else { return [RefusedEvents.Refusal(first.stored, fault)] }
      let middle = part.startIndex + part.count / 2
      return try applyParts(of: part[..<middle], tx, refusal) + applyParts(of: part[middle...], tx, refusal)
    }
  }
}

/// An event of the log in the form that its handler receives.
protocol LoggedEvent: Sendable {
  /// The event as the bus stores it.
  var stored: StoredEvent { get }
}

extension LoggedEvent {
  fileprivate var offset: Int64 { stored.offset }
}

/// An event of a set, of which only the parts that the set needs have been read.
public struct Scanned<Content: Sendable>: LoggedEvent {
  /// The parts that the set has read.
  public let content: Content
  /// The event as the bus stores it.
  public let stored: StoredEvent

  /// The event's position in the order of the log.
  public var offset: Int64 { stored.offset }
  /// When the bus stored it.
  public var storedAt: Timestamp { stored.storedAt }
}

/// An event in the form that its handler receives: the content, decoded by its one declaration in `Contract`, and its
/// position in the log.
public struct Received<Content: Sendable>: LoggedEvent {
  /// The event's decoded content.
  public let content: Content
  /// The event as the bus stores it.
  public let stored: StoredEvent
  /// The event's envelope.
  public let event: CloudEvent

  /// The event's position in the order of the log.
  public var offset: Int64 { stored.offset }
  /// When the bus stored it.
  public var storedAt: Timestamp { stored.storedAt }
  /// When it happened: its `time`, or when the bus stored it if it has none.
  public var at: Timestamp { event.time ?? stored.storedAt }
  /// Its `source` and `id`, which together are unique.
  public var reference: String { "\(event.source) \(event.id)" }

  init(_ content: Content, _ stored: StoredEvent, _ event: CloudEvent) {
    self.content = content
    self.stored = stored
    self.event = event
  }
}

/// The data of an event that a service announced.
public struct Announced<Payload: Codable & Sendable>: Sendable {
  /// The launch, the person who acted and the other members common to all announcements.
  public let header: AnnouncementHeader
  /// What happened.
  public let payload: Payload

  /// The launch that the event is about.
  ///
  /// - Throws: `EventError` if the header names none, as for documents.
  public func launch() throws(EventError) -> LaunchID {
    guard let launch = LaunchID(header.launch) else {
      throw .malformedData("data.launch is \"\(header.launch)\"; expected a launch id")
    }
    return launch
  }
}

extension CloudEvent {
  /// Returns the data as an announcement of that type.
  ///
  /// - Throws: `EventError` with code `malformed-data` if they do not fit.
  public func announced<Payload>(_ type: EventType<Payload>) throws(EventError) -> Announced<Payload> {
    Announced(header: try decoded(AnnouncementHeader.self), payload: try decoded(Payload.self))
  }

  private func decoded<Value: Decodable>(_ type: Value.Type) throws(EventError) -> Value {
    try requireDecodedData()
    do {
      return try JSONCoding.decode(type, from: data ?? .null)
    } catch let error as JSONError {
      throw .malformedData("\(self.type): \(Self.field(at: error.pointer)): \(error.detail)")
    } catch {
      throw .malformedData("\(self.type): \(error)")
    }
  }

  /// Returns the name of a field in the form used by signal errors: `data.items[0].key` for the pointer `/items/0/key`.
  private static func field(at pointer: String) -> String {
    let tokens = JSONPointer(pointer)?.tokens ?? []
    return tokens.reduce("data") { path, token in Int(token) == nil ? "\(path).\(token)" : "\(path)[\(token)]" }
  }

  /// Refuses an event whose data are in `data_base64` and are not JSON.
  ///
  /// - Throws: `EventError` with code `malformed-data`.
  func requireDecodedData() throws(EventError) {
    guard let undecodedData else { return }
    throw .malformedData("\(type): the data are in \(undecodedData); send JSON, in data or in data_base64")
  }
}

/// How far an event's time may be ahead of the bus's clock (product.md, section 4).
public enum EventTime {
  /// The tolerance in seconds.
  public static let tolerance: Int64 = 300

  /// Refuses a time that is later than the event's storage by more than the tolerance.
  ///
  /// - Throws: `EventError` with code `future-time`.
  static func requirePast(
    _ time: Timestamp, of member: String = "time", storedAt: Timestamp
  ) throws(EventError) {
    guard time <= storedAt.adding(seconds: tolerance) else {
      throw .futureTime(
        "\(member) is \(time), more than \(tolerance / 60) minutes after the event was stored at \(storedAt); set the producer's clock"
      )
    }
  }
}

extension StoredEvent {
  /// Returns the event as the signal that its type declares; nil if it is not a signal.
  ///
  /// - Throws: `EventError` with code `future-time` or `malformed-data`; every service refuses the same signals for the
  ///   same reason.
  public func signal() throws(EventError) -> Received<Signal>? {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return nil }
    try requirePast()
    try event.requireDecodedData()
    let signal = try Signal(type, data: event.data)
    // A gap cannot be known before it begins.
    if case .feedGap(let gap) = signal {
      try EventTime.requirePast(gap.from, of: "data.from", storedAt: storedAt)
    }
    return Received(signal, self, event)
  }

  /// Returns the event as one kind of signal.
  func signal<Payload: SignalPayload>(_ payload: Payload.Type) throws(EventError) -> Received<Payload> {
    let event = try event()
    try requirePast()
    try event.requireDecodedData()
    return Received(try Payload(data: event.data), self, event)
  }

  /// Refuses an event whose time is in the future (`EventTime`).
  ///
  /// - Throws: `EventError` with code `future-time`.
  public func requirePast() throws(EventError) {
    try EventTime.requirePast(try occurredAt(), storedAt: storedAt)
  }

  /// Returns the event's data with every key of a signal as a string, even if it was given as a whole number.
  ///
  /// - Throws: the errors of `signal()`.
  public func normalizedData() throws(EventError) -> JSONValue {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return event.data ?? .null }
    return try Signal.normalized(event.data, as: type)
  }
}
