public import Contract
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
  /// The event's type, such as `dev.gonogo.signal.feature.used.v1`.
  public var type: String
  /// Its `source` and `id`, which no other event has.
  public var reference: String
  /// The signal; nil if the event is not one.
  public var signal: Signal?
  /// The whole event, as its producer wrote it; nil if no metric asks for more than the signal.
  public var document: JSONValue?

  public init(
    offset: Int64, storedAt: Timestamp, at: Timestamp, type: String, reference: String, signal: Signal?,
    document: JSONValue? = nil
  ) {
    self.offset = offset
    self.storedAt = storedAt
    self.at = at
    self.type = type
    self.reference = reference
    self.signal = signal
    self.document = document
  }
}
