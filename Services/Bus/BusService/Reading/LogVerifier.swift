import BusCore
import Contract
import LaunchModel

/// Verifies the log while the bus runs: once after the start, in small steps, and on request through `events.verify`.
struct LogVerifier: Sendable {
  private static let defaultCount = 1_000
  private static let maximumCount = 5_000
  /// The number of events or keys to verify in one step after the start, and the pause before the next.
  private static let step = (count: 500, pause: Duration.milliseconds(50))

  let thread: LogThread

  /// Answers `events.verify`.
  func verify(_ request: VerifyParameters) async throws -> LogVerification {
    guard let cursor = request.after.map({ VerificationCursor(text: $0) }) ?? .start else {
      throw Problem.invalid(
        "invalid-params", pointer: "/after",
        "must be the `next` value of an earlier answer; omit it to start from the beginning")
    }
    let count = min(max(request.max ?? Self.defaultCount, 1), Self.maximumCount)
    let page = try await thread.perform { try $0.verify(from: cursor, atMost: count) }
    return LogVerification(damage: page.damage, verified: page.verified, next: page.next?.text)
  }

  /// Verifies the whole log once, with pauses in which other work runs.
  func verifyAll() async throws {
    var cursor: VerificationCursor? = .start
    while let from = cursor {
      do { try await Task.sleep(for: Self.step.pause) } catch { return }
      do {
        cursor = try await thread.perform { try $0.verify(from: from, atMost: Self.step.count).next }
      } catch LogError.damaged {
        // If SQLite cannot read a part of the log at all, the damage is reported when that part is read.
        return
      }
    }
  }
}
