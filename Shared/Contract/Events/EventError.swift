/// Why an event cannot take effect: a fault of its own, which would repeat however often it was tried.
///
/// A consumer quarantines the event at once. Failures of a store, a disk or the network are other errors; those are retried.
public struct EventError: Error, Sendable, Hashable {
  /// A stable word, such as `malformed-data`.
  public var code: String
  /// What is wrong, where, and what was expected.
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }

  /// The bytes are not a CloudEvents 1.0 event in structured JSON.
  public static func malformedEvent(_ detail: String) -> EventError {
    EventError(code: "malformed-event", detail: detail)
  }

  /// The data do not fit the event's type.
  public static func malformedData(_ detail: String) -> EventError {
    EventError(code: "malformed-data", detail: detail)
  }

  /// The event says it happened later than it can have.
  public static func futureTime(_ detail: String) -> EventError { EventError(code: "future-time", detail: detail) }
}
