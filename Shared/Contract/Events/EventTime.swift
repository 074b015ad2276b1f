public import LaunchModel

/// How far an event's time may be ahead of the bus's clock (product.md, section 4).
public enum EventTime {
  /// The tolerance in seconds.
  public static let tolerance: Int64 = 300

  /// Refuses a time that is later than the event's storage by more than the tolerance.
  ///
  /// - Throws: `EventError` with code `future-time`.
  public static func requirePast(_ time: Timestamp, storedAt: Timestamp) throws(EventError) {
    guard time <= storedAt.adding(seconds: tolerance) else {
      throw .futureTime(
        "time is \(time), more than \(tolerance / 60) minutes after the event was stored at \(storedAt); set the producer's clock"
      )
    }
  }
}
