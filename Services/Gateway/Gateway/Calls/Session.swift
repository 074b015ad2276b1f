import Contract
import FoundationEssentials
import JSON
import LaunchModel
import Messaging

/// What one command works with: its settings, its console, and calls to the services.
struct Session: Sendable {
  var settings: GatewaySettings
  var console: Console
  var renderer: Renderer
  var onBehalfOf: PersonID?
  var timeout: Duration
  var connections: ServiceConnections
  /// How long the bus may take to answer where its head is, before calls are made without (contract.md, section 2); nil for 250 ms,
  /// or 2.5 s if there are several buses, so that another one can be asked.
  var headTimeout: Duration?
  /// The bus's head; copies of the session share it.
  var head = BusHead()
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
  /// Calls a method on a service that has processed everything on the bus when the command began, and the command's own
  /// changes. A change carries an idempotency key, so it can safely be sent again.
  ///
  /// - Parameter expectedVersion: the version that the caller saw; if it is no longer current, the call fails with a conflict.
  /// - Throws: `CallError` with the service's answer; `GatewayError` if the service is unreachable.
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ parameters: Parameters, expectedVersion: Int? = nil
  ) async throws -> Reply<Output> {
    let client = try connections.client(of: route.service)
    let position =
      route.service == .bus ? .unneeded : try await head.position(for: route.service) { try await busPosition() }
    let meta = CallMeta(
      idempotencyKey: route.access == .change ? UUID().uuidString.lowercased() : nil,
      expectedVersion: expectedVersion, onBehalfOf: onBehalfOf, after: position.offset)
    defer { if route.access == .change { head.noteChange(in: route.service) } }
    do {
      let reply = try await client.call(
        method: route.method, params: try JSONCoding.encode(parameters), meta: meta, timeout: timeout,
        idempotent: route.access == .read)
      return try read(reply)
    } catch let problem as Problem {
      throw CallError(
        service: route.service, problem: problem, busAnswered: position != .unknown)
    }
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

  /// A value as a person sees it, whatever the output format.
  func text(of value: some Displayable) -> String {
    var page = Page()
    value.display(on: &page)
    return page.text(width: console.diagnostics.width, style: console.diagnostics.style)
  }

  /// Prints a value that the gateway assembled itself.
  func print(_ value: some Displayable & Encodable & Sendable) throws {
    try print(Reply(value: value, json: try JSONCoding.encode(value), parts: []))
  }

  /// The same session for calls that wait for something to happen: it asks the bus for its head before each of them.
  func polling() -> Session {
    var session = self
    session.head = BusHead(lifetime: .call)
    return session
  }

  /// Asks the bus for its head; warns if it does not answer in time.
  ///
  /// - Throws: `GatewayError` if the bus's endpoint cannot be used; `CancellationError`.
  private func busPosition() async throws -> BusHead.Position {
    do {
      let bus = try connections.client(of: .bus)
      let timeout = headTimeout ?? .milliseconds(bus.endpointCount > 1 ? 2_500 : 250)
      return .at(try await BusClient(client: bus).head(timeout: timeout).head)
    } catch let problem as Problem where problem.kind == .forbidden {
      return .unneeded
    } catch is Problem {
      console.warning("bus unreachable; results may be stale")
      return .unknown
    }
  }

  /// Decodes an answer, and prints its warnings.
  func read<Output: Decodable>(_ reply: CallReply) throws -> Reply<Output> {
    let result = try JSONValue(parsing: reply.result)
    for warning in result["warnings"]?.arrayValue ?? [] {
      console.warning(warning.stringValue ?? "")
    }
    if result["announced"]?.boolValue == false {
      console.warning("bus unreachable: the change is stored, and will be announced once the bus is back")
    }
    return Reply(value: try JSONCoding.decode(Output.self, from: result), json: reply.result, parts: reply.parts)
  }
}
