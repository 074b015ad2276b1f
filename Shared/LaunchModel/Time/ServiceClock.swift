/// Where a process takes the time from; nothing else asks the operating system.
///
/// Time-outs, back-off, leases and the age of idempotency keys use the wall clock, never this one.
public protocol ServiceClock: Sendable {
  /// The moment it is now.
  func now() -> Timestamp
  /// The value of `GONOGO_CLOCK` this clock stands for, or nil where it is the system's.
  var setting: String? { get }
}
