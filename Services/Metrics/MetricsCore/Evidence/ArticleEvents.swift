public import LaunchModel

/// One `article.published`.
public struct ArticlePublication: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// The language it was published in, as `de`.
  public var locale: String
  /// When it happened.
  public var at: Timestamp
  /// Its place in the log.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// The feature it is about; nil where the event names none.
  public var feature: String?
  /// The launch it was published for; nil where the event names none.
  public var launch: String?

  public init(
    article: String, locale: String, at: Timestamp, offset: Int64, storedAt: Timestamp, feature: String? = nil,
    launch: String? = nil
  ) {
    self.article = article
    self.locale = locale
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.feature = feature
    self.launch = launch
  }
}

/// One `article.rated`.
public struct ArticleVote: Sendable, Hashable {
  /// The producer's key of the article.
  public var article: String
  /// Empty where the event names none.
  public var locale: String
  /// Who voted; the event's own identity where it names nobody, so that every such vote counts.
  public var voter: String
  /// When it happened; of one voter's votes the latest counts.
  public var at: Timestamp
  /// Its place in the log, which settles the order of votes at the same moment.
  public var offset: Int64
  /// When the bus stored it, which questions as of a moment go by.
  public var storedAt: Timestamp
  /// Whether the vote was `up`.
  public var isHelpful: Bool

  public init(
    article: String, locale: String, voter: String, at: Timestamp, offset: Int64, storedAt: Timestamp, isHelpful: Bool
  ) {
    self.article = article
    self.locale = locale
    self.voter = voter
    self.at = at
    self.offset = offset
    self.storedAt = storedAt
    self.isHelpful = isHelpful
  }
}
