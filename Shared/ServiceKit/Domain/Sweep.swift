/// Work that is looked for at intervals, as what has become due; a failing one is logged and tried again.
public struct Sweep: Sendable {
  /// For the log.
  public let name: String
  /// Wall-clock time from the end of one pass to the start of the next.
  public let every: Duration
  /// Looks for what is due now, all of it, and does it.
  public let body: @Sendable (ServiceEnvironment) async throws -> Void

  public init(
    _ name: String, every: Duration, body: @escaping @Sendable (ServiceEnvironment) async throws -> Void
  ) {
    self.name = name
    self.every = every
    self.body = body
  }
}
