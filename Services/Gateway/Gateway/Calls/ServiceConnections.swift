import LaunchModel
import Logging
import Messaging
import OrderedCollections
import Synchronization
import ZeroMQ

/// The connections of one command, each of which is opened by its first call.
final class ServiceConnections: Sendable {
  private struct State {
    var reactor: Reactor?
    var clients: [ServiceName: RPCClient] = [:]
    /// The clients of the replicas on this host; used only if other hosts have replicas as well.
    var ownClients: [ServiceName: RPCClient] = [:]
  }

  private let settings: GatewaySettings
  private let state = Mutex(State())

  init(settings: GatewaySettings) { self.settings = settings }

  /// Returns the client of a service.
  ///
  /// - Throws: `GatewayError` if its endpoint cannot be used, or no thread can be started.
  func client(of service: ServiceName) throws(GatewayError) -> RPCClient {
    do {
      return try state.withLock { state in
        if let client = state.clients[service] { return client }
        let client = try connect(service, try settings.endpoints(of: service), &state)
        state.clients[service] = client
        return client
      }
    } catch {
      throw Self.gatewayError(error)
    }
  }

  /// Returns the client of the service's replica on this host, which `gonogo up` starts; without replicas, the
  /// service's client.
  ///
  /// - Throws: the same errors as `client(of:)`.
  func ownClient(of service: ServiceName) throws(GatewayError) -> RPCClient {
    do {
      let endpoints = try settings.endpoints(of: service)
      let own = HostAddresses.current().bindable(endpoints)
      guard !own.isEmpty, own != endpoints else { return try client(of: service) }
      return try state.withLock { state in
        if let client = state.ownClients[service] { return client }
        let client = try connect(service, own, &state)
        state.ownClients[service] = client
        return client
      }
    } catch {
      throw Self.gatewayError(error)
    }
  }

  /// Returns a client for each place where the service may run, together with the place, in the order of the settings.
  ///
  /// - Throws: the same errors as `client(of:)`.
  func replicas(of service: ServiceName) throws(GatewayError) -> [(place: String, client: RPCClient)] {
    do {
      let endpoints = try settings.endpoints(of: service)
      // While keys are being replaced, a place is listed once for each key.
      let places = OrderedDictionary(grouping: endpoints) { $0.place }
      guard places.count > 1 else { return [(endpoints.first?.description ?? "", try client(of: service))] }
      return try state.withLock { state in
        try places.values.map { ($0.first?.description ?? "", try connect(service, Array($0), &state)) }
      }
    } catch {
      throw Self.gatewayError(error)
    }
  }

  private func connect(_ service: ServiceName, _ endpoints: [Endpoint], _ state: inout State) throws -> RPCClient {
    let reactor = try state.reactor ?? reactor()
    state.reactor = reactor
    return RPCClient(reactor: reactor, service: service, endpoints: endpoints, logger: Self.silence)
  }

  private static func gatewayError(_ error: any Error) -> GatewayError {
    switch error {
    case let failure as GatewayError: failure
    case let error as ZeroMQError: GatewayError(.badInput, error.detail)
    default: GatewayError(.unavailable, "\(error)")
    }
  }

  private func reactor() throws -> Reactor {
    try Reactor(logger: Self.silence, identity: try settings.keys().map { CurveIdentity(own: $0.own) })
  }

  /// Closes all connections.
  func close() async {
    let reactor = state.withLock { state in
      defer { state = State() }
      return state.reactor
    }
    await reactor?.shutdown()
  }

  /// Discards the client's log messages, because the command itself reports errors to the user.
  private static let silence = Logger(label: "gonogo") { _ in SwiftLogNoOpLogHandler() }
}

extension GatewaySettings {
  /// Returns the endpoints of a service, in the order in which they are tried.
  ///
  /// - Throws: `ZeroMQError` if one cannot be used.
  func endpoints(of service: ServiceName) throws(ZeroMQError) -> [Endpoint] {
    guard let text = endpoints[service] else {
      return [try Endpoint(path: "\(runFolder)/\(service.rawValue).sock")]
    }
    let parsed = try Endpoint.list(text)
    guard parsed.contains(where: \.isTCP), let keys = try keys() else { return parsed }
    return keys.expanded(parsed)
  }

  /// Reads the keys; returns nil if no key folder is set.
  func keys() throws(ZeroMQError) -> KeyFolder? {
    guard let keysFolder else { return nil }
    return try KeyFolder(keysFolder)
  }
}
