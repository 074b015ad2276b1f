public import LaunchModel

/// Speaks to the bus.
public struct BusClient: Sendable {
  /// The connection to the bus.
  public let client: RPCClient

  public init(client: RPCClient) { self.client = client }

  /// Publishes events, each one CloudEvent in bytes, in order; any number, split into messages within the limits.
  ///
  /// - Returns: what became of each, in order; stored ones are on disk.
  public func publish(_ events: [[UInt8]], timeout: Duration = .seconds(5)) async throws -> [PublishResult] { [] }

  /// Fetches events after an offset.
  ///
  /// - Parameters:
  ///   - types: prefixes of types; none for all.
  ///   - max: at most so many.
  ///   - wait: how long the bus waits for the first.
  public func fetch(
    after offset: Int64, types: [String] = [], max: Int = 500, wait: Duration = .zero,
    timeout: Duration = .seconds(5)
  ) async throws -> FetchedBatch { FetchedBatch(events: [], head: 0, first: nil) }

  /// The ends of the log.
  public func head(timeout: Duration = .seconds(5)) async throws -> LogBounds { LogBounds(head: 0, first: 1) }

  /// The first offset stored at that time or later.
  public func at(_ time: Timestamp, timeout: Duration = .seconds(5)) async throws -> Int64 { 0 }

  /// Waits until every registered consumer has reached a head that no longer grows.
  public func settle(timeout: Duration = .seconds(30)) async throws -> LogBounds { LogBounds(head: 0, first: 1) }

  /// Tells the bus how far a consumer has come, for lag figures and pruning.
  public func commit(consumer: String, offset: Int64, timeout: Duration = .seconds(5)) async throws {}
}

/// Fetched events.
public struct FetchedBatch: Sendable {
  /// By ascending offset.
  public var events: [StoredEvent]
  /// How far the log was searched: there is nothing more that matches up to here.
  public var head: Int64
  /// The first offset that is left; more than `after` + 1 where events in between were pruned.
  public var first: Int64?

  public init(events: [StoredEvent], head: Int64, first: Int64?) {
    self.events = events
    self.head = head
    self.first = first
  }
}
