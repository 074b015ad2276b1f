/// The source of the current time in a process; nothing else asks the operating system.
///
/// Time-outs, back-off, leases and the age of idempotency keys use the wall clock instead.
public protocol ServiceClock: Sendable {
  /// The current time.
  func now() -> Timestamp
  /// The value of `GONOGO_CLOCK` that this clock implements; nil for the system clock.
  var setting: String? { get }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The operating system's clock.
public struct SystemClock: ServiceClock {
  public init() {}

  public func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Always nil.
  public var setting: String? { nil }
}

/// A simulated clock for trials, demos and tests, which starts at a given moment and runs at a given rate (contract.md,
/// section 7).
///
/// Every process with the same setting reads the same time.
public struct ScaledClock: ServiceClock {
  /// The clock's reading when the wall clock reads `anchor`.
  public let start: Timestamp
  /// The rate relative to the wall clock, for example 60; greater than 0.
  public let rate: Double
  /// The wall clock's reading at which this clock shows `start`.
  public let anchor: Timestamp
  private let wall: any ServiceClock

  public init(start: Timestamp, rate: Double, anchor: Timestamp, wall: any ServiceClock = SystemClock()) {
    self.start = start
    self.rate = rate
    self.anchor = anchor
    self.wall = wall
  }

  /// Parses a value of `GONOGO_CLOCK`: `START@RATE#ANCHOR`.
  public init(setting: String, wall: any ServiceClock = SystemClock()) throws(Problem) {
    let parts = setting.split(separator: "#", omittingEmptySubsequences: false)
    guard parts.count == 2, let anchor = Timestamp(String(parts[1])) else { throw Self.fault(setting) }
    let (start, rate) = try Self.read(String(parts[0]))
    self.init(start: start, rate: rate, anchor: anchor, wall: wall)
  }

  public func now() -> Timestamp {
    let elapsed = Double(wall.now().microseconds - anchor.microseconds) * rate
    let reading = min(max(Double(start.microseconds) + elapsed, Self.earliest), Self.latest)
    guard elapsed.magnitude < 1e15, reading > Self.earliest, reading < Self.latest else {
      return Timestamp(microseconds: Int64(reading))
    }
    return Timestamp(microseconds: start.microseconds + Int64(elapsed))
  }

  /// The clock as `START@RATE#ANCHOR`, for passing to another process; never nil.
  public var setting: String? { Self.setting(start: start, rate: rate, anchor: anchor) }

  /// Returns the value of `GONOGO_CLOCK` for the given parameters.
  public static func setting(start: Timestamp, rate: Double, anchor: Timestamp) -> String {
    let isWhole = rate == rate.rounded() && rate < 1e15
    return "\(start)@\(isWhole ? String(Int64(rate)) : String(rate))#\(anchor)"
  }

  /// Returns the value of `GONOGO_CLOCK` for `START@RATE`, the argument of `gonogo up --clock`.
  public static func setting(_ text: String, anchoredAt anchor: Timestamp) throws(Problem) -> String {
    let (start, rate) = try read(text)
    return setting(start: start, rate: rate, anchor: anchor)
  }

  private static func read(_ text: String) throws(Problem) -> (start: Timestamp, rate: Double) {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Timestamp(String(parts[0])), let rate = Double(parts[1]), rate > 0,
      rate <= 1e9
    else { throw fault(text) }
    return (start, rate)
  }

  private static func fault(_ text: String) -> Problem {
    .invalid(
      "invalid-clock", title: "invalid clock setting", pointer: "",
      "\"\(text)\" is not a clock; write START@RATE, e.g. 2027-03-02T08:00:00Z@60 (in GONOGO_CLOCK, append #ANCHOR, "
        + "the wall-clock time at which it shows START)")
  }

  /// The first and the last second that a timestamp can represent, in years 0000 and 9999, in microseconds.
  private static let earliest = -62_167_219_200e6
  private static let latest = 253_402_300_799e6
}
