extension RPCClient {
  /// How a client works.
  public struct Configuration: Sendable {
    /// How long a call waits for somebody to be bound before it fails as `unreachable`; nil waits as long as the call may
    /// take. Default 250 ms.
    public var unreachableAfter: Duration?
    /// Calls outstanding at once; more fail as `busy`. Default 4,096.
    public var maxOutstanding: Int
    /// Bytes that wait for a peer to read them; calls beyond fail as `busy`. Default 64 MiB.
    public var maxQueuedBytes: Int
    /// The least that a call may take, whatever time it is given. Default 0; tests and slow machines give more.
    public var patience: Duration
    /// How often an idempotent call is tried within its timeout. Default 4.
    public var maxAttempts: Int
    /// The largest message that is sent or taken. Default 1 MiB an envelope, 4 MiB and 1,026 frames a message.
    public var limits: MessageLimits

    public init(
      unreachableAfter: Duration? = .milliseconds(250), patience: Duration = .zero, maxOutstanding: Int = 4_096,
      maxQueuedBytes: Int = 64 << 20, maxAttempts: Int = 4, limits: MessageLimits = .standard
    ) {
      self.unreachableAfter = unreachableAfter
      self.patience = patience
      self.maxOutstanding = maxOutstanding
      self.maxQueuedBytes = maxQueuedBytes
      self.maxAttempts = maxAttempts
      self.limits = limits
    }
  }
}
