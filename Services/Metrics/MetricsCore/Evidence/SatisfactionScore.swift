public import LaunchModel

/// One `csat.scored`.
public struct SatisfactionScore: Sendable, Hashable {
  public var ticket: String
  public var at: Timestamp
  public var offset: Int64
  public var storedAt: Timestamp
  public var isSatisfied: Bool
  public var account: String?
  public var feature: String?
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
