import BusCore
import Contract
import LaunchModel
import Logging
import Messaging

/// `events.*`, but for `publish`.
struct EventHandlers: Sendable {
  /// Events deleted in one step, between which others have their turn.
  private static let pruneStep = 2_000

  let parts: BusContext
  let thread: LogThread

  func register(on router: inout BusCallRouter) {
    let view = LogView(parts: parts, thread: thread)
    let fetch = Fetch(tail: parts.tail, thread: thread, view: view)
    let settling = QuiescenceWaiter(parts: parts, thread: thread, view: view)
    router.addReply(BusRoutes.fetch, for: .roster) { request, call, _ in
      try await fetch.answer(request, until: call.deadline)
    }
    router.add(BusRoutes.head, for: .roster) { _, _, _ in try await view.bounds() }
    router.add(BusRoutes.at, for: .roster) { [self] request, _, _ in try await at(request.time, view) }
    router.add(BusRoutes.settle, for: .roster) { _, call, _ in try await settling.settle(until: call.deadline) }
    router.add(BusRoutes.commit, for: .roster) { [self] request, _, caller in
      try await commit(request, caller, view)
    }
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
    return OffsetFound(offset: offset, first: parts.tail.bounds.first)
  }

  private func commit(
    _ request: CommitParameters, _ caller: BusCaller, _ view: LogView
  ) async throws -> ConsumerPosition {
    try ConsumerName.check(request.consumer, for: caller)
    _ = try await view.bounds(reaching: request.offset)
    try await markLost(request, caller)
    let head = parts.tail.bounds.head
    guard (0...head).contains(request.offset) else {
      throw Problem.invalid(
        "invalid-params", pointer: "/offset", "the log ends at \(head), and \(request.offset) is not within it")
    }
    if parts.register.note(request.consumer, request.offset) || parts.isShared && parts.tail.isWakingAll {
      // How far it is, is otherwise written with others later.
      try await thread.perform { try $0.saveConsumers() }
    }
    return ConsumerPosition(consumer: request.consumer, offset: request.offset, lag: head - request.offset)
  }

  /// A service that is ahead of the log has seen events that an older log, restored, does not have.
  private func markLost(_ request: CommitParameters, _ caller: BusCaller) async throws {
    let missing = request.offset - parts.tail.bounds.head
    guard caller.isService, ServiceName(rawValue: request.consumer) != nil, (1...LogWriter.mostLost).contains(missing)
    else { return }
    try await thread.perform { try $0.markLost(through: request.offset, processedBy: request.consumer) }
  }

  private func forget(
    _ request: ForgetParameters, _ caller: BusCaller, _ view: LogView
  ) async throws -> ConsumerPositions {
    guard try await view.consumers()[request.consumer] != nil else {
      throw Problem.notFound("unknown-consumer", "no consumer is registered as \"\(request.consumer)\"")
    }
    try await thread.perform { try $0.forget(consumer: request.consumer) }
    parts.logger.notice(
      "a consumer was forgotten", metadata: ["consumer": "\(request.consumer)", "by": "\(caller.name)"])
    return try await positions(view)
  }

  private func prune(
    through offset: Int64, until deadline: ContinuousClock.Instant, _ caller: BusCaller, _ view: LogView
  ) async throws -> LogBounds {
    var bounds = try await view.bounds()
    guard offset <= bounds.head else {
      throw Problem.invalid("invalid-params", pointer: "/through", "the log ends at \(bounds.head)")
    }
    while bounds.first <= offset, deadline - .milliseconds(100) > .now {
      try refusePast(try await view.consumers(), offset)
      bounds = try await thread.perform { try $0.prune(through: offset, atMost: Self.pruneStep) }
    }
    parts.logger.notice("the log was pruned", metadata: ["first": "\(bounds.first)", "by": "\(caller.name)"])
    return bounds
  }

  private func refusePast(_ consumers: [String: Int64], _ offset: Int64) throws(Problem) {
    let behind = consumers.filter { $0.value < offset }.sorted { $0.key < $1.key }
    guard !behind.isEmpty else { return }
    let list = behind.map { "\($0.key) (at \($0.value))" }.joined(separator: ", ")
    throw .conflict(
      "consumers-behind", title: "consumers still need these events",
      "not yet past \(offset): \(list); wait for them, or take one that is gone off with events.forget")
  }
}

/// The rules of consumers' names.
enum ConsumerName {
  /// - Throws: `invalid` for what is no name; `forbidden` where it is a service's and the caller is none.
  static func check(_ name: String, for caller: BusCaller) throws(Problem) {
    let isName =
      (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_")].contains($0)
      }
    guard isName else {
      throw .invalid("invalid-params", pointer: "/consumer", "a consumer's name has 1 to 64 of a-z, 0-9, -, . and _")
    }
    guard caller.isService || ServiceName(rawValue: name) == nil else {
      throw .forbidden("\(name) is a service's consumer, and \(caller.name) is no service; choose another name")
    }
  }
}
