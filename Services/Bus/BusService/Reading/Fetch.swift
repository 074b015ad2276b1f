import BusCore
import Contract
import LaunchModel
import Messaging

/// Answers `events.fetch`: from memory where it can, from disk step by step where it must, and waiting where there is
/// nothing yet.
struct Fetch: Sendable {
  static let defaultCount = 500
  static let maximumCount = 1_024
  static let maximumWait = 20_000
  /// Bytes of the events of one answer; the rest of 4 MiB is the envelope's.
  static let maximumBytes = 4 << 20 - 256 << 10
  /// Offsets looked at on disk at once.
  private static let examined = 4_096

  let tail: LogTail
  let thread: LogThread
  let view: LogView

  func answer(_ request: FetchParameters, until deadline: ContinuousClock.Instant) async throws -> CallReply {
    try Self.check(request)
    let filter = TypeFilter(request.types ?? [])
    let limits = ReadLimits(
      events: min(request.max ?? Self.defaultCount, Self.maximumCount), bytes: Self.maximumBytes,
      examined: Self.examined)
    let wait = min(request.waitMs ?? 0, Self.maximumWait)
    let waitsUntil = min(ContinuousClock.now + .milliseconds(wait), deadline - .milliseconds(100))
    var after = request.after
    let bounds = try await view.bounds(reaching: after)
    guard after <= bounds.head else {
      throw Problem.conflict(
        "ahead-of-log", title: "the log does not reach so far",
        "offset \(after) was asked for and the log ends at \(bounds.head); was an older backup restored?")
    }
    var hasWaited = false
    while true {
      let page = try await page(after: after, filter, limits)
      after = page.searched
      if !page.events.isEmpty { return reply(page) }
      let isAtEnd = after >= tail.bounds.head
      if isAtEnd, let damage = tail.damage { throw damage }
      if isAtEnd, !hasWaited, waitsUntil > .now, !Task.isCancelled {
        try await tail.wait(after: after, known: request.after, matching: filter, until: waitsUntil)
        hasWaited = true
      } else if isAtEnd || deadline <= .now {
        return reply(page)
      }
    }
  }

  private static func check(_ request: FetchParameters) throws(Problem) {
    if request.after < 0 { throw .invalid("invalid-params", pointer: "/after", "an offset is 0 or more") }
    if let max = request.max, max < 1 { throw .invalid("invalid-params", pointer: "/max", "at least 1") }
    if let wait = request.waitMs, wait < 0 { throw .invalid("invalid-params", pointer: "/waitMs", "0 or more") }
  }

  private func page(after offset: Int64, _ filter: TypeFilter, _ limits: ReadLimits) async throws -> LogPage {
    if let page = tail.page(after: offset, matching: filter, limits: limits) { return page }
    return try await thread.perform { desk in
      try desk.log.read(after: offset, matching: filter, limits: limits)
    }
  }

  private func reply(_ page: LogPage) -> CallReply {
    CallReply(result: Self.json(page, first: tail.bounds.first), parts: page.events.map(\.bytes))
  }

  /// The result, written by hand, for it has an entry for each event.
  static func json(_ page: LogPage, first: Int64) -> [UInt8] {
    var bytes = Array("{\"events\":[".utf8)
    bytes.reserveCapacity(64 + page.events.count * 56)
    var storedAt: (time: Timestamp, text: [UInt8])?
    for (index, event) in page.events.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: "{\"offset\":".utf8)
      bytes.append(decimal: event.offset)
      bytes.append(contentsOf: ",\"storedAt\":\"".utf8)
      // Events of one commit have the same time.
      if storedAt?.time != event.storedAt {
        storedAt = (event.storedAt, Array(event.storedAt.description.utf8))
      }
      bytes.append(contentsOf: storedAt?.text ?? [])
      bytes.append(contentsOf: "\"}".utf8)
    }
    bytes.append(contentsOf: "],\"first\":".utf8)
    bytes.append(decimal: first)
    bytes.append(contentsOf: ",\"head\":".utf8)
    bytes.append(decimal: page.searched)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

/// What is known of the log, looked up where other buses may have changed it.
struct LogView: Sendable {
  let parts: BusContext
  let thread: LogThread

  /// The ends of the log.
  ///
  /// While the database is away, these are the ends that were known before.
  ///
  /// - Parameter offset: the offset up to which the known part of the log suffices, so that the database is not asked.
  /// - Throws: `LogError` for a damaged event and for a log that has failed.
  func bounds(reaching offset: Int64 = .max) async throws -> LogBounds {
    guard parts.isShared, parts.tail.bounds.head < offset else { return parts.tail.bounds }
    do {
      try await thread.perform { try $0.catchUp() }
    } catch LogError.unavailable {
      // The log's thread logs the outage. Reading continues with the known part of the log.
    }
    return parts.tail.bounds
  }

  /// How far each consumer is.
  func consumers() async throws -> [String: Int64] {
    if parts.isShared { try await thread.perform { try $0.shareConsumers() } }
    return parts.register.offsets
  }
}
