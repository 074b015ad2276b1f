import JSON
import LaunchModel
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
struct BusRouter: Sendable {
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
