/// What metrics read from one signal (contract.md, section 4).
public enum Signal: Sendable, Hashable {
  case featureUsed(feature: String, account: String)
  case accountActive(account: String)
  case accountChanged(account: String, state: AccountState, mergedInto: String?)
  case articlePublished(article: String, locale: String, feature: String?, launch: String?)
  case articleViewed(article: String, locale: String?, account: String?)
  case articleRated(article: String, locale: String?, voter: String?, isHelpful: Bool)
  case ticketOpened(ticket: String, account: String, about: TicketStatement)
  case ticketUpdated(ticket: String, about: TicketStatement, mergedInto: String?)
  case csatScored(ticket: String, isSatisfied: Bool, account: String?, feature: String?, channel: String?)

  /// What an event says a ticket is about.
  public struct TicketStatement: Sendable, Hashable {
    /// The feature's key; nil where the event names none.
    public var feature: String?
    /// The ticket's tags, which may be mapped to a feature; nil where the event does not say them.
    public var tags: [String]?
    /// As `chat`; nil where the event names none.
    public var channel: String?

    public init(feature: String? = nil, tags: [String]? = nil, channel: String? = nil) {
      self.feature = feature
      self.tags = tags
      self.channel = channel
    }
  }
}

/// Why a signal cannot be counted: its own fault, so that trying again would not help.
public struct SignalFault: Error, Sendable, Hashable {
  /// `malformed-data` or `future-time`.
  public var code: String
  /// What is wrong with which field, in a sentence for the producer.
  public var detail: String

  public init(code: String, detail: String) {
    self.code = code
    self.detail = detail
  }
}
