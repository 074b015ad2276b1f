public import LaunchModel
public import Messaging

/// Calls one other service.
public protocol PeerClient: Sendable {
  /// Calls a method by its route.
  ///
  /// - Parameter timeout: how long to wait in all.
  /// - Throws: `Problem` as the service answered or, where it could not be reached, of kind `unavailable`.
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output
}

extension PeerClient {
  /// Calls a method by its route; waits 2 seconds unless told otherwise.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, timeout: Duration = .seconds(2)
  ) async throws -> Output {
    try await call(route, params, meta: CallMeta(), timeout: timeout)
  }
}

extension RPCClient: PeerClient {}

/// Where the clients of the other services come from.
public protocol PeerDirectory: Sendable {
  /// The client of that service, the same one each time.
  func client(for service: ServiceName) -> any PeerClient
}
