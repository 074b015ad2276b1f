import BusCore
import Contract
import LaunchModel
import Logging
import Messaging

/// The handlers of `events.*`, except `events.publish`.
struct LogHandlers: Sendable {
  /// Maximum number of events deleted in one step; other work runs between steps.
  private static let pruneStep = 2_000
  /// Maximum number of registered consumers, those of the services not counted.
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
      // Otherwise the offset is saved with the next flush.
      try await thread.perform { try $0.saveConsumers() }
    }
    return ConsumerPosition(consumer: request.consumer, offset: request.offset, lag: head - request.offset)
  }

  /// Requires that the consumer is registered, or that another may be: each holds back pruning and `events.settle`.
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

  /// Fills the log with placeholders if a service has processed events that it does not have, because an older log was
  /// restored.
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
