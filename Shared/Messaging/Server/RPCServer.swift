public import LaunchModel
public import Logging
public import ZeroMQ

/// Serves a service's calls on its sockets.
public final class RPCServer: Sendable {
  /// How a server works.
  public struct Configuration: Sendable {
    public var limits: MessageLimits
    /// Calls taken up at once; more are answered `busy`. Default 1,024.
    public var maxInFlight: Int
    /// Bytes of calls taken up at once; at more, reading stops until some are answered. Default 64 MiB.
    public var maxInFlightBytes: Int
    /// How long a stopping server waits for the calls that it has taken up. Default 5 s.
    public var drainTimeout: Duration
    /// The time to live of calls that name none. Default 5 s.
    public var defaultTTL: Duration

    public init(
      limits: MessageLimits = .standard, maxInFlight: Int = 1_024, maxInFlightBytes: Int = 64 << 20,
      drainTimeout: Duration = .seconds(5), defaultTTL: Duration = .seconds(5)
    ) {
      self.limits = limits
      self.maxInFlight = maxInFlight
      self.maxInFlightBytes = maxInFlightBytes
      self.drainTimeout = drainTimeout
      self.defaultTTL = defaultTTL
    }
  }

  private let endpoints: [Endpoint]

  public init(
    reactor: Reactor, endpoints: [Endpoint], service: ServiceName, configuration: Configuration = Configuration(),
    handler: any CallHandler, batchHandler: (any CallBatchHandler)? = nil, logger: Logger
  ) {
    self.endpoints = endpoints
  }

  /// Binds the endpoints, so that clients can connect; calls wait until `run`.
  public func bind() async throws {}

  /// Binds unless that is done, and serves until the task is cancelled or `beginShutdown` is called; then takes no more
  /// calls, waits for those taken up within the bound, and unbinds.
  public func run() async throws {}

  /// Lets `run` drain and return. From any thread, any number of times.
  public func beginShutdown() {}
}
