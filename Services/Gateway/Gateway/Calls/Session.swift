import Contract
import FoundationEssentials
import JSON
import LaunchModel
import Messaging
import Synchronization

/// The environment of one command: its settings, its console, and calls to the services.
struct Session: Sendable {
  var settings: GatewaySettings
  var console: Console
  var renderer: Renderer
  var onBehalfOf: PersonID?
  var timeout: Duration
  var connections: ServiceConnections
  /// How long the bus may take to return its head; after that, a call is made without its offset (contract.md, section
  /// 2). Nil means 250 ms or, if there are several buses, 2.5 s, so that another bus can be asked.
  var headTimeout: Duration?
  /// Whether a call fails if the bus does not return its head, because an answer that may be stale is worse than none.
  var requiresHead = false
  /// The bus's head, shared by copies of the session.
  var head = BusHead()

  /// How long to wait for the head if there are several buses, to allow time to ask another one, or if the head is
  /// required.
  fileprivate static let patientHeadTimeout = Duration.milliseconds(2_500)
}

/// The answer to a call, as received and decoded.
struct Reply<Output: Sendable>: Sendable {
  var value: Output
  /// The `result`, byte for byte.
  var json: [UInt8]
  /// The frames after the envelope.
  var parts: [[UInt8]]
}

extension Session {
  /// Calls a method of a service once the service has processed everything that was on the bus when the command began,
  /// and the command's own changes. A change has an idempotency key, so it can safely be sent again.
  ///
  /// - Parameter expectedVersion: the version that the caller saw. If it is no longer current, the call fails with a
  ///   conflict.
  /// - Throws: `CallError` with the service's answer; `GatewayError` if the service is unreachable.
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ parameters: Parameters, expectedVersion: Int? = nil
  ) async throws -> Reply<Output> {
    let client = try connections.client(of: route.service)
    let position =
      route.service == .bus ? .unneeded : try await head.position(for: route.service) { try await busPosition() }
    if position == .unknown, requiresHead {
      throw CallError(
        service: .bus,
        problem: .unavailable(
          "head-unknown", title: "result unknown",
          "the bus does not answer, so what the services know may be stale; try again, or see gonogo ps"),
        busAnswered: false)
    }
    let meta = CallMeta(
      idempotencyKey: route.access == .change ? UUID().uuidString.lowercased() : nil,
      expectedVersion: expectedVersion, onBehalfOf: onBehalfOf, after: position.offset)
    defer { if route.access == .change { head.noteChange(in: route.service) } }
    do {
      let reply = try await client.call(
        method: route.method, params: try JSONCoding.encode(parameters), meta: meta, timeout: timeout,
        idempotent: route.access == .read)
      return try read(reply, busAnswers: position.offset != nil)
    } catch let problem as Problem {
      let failure = CallError(service: route.service, problem: problem, busAnswered: position != .unknown)
      throw try await explained(failure, parameters)
    }
  }

  /// Returns a clearer error if a service does not know a launch that tiering knows: the launch's announcement is not
  /// on the bus.
  private func explained<Parameters: Encodable>(
    _ failure: CallError, _ parameters: Parameters
  ) async throws -> CallError {
    guard failure.problem.code == "launch-not-found", failure.busAnswered, failure.service != .tiering,
      let launch = try JSONCoding.value(parameters)["launch"]?.stringValue.flatMap({ LaunchID($0) })
    else { return failure }
    do {
      _ = try await connections.client(of: .tiering).call(
        method: TieringRoutes.show.method, params: try JSONCoding.encode(LaunchReference(launch: launch)),
        meta: CallMeta(onBehalfOf: onBehalfOf), timeout: min(timeout, .seconds(2)), idempotent: true)
    } catch is Problem {
      return failure
    }
    let detail =
      "\(failure.service.rawValue) does not know the launch \(launch) yet, although tiering does: its announcement is "
      + "not on the bus. Run gonogo doctor for the reason, then try again"
    return CallError(
      service: failure.service,
      problem: .unavailable("not-announced", title: "the launch is not announced yet", detail))
  }

  /// Reads a whole list or history, page by page.
  func call<Parameters, Output: PagedResult>(
    _ route: Route<Parameters, Output>, _ parameters: Parameters
  ) async throws -> Reply<Output> {
    var members = try JSONCoding.value(parameters).objectValue ?? [:]
    let paged = Route<JSONValue, Output>(route.service, route.method, .read)
    var reply = try await call(page: paged, .object(members))
    var entries: [JSONValue] = []
    while let next = reply.value.next {
      if entries.isEmpty { entries = try Self.entries(of: reply) }
      members["next"] = .string(next)
      let page = try await call(page: paged, .object(members))
      entries += try Self.entries(of: page)
      reply.value.pageEntries += page.value.pageEntries
      reply.value.next = page.value.next
    }
    guard !entries.isEmpty else { return reply }
    var whole = try JSONValue(parsing: reply.json).objectValue ?? [:]
    whole[Output.entriesKey] = .array(entries)
    whole["next"] = nil
    reply.json = JSONValue.object(whole).serialized()
    return reply
  }

  /// Reads one page, without asking for the others.
  private func call<Parameters, Output>(
    page route: Route<Parameters, Output>, _ parameters: Parameters
  ) async throws -> Reply<Output> {
    try await call(route, parameters, expectedVersion: nil)
  }

  private static func entries<Output: PagedResult>(of reply: Reply<Output>) throws -> [JSONValue] {
    try JSONValue(parsing: reply.json)[Output.entriesKey]?.arrayValue ?? []
  }

  /// Reads a whole list or history, page by page, and prints it.
  @discardableResult
  func show<Parameters, Output: Displayable & PagedResult>(
    _ route: Route<Parameters, Output>, _ parameters: Parameters
  ) async throws -> Output {
    let reply: Reply<Output> = try await call(route, parameters)
    try print(reply)
    return reply.value
  }

  /// Calls a method and prints its result.
  @discardableResult
  func show<Parameters, Output: Displayable>(
    _ route: Route<Parameters, Output>, _ parameters: Parameters
  ) async throws -> Output {
    let reply = try await call(route, parameters)
    try print(reply)
    return reply.value
  }

  /// Returns the time of a service's clock, which may be simulated (contract.md, section 7).
  func now(of service: ServiceName) async throws -> Timestamp {
    try await call(ServiceRoutes.ping(service), NoParameters()).value.now
  }

  /// Prints a result.
  func print<Output: Displayable>(_ reply: Reply<Output>) throws {
    let value = reply.value
    let answer = Answer(json: reply.json) {
      var page = Page()
      value.display(on: &page)
      return page
    }
    console.write(try renderer.text(of: answer))
  }

  /// Renders a value for a person, regardless of the output format.
  func text(of value: some Displayable) -> String {
    var page = Page()
    value.display(on: &page)
    return page.text(width: console.diagnostics.width, style: console.diagnostics.style)
  }

  /// Prints a value that the gateway itself has assembled.
  func print(_ value: some Displayable & Encodable & Sendable) throws {
    try print(Reply(value: value, json: try JSONCoding.encode(value), parts: []))
  }

  /// Returns the same session for calls that wait for something to happen: it asks the bus for its head before each
  /// call.
  func polling() -> Session {
    var session = self
    session.head = BusHead(lifetime: .call)
    return session
  }

  /// Returns the same session for calls whose answers must not be stale: they wait longer for the bus's head, and fail
  /// as unavailable if it does not arrive.
  func requiringHead() -> Session {
    var session = self
    session.requiresHead = true
    session.headTimeout = headTimeout ?? min(timeout, Self.patientHeadTimeout)
    session.head = BusHead()
    return session
  }

  /// Asks the bus for its head. If it does not answer in time, prints a warning, unless the call will fail because of
  /// that.
  ///
  /// - Throws: `GatewayError` if the bus's endpoint cannot be used; `CancellationError`.
  private func busPosition() async throws -> BusHead.Position {
    do {
      let bus = try connections.client(of: .bus)
      let timeout = headTimeout ?? (bus.endpointCount > 1 ? Self.patientHeadTimeout : .milliseconds(250))
      return .at(try await BusClient(client: bus).head(timeout: timeout).head)
    } catch let problem as Problem where problem.kind == .forbidden {
      return .unneeded
    } catch is Problem {
      if !requiresHead { console.warning("bus unreachable; results may be stale") }
      return .unknown
    }
  }

  /// Decodes an answer, and prints its warnings.
  ///
  /// - Parameter busAnswers: whether the bus is known to answer, so that an unsent announcement has another cause.
  func read<Output: Decodable>(_ reply: CallReply, busAnswers: Bool = false) throws -> Reply<Output> {
    let result = try JSONValue(parsing: reply.result)
    for warning in result["warnings"]?.arrayValue ?? [] {
      console.warning(warning.stringValue ?? "")
    }
    if result["announced"]?.boolValue == false {
      console.warning(
        busAnswers
          ? "the change is stored, but not announced yet; it will be once the bus stores its announcement"
          : "bus unreachable: the change is stored, and will be announced once the bus is back")
    }
    return Reply(value: try JSONCoding.decode(Output.self, from: result), json: reply.result, parts: reply.parts)
  }
}

