public import Logging

/// The one thread of a process that owns its ZeroMQ context and every socket.
public final class Reactor: Sendable {
  let logger: Logger

  /// Starts the thread.
  public init(logger: Logger) throws(ZeroMQError) {
    self.logger = logger
  }

  /// Closes every socket and ends the thread; the reactor cannot be used after.
  public func shutdown() async {}
}
