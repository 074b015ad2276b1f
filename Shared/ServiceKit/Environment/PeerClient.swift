public import Contract
public import LaunchModel
public import Messaging

/// A client of one other service.
public protocol PeerClient: Sendable {
  /// Calls a method by its route.
  ///
  /// - Parameter timeout: the time limit of the call, including retries.
  /// - Throws: `Problem` as the service answered it, or of kind `unavailable` if the service is unreachable.
  func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta, timeout: Duration
  ) async throws -> Output
}

extension PeerClient {
  /// Calls a method by its route. The default timeout is 2 s.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, timeout: Duration = .seconds(2)
  ) async throws -> Output {
    try await call(route, params, meta: CallMeta(), timeout: timeout)
  }
}

extension RPCClient: PeerClient {}

/// The clients of the other services.
public protocol PeerDirectory: Sendable {
  /// Returns the client of a service, the same one each time.
  func client(for service: ServiceName) -> any PeerClient
}

/// The bus, as services use it.
public protocol EventBus: Sendable {
  /// Publishes encoded CloudEvents and returns the result of each, in order; events reported as stored are on disk.
  func publish(_ events: [[UInt8]], timeout: Duration) async throws -> [PublishResult]

  /// Fetches events after an offset whose types have one of the prefixes (empty for all types), and waits for the first
  /// one.
  func fetch(
    after offset: Int64, types: [String], max: Int, wait: Duration, timeout: Duration
  ) async throws -> FetchedBatch

  /// Returns the bounds of the log.
  func head(timeout: Duration) async throws -> LogBounds

  /// Returns the first offset stored at or after a time.
  func at(_ time: Timestamp, timeout: Duration) async throws -> Int64
}

extension EventBus {
  /// Fetches the events after an offset without waiting.
  public func fetch(after offset: Int64, types: [String] = [], max: Int = 500) async throws -> FetchedBatch {
    try await fetch(after: offset, types: types, max: max, wait: .zero, timeout: .seconds(5))
  }

  /// Returns the bounds of the log.
  public func head() async throws -> LogBounds { try await head(timeout: .seconds(2)) }

  /// Returns the newest offset, or nil if the bus does not report it in time; for callers that do not depend on it.
  ///
  /// - Throws: `CancellationError`.
  public func headIfReachable(within timeout: Duration) async throws -> Int64? {
    do {
      return try await head(timeout: timeout).head
    } catch is Problem {
      return nil
    }
  }

  /// Returns the first offset stored at or after a time.
  public func at(_ time: Timestamp) async throws -> Int64 { try await at(time, timeout: .seconds(2)) }
}

extension BusClient: EventBus {}
