public import Contract
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

/// The bus as services use it.
public protocol EventBus: Sendable {
  /// Publishes events, each one CloudEvent in bytes; answers what became of each, in order, stored ones being on disk.
  func publish(_ events: [[UInt8]], timeout: Duration) async throws -> [PublishResult]

  /// Fetches events after an offset, of types with one of the prefixes (none for all), and waits for the first.
  func fetch(
    after offset: Int64, types: [String], max: Int, wait: Duration, timeout: Duration
  ) async throws -> FetchedBatch

  /// The ends of the log.
  func head(timeout: Duration) async throws -> LogBounds

  /// The first offset stored at that time or later.
  func at(_ time: Timestamp, timeout: Duration) async throws -> Int64
}

extension EventBus {
  /// Fetches what is there after an offset, without waiting.
  public func fetch(after offset: Int64, types: [String] = [], max: Int = 500) async throws -> FetchedBatch {
    try await fetch(after: offset, types: types, max: max, wait: .zero, timeout: .seconds(5))
  }

  /// The ends of the log.
  public func head() async throws -> LogBounds { try await head(timeout: .seconds(2)) }

  /// The newest offset, or nil if the bus does not report it in time; for callers that can do without it.
  ///
  /// - Throws: `CancellationError`.
  public func headIfReachable(within timeout: Duration) async throws -> Int64? {
    do {
      return try await head(timeout: timeout).head
    } catch is Problem {
      return nil
    }
  }

  /// The first offset stored at that time or later.
  public func at(_ time: Timestamp) async throws -> Int64 { try await at(time, timeout: .seconds(2)) }
}

extension BusClient: EventBus {}
