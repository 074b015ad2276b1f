import LaunchModel
import Logging
import Messaging
import Synchronization
import ZeroMQ

/// The connections of one command, each opened by its first call.
final class ServiceConnections: Sendable {
  private struct State {
    var reactor: Reactor?
    var clients: [ServiceName: RPCClient] = [:]
  }

  private let settings: GatewaySettings
  private let state = Mutex(State())

  init(settings: GatewaySettings) { self.settings = settings }

  /// The client of a service.
  ///
  /// - Throws: `Failure` where its endpoint cannot be one, or no thread can be started.
  func client(of service: ServiceName) throws(Failure) -> RPCClient {
    do {
      return try state.withLock { state in
        if let client = state.clients[service] { return client }
        let reactor = try state.reactor ?? reactor()
        state.reactor = reactor
        let client = RPCClient(
          reactor: reactor, service: service, endpoints: try settings.endpoints(of: service), logger: Self.silence)
        state.clients[service] = client
        return client
      }
    } catch let error as ZeroMQError {
      throw Failure(.badInput, error.detail)
    } catch {
      throw Failure(.unavailable, "\(error)")
    }
  }

  private func reactor() throws -> Reactor {
    try Reactor(logger: Self.silence, identity: try settings.keys().map { CurveIdentity(own: $0.own) })
  }

  /// Closes all of them.
  func close() async {
    let reactor = state.withLock { state in
      defer { state = State() }
      return state.reactor
    }
    await reactor?.shutdown()
  }

  /// What goes wrong reaches the user as the command's own error.
  private static let silence = Logger(label: "gonogo") { _ in SwiftLogNoOpLogHandler() }
}
