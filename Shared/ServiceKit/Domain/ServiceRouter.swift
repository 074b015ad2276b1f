import JSON
public import Contract
import LaunchModel

/// The calls that a service answers, by method.
public struct ServiceRouter: Sendable {
  private(set) var routes: [String: RegisteredRoute] = [:]

  /// The descriptions of the registered calls.
  var descriptions: [RouteDescription] { routes.values.map(\.description) }

  /// Registers a call that changes nothing; its body reads with `call.environment.database.read`.
  public mutating func read<Parameters, Output>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext) async throws -> Output
  ) {
    add(route) { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      return try JSONCoding.value(try await body(parameters, call))
    }
  }

  /// Registers a call that changes nothing and returns a list or a history, of which the caller receives a page.
  public mutating func read<Parameters, Output: PagedResult>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext) async throws -> Output
  ) {
    add(route) { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      let page = try ResultPage(params)
      return try page.json(of: try await body(parameters, call))
    }
  }

  /// Registers a call whose whole body is one write transaction.
  public mutating func change<Parameters, Output>(
    _ route: Route<Parameters, Output>,
    _ body: @escaping @Sendable (Parameters, CallContext, ServiceTransaction) throws -> Output
  ) {
    change(route, prepare: { _, _ in }, apply: { parameters, _, call, tx in try body(parameters, call, tx) })
  }

  /// Registers a call that first asks other services, outside a transaction, and then makes its changes in one write
  /// transaction.
  public mutating func change<Parameters, Prepared: Sendable, Output>(
    _ route: Route<Parameters, Output>,
    prepare: @escaping @Sendable (Parameters, CallContext) async throws -> Prepared,
    apply: @escaping @Sendable (Parameters, Prepared, CallContext, ServiceTransaction) throws -> Output
  ) {
    let body: RegisteredRoute.Change = { params, call in
      let parameters = try ParameterCoding.decode(Parameters.self, params)
      let prepared = try await prepare(parameters, call)
      return { call, tx in try JSONCoding.value(try apply(parameters, prepared, call, tx)) }
    }
    routes[route.method] = RegisteredRoute(description: RouteDescription(route), body: .change(body))
  }

  private mutating func add<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ body: @escaping RegisteredRoute.Read
  ) {
    routes[route.method] = RegisteredRoute(description: RouteDescription(route), body: .read(body))
  }
}

/// A registered method with its types erased.
struct RegisteredRoute: Sendable {
  typealias Read = @Sendable ([UInt8], CallContext) async throws -> JSONValue
  /// The part of a call that runs in the transaction.
  typealias Apply = @Sendable (CallContext, ServiceTransaction) throws -> JSONValue
  typealias Change = @Sendable ([UInt8], CallContext) async throws -> Apply

  enum Body: Sendable {
    case read(Read)
    case change(Change)
  }

  let description: RouteDescription
  let body: Body
}
