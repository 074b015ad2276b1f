public import LaunchModel

/// Speaks to the bus.
public struct BusClient: Sendable {
  /// The connection to the bus.
  public let client: RPCClient

  public init(client: RPCClient) { self.client = client }

  /// Fetches events after an offset.
  ///
  /// - Parameters:
  ///   - types: prefixes of types; none for all.
  ///   - max: at most so many.
  ///   - wait: how long the bus waits for the first.
  ///   - timeout: how long to wait for the answer beyond `wait`.
  public func fetch(
    after offset: Int64, types: [String] = [], max: Int = 500, wait: Duration = .zero,
    timeout: Duration = .seconds(5)
  ) async throws -> FetchedBatch {
    let request = FetchParameters(
      after: offset, types: types.isEmpty ? nil : types, max: max, waitMs: wait.wholeMilliseconds)
    let answer = try await client.callWithParts(BusRoutes.fetch, request, timeout: wait + timeout)
    guard answer.parts.count == answer.output.events.count else {
      throw Problem(
        .internalError, code: "unexpected-result", title: "the answer is not what was expected",
        detail: "events.fetch: \(answer.output.events.count) places for \(answer.parts.count) events")
    }
    let events = zip(answer.output.events, answer.parts).map { place, bytes in
      StoredEvent(offset: place.offset, storedAt: place.storedAt, bytes: bytes)
    }
    return FetchedBatch(events: events, head: answer.output.head, first: answer.output.first)
  }

  /// The ends of the log.
  public func head(timeout: Duration = .seconds(5)) async throws -> LogBounds {
    try await client.call(BusRoutes.head, NoParameters(), timeout: timeout)
  }

  /// The first offset stored at that time or later.
  public func at(_ time: Timestamp, timeout: Duration = .seconds(5)) async throws -> Int64 {
    try await client.call(BusRoutes.at, AtParameters(time: time), timeout: timeout).offset
  }

  /// Waits until every registered consumer has reached a head that no longer grows.
  public func settle(timeout: Duration = .seconds(30)) async throws -> LogBounds {
    try await client.call(BusRoutes.settle, NoParameters(), timeout: timeout)
  }

  /// Tells the bus how far a consumer has come, for lag figures and pruning; the first time registers it.
  @discardableResult
  public func commit(
    consumer: String, offset: Int64, timeout: Duration = .seconds(5)
  ) async throws -> ConsumerPosition {
    try await client.call(BusRoutes.commit, CommitParameters(consumer: consumer, offset: offset), timeout: timeout)
  }
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
