import BusCore
import Contract
import LaunchModel
import Logging
import Messaging

/// The handlers of `events.*`, except `events.publish`.
struct LogHandlers: Sendable {
  /// Maximum number of events deleted in one step; other work runs between steps.
  private static let pruneStep = 2_000
  /// Maximum number of registered consumers, not counting those of the services.
  static let maximumConsumers = 100

  let context: BusContext
  let thread: LogThread

  func register(on router: inout BusCallRouter) {
    let view = LogView(context: context, thread: thread)
    let fetch = FetchHandler(tail: context.tail, thread: thread, view: view)
    let quiescence = QuiescenceWaiter(context: context, thread: thread, view: view)
    router.addReply(BusRoutes.fetch, for: .roster) { request, call, _ in
      try await fetch.answer(request, until: call.deadline)
    }
    router.add(BusRoutes.head, for: .roster) { _, _, _ in try await view.bounds() }
    router.add(BusRoutes.at, for: .roster) { [self] request, _, _ in try await at(request.time, view) }
    router.add(BusRoutes.settle, for: .roster) { _, call, _ in try await quiescence.wait(until: call.deadline) }
    router.add(BusRoutes.commit, for: .granted(.consume)) { [self] request, _, caller in
      try await commit(request, caller, view)
    }
    let verifier = LogVerifier(thread: thread)
    router.add(BusRoutes.verify, for: .operators) { request, _, _ in try await verifier.verify(request) }
    router.add(BusRoutes.consumers, for: .roster) { [self] _, _, _ in try await positions(view) }
    router.add(BusRoutes.forget, for: .operators) { [self] request, _, caller in try await forget(request, caller, view)
    }
    router.add(BusRoutes.prune, for: .operators) { [self] request, call, caller in
      try await prune(through: request.through, until: call.deadline, caller, view)
    }
  }

  private func positions(_ view: LogView) async throws -> ConsumerPositions {
    let bounds = try await view.bounds()
    return ConsumerPositions(try await view.consumers(), head: bounds.head)
  }

  private func at(_ time: Timestamp, _ view: LogView) async throws -> OffsetFound {
    _ = try await view.bounds()
    let offset = try await thread.perform { try $0.log.firstOffset(storedSince: time) }
    return OffsetFound(offset: offset, first: context.tail.bounds.first)
  }

  private func commit(
    _ request: CommitParameters, _ caller: BusCaller, _ view: LogView
  ) async throws -> ConsumerPosition {
    try ConsumerName.check(request.consumer, for: caller)
    try requireRoom(for: request.consumer)
    _ = try await view.bounds(reaching: request.offset)
    try await fillLostOffsets(request, caller)
    let head = try await view.recentHead()
    guard (0...head).contains(request.offset) else {
      throw Problem.invalid(
        "invalid-params", pointer: "/offset", "must be from 0 to \(head), the end of the log, not \(request.offset)")
    }
    if context.committedOffsets.record(request.consumer, request.offset) || context.isShared && context.tail.isWakingAll
    {
      // Any other offset is saved with the next flush.
      try await thread.perform { try $0.saveConsumers() }
    }
    return ConsumerPosition(consumer: request.consumer, offset: request.offset, lag: head - request.offset)
  }

  /// Throws unless the consumer is registered or another one may be. Their number is limited because each consumer
  /// holds back pruning and `events.settle`.
  private func requireRoom(for consumer: String) throws(Problem) {
    let known = context.committedOffsets.all
    guard known[consumer] == nil, ServiceName(rawValue: consumer) == nil else { return }
    let others = known.keys.filter { ServiceName(rawValue: $0) == nil }
    guard others.count >= Self.maximumConsumers else { return }
    throw .conflict(
      "too-many-consumers", title: "too many consumers",
      "\(others.count) consumers are registered, which is the limit; remove a retired one with gonogo event forget "
        + "(events.forget); gonogo event consumers lists them")
  }

  /// Fills the log with placeholders if a service has processed events that the log does not have, because an older log
  /// was restored.
  private func fillLostOffsets(_ request: CommitParameters, _ caller: BusCaller) async throws {
    let missing = request.offset - context.tail.bounds.head
    guard caller.isService, ServiceName(rawValue: request.consumer) != nil,
      (1...LogWriter.maximumLostEvents).contains(missing)
    else { return }
    try await thread.perform { try $0.fillLostOffsets(through: request.offset, processedBy: request.consumer) }
  }

