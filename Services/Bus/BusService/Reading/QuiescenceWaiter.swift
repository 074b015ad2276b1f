import BusCore
import Contract
import LaunchModel

/// Answers `events.settle`: waits until every registered consumer has reached a head that no longer grows.
struct QuiescenceWaiter: Sendable {
  /// A consumer that has applied an event may still be about to announce what follows from it: the head must have stood
  /// still, with everybody there, for this long.
  static let quiet = Duration.milliseconds(300)
  private static let pause = Duration.milliseconds(20)

  /// How often other buses are told to hurry theirs.
  private static let telling = Duration.milliseconds(300)

  let parts: BusContext
  let thread: LogThread
  let view: LogView

  private var tail: LogTail { parts.tail }

  /// - Throws: `expired`, naming the consumers that are behind.
  func settle(until deadline: ContinuousClock.Instant) async throws -> LogBounds {
    try await tail.wakingAllWaiters {
      var head = tail.bounds.head
      /// Since when everybody has been seen at a head that stands still.
      var quietSince: ContinuousClock.Instant?
      var told: ContinuousClock.Instant?
      while true {
        let now = ContinuousClock.now
        if parts.isShared, told.map({ now - $0 > Self.telling }) ?? true {
          try await thread.perform { try $0.neighbours?.tell(.settling) }
          told = now
        }
        let bounds = try await view.bounds()
        let behind = try await view.consumers().filter { $0.value < bounds.head }
        // What was seen holds for the moment after it was looked up, and for none before.
        let seen = ContinuousClock.now
        quietSince = behind.isEmpty && bounds.head == head ? quietSince ?? seen : nil
        head = bounds.head
        if let quietSince, seen - quietSince >= Self.quiet { return bounds }
        guard !tail.isClosed else { throw CancellationError() }
        guard now < deadline - .milliseconds(100) else { throw Self.expired(behind.keys.sorted(), bounds) }
        try await Task.sleep(for: Self.pause)
      }
    }
  }

  private static func expired(_ behind: [String], _ bounds: LogBounds) -> Problem {
    let reason =
      behind.isEmpty
      ? "events keep coming; the head is at \(bounds.head)"
      : "behind the head at \(bounds.head): \(behind.joined(separator: ", "))"
    return .expired(code: "not-settled", title: "the system has not settled", reason)
  }
}
