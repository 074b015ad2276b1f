public import LaunchModel
public import Logging
public import ZeroMQ

/// Calls one service.
public final class RPCClient: Sendable {
  /// How a client works.
  public struct Configuration: Sendable {
    /// How long a call waits for somebody to be bound before it fails as `unreachable`; nil waits as long as the call may
    /// take. Default 250 ms.
    public var unreachableAfter: Duration?
    /// Calls outstanding at once; more fail as `busy`. Default 4,096.
    public var maxOutstanding: Int
    /// Bytes that wait for a peer to read them; more fail as `busy`. Default 64 MiB.
    public var maxQueuedBytes: Int

    public init(
      unreachableAfter: Duration? = .milliseconds(250), maxOutstanding: Int = 4_096, maxQueuedBytes: Int = 64 << 20
    ) {
      self.unreachableAfter = unreachableAfter
      self.maxOutstanding = maxOutstanding
      self.maxQueuedBytes = maxQueuedBytes
    }
  }

  public let service: ServiceName

  /// A client that connects with the first call; several endpoints are tried in turn.
  public init(
    reactor: Reactor, service: ServiceName, endpoints: [Endpoint], configuration: Configuration = Configuration(),
    logger: Logger
  ) {
    self.service = service
  }

  /// Calls a method by name.
  ///
  /// - Parameters:
  ///   - params: one JSON object; `meta` is written into it.
  ///   - timeout: how long to wait in all, retries included; sent as `ttlMs` unless `meta` has one.
  ///   - idempotent: whether the call may be sent again when its answer is lost; with an idempotency key it always may.
  /// - Throws: `Problem` as the service answered, or of kind `unavailable` with code `unreachable`, `permission-denied`,
  ///   `connection-lost` or `timed-out`; `CancellationError`.
  public func call(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> CallReply {
    throw Problem(.unavailable, code: "unreachable", title: "the service cannot be reached")
  }

  /// Calls a method by its route; reads are idempotent.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(),
    timeout: Duration = .seconds(5)
  ) async throws -> Output {
    throw Problem(.unavailable, code: "unreachable", title: "the service cannot be reached")
  }

  /// Closes the connection; outstanding calls fail.
  public func close() {}
}
