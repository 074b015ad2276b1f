public import JSON
public import Contract
public import LaunchModel
import Logging
public import Messaging
public import ServiceKit
import Storage
import Synchronization

/// A service without sockets and without a bus process: calls go directly to its routes, events directly to its
/// handlers, and time advances only on request.
public final class ServiceHarness<Service: DomainService>: Sendable {
  /// The service, assembled as in its own process, with its own store.
  public let runtime: ServiceRuntime<Service>
  /// The clock shared by the service and the bus.
  public let clock: ManualClock
  /// The bus, which contains the announcements and accepts events.
  public let bus: MemoryBus
  /// The stubs of the other services.
  public let peers: StubPeers

  /// The service's environment.
  public var environment: ServiceEnvironment { runtime.environment }
  /// The domain service, for members that no call reaches.
  public var service: Service { runtime.service }

  init(runtime: ServiceRuntime<Service>, clock: ManualClock, bus: MemoryBus, peers: StubPeers) {
    self.runtime = runtime
    self.clock = clock
    self.bus = bus
    self.peers = peers
  }

  /// Calls a route as the process's own user, or as a person on the adopted roster.
  @discardableResult
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, as person: PersonID? = nil, meta: CallMeta = CallMeta()
  ) async throws -> Output {
    try JSONCoding.decode(Output.self, from: try await result(route, params, as: person, meta: meta))
  }

  /// Calls a route and returns the JSON result that a caller receives, including the fields added by ServiceKit.
  @discardableResult
  public func result<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, as person: PersonID? = nil, meta: CallMeta = CallMeta()
  ) async throws -> JSONValue {
    try await send(route.method, params: try JSONCoding.encode(params), as: principal(of: person), meta: meta)
  }

  /// Calls a method by name as a principal. Without `ttlMs` in `meta`, the deadline is `Duration.testTimeout`.
  public func send(
    _ method: String, params: [UInt8], as principal: Principal, meta: CallMeta = CallMeta()
  ) async throws -> JSONValue {
    let ttl = meta.ttlMs.map { Duration.milliseconds($0) } ?? .testTimeout
    let call = IncomingCall(
      method: method, params: params, meta: meta, principal: principal, deadline: .now + ttl)
    return try JSONValue(parsing: try await runtime.handler.handle(call).result)
  }

  /// Returns the first principal of a person on the roster, or an unknown principal if the person has none; if the
  /// person is nil, the process's own.
  public func principal(of person: PersonID?) -> Principal {
    guard let person else { return ProcessIdentity.ownPrincipal }
    return environment.roster?.people[person]?.principals.first ?? Principal("key:\(person)")
  }
}

extension ServiceHarness {
  /// Publishes an announcement of another service, and lets this service process all events.
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

  /// Publishes events, and lets this service process all events.
  public func receive(_ events: CloudEvent...) async throws {
    _ = try await bus.publish(events.map { $0.encoded() }, timeout: .seconds(1))
    try await settle()
  }

  /// Publishes pending announcements and processes events until none are left.
  ///
  /// - Throws: `EventError` if the service refuses an event.
  public func settle() async throws {
    while true {
      try await runtime.publishAnnouncements()
      let after = environment.progress.offset
      let batch = try await bus.fetch(after: after, types: runtime.subscriptions, max: 500)
      if batch.events.isEmpty, batch.head == after { return }
      do {
        try await runtime.sink.apply(batch.events, upTo: batch.head)
      } catch let refused as RefusedEvents {
        throw refused.refusals[0].error
      }
      environment.progress.advance(to: batch.head)
    }
  }

  /// Runs every job once, then processes all events.
  public func sweep() async throws {
    for job in service.jobs { try await job.body(environment) }
    try await settle()
  }

  /// Adopts a roster by publishing the checklist service's announcement.
  public func adopt(_ roster: Roster, version: Int = 1) async throws {
    let payload = RosterAdopted(rosterVersion: version, digest: "test", document: roster)
    try await receive(Announcements.rosterAdopted, from: .checklist, launch: "roster", version: version, payload)
  }

  /// Returns the payloads of this service's announcements of a type.
  public func announced<Payload>(_ type: EventType<Payload>) async throws -> [Payload] {
    try await announcements(of: type.name).map { try JSONCoding.decode(Payload.self, from: $0.data ?? .null) }
  }

  /// Returns this service's announcements of one type, or of all types.
  public func announcements(of type: String? = nil) async throws -> [CloudEvent] {
    try await runtime.publishAnnouncements()
    return bus.events.compactMap { try? $0.event() }
      .filter { $0.source == Service.name.eventSource && (type == nil || $0.type == type) }
  }
}

/// The contradictions to a service's audit chains.
public struct BrokenChains: Error, CustomStringConvertible {
  public let description: String
}

extension ServiceHarness {
  /// Verifies every chain, which detects a change that omitted its digest.
  ///
  /// - Throws: `BrokenChains`.
  public func requireIntactChains() async throws {
    let state = environment.state
    let broken = try await environment.database.read { db in
      try state.subjects(db).compactMap { try state.verify(AuditVerifyParameters(), $0, db) }
        .filter { $0.broken != nil }
    }
    guard broken.isEmpty else { throw BrokenChains(description: "\(Service.name.rawValue): \(broken)") }
  }
}
