extension RPCServer {
  /// How a server works.
  public struct Configuration: Sendable {
    /// Beyond which a message is answered as too large. Default 1 MiB an envelope, 4 MiB and 1,026 frames a message.
    public var limits: MessageLimits
    /// Calls in flight at once; more are answered `busy`. Default 1,024.
    public var maxInFlight: Int
    /// Bytes of the calls in flight; beyond, reading stops until half of them are answered. Default 64 MiB.
    public var maxInFlightBytes: Int
    /// How long a stopping server waits for the calls in flight. Default 5 s.
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
}
