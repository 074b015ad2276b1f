import BusCore
import LaunchModel

/// What is known of the log, looked up where other buses may have changed it.
struct LogView: Sendable {
  let parts: BusParts
  let thread: LogThread

  /// The ends of the log.
  ///
  /// - Parameter offset: how far it has to reach for what is known already to be enough.
  func bounds(reaching offset: Int64 = .max) async -> LogBounds {
    guard parts.isShared, parts.tail.bounds.head < offset else { return parts.tail.bounds }
    do {
      try await thread.perform { try $0.catchUp() }
    } catch {
      // The database is away, which the log's thread says itself. What is known goes on being read.
    }
    return parts.tail.bounds
  }

  /// How far each consumer is.
  func consumers() async throws -> [String: Int64] {
    if parts.isShared { try await thread.perform { try $0.shareConsumers() } }
    return parts.register.offsets
  }
}
