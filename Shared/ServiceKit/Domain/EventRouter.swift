public import Contract
public import JSON
public import LaunchModel
public import Messaging
import Storage

/// The events that a service acts on, by type.
///
/// A handler registers for a type, and everything else follows: the service subscribes to the type, the event is decoded by its
/// declaration in `Contract`, and an event whose data do not fit is quarantined. A type belongs to one handler. Handlers run in the
/// order of the log, in the transaction that also stores the consumer's offset, on the store's thread; they must not wait.
///
/// A handler throws `EventError`, or a `Problem` that is not retryable, for a fault of the event itself, which is then quarantined
/// without any effect. Any other error is a failure of the store, and the batch is retried for as long as it lasts.
public struct EventRouter: Sendable {
  /// Makes an empty run of events for each handler.
  private var newRuns: [@Sendable () -> any EventRun] = []
  private var routeOfType: [String: Int] = [:]
  private var routeOfOtherTypes: Int?
  /// Types that were registered twice, which a service refuses to start with.
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

  /// Registers a handler that gets all signals of some types that follow each other in the log at once.
  public mutating func on(
    _ signals: Set<SignalType>, batch body: @escaping @Sendable ([Received<Signal>], ServiceTransaction) throws -> Void
  ) {
    register(.signals(signals), decode: { stored throws(EventError) in try stored.signal() }, batch: body)
  }

  /// Registers a handler that gets all events of a set that follow each other in the log together, so that it can write their sum
  /// at once.
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

  /// Decodes a batch into runs, each for one handler; events that no handler is registered for are left out.
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
    // A handler of all types reads the event itself, without a tree if it can.
    if routeOfType.isEmpty { return routeOfOtherTypes }
    return routeOfType[try event.event().type] ?? routeOfOtherTypes
  }
}

/// A set of event types that one handler gets as one enum.
public protocol EventSet: Sendable {
  /// The types.
  static var types: EventTypes { get }

  /// Decodes an event of the set; nil for one that the handler does not need.
  ///
  /// - Throws: `EventError` if the event's data do not fit its type.
  init?(_ event: StoredEvent) throws(EventError)
}

/// Which types a handler is registered for.
public enum EventTypes: Sendable, Hashable {
  case named(Set<String>)
  /// Every type that no other handler is registered for.
  case all

  /// The types of some signals.
  public static func signals(_ types: Set<SignalType>) -> EventTypes { .named(Set(types.map(\.rawValue))) }
}

/// Events of one handler that follow each other in the log.
protocol EventRun: Sendable {
  /// Decodes an event and adds it, unless the handler does not need it.
  mutating func append(_ event: StoredEvent) throws(EventError)

  /// Adds the events of a run that follows in the log.
  ///
  /// - Returns: false if it is another handler's, and was not added.
  mutating func join(_ later: any EventRun) -> Bool

  /// Hands the events after an offset to the handler, all at once.
  func apply(after offset: Int64, _ tx: ServiceTransaction) throws

  /// Finds the events after an offset that cannot take effect: hands all of them to the handler in a savepoint, and where
  /// one is refused, each half in a savepoint of its own. What is not refused takes effect, in the order of the log.
  ///
  /// - Parameter refusal: the error as a fault of the event; nil for a failure of the store, which ends it.
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

/// An event of the log as a handler gets it.
protocol LoggedEvent: Sendable {
  /// The event as the bus stores it.
  var stored: StoredEvent { get }
}

extension LoggedEvent {
  fileprivate var offset: Int64 { stored.offset }
}

/// An event of a set, of which only what the set needs has been read.
public struct Scanned<Content: Sendable>: LoggedEvent {
  /// What the set read.
  public let content: Content
  /// The event as the bus stores it.
  public let stored: StoredEvent

  /// The event's place in the order of the log.
  public var offset: Int64 { stored.offset }
  /// When the bus stored it.
  public var storedAt: Timestamp { stored.storedAt }
}

/// An event as its handler gets it: the content, decoded by its one declaration in `Contract`, and its place in the log.
public struct Received<Content: Sendable>: LoggedEvent {
  /// The event's decoded content.
  public let content: Content
  /// The event as the bus stores it.
  public let stored: StoredEvent
  /// The event's envelope.
  public let event: CloudEvent

  /// The event's place in the order of the log.
  public var offset: Int64 { stored.offset }
  /// When the bus stored it.
  public var storedAt: Timestamp { stored.storedAt }
  /// When it happened: its `time`, or when it was stored.
  public var at: Timestamp { event.time ?? stored.storedAt }
  /// Its `source` and `id`, which no other event has.
  public var reference: String { "\(event.source) \(event.id)" }

  init(_ content: Content, _ stored: StoredEvent, _ event: CloudEvent) {
    self.content = content
    self.stored = stored
    self.event = event
  }
}

/// The data of an event that a service announced.
public struct Announced<Payload: Codable & Sendable>: Sendable {
  /// Who announced what about which launch.
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
  /// The data as an announcement of that type.
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

  /// The name of a field as the faults of signals give it: `data.items[0].key` for the pointer `/items/0/key`.
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
  /// The event as the signal that its type declares; nil if it is not a signal.
  ///
  /// - Throws: `EventError` with code `future-time` or `malformed-data`; every service refuses the same signals for the same reason.
  public func signal() throws(EventError) -> Received<Signal>? {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return nil }
    try requirePast()
    try event.requireDecodedData()
    let signal = try Signal(type, data: event.data)
    // Nobody can know of a gap before it begins.
    if case .feedGap(let gap) = signal {
      try EventTime.requirePast(gap.from, of: "data.from", storedAt: storedAt)
    }
    return Received(signal, self, event)
  }

  /// The event as one kind of signal.
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

  /// The event's data with every key of a signal as a string, whether it was given as a string or as a whole number.
  ///
  /// - Throws: as `signal()`.
  public func normalizedData() throws(EventError) -> JSONValue {
    let event = try event()
    guard let type = SignalType(rawValue: event.type) else { return event.data ?? .null }
    return try Signal.normalized(event.data, as: type)
  }
}
