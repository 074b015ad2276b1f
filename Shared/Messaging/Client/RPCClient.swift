public import LaunchModel
public import Logging
public import ZeroMQ

/// Calls one service; shared by any number of tasks.
public final class RPCClient: Sendable {
  /// Whom it calls, and whom its failures name.
  public let service: ServiceName
  private let configuration: Configuration
  private let connector: ClientConnector

  /// A client that connects with the first call; several endpoints are tried in turn.
  ///
  /// - Precondition: there is at least one endpoint.
  public init(
    reactor: Reactor, service: ServiceName, endpoints: [Endpoint], configuration: Configuration = Configuration(),
    logger: Logger
  ) {
    precondition(!endpoints.isEmpty, "a client needs an endpoint")
    self.service = service
    self.configuration = configuration
    connector = ClientConnector(
      reactor: reactor, service: service, endpoints: endpoints, configuration: configuration, logger: logger)
  }

  deinit { connector.close() }

  /// Calls a method by name.
  ///
  /// - Parameters:
  ///   - params: one JSON object; `meta` is written into it.
  ///   - timeout: how long to wait in all, retries included, and at least the configuration's `patience`; sent as `ttlMs`
  ///     unless `meta` has one.
  ///   - idempotent: whether the call may be sent again when its answer is lost; with an idempotency key it always may.
  /// - Throws: `Problem` as the service answered it; of kind `unavailable` with code `unreachable`, `permission-denied` or
  ///   `connection-lost`; of kind `expired` with code `timed-out`; `CancellationError`.
  public func call(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> CallReply {
    let deadline = ContinuousClock.now + max(timeout, configuration.patience)
    var retries = RetryPlan(
      deadline: deadline, maxAttempts: configuration.maxAttempts,
      isIdempotent: idempotent || meta.idempotencyKey != nil)
    while true {
      do {
        return try await connector.attempt(method, params, meta, parts, deadline)
      } catch let problem as Problem {
        guard let pause = retries.pause(after: problem, at: .now) else { throw problem }
        try await Task.sleep(for: pause)
      }
    }
  }

  /// Calls a method by its route; reads are idempotent.
  ///
  /// - Throws: as `call(method:…)`; `internalError` with code `unexpected-result` where the result does not fit the route.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(),
    timeout: Duration = .seconds(5)
  ) async throws -> Output {
    try await callWithParts(route, params, meta: meta, timeout: timeout).output
  }

  /// Closes the connection; outstanding calls fail.
  public func close() { connector.close() }
}
