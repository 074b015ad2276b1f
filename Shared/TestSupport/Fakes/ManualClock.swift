public import LaunchModel
import Synchronization

/// A clock that changes only when it is set or advanced.
public final class ManualClock: ServiceClock {
  private let moment: Mutex<Timestamp>

  public init(_ start: Timestamp) { moment = Mutex(start) }

  public func now() -> Timestamp { moment.withLock { $0 } }

  /// Always nil: a manual clock cannot be passed to other processes, which use a scaled clock instead.
  public var setting: String? { nil }

  /// Sets the clock, forwards or backwards.
  public func set(_ to: Timestamp) { moment.withLock { $0 = to } }

  /// Moves the clock forward.
  public func advance(days: Int = 0, seconds: Int64 = 0) {
    moment.withLock { $0 = $0.adding(days: days).adding(seconds: seconds) }
  }
}
