public import BusCore

/// How much the bus takes at once.
public struct BusLimits: Sendable, Hashable {
  /// Bytes of one event, up to 1 MiB. Default 64 KiB.
  public var eventBytes: Int
  /// Events of one call. Default 1,024.
  public var eventsPerCall: Int
  /// Events that wait to be stored; with more, calls are answered `busy`. Default 65,536.
  public var queuedEvents: Int
  /// Bytes of events that wait to be stored; with more, calls are answered `busy`. Default 64 MiB.
  public var queuedBytes: Int
  /// Events of one commit: what waits when the log is free, at most. Default 4,096.
  public var eventsPerCommit: Int
  /// Fetches that wait for events; more are answered `busy`. Default 1,024.
  public var waitingFetches: Int
  /// Bytes of the newest events that are kept in memory. Default 64 MiB.
  public var recentBytes: Int

  public init(
    eventBytes: Int = EventScanner.defaultMaximumBytes, eventsPerCall: Int = 1_024, queuedEvents: Int = 65_536,
    queuedBytes: Int = 64 << 20, eventsPerCommit: Int = 4_096, waitingFetches: Int = 1_024,
    recentBytes: Int = 64 << 20
  ) {
    self.eventBytes = eventBytes
    self.eventsPerCall = eventsPerCall
    self.queuedEvents = queuedEvents
    self.queuedBytes = queuedBytes
    self.eventsPerCommit = eventsPerCommit
    self.waitingFetches = waitingFetches
    self.recentBytes = recentBytes
  }
}
