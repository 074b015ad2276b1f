import BusCore
import JSON
import Contract
import LaunchModel
import Logging
import Messaging

/// The handlers of `quarantine.*`.
struct QuarantineHandlers: Sendable {
  private static let defaultCount = 100
  private static let maximumCount = 1_000
  /// Maximum bytes of events in one answer; the rest of the 4 MiB is reserved for the envelope.
  private static let maximumBytes = 3 << 20

  let context: BusContext
  let thread: LogThread
  private let budget = QuarantineBudget()

  init(context: BusContext, thread: LogThread) {
    self.context = context
    self.thread = thread
  }

  func register(on router: inout BusCallRouter) {
    router.add(BusRoutes.quarantineAdd, for: .granted(.quarantine)) { [self] request, call, caller in
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
        .invalidParams, code: "invalid-params", title: "too many events",
        detail: "the message has \(events.count) events; quarantine.add takes at most one")
    }
    if !caller.isService {
      try budget.take(events.first?.count ?? 0, from: caller.principal)
      try await requireRoom(for: request.consumer)
    }
    var entry = QuarantineEntry(
      id: 0, consumer: request.consumer, offset: request.offset, code: Excerpt.of(request.code),
      detail: Excerpt.shortening(request.detail ?? ""), attempts: request.attempts, at: context.clock.now(),
      status: .held)
    entry.id = try await thread.perform { [entry] writer in
      let bytes = try events.first ?? writer.bytes(at: request.offset)
      return try writer.metadataStore.quarantine([QuarantinedEvent(entry: entry, bytes: bytes)]).first ?? 0
    }
    return entry
  }

  private func requireRoom(for consumer: String) async throws {
    let query = QuarantineListParameters(consumer: consumer)
    let total = try await thread.perform { try $0.metadataStore.quarantined(query, max: 1, bytes: 0).total }
    guard total >= QuarantineBudget.entriesOfConsumer else { return }
    throw Problem.conflict(
      "quarantine-full", title: "too many events in quarantine",
      "\(total) events of \(consumer) are in quarantine, which is the limit; retry or discard them first")
  }

  private func list(_ request: QuarantineListParameters) async throws -> CallReply {
    let count = min(max(request.max ?? Self.defaultCount, 1), Self.maximumCount)
    let (events, total) = try await thread.perform { writer in
      try writer.maintain()
      return try writer.metadataStore.quarantined(request, max: count, bytes: Self.maximumBytes)
    }
    let list = QuarantineList(entries: events.map(\.entry), total: total)
    return CallReply(result: try JSONCoding.encode(list), parts: events.map(\.bytes))
  }

  /// Retries entries: events that the bus rejected are published again at once, with the caller's rights; other entries
  /// are marked so that their consumer retries them.
  private func retry(_ selection: QuarantineSelection, _ caller: BusCaller) async throws -> QuarantineList {
    try Self.check(selection)
    let now = context.clock.now()
    let entries = try await thread.perform { writer in
      try writer.maintain()
      let chosen = try writer.metadataStore.quarantined(selection, max: Self.maximumCount)
      return try chosen.compactMap { try writer.retry($0, as: caller.principal, at: now) }
    }
    context.logger.notice("retrying quarantined events", metadata: ["by": "\(caller.name)"])
    return QuarantineList(entries: entries, total: entries.count)
  }

  private func discard(_ selection: QuarantineSelection, _ caller: BusCaller) async throws -> QuarantineCount {
    try Self.check(selection)
    let count = try await thread.perform { writer in
      try writer.maintain()
      return try writer.metadataStore.discard(
        writer.metadataStore.quarantined(selection, max: Self.maximumCount).map(\.entry.id))
    }
    context.logger.notice("quarantined events discarded", metadata: ["count": "\(count)", "by": "\(caller.name)"])
    return QuarantineCount(count: count)
  }

  private static func check(_ selection: QuarantineSelection) throws(Problem) {
    guard selection.ids == nil, selection.consumer == nil else { return }
    throw .invalid("invalid-params", pointer: "", "no entries are named: give ids, consumer or both")
  }
}
