public import JSON
public import Contract
public import LaunchModel
import Logging
public import Messaging
public import ServiceKit
import Storage
import Synchronization

/// A service that runs without sockets and without a bus process: calls go straight to its routes, events straight to its
/// effects, and the clock stands until it is moved.
public final class ServiceHarness<Service: DomainService>: Sendable {
  /// The service put together as its process would, over a store of its own.
  public let runtime: ServiceRuntime<Service>
  /// Stands until a test moves it; the service and the bus share it.
  public let clock: ManualClock
  /// Where announcements are found and events are put.
  public let bus: MemoryBus
  /// Answers for the other services; a test says what.
  public let peers: StubPeers

  /// What the service was given.
  public var environment: ServiceEnvironment { runtime.environment }
  /// The domain itself, for what no call reaches.
  public var service: Service { runtime.service }

  init(runtime: ServiceRuntime<Service>, clock: ManualClock, bus: MemoryBus, peers: StubPeers) {
    self.runtime = runtime
    self.clock = clock
    self.bus = bus
    self.peers = peers
  }

  /// Calls a route as the process's own user, or as a person of the adopted roster.
  @discardableResult
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, as person: PersonID? = nil, meta: CallMeta = CallMeta()
  ) async throws -> Output {
    try JSONCoding.decode(Output.self, from: try await result(route, params, as: person, meta: meta))
  }

  /// Calls a route and gives the result as a caller gets it, with what the kit adds to it.
  @discardableResult
  public func result<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, as person: PersonID? = nil, meta: CallMeta = CallMeta()
  ) async throws -> JSONValue {
    try await send(route.method, params: try JSONCoding.encode(params), as: principal(of: person), meta: meta)
  }

  /// Calls a method by name as a principal; without `ttlMs` in `meta` it may take as long as `Duration.patience`.
  public func send(
    _ method: String, params: [UInt8], as principal: Principal, meta: CallMeta = CallMeta()
  ) async throws -> JSONValue {
    let ttl = meta.ttlMs.map { Duration.milliseconds($0) } ?? .patience
    let call = IncomingCall(
      method: method, params: params, meta: meta, principal: principal, deadline: .now + ttl)
    return try JSONValue(parsing: try await runtime.handler.handle(call).result)
  }

  /// The first principal of a person on the roster; one of nobody where it has none.
  public func principal(of person: PersonID?) -> Principal {
    guard let person else { return ProcessIdentity.ownPrincipal }
    return environment.roster?.people[person]?.principals.first ?? Principal("key:\(person)")
  }
}

extension ServiceHarness {
  /// Puts an event on the bus as another service announces it, and lets this service process the bus.
  public func receive<Payload>(
    _ type: EventType<Payload>, from source: ServiceName, launch: String, version: Int = 1, by: String = "test",
    reason: String? = nil, _ payload: Payload
  ) async throws {
    let header = AnnouncementHeader(
      launch: launch, version: version, by: by, at: clock.now(), chain: ChainHead(length: version, hash: "test"),
      reason: reason)
    let members = try JSONCoding.value(header).objectValue ?? [:]
    let content = try JSONCoding.value(payload).objectValue ?? [:]
    try await receive(
      CloudEvent(
        id: "test-\(bus.events.count + 1)", source: source.eventSource, type: type.name, subject: launch,
        time: clock.now(), data: .object(members.merging(content) { header, _ in header })))
  }

  /// Puts events on the bus and lets this service process the bus.
  public func receive(_ events: CloudEvent...) async throws {
    _ = try await bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
    try await settle()
  }

  /// Lets everything that is announced reach the bus, and this service process the bus, until nothing is left.
  ///
  /// - Throws: `EventError` where the service refuses an event.
  public func settle() async throws {
    while true {
      try await runtime.publishAnnouncements()
      let after = environment.gate.offset
      let batch = try await bus.fetch(after: after, types: runtime.subscriptions, max: 500)
      if batch.events.isEmpty, batch.head == after { return }
      do {
        try await runtime.sink.apply(batch.events, upTo: batch.head)
      } catch let refused as RefusedEvents {
        throw refused.refusals[0].error
      }
      environment.gate.advance(to: batch.head)
    }
  }

  /// Runs every sweep once, and settles.
  public func sweep() async throws {
    for sweep in service.jobs { try await sweep.body(environment) }
    try await settle()
  }

  /// Adopts a roster as the checklist service announces it.
  public func adopt(_ roster: Roster, version: Int = 1) async throws {
    let payload = RosterAdopted(rosterVersion: version, digest: "test", document: roster)
    try await receive(Announcements.rosterAdopted, from: .checklist, launch: "roster", version: version, payload)
  }

  /// The payloads of the events of a type that this service has announced.
  public func announced<Payload>(_ type: EventType<Payload>) async throws -> [Payload] {
    try await announcements(of: type.name).map { try JSONCoding.decode(Payload.self, from: $0.data ?? .null) }
  }

  /// The events that this service has announced, of one type or of all.
  public func announcements(of type: String? = nil) async throws -> [CloudEvent] {
    try await runtime.publishAnnouncements()
    return bus.events.compactMap { try? $0.event() }
      .filter { $0.source == Service.name.eventSource && (type == nil || $0.type == type) }
  }
}
