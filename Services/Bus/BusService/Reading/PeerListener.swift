import BusCore
import LaunchModel
import Messaging
import Storage

/// Reacts at once to the notifications of other buses that share the log.
struct PeerListener: Sendable {
  /// How long waiting fetches are woken after another bus requests it.
  private static let wakeDuration = Duration.seconds(1)

  let context: BusContext
  let thread: LogThread
  private let appended = MonotonicCounter()
  private let settling = MonotonicCounter()

  init(context: BusContext, thread: LogThread) {
    self.context = context
    self.thread = thread
  }

  /// Listens until the task is cancelled.
  func listen() async throws {
    let listener = try await thread.perform { [appended, settling] writer in
      try writer.peers?.listen { notification in
        switch notification {
        case .appended: appended.increment()
        case .settling: settling.increment()
        }
      }
    }
    defer { listener?.stop() }
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await onEach(appended) { try await thread.perform { try $0.catchUpLoggingOutages() } } }
        group.addTask { try await onEach(settling) { try await wakeAllWaiters() } }
      }
    } catch is CancellationError {
      // Cancellation is the normal way to stop.
    }
  }

  /// Runs the body repeatedly, each time once for all notifications that arrived since its last run began.
  private func onEach(_ notifications: MonotonicCounter, _ body: () async throws -> Void) async throws {
    while true {
      let seen = notifications.value
      try await body()
      try await notifications.wait(for: seen + 1)
    }
  }

  private func wakeAllWaiters() async throws {
    guard settling.value > 0 else { return }
    try await context.tail.wakingAllWaiters {
      try await thread.perform { try $0.syncConsumersLoggingOutages() }
      try await Task.sleep(for: Self.wakeDuration)
    }
  }
}
