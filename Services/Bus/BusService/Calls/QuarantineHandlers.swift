import BusCore
import JSON
import Contract
import LaunchModel
import Logging
import Messaging

/// `quarantine.*`.
struct QuarantineHandlers: Sendable {
  private static let defaultCount = 100
  private static let maximumCount = 1_000
  /// Bytes of the events of one answer; the rest of 4 MiB is the envelope's.
  private static let maximumBytes = 3 << 20

  let parts: BusContext
  let thread: LogThread

  func register(on router: inout BusCallRouter) {
    router.add(BusRoutes.quarantineAdd, for: .roster) { [self] request, call, caller in
      try await add(request, call.parts, caller)
    }
    router.addReply(BusRoutes.quarantineList, for: .roster) { [self] request, _, _ in try await list(request) }
    router.add(BusRoutes.quarantineRetry, for: .operators) { [self] request, _, caller in
      try await retry(request, caller)
    }
    router.add(BusRoutes.quarantineDiscard, for: .operators) { [self] request, _, caller in
      try await discard(request, caller)
    }
  }

  private func add(
    _ request: QuarantineAddParameters, _ events: [[UInt8]], _ caller: BusCaller
  ) async throws -> QuarantineEntry {
    try ConsumerName.check(request.consumer, for: caller)
    guard events.count <= 1 else {
      throw Problem(
        .invalidParams, code: "invalid-params", title: "one event at a time",
        detail: "\(events.count) events came as parts of the message; quarantine.add takes one or none")
    }
    var entry = QuarantineEntry(
      id: 0, consumer: request.consumer, offset: request.offset, code: request.code, detail: request.detail ?? "",
      attempts: request.attempts, at: parts.clock.now(), status: .held)
    entry.id = try await thread.perform { [entry] desk in
      let bytes = try events.first ?? desk.bytes(at: request.offset)
      return try desk.ledger.quarantine([QuarantinedEvent(entry: entry, bytes: bytes)]).first ?? 0
    }
    return entry
  }

  private func list(_ request: QuarantineListParameters) async throws -> CallReply {
    let count = min(max(request.max ?? Self.defaultCount, 1), Self.maximumCount)
    let (events, total) = try await thread.perform { desk in
      try desk.maintain()
      return try desk.ledger.quarantined(request, max: count, bytes: Self.maximumBytes)
    }
    let list = QuarantineList(entries: events.map(\.entry), total: total)
    return CallReply(result: try JSONCoding.encode(list), parts: events.map(\.bytes))
  }

  /// What was refused is published again at once, with the caller's rights; the rest waits for its consumer.
  private func retry(_ selection: QuarantineSelection, _ caller: BusCaller) async throws -> QuarantineList {
    try Self.check(selection)
    let now = parts.clock.now()
    let entries = try await thread.perform { desk in
      try desk.maintain()
      let chosen = try desk.ledger.quarantined(selection, max: Self.maximumCount)
      return try chosen.compactMap { try desk.retry($0, as: caller.principal, at: now) }
    }
    parts.logger.notice("quarantined events are retried", metadata: ["by": "\(caller.name)"])
    return QuarantineList(entries: entries, total: entries.count)
  }

  private func discard(_ selection: QuarantineSelection, _ caller: BusCaller) async throws -> QuarantineCount {
    try Self.check(selection)
    let count = try await thread.perform { desk in
      try desk.maintain()
      return try desk.ledger.discard(desk.ledger.quarantined(selection, max: Self.maximumCount).map(\.entry.id))
    }
    parts.logger.notice("quarantined events were discarded", metadata: ["count": "\(count)", "by": "\(caller.name)"])
    return QuarantineCount(count: count)
  }

  private static func check(_ selection: QuarantineSelection) throws(Problem) {
    guard selection.ids == nil, selection.consumer == nil else { return }
    throw .invalid("invalid-params", pointer: "", "say which: ids, or the consumer whose entries are meant")
  }
}
