import BusCore
import Contract
import LaunchModel
import Messaging

/// Answers `events.fetch`: from memory if the events are there, else from disk in steps of limited size. If no event
/// matches yet, it waits for one. That there is none is answered only after the store has confirmed it.
struct FetchHandler: Sendable {
  static let defaultCount = 500
  static let maximumCount = 1_024
  static let maximumWait = 20_000
  /// Maximum bytes of events in one answer; the rest of the 4 MiB is reserved for the envelope.
  static let maximumBytes = 4 << 20 - 256 << 10
  /// Maximum number of offsets that one read from disk examines.
  private static let examinedPerRead = 4_096

  let tail: LogTail
  let thread: LogThread
  let view: LogView

  func answer(_ request: FetchParameters, until deadline: ContinuousClock.Instant) async throws -> CallReply {
    try Self.check(request)
    let filter = TypeFilter(request.types ?? [])
    let limits = ReadLimits(
      events: min(request.max ?? Self.defaultCount, Self.maximumCount), bytes: Self.maximumBytes,
      examined: Self.examinedPerRead)
    let wait = min(request.waitMs ?? 0, Self.maximumWait)
    let waitEnd = min(ContinuousClock.now + .milliseconds(wait), deadline - .milliseconds(100))
    var after = request.after
    let bounds = try await view.bounds(reaching: after)
    guard after <= bounds.head else {
      throw Problem.conflict(
        "ahead-of-log", title: "the offset is beyond the end of the log",
        "after is \(after), but the log ends at \(bounds.head); was an older backup restored?")
    }
    var hasWaited = false
    while true {
      let page = try await page(after: after, filter, limits)
      after = page.searched
      if !page.events.isEmpty { return reply(page) }
      let isAtEnd = after >= tail.bounds.head
      if isAtEnd, let problem = tail.damage ?? tail.outage { throw problem }
      if isAtEnd, !hasWaited, waitEnd > .now, !Task.isCancelled {
        try await tail.wait(after: after, known: request.after, matching: filter, until: waitEnd)
        hasWaited = true
      } else if isAtEnd {
        if try await view.bounds().head <= after || deadline <= .now { return reply(page) }
      } else if deadline <= .now {
        return reply(page)
      }
    }
  }

  private static func check(_ request: FetchParameters) throws(Problem) {
    if request.after < 0 {
      throw .invalid("invalid-params", pointer: "/after", "must be 0 or more, not \(request.after)")
    }
    if let max = request.max, max < 1 {
      throw .invalid("invalid-params", pointer: "/max", "must be 1 or more, not \(max)")
    }
    if let wait = request.waitMs, wait < 0 {
      throw .invalid("invalid-params", pointer: "/waitMs", "must be 0 or more, not \(wait)")
    }
  }

  private func page(after offset: Int64, _ filter: TypeFilter, _ limits: ReadLimits) async throws -> LogPage {
    if let page = tail.page(after: offset, matching: filter, limits: limits) { return page }
    return try await thread.perform { writer in
      try writer.read(after: offset, matching: filter, limits: limits)
    }
  }

  private func reply(_ page: LogPage) -> CallReply {
    CallReply(result: Self.json(page, first: tail.bounds.first), parts: page.events.map(\.bytes))
  }

  /// Encodes the result. Written by hand because it has an entry for every event.
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

/// A view of the log that includes the changes of other buses if the log is shared.
struct LogView: Sendable {
  let context: BusContext
  let thread: LogThread

  /// Returns the newest offset, as it was at most a second ago.
  ///
  /// - Throws: as `bounds`.
  func recentHead() async throws -> Int64 {
    max(context.tail.bounds.head, try await context.watch?.bounds(within: .seconds(1)).head ?? 0)
  }

  /// How long a call waits for the log's thread; nil if only this process has the log, so that nothing can cut it off.
  private var limit: Duration? { context.isShared ? Bus.storeLimit : nil }

  /// Returns the bounds of the log, up to which this process has read it. They are not older than the call: if other processes may
  /// have the log open, its database confirms them.
  ///
  /// - Parameter offset: if the log is known to reach this offset, the known bounds are returned without asking.
  /// - Throws: `LogError` if the database does not answer in time, an event is damaged or the log has failed.
  func bounds(reaching offset: Int64 = .max) async throws -> LogBounds {
    guard context.isShared, context.tail.bounds.head < offset else { return context.tail.bounds }
    let known = context.tail.bounds
    if let watch = context.watch {
      let confirmed = try await watch.confirm()
      // A log that went back is for the log's thread to judge.
      if confirmed.head >= known.head, confirmed.head <= context.tail.bounds.head, confirmed.first == known.first {
        return context.tail.bounds
      }
    }
    try await thread.perform(within: limit) { try $0.catchUp() }
    return context.tail.bounds
  }

  /// Returns the committed offset of each consumer, by consumer name.
  func consumers() async throws -> [String: Int64] {
    if context.isShared { try await thread.perform(within: limit) { try $0.syncConsumers() } }
    return context.committedOffsets.all
  }
}
