import BusCore
import LaunchModel
import Messaging
import Storage

/// Does at once what the other buses that share the log give notice of.
struct PeerListener: Sendable {
  /// How long fetches hurry after somebody has asked for it.
  private static let hurry = Duration.seconds(1)

  let parts: BusContext
  let thread: LogThread
  private let appended = MonotonicCounter()
  private let settling = MonotonicCounter()

  init(parts: BusContext, thread: LogThread) {
    self.parts = parts
    self.thread = thread
  }

  /// Listens until the task is cancelled.
  func listen() async throws {
    let listener = try await thread.perform { [appended, settling] desk in
      try desk.neighbours?.listen { notice in
        switch notice {
        case .appended: appended.increment()
        case .settling: settling.increment()
        }
      }
    }
    defer { listener?.stop() }
    do {
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask { try await whenever(appended) { try await thread.perform { try $0.catchUpRegularly() } } }
        group.addTask { try await whenever(settling) { try await wakeAllWaiters() } }
      }
    } catch is CancellationError {
      // That is how it is told to end.
    }
  }

  /// Does it once for all notices that have come since it was begun the last time.
  private func whenever(_ notices: MonotonicCounter, _ body: () async throws -> Void) async throws {
    while true {
      let seen = notices.value
      try await body()
      try await notices.wait(for: seen + 1)
    }
  }

  private func wakeAllWaiters() async throws {
    guard settling.value > 0 else { return }
    try await parts.tail.wakingAllWaiters {
      try await thread.perform { try $0.shareConsumers() }
      try await Task.sleep(for: Self.hurry)
    }
  }
}
