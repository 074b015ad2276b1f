import JSON
public import Contract
public import LaunchModel
public import Logging
public import ZeroMQ

/// A client of one service, shared by any number of tasks.
public final class RPCClient: Sendable {
  /// The service that it calls and that its errors name.
  public let service: ServiceName
  private let configuration: Configuration
  private let connector: ClientConnector
  /// The number of endpoints that it tries.
  public let endpointCount: Int

  /// Creates a client, which connects with its first call. Several endpoints are tried in turn.
  ///
  /// - Precondition: there is at least one endpoint.
  public init(
    reactor: Reactor, service: ServiceName, endpoints: [Endpoint], configuration: Configuration = Configuration(),
    logger: Logger
  ) {
    precondition(!endpoints.isEmpty, "a client needs an endpoint")
    self.service = service
    self.configuration = configuration
    endpointCount = endpoints.count
    connector = ClientConnector(
      reactor: reactor, service: service, endpoints: endpoints, configuration: configuration, logger: logger)
  }

  deinit { connector.close() }

  /// Calls a method by name.
  ///
  /// - Parameters:
  ///   - params: one JSON object; `meta` is written into it.
  ///   - timeout: how long to wait in all, retries included, but at least the configured `patience`; sent as `ttlMs`
  ///     unless `meta` has one.
  ///   - idempotent: whether the call may be sent again if its answer is lost; always allowed with an idempotency key.
  /// - Throws: `Problem` as the service answered it; of kind `unavailable` with code `unreachable` (nothing listens),
  ///   `not-answering` (something accepts connections, but stays silent), `handshake-failed`, `permission-denied` or
  ///   `connection-lost`; of kind `expired` with code `timed-out`; or `CancellationError`.
  public func call(
    method: String, params: [UInt8] = Array("{}".utf8), meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> CallReply {
    let deadline = ContinuousClock.now + max(timeout, configuration.patience)
    let isRepeatable = idempotent || meta.idempotencyKey != nil
    var retries = RetryPlan(
      deadline: deadline, maxAttempts: configuration.maxAttempts, isIdempotent: isRepeatable, endpoints: endpointCount)
    while true {
      do {
        return try await connector.attempt(method, params, meta, parts, deadline, isRepeatable: isRepeatable)
      } catch let problem as Problem {
        guard let pause = retries.pause(after: problem, at: .now) else { throw problem }
        try await Task.sleep(for: pause)
      }
    }
  }

  /// Calls a method by its route; reads are idempotent.
  ///
  /// - Throws: like `call(method:…)`; also `internalError` with code `unexpected-result` if the result does not fit the
  ///   route.
  public func call<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(),
    timeout: Duration = .seconds(5)
  ) async throws -> Output {
    try await callWithParts(route, params, meta: meta, timeout: timeout).output
  }

  /// Closes the connection; outstanding calls fail.
  public func close() { connector.close() }
}

extension RPCClient {
  /// The settings of a client.
  public struct Configuration: Sendable {
    /// How long a call waits for a connection before it fails as `unreachable`; nil means until its timeout. Default
    /// 250 ms.
    public var unreachableAfter: Duration?
    /// Maximum number of outstanding calls; more fail as `busy`. Default 4,096.
    public var maxOutstanding: Int
    /// Maximum bytes that wait for the peer to read them; further calls fail as `busy`. Default 64 MiB.
    public var maxQueuedBytes: Int
    /// The minimum timeout of every call. Default 0; for tests and slow machines.
    public var patience: Duration
    /// Maximum number of attempts at an idempotent call within its timeout. Default 4.
    public var maxAttempts: Int
    /// Size limits of messages sent and received. Default 1 MiB per envelope, 4 MiB and 1,026 frames per message.
    public var limits: MessageLimits
    /// Where endpoints that did not answer are remembered; by default the memory that all clients of the process share.
    public var memory: EndpointMemory

    public init(
      unreachableAfter: Duration? = .milliseconds(250), patience: Duration = .zero, maxOutstanding: Int = 4_096,
      maxQueuedBytes: Int = 64 << 20, maxAttempts: Int = 4, limits: MessageLimits = .standard,
      memory: EndpointMemory = .process
    ) {
      self.unreachableAfter = unreachableAfter
      self.patience = patience
      self.maxOutstanding = maxOutstanding
      self.maxQueuedBytes = maxQueuedBytes
      self.maxAttempts = maxAttempts
      self.limits = limits
      self.memory = memory
    }

    /// How long it waits for peers that may not be alive: longer if everything is slow.
    var pace: ClientPace {
      var pace = ClientPace()
      pace.ping = max(pace.ping, patience)
      return pace
    }
  }
}

extension RPCClient {
  /// Calls a method by its route with parts, and returns the parts of its answer as well.
  public func callWithParts<Parameters, Output>(
    _ route: Route<Parameters, Output>, _ params: Parameters, meta: CallMeta = CallMeta(), parts: [[UInt8]] = [],
    timeout: Duration = .seconds(5), idempotent: Bool = false
  ) async throws -> (output: Output, parts: [[UInt8]]) {
    let reply = try await call(
      method: route.method, params: try JSONCoding.encode(params), meta: meta, parts: parts, timeout: timeout,
      idempotent: idempotent || route.access == .read)
    do {
      return (try JSONCoding.decode(Output.self, from: reply.result), reply.parts)
    } catch {
      throw Problem(
        .internalError, code: "unexpected-result", title: "unexpected answer",
        detail: "\(route.method): \(error); \(route.service.rawValue) may run a different version")
    }
  }
}

/// Decides whether and when to retry a call: exponential back-off with full jitter, within the deadline.
struct RetryPlan {
  let deadline: ContinuousClock.Instant
  let maxAttempts: Int
  let isIdempotent: Bool
  /// The number of endpoints.
  let endpoints: Int
  private var attempts = 1

  init(deadline: ContinuousClock.Instant, maxAttempts: Int, isIdempotent: Bool, endpoints: Int = 1) {
    self.endpoints = endpoints
    self.deadline = deadline
    self.maxAttempts = maxAttempts
    self.isIdempotent = isIdempotent
  }

  /// Returns the pause before the next attempt; nil if the failure is final.
  ///
  /// A call that was rejected before anything was done (`busy`, `stopping`) may always be retried, a call whose
  /// connection was lost only if it is idempotent. A service that cannot use its store, or does not know whether the
  /// change was made, says itself whether the call may be repeated; that is done at the other endpoints, at once.
  mutating func pause(
    after problem: Problem, at now: ContinuousClock.Instant, jitter: (ClosedRange<Int>) -> Int = { .random(in: $0) }
  ) -> Duration? {
    guard attempts < maxAttempts, mayRetry(problem) else { return nil }
    let ceiling = min(1_000, 25 << attempts)
    let least = Self.storeCodes.contains(problem.code) ? 0 : problem.retryAfterMs ?? 0
    let pause = Duration.milliseconds(least + jitter(1...ceiling))
    guard now + pause < deadline else { return nil }
    attempts += 1
    return pause
  }

  /// The codes of failures that concern the store as one replica reaches it.
  private static let storeCodes: Set<String> = ["store-unavailable", "outcome-unknown"]

  private func mayRetry(_ problem: Problem) -> Bool {
    switch problem.code {
    case "busy", "stopping": problem.retryable
    case "connection-lost": isIdempotent
    case let code where Self.storeCodes.contains(code): problem.retryable && attempts < endpoints
    default: false
    }
  }
}
