import BusCore
import JSON
import Contract
import LaunchModel
import Logging
import Messaging
import ServiceKit

/// Who may call a method.
enum BusAccess: Sendable, Hashable {
  case anyone
  /// Everyone on the roster, the consumers, and the services.
  case roster
  /// Product Ops, and the services.
  case operators
  /// Everyone to whom the roster grants the right, Product Ops, and the services.
  case granted(GrantedRight)

  /// The alternative rights: a caller needs any one of them.
  fileprivate var rights: [Right] {
    switch self {
    case .anyone, .roster: [.onRoster, .granted(.consume)]
    case .operators: [.productOps]
    case .granted(let right): [.granted(right)]
    }
  }
}

/// An authorized caller.
struct BusCaller: Sendable {
  let principal: Principal
  /// Whether the caller is a service.
  let isService: Bool
  /// The caller's name in logs.
  let name: String
}

/// One method of the bus.
struct BusRoute: Sendable {
  let description: RouteDescription
  let access: BusAccess
  /// Whether the method is answered even if a shared log's database does not answer.
  let withoutStore: Bool
  let handle: @Sendable (IncomingCall, BusCaller) async throws -> CallReply
}

/// The bus's methods, by name.
struct BusCallRouter: Sendable {
  private(set) var routes: [String: BusRoute] = [:]

  /// All methods of the bus, including `events.publish`, which is not routed here.
  var descriptions: [RouteDescription] { [RouteDescription(BusRoutes.publish)] + routes.values.map(\.description) }

  /// Registers a method whose reply consists of the result alone.
  mutating func add<Parameters, Output>(
    _ route: Route<Parameters, Output>, for access: BusAccess, withoutStore: Bool = false,
    _ body: @escaping @Sendable (Parameters, IncomingCall, BusCaller) async throws -> Output
  ) {
    addReply(route, for: access, withoutStore: withoutStore) { parameters, call, caller in
      let output = try await body(parameters, call, caller)
      // A change that was made must not be reported as failed because its result is too large, so the result is
      // shortened.
      return CallReply(
        result: route.access == .change
          ? ShortForm.fitting(try JSONCoding.value(output)).serialized() : try JSONCoding.encode(output))
    }
  }

  /// Registers a method that builds the whole reply, including its parts.
  mutating func addReply<Parameters, Output>(
    _ route: Route<Parameters, Output>, for access: BusAccess, withoutStore: Bool = false,
    _ body: @escaping @Sendable (Parameters, IncomingCall, BusCaller) async throws -> CallReply
  ) {
    routes[route.method] = BusRoute(
      description: RouteDescription(route), access: access, withoutStore: withoutStore || access == .anyone
    ) { call, caller in
      try await body(try ParameterCoding.decode(Parameters.self, call.params), call, caller)
    }
  }
}

/// Handles every call of the bus except `events.publish`.
///
/// `CallRegistry.distribute` separates calls as messages arrive: it passes publish calls in batches to `PublishIntake`,
/// and every other call to this handler, in its own task.
struct BusHandler: CallHandler {
  let routes: [String: BusRoute]
  let context: BusContext

  func handle(_ call: IncomingCall) async throws -> CallReply {
    guard let route = routes[call.method] else {
      throw Problem(
        .methodNotFound, code: "method-not-found", title: "no such method",
        detail: "bus has no method \"\(Excerpt.of(call.method))\"; rpc.discover lists its methods")
    }
    let started = ContinuousClock.now
    do {
      if !route.withoutStore { try context.requireStore() }
      let reply = try await route.handle(call, try caller(of: call, for: route))
      context.statistics.record(call.method, .now - started)
      return reply
    } catch {
      let problem = Self.problem(error)
      context.statistics.record(call.method, .now - started, problem, at: context.clock.now())
      if problem.kind == .internalError {
        context.logger.error("call failed", metadata: ["method": "\(call.method)", "error": "\(error)"])
      }
      throw problem
    }
  }

  /// Authorizes the caller of a route. As in every other service, a service that acts on behalf of a person has that
  /// person's rights.
  private func caller(of call: IncomingCall, for route: BusRoute) throws(Problem) -> BusCaller {
    let principal = call.principal
    let roster = context.roster.roster ?? Roster()
    let isService = PublishRights.isService(principal, roster: roster, ownPrincipals: context.ownPrincipals)
    let name = call.meta.onBehalfOf
    if route.access == .anyone || isService && name == nil {
      return BusCaller(principal: principal, isService: isService, name: principal.rawValue)
    }
    let caller = try roster.actor(principal: principal, onBehalfOf: name, at: context.clock.now())
    let identities = [caller] + caller.standIns
    let actor = identities.first { actor in route.access.rights.contains { Rights.allows(actor, $0) } } ?? caller
    try Rights.require(actor, anyOf: route.access.rights)
    return BusCaller(principal: principal, isService: false, name: actor.description)
  }

  private static func problem(_ error: any Error) -> Problem {
    switch error {
    case let problem as Problem: problem
    case let fault as LogError: fault.problem
    case is CancellationError:
      .unavailable("stopping", "the bus is shutting down; try again when it is back up", retryAfterMs: 500)
    default: .internalError("see the bus's log for the cause")
    }
  }
}
