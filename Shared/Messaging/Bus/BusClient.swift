import JSON
public import Contract
public import LaunchModel

/// A typed client of the bus.
public struct BusClient: Sendable {
  /// The connection to the bus.
  public let client: RPCClient

  public init(client: RPCClient) { self.client = client }

  /// Fetches events after an offset.
  ///
  /// - Parameters:
  ///   - types: prefixes of event types; empty for all types.
  ///   - max: the maximum number of events.
  ///   - wait: how long the bus waits for the first event.
  ///   - timeout: how long to wait for the answer, in addition to `wait`.
  public func fetch(
    after offset: Int64, types: [String] = [], max: Int = 500, wait: Duration = .zero,
    timeout: Duration = .seconds(5)
  ) async throws -> FetchedBatch {
    let request = FetchParameters(
      after: offset, types: types.isEmpty ? nil : types, max: max, waitMs: wait.wholeMilliseconds)
    let reply = try await client.call(
      method: BusRoutes.fetch.method, params: try JSONCoding.encode(request), timeout: wait + timeout, idempotent: true)
    let answer = try FetchedEvents.read(reply.result)
    guard reply.parts.count == answer.events.count else {
      throw Problem(
        .internalError, code: "unexpected-result", title: "unexpected answer",
        detail: "events.fetch returned \(answer.events.count) offsets for \(reply.parts.count) events")
    }
    let events = zip(answer.events, reply.parts).map { entry, bytes in
      StoredEvent(offset: entry.offset, storedAt: entry.storedAt, bytes: bytes)
    }
    return FetchedBatch(events: events, head: answer.head, first: answer.first)
  }

  /// Returns the bounds of the log.
  public func head(timeout: Duration = .seconds(5)) async throws -> LogBounds {
    try await client.call(BusRoutes.head, NoParameters(), timeout: timeout)
  }

  /// Returns the first offset stored at or after a time.
  public func at(_ time: Timestamp, timeout: Duration = .seconds(5)) async throws -> Int64 {
    try await client.call(BusRoutes.at, AtParameters(time: time), timeout: timeout).offset
  }

  /// Waits until every registered consumer has reached the head and the head no longer grows.
  public func settle(timeout: Duration = .seconds(30)) async throws -> LogBounds {
    try await client.call(BusRoutes.settle, NoParameters(), timeout: timeout)
  }

  /// Commits a consumer's offset, which lag figures and pruning use. The first commit registers the consumer.
  @discardableResult
  public func commit(
    consumer: String, offset: Int64, timeout: Duration = .seconds(5)
  ) async throws -> ConsumerPosition {
    try await client.call(BusRoutes.commit, CommitParameters(consumer: consumer, offset: offset), timeout: timeout)
  }
}

/// The result of a fetch.
public struct FetchedBatch: Sendable {
  /// The events by ascending offset.
  public var events: [StoredEvent]
  /// The offset up to which the log was searched; every matching event up to it is in `events`.
  public var head: Int64
  /// The oldest offset still stored; if it is more than `after` + 1, events in between were pruned.
  public var first: Int64?

  public init(events: [StoredEvent], head: Int64, first: Int64?) {
    self.events = events
    self.head = head
    self.first = first
  }
}

extension FetchedEvents {
  /// Parses the answer to `events.fetch`. Written by hand for speed, because the answer has an entry for every consumed
  /// event.
  static func read(_ bytes: [UInt8]) throws -> FetchedEvents {
    let answer: FetchedEvents? = bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        var scanner = JSONScanner(buffer)
        return try plain(&scanner, buffer)
      } catch {
        return nil
      }
    }
    if let answer { return answer }
    do {
      return try JSONCoding.decode(FetchedEvents.self, from: bytes)
    } catch {
      throw Problem(
        .internalError, code: "unexpected-result", title: "unexpected answer",
        detail: "events.fetch: \(error); the bus may run a different version")
    }
  }

  /// Parses the answer in the form that a bus of this version writes; nil for any other form.
  private static func plain(
    _ scanner: inout JSONScanner, _ buffer: UnsafeBufferPointer<UInt8>
  ) throws(JSONError) -> FetchedEvents? {
    guard case .beginObject = try scanner.next(), case .key(let key) = try scanner.next(),
      scanner.matches(key, "events"), case .beginArray = try scanner.next()
    else { return nil }
    var answer = FetchedEvents(events: [], head: 0)
    // Consecutive events of one commit have the same time.
    var stored: (text: Range<Int>, time: Timestamp)?
    while case .beginObject = try scanner.next() {
      guard case .key(let first) = try scanner.next(), scanner.matches(first, "offset"),
        case .number(let number) = try scanner.next(), let offset = scanner.integer(number),
        case .key(let second) = try scanner.next(), scanner.matches(second, "storedAt"),
        case .string(let text) = try scanner.next(), case .endObject = try scanner.next()
      else { return nil }
      if stored.map({ !buffer[$0.text].elementsEqual(buffer[text.range]) }) ?? true {
        guard let time = Timestamp(scanner.text(text)) else { return nil }
        stored = (text.range, time)
      }
      guard let stored else { return nil }
      answer.events.append(EventPlace(offset: offset, storedAt: stored.time))
    }
    var hasHead = false
    while case .key(let key) = try scanner.next() {
      guard case .number(let number) = try scanner.next(), let value = scanner.integer(number) else { return nil }
      if scanner.matches(key, "head") {
        answer.head = value
        hasHead = true
      } else if scanner.matches(key, "first") {
        answer.first = value
      } else {
        return nil
      }
    }
    guard case .end = try scanner.next() else { return nil }
    return hasHead ? answer : nil
  }
}

