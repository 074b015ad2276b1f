public import LaunchModel

/// One `article.published`.
public struct ArticlePublication: Sendable, Hashable {
  public var article: String
  public var locale: String
  public var at: Timestamp
  public var offset: Int64
  public var storedAt: Timestamp
  public var feature: String?
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
  public var article: String
  /// Empty where the event names none.
  public var locale: String
  /// Who voted; the event's own identity where it names nobody, so that every such vote counts.
  public var voter: String
  public var at: Timestamp
  public var offset: Int64
  public var storedAt: Timestamp
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
