import JSON
public import LaunchModel

extension BusClient {
  /// Events of one message, at most.
  static let maxEvents = 1_024
  /// Bytes of the events of one message, at most; the rest of 4 MiB is the envelope's.
  static let maxBytes = 4 << 20 - 64 << 10

  /// Publishes events, each one CloudEvent in bytes, in order; any number, split into messages within the limits.
  ///
  /// Publishing again is harmless, for the bus knows events by source and id; so this tries again when an answer is lost.
  ///
  /// - Parameter timeout: for each message.
  /// - Returns: what became of each, in order; stored ones are on disk.
  public func publish(_ events: [[UInt8]], timeout: Duration = .seconds(5)) async throws -> [PublishResult] {
    var results: [PublishResult] = []
    results.reserveCapacity(events.count)
    for message in Self.messages(events) {
      let reply = try await client.call(
        method: BusRoutes.publish.method, parts: Array(message), timeout: timeout, idempotent: true)
      let answered = try PublishedEvents.read(reply.result)
      guard answered.count == message.count else {
        throw Problem(
          .internalError, code: "unexpected-result", title: "the answer is not what was expected",
          detail: "events.publish: \(answered.count) results for \(message.count) events")
      }
      results += answered
    }
    return results
  }

  /// The events cut into runs that fit a message; one that is too large by itself makes its own, for the bus to refuse.
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
  /// Reads the answer to `events.publish`; by hand, for it is what every publisher waits for.
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

  /// The results where there is nothing beside `status` and `offset`, as when nothing was rejected; else nil.
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
