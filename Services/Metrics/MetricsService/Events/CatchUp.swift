import Contract
import Messaging
import ServiceKit

extension ServiceEnvironment {
  /// How long a job waits for the consumer, which is always a little behind while events arrive.
  private static var catchUpWait: Duration { .milliseconds(500) }

  /// Whether the service has processed every event that the bus holds now; false if the bus does not answer.
  ///
  /// What is announced from figures must not be announced earlier: the events that are not processed yet may change it.
  /// The moment for which it is announced is to be read before this is asked.
  func hasCaughtUp() async throws -> Bool {
    guard let head = try await bus.headIfReachable(within: .seconds(2)) else { return false }
    return try await progress.wait(for: head, until: .now + Self.catchUpWait)
  }
}