extension BusClient {
  /// The maximum number of events in one message.
  static let maxEvents = 1_024
  /// The maximum bytes of the events in one message; the rest of the 4 MiB is reserved for the envelope.
  static let maxBytes = 4 << 20 - 64 << 10

  /// Publishes encoded CloudEvents in order, split into messages within the limits.
  ///
  /// Publishing the same event again is harmless, because the bus identifies events by source and id. Therefore a
  /// message whose answer is lost is sent again.
  ///
  /// - Parameter timeout: applies to each message.
  /// - Returns: the result of each event, in order; events reported as stored are on disk.
  public func publish(_ events: [[UInt8]], timeout: Duration = .seconds(5)) async throws -> [PublishResult] {
    var results: [PublishResult] = []
    results.reserveCapacity(events.count)
    for message in Self.messages(events) {
      let reply = try await client.call(
        method: BusRoutes.publish.method, parts: Array(message), timeout: timeout, idempotent: true)
      let answered = try PublishedEvents.read(reply.result)
      guard answered.count == message.count else {
        throw Problem(
          .internalError, code: "unexpected-result", title: "unexpected answer",
          detail: "events.publish returned \(answered.count) results for \(message.count) events")
      }
      results += answered
    }
    return results
  }

  /// Splits events into runs that fit a message. An event that is too large gets a message of its own, for the bus to
  /// reject.
  static func messages(_ events: [[UInt8]]) -> [ArraySlice<[UInt8]>] {
    var messages: [ArraySlice<[UInt8]>] = []
    var start = 0
    var bytes = 0
    for (index, event) in events.enumerated() {
      if index > start, index - start == maxEvents || bytes + event.count > maxBytes {
        messages.append(events[start..<index])
        (start, bytes) = (index, 0)
      }
      bytes += event.count
    }
    if start < events.count { messages.append(events[start...]) }
    return messages
  }
}

extension PublishedEvents {
  /// Parses the answer to `events.publish`. Written by hand for speed, because every publisher waits for it.
  static func read(_ bytes: [UInt8]) throws -> [PublishResult] {
    let results: [PublishResult]? = bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        var scanner = JSONScanner(buffer)
        return try plainResults(&scanner)
      } catch {
        return nil
      }
    }
    return try results ?? JSONCoding.decode(PublishedEvents.self, from: bytes).results
  }

  /// Returns the results if all have only `status` and `offset`, as usual if nothing was rejected; otherwise nil.
  private static func plainResults(_ scanner: inout JSONScanner) throws(JSONError) -> [PublishResult]? {
    guard case .beginObject = try scanner.next(), case .key(let key) = try scanner.next(),
      scanner.matches(key, "results"), case .beginArray = try scanner.next()
    else { return nil }
    var results: [PublishResult] = []
    while case .beginObject = try scanner.next() {
      var status: PublishResult.Status?
      var offset: Int64?
      while case .key(let key) = try scanner.next() {
        switch try scanner.next() {
        case .string(let text) where scanner.matches(key, "status"):
          status = scanner.matches(text, "stored") ? .stored : scanner.matches(text, "duplicate") ? .duplicate : nil
        case .number(let number) where scanner.matches(key, "offset"): offset = scanner.integer(number)
        default: return nil
        }
      }
      guard let status, let offset else { return nil }
      results.append(PublishResult(status, offset: offset))
    }
    guard case .endObject = try scanner.next() else { return nil }
    return results
  }
}

extension BusClient {
  /// Quarantines an event that a consumer could not process.
  @discardableResult
  public func quarantine(
    _ event: StoredEvent, consumer: String, error: EventError, attempts: Int, timeout: Duration = .seconds(5)
  ) async throws -> QuarantineEntry {
    let parameters = QuarantineAddParameters(
      consumer: consumer, offset: event.offset, code: error.code, detail: error.detail, attempts: attempts)
    // Adding the same entry a second time replaces the first one.
    return try await client.callWithParts(
      BusRoutes.quarantineAdd, parameters, parts: [event.bytes], timeout: timeout, idempotent: true
    ).output
  }

  /// Lists quarantined events with their bytes.
  public func quarantined(
    _ filter: QuarantineListParameters = QuarantineListParameters(), timeout: Duration = .seconds(5)
  ) async throws -> [(entry: QuarantineEntry, event: [UInt8])] {
    let answer = try await client.callWithParts(BusRoutes.quarantineList, filter, timeout: timeout)
    return zip(answer.output.entries, answer.parts).map { ($0, $1) }
  }

  /// Deletes events from the quarantine for good, and returns how many.
  @discardableResult
  public func discardQuarantined(_ ids: [Int64], timeout: Duration = .seconds(5)) async throws -> Int {
    try await client.callWithParts(
      BusRoutes.quarantineDiscard, QuarantineSelection(ids: ids), timeout: timeout, idempotent: true
    ).output.count
  }
}
