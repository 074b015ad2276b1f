import BusCore
import Contract
import LaunchModel

/// Answers `events.settle`: waits until every registered consumer has reached a head that no longer grows.
struct QuiescenceWaiter: Sendable {
  /// How long the head must stay unchanged while every consumer is at it. A consumer that has applied an event may
  /// still be about to publish events that result from it.
  static let quietPeriod = Duration.milliseconds(300)
  private static let pollInterval = Duration.milliseconds(20)

  /// How often other buses are asked to wake their waiting fetches.
  private static let notifyInterval = Duration.milliseconds(300)

  let context: BusContext
  let thread: LogThread
  let view: LogView

  private var tail: LogTail { context.tail }

  /// Waits until the log is quiescent, and returns its bounds.
  ///
  /// - Throws: `expired`, naming the consumers that are behind.
  func wait(until deadline: ContinuousClock.Instant) async throws -> LogBounds {
    let start = ContinuousClock.now
    return try await tail.wakingAllWaiters {
      var head = tail.bounds.head
      /// Since when every consumer has been seen at an unchanged head; nil if that is not so.
      var quietSince: ContinuousClock.Instant?
      var notifiedAt: ContinuousClock.Instant?
      while true {
        let now = ContinuousClock.now
        if context.isShared, notifiedAt.map({ now - $0 > Self.notifyInterval }) ?? true {
          try await thread.perform { try $0.peers?.notify(.settling) }
          notifiedAt = now
        }
        let bounds = try await view.bounds()
        let behind = try await view.consumers().filter { $0.value < bounds.head }
        // The consumers were at the head when the look-up ended, but not necessarily when it began.
        let seen = ContinuousClock.now
        quietSince = behind.isEmpty && bounds.head == head ? quietSince ?? seen : nil
        head = bounds.head
        if let quietSince, seen - quietSince >= Self.quietPeriod { return bounds }
        guard !tail.isClosed else { throw CancellationError() }
        guard now < deadline - .milliseconds(100) else {
          throw Self.expired(behind.keys.sorted(), bounds, after: now - start)
        }
        try await Task.sleep(for: Self.pollInterval)
      }
    }
  }

  /// Returns the error, such as `checklist has not reached offset 17 after 60 s; see gonogo event consumers`.
  private static func expired(_ behind: [String], _ bounds: LogBounds, after time: Duration) -> Problem {
    let reason =
      behind.isEmpty
      ? "new events keep arriving; the head is at offset \(bounds.head)"
      : "\(behind.joined(separator: ", ")) \(behind.count == 1 ? "has" : "have") not reached offset \(bounds.head) after "
        + "\(Int((time / .seconds(1)).rounded())) s; see gonogo event consumers"
    return .expired(code: "not-settled", title: "consumers did not catch up in time", reason)
  }
}