/// The bus's head. A command asks for it once, so that its calls see everything that was stored before the command
/// began.
///
/// It is asked for again before a call to a service that must know a change which the command has made in another
/// service: when a change is answered, its events are on the bus, beyond the known head.
final class BusHead: Sendable {
  /// The position of the bus's head, as far as it is known.
  enum Position: Sendable, Equatable {
    case at(Int64)
    /// The bus did not answer in time.
    case unknown
    /// The head is not needed: the call is to the bus itself, or the bus refuses to answer the caller, as the service
    /// will.
    case unneeded

    /// The head; nil if it is not known.
    var offset: Int64? { if case .at(let offset) = self { offset } else { nil } }
  }

  /// How long a head may be used.
  enum Lifetime: Sendable {
    /// For all calls of a command, except after the command's own changes.
    case command
    /// For one call, because a command that waits for something to happen asks before each call.
    case call
  }

  private struct State {
    var lookUp: Task<Position, any Error>?
    /// The services in which the command has changed something since the head was last looked up.
    var changed: Set<ServiceName> = []
  }

  private let lifetime: Lifetime
  private let state = Mutex(State())

  init(lifetime: Lifetime = .command) { self.lifetime = lifetime }

  /// Returns the position that the service must have reached before it answers the call.
  ///
  /// - Parameter ask: asks the bus; simultaneous calls share one look-up.
  /// - Throws: the errors of `ask`.
  func position(
    for service: ServiceName, asking ask: @escaping @Sendable () async throws -> Position
  ) async throws -> Position {
    let lookUp = state.withLock { state in
      if let lookUp = state.lookUp, lifetime == .command, state.changed.isSubset(of: [service]) { return lookUp }
      let lookUp = Task { try await ask() }
      state = State(lookUp: lookUp)
      return lookUp
    }
    return try await lookUp.value
  }

  /// Records that the command has changed something in the service, or may have.
  func noteChange(in service: ServiceName) { state.withLock { _ = $0.changed.insert(service) } }
}
