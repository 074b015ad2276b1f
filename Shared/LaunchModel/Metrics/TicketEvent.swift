/// What one event said of a ticket: that it was opened, or how it changed.
public struct TicketEvent: Sendable, Hashable, Codable {
  /// The ticket's key in the helpdesk, as `T-1042`.
  public var ticket: String
  /// When it happened.
  public var at: Timestamp
  /// Where it stands in the log: of two at the same moment the later in the log is the later.
  public var offset: Int64
  /// When the bus stored it.
  public var storedAt: Timestamp
  /// Whether it was `ticket.opened`.
  public var opens: Bool
  /// The customer whose ticket it is; nil where the event does not say.
  public var account: String?
  /// The feature it is said to be about.
  public var feature: String?
  /// The ticket's tags as they then were; nil where the event says nothing of them.
  public var tags: [String]?
  /// The way it came in, as `email`; nil where the event does not say.
  public var channel: String?
  /// The ticket it was merged into.
  public var mergedInto: String?

  public init(
    ticket: String, at: Timestamp, offset: Int64, storedAt: Timestamp, opens: Bool, account: String? = nil,
    feature: String? = nil, tags: [String]? = nil, channel: String? = nil, mergedInto: String? = nil
  ) {
    self.ticket = ticket
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.opens = opens
    self.account = account
    self.feature = feature
    self.tags = tags
    self.channel = channel
    self.mergedInto = mergedInto
  }

  /// Earlier happened first; of the same moment, was stored first.
  func precedes(_ other: TicketEvent) -> Bool { (at, offset) < (other.at, other.offset) }
}
