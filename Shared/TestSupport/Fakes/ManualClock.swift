public import LaunchModel
import Synchronization

/// A clock that stands until it is moved.
public final class ManualClock: ServiceClock {
  private let moment: Mutex<Timestamp>

  public init(_ start: Timestamp) { moment = Mutex(start) }

  public func now() -> Timestamp { moment.withLock { $0 } }

  /// None: in processes of their own there is a scaled clock instead.
  public var setting: String? { nil }

  /// Sets the clock, forwards or back.
  public func set(_ to: Timestamp) { moment.withLock { $0 = to } }

  /// Moves the clock forward.
  public func advance(days: Int = 0, seconds: Int64 = 0) {
    moment.withLock { $0 = $0.adding(days: days).adding(seconds: seconds) }
  }
}
