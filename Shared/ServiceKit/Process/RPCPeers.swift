import LaunchModel
import Messaging

/// One client for each service, made at start and connected with its first call.
struct RPCPeers: PeerDirectory {
  private let clients: [ServiceName: RPCClient]
  private let unknown: any PeerClient = UnknownPeer()

  init(_ clients: [ServiceName: RPCClient]) { self.clients = clients }

  func client(for service: ServiceName) -> any PeerClient { clients[service] ?? unknown }
}

/// Stands for a service that no endpoint is known of.
private struct UnknownPeer: PeerClient {
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output {
    throw Problem(
      .unavailable, code: "unreachable", title: "The service cannot be reached",
      detail: "no endpoint of \(route.service.rawValue) is known")
  }
}