  private func forget(
    _ request: ForgetParameters, _ caller: BusCaller, _ view: LogView
  ) async throws -> ConsumerPositions {
    guard try await view.consumers()[request.consumer] != nil else {
      throw Problem.notFound("unknown-consumer", "no consumer \"\(request.consumer)\"; events.consumers lists them")
    }
    try await thread.perform { try $0.forget(consumer: request.consumer) }
    context.logger.notice(
      "consumer removed", metadata: ["consumer": "\(request.consumer)", "by": "\(caller.name)"])
    return try await positions(view)
  }

  private func prune(
    through offset: Int64, until deadline: ContinuousClock.Instant, _ caller: BusCaller, _ view: LogView
  ) async throws -> LogBounds {
    var bounds = try await view.bounds()
    guard offset <= bounds.head else {
      throw Problem.invalid(
        "invalid-params", pointer: "/through", "must be at most \(bounds.head), the end of the log, not \(offset)")
    }
    while bounds.first <= offset, deadline - .milliseconds(100) > .now {
      try requireAllPast(offset, try await view.consumers())
      bounds = try await thread.perform { try $0.prune(through: offset, atMost: Self.pruneStep) }
    }
    context.logger.notice("log pruned", metadata: ["first": "\(bounds.first)", "by": "\(caller.name)"])
    return bounds
  }

  private func requireAllPast(_ offset: Int64, _ consumers: [String: Int64]) throws(Problem) {
    let behind = consumers.filter { $0.value < offset }.sorted { $0.key < $1.key }
    guard !behind.isEmpty else { return }
    let list = behind.map { "\($0.key) (at \($0.value))" }.joined(separator: ", ")
    throw .conflict(
      "consumers-behind", title: "consumers still need these events",
      "not yet past offset \(offset): \(list); wait for them, or remove a retired consumer with gonogo event forget "
        + "(events.forget)")
  }
}

/// The rules for consumer names.
enum ConsumerName {
  /// Checks that the name is valid and that the caller may use it.
  ///
  /// - Throws: `invalid` if the name is malformed; `forbidden` if it is a service's and the caller is not a service.
  static func check(_ name: String, for caller: BusCaller) throws(Problem) {
    let isName =
      (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains($0)
      }
    guard isName else {
      throw .invalid(
        "invalid-params", pointer: "/consumer", "\"\(name)\" is not a consumer name: 1 to 64 of a-z, 0-9, -, . and _")
    }
    guard caller.isService || ServiceName(rawValue: name) == nil else {
      throw .forbidden(
        "\(name) is reserved for the service of that name, and \(caller.name) is not a service; choose another name")
    }
  }
}

/// Answers `events.fetch`: from memory if it has the events, else from disk in steps of limited size. If no event
/// matches yet, waits for one. An empty answer is given only after the store has confirmed that there is none.
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

  /// Encodes the result. Written by hand for speed, because it has an entry for every event.
  static func json(_ page: LogPage, first: Int64) -> [UInt8] {
    var bytes = Array("{\"events\":[".utf8)
    bytes.reserveCapacity(64 + page.events.count * 56)
    var storedAt: (time: Timestamp, text: [UInt8])?
    for (index, event) in page.events.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: "{\"offset\":".utf8)
      bytes.append(decimal: event.offset)
      bytes.append(contentsOf: ",\"storedAt\":\"".utf8)
      // Events stored in one commit have the same time.
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

  /// Returns the newest offset; it is at most one second old.
  ///
  /// - Throws: the same errors as `bounds`.
  func recentHead() async throws -> Int64 {
    max(context.tail.bounds.head, try await context.watch?.bounds(within: .seconds(1)).head ?? 0)
  }

  /// How long a call waits for the log's thread; nil if no other process uses the log, so that there is no connection
  /// to lose.
  private var limit: Duration? { context.isShared ? Bus.storeLimit : nil }

  /// Returns the log's bounds, after this process has read up to them. They are at least as recent as the call: if
  /// other processes may have the log open, the database confirms them.
  ///
  /// - Parameter offset: if the log is already known to reach this offset, the known bounds are returned without asking
  ///   the database.
  /// - Throws: `LogError` if the database does not answer in time, an event is damaged or the log has failed.
  func bounds(reaching offset: Int64 = .max) async throws -> LogBounds {
    guard context.isShared, context.tail.bounds.head < offset else { return context.tail.bounds }
    let known = context.tail.bounds
    if let watch = context.watch {
      let confirmed = try await watch.confirm()
      // If the log has shrunk, the log's thread decides what that means.
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
