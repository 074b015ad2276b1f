import BusCore
import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Who may call a method.
enum BusAccess: Sendable {
  case anybody
  /// Whoever is on the roster, and the services.
  case roster
  /// Product Ops, and the services.
  case operators
}

/// Who calls, once it has been found that they may.
struct BusCaller: Sendable {
  let principal: Principal
  /// Whether it is one of the services.
  let isService: Bool
  /// As logs name them.
  let name: String
}

/// One method of the bus.
struct BusRoute: Sendable {
  let method: String
  let changes: Bool
  let parameters: String
  let result: String
  let access: BusAccess
  let answer: @Sendable (IncomingCall, BusCaller) async throws -> CallReply
}

/// The bus's methods by name.
struct BusCallRouter: Sendable {
  private(set) var routes: [String: BusRoute] = [:]

  /// Registers a method whose answer is its result alone.
  mutating func add<Parameters, Output>(
    _ route: Route<Parameters, Output>, for access: BusAccess,
    _ body: @escaping @Sendable (Parameters, IncomingCall, BusCaller) async throws -> Output
  ) {
    addReply(route, for: access) { parameters, call, caller in
      CallReply(result: try JSONCoding.encode(try await body(parameters, call, caller)))
    }
  }

  /// Registers a method that makes its whole answer itself, parts included.
  mutating func addReply<Parameters, Output>(
    _ route: Route<Parameters, Output>, for access: BusAccess,
    _ body: @escaping @Sendable (Parameters, IncomingCall, BusCaller) async throws -> CallReply
  ) {
    routes[route.method] = BusRoute(
      method: route.method, changes: route.access == .change, parameters: "\(Parameters.self)",
      result: "\(Output.self)", access: access
    ) { call, caller in
      try await body(try ParameterCoding.decode(Parameters.self, call.params), call, caller)
    }
  }
}

/// Answers the bus's calls, all but `events.publish`, which goes to the log's thread in batches.
struct BusHandler: CallHandler {
  let routes: [String: BusRoute]
  let parts: BusContext

  func handle(_ call: IncomingCall) async throws -> CallReply {
    guard let route = routes[call.method] else {
      throw Problem(
        .methodNotFound, code: "method-not-found", title: "There is no such method",
        detail: "bus has no method \"\(call.method)\"; rpc.discover lists them")
    }
    let started = ContinuousClock.now
    do {
      let reply = try await route.answer(call, try caller(of: call, for: route))
      parts.statistics.note(call.method, .now - started)
      return reply
    } catch {
      let problem = Self.problem(error)
      parts.statistics.note(call.method, .now - started, problem, at: parts.clock.now())
      if problem.kind == .internalError {
        parts.logger.error("a call failed", metadata: ["method": "\(call.method)", "error": "\(error)"])
      }
      throw problem
    }
  }

  /// Who calls, where they may; a service that names somebody is judged as that person, as services judge it.
  private func caller(of call: IncomingCall, for route: BusRoute) throws(Problem) -> BusCaller {
    let principal = call.principal
    let roster = parts.roster.roster ?? Roster()
    let isService = PublishRights.isService(principal, roster: roster, own: parts.own)
    let name = call.meta.onBehalfOf
    if route.access == .anybody || isService && name == nil {
      return BusCaller(principal: principal, isService: isService, name: principal.rawValue)
    }
    let actor = try roster.actor(principal: principal, onBehalfOf: name)
    try Rights.require(actor, route.access == .operators ? .productOps : .onRoster)
    return BusCaller(principal: principal, isService: false, name: actor.description)
  }

  private static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let fault as LogError: fault.problem
    case is CancellationError:
      .unavailable("stopping", "the bus is being stopped; try again when it is up", retryAfterMs: 500)
    default: .internalError("the bus's log says why")
    }
  }
}
