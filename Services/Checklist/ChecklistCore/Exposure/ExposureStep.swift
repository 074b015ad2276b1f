public import LaunchModel

/// One recorded step of exposure: from then on, that share of customers had the feature.
public struct ExposureStep: Sendable, Hashable, Codable {
  /// In the order of recording, from 1.
  public var sequence: Int
  /// When it happened.
  public var at: Timestamp
  /// From 0, a rollback, to 100.
  public var percentage: Double
  /// When it became known.
  public var recordedAt: Timestamp
  /// Who recorded it, as history writes it; the event's source and id where one told it.
  public var by: String
  /// Why, as it was given; nil for none, and where an event told it.
  public var reason: String?
  /// The `source id` of the event it was read from; nil where a person recorded it.
  public var event: String?

  public init(
    sequence: Int, at: Timestamp, percentage: Double, recordedAt: Timestamp, by: String, reason: String? = nil,
    event: String? = nil
  ) {
    self.sequence = sequence
    self.at = at
    self.percentage = percentage
    self.recordedAt = recordedAt
    self.by = by
    self.reason = reason
    self.event = event
  }
}
