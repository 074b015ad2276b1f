import LaunchModel
import Synchronization

/// Limits how much each caller other than a service may put into quarantine.
final class QuarantineBudget: Sendable {
  /// Maximum number of entries for a consumer that does not belong to a service.
  static let entriesOfConsumer = 10_000
  /// Maximum number of entries, and of bytes, that one principal may add in a time window.
  static let limit = (entries: 1_000, bytes: 8 << 20)
  private static let window = Duration.seconds(60)
  /// The number of principals above which expired windows are removed.
  private static let principals = 1_024

  private struct Use {
    var since: ContinuousClock.Instant
    var entries = 0
    var bytes = 0
  }

  private let uses = Mutex<[Principal: Use]>([:])

  /// Counts an entry against the principal's limit.
  ///
  /// - Throws: `busy` if the entry would exceed the limit for the current window.
  func take(_ bytes: Int, from principal: Principal, at now: ContinuousClock.Instant = .now) throws(Problem) {
    let wait = uses.withLock { uses -> Duration? in
      if uses.count > Self.principals { uses = uses.filter { now - $0.value.since < Self.window } }
      var use = uses[principal] ?? Use(since: now)
      if now - use.since >= Self.window { use = Use(since: now) }
      use.entries += 1
      use.bytes += bytes
      guard use.entries <= Self.limit.entries, use.bytes <= Self.limit.bytes else {
        return Self.window - (now - use.since)
      }
      uses[principal] = use
      return nil
    }
    guard let wait else { return }
    throw .busy(
      "\(principal) may quarantine at most \(Self.limit.entries) events or \(Self.limit.bytes >> 20) MiB per minute; "
        + "try again later",
      retryAfterMs: Int(wait.components.seconds) * 1_000 + 1)
  }
}
