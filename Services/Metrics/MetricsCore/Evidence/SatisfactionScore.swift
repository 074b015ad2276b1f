public import LaunchModel

/// One `csat.scored`.
public struct SatisfactionScore: Sendable, Hashable {
  /// The producer's key of the ticket.
  public var ticket: String
  /// When it was scored; of one ticket's scores the latest counts.
  public var at: Timestamp
  /// Its place in the log, which settles the order of scores at the same moment.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// Whether the score lies in the satisfied part of its scale.
  public var isSatisfied: Bool
  /// Who scored; nil where the event names nobody.
  public var account: String?
  /// The feature it is about; nil where the event names none.
  public var feature: String?
  /// As `chat`, within which scores are compared; nil where the event names none.
  public var channel: String?

  public init(
    ticket: String, at: Timestamp, offset: Int64, storedAt: Timestamp, isSatisfied: Bool, account: String? = nil,
    feature: String? = nil, channel: String? = nil
  ) {
    self.ticket = ticket
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.isSatisfied = isSatisfied
    self.account = account
    self.feature = feature
    self.channel = channel
  }
}
