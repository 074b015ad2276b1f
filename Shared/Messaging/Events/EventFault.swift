/// A failure that an event itself causes: it would fail again however often it is tried, and so is quarantined.
///
/// A handler throws it for that, and anything else for failures of store, disk or network, which are retried for ever.
public struct EventFault: Error, Sendable, Hashable {
  /// A stable word, as `malformed-data`.
  public var code: String
  /// What is wrong with the event.
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }
}
