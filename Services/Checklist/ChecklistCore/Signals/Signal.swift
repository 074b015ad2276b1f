public import JSON
public import LaunchModel

/// An event as completion rules see it.
public struct Signal: Sendable, Hashable {
  /// The CloudEvents type, as `dev.gonogo.signal.article.published.v1`.
  public var type: String
  /// Its `source` and `id`, which is how it stands as evidence.
  public var reference: String
  /// When it happened.
  public var at: Timestamp
  /// The whole event, so that a rule's pointers reach `/data/locale` and `/subject` alike.
  public var event: JSONValue

  public init(type: String, reference: String, at: Timestamp, event: JSONValue) {
    self.type = type
    self.reference = reference
    self.at = at
    self.event = event
  }

  /// A text member of its data.
  public func text(_ key: String) -> String? { event["data"]?[key]?.stringValue }
}

/// What an event says of an item.
public enum SignalEffect: Sendable, Hashable {
  /// It is done.
  case completes
  /// It belongs to it and does not complete it.
  case supports
  /// What was done does not hold: another outcome of what completes it.
  case contradicts
}
