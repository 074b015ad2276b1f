public import JSON
public import LaunchModel

/// One event of the log as metrics see it.
public struct MetricEvent: Sendable, Hashable {
  /// Its place in the log.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// When it happened.
  public var at: Timestamp
  /// The event's type, as `dev.gonogo.signal.feature.used.v1`.
  public var type: String
  /// The event's source, as its producer wrote it.
  public var source: String
  /// The event's id, unique within its source.
  public var id: String
  /// Nil where the type is no signal that metrics know.
  public var signal: Signal?
  /// The whole event; nil where no metric asks for more than the signal.
  public var document: JSONValue?

  /// Reads an event.
  ///
  /// - Parameter time: when it happened; nil stands for when it was stored.
  /// - Throws: `SignalFault` where the time is more than 5 minutes after it was stored, or the data of a signal is
  /// malformed.
  public init(
    offset: Int64, storedAt: Timestamp, time: Timestamp?, type: String, source: String, id: String, data: JSONValue?,
    document: JSONValue? = nil
  ) throws(SignalFault) {
    self.offset = offset
    self.storedAt = storedAt
    at = time ?? storedAt
    self.type = type
    self.source = source
    self.id = id
    self.document = document
    guard at <= storedAt.adding(seconds: Self.tolerance) else {
      throw SignalFault(
        code: "future-time",
        detail: "time \(at) is more than 5 minutes after the event was stored at \(storedAt); set the producer's clock")
    }
    signal = try Signal(type: type, data: data)
  }

  /// Its `source` and `id`, which no other event has.
  public var identity: String { "\(source) \(id)" }

  /// By how many seconds a time may be ahead of the bus's clock (product.md, section 4).
  public static let tolerance: Int64 = 300
}
