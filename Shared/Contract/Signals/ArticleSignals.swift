/// The data of `article.published`: an article of the knowledge base is readable in a language.
public struct ArticlePublished: SignalPayload {
  public static let type = SignalType.articlePublished
  public static let summary = "An article of the knowledge base was published in a language."

  /// The article.
  public let article: String
  /// The language, such as `de`.
  public let locale: String
  /// Its title; nil if the event omits it.
  public let title: String?
  /// Its text; nil if the event omits it.
  public let body: String?
  /// Where to read it; nil if the event omits it.
  public let url: String?
  /// The feature it is about; nil if the event omits it.
  public let feature: String?
  /// The launch it was published for; nil if the event omits it.
  public let launch: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    article = try fields.key("article", "The article.", example: "routing-intro")
    locale = try fields.key("locale", "The language it is written in.", example: "de")
    title = try fields.optionalText("title", "Its title.", example: "Routing tickets")
    body = try fields.optionalText("body", "Its text.", example: "Smart routing sends each ticket to …")
    url = try fields.optionalText("url", "Where to read it.", example: "https://kb.example/routing-intro")
    feature = try fields.optionalKey("feature", "The feature it is about.", example: "smart-routing")
    launch = try fields.optionalKey("launch", "The launch it was published for.", example: "smart-routing")
  }
}

/// The data of `article.viewed`: a reader opened an article.
public struct ArticleViewed: SignalPayload {
  public static let type = SignalType.articleViewed
  public static let summary = "A reader opened an article."

  /// The article.
  public let article: String
  /// The language that was read; nil if the event omits it.
  public let locale: String?
  /// The account of the reader; nil if the event omits it.
  public let account: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    article = try fields.key("article", "The article.", example: "routing-intro")
    locale = try fields.optionalKey("locale", "The language that was read.", example: "de")
    account = try fields.optionalKey("account", "The account of the reader.", example: "acme")
  }
}

/// The data of `article.rated`: a reader voted on an article.
public struct ArticleRated: SignalPayload {
  public static let type = SignalType.articleRated
  public static let summary = "A reader voted on an article; a voter's latest vote counts."

  /// A vote.
  public enum Rating: String, Sendable, Hashable, CaseIterable {
    case up, down
  }

  /// The article.
  public let article: String
  /// The vote.
  public let rating: Rating
  /// Who voted; nil if the producer does not distinguish voters, so that every vote counts.
  public let voter: String?
  /// The language that was read; nil if the event omits it.
  public let locale: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    article = try fields.key("article", "The article.", example: "routing-intro")
    rating = try fields.choice("rating", "The vote.", example: Rating.up)
    voter = try fields.optionalKey("voter", "Who voted; without it each vote counts.", example: "u-17")
    locale = try fields.optionalKey("locale", "The language that was read.", example: "de")
  }
}

/// The data of `search.missed`: a search in the knowledge base found nothing.
public struct SearchMissed: SignalPayload {
  public static let type = SignalType.searchMissed
  public static let summary = "A search found nothing."

  /// The search text as typed.
  public let query: String
  /// The language that was searched; nil if the event omits it.
  public let locale: String?

  public init(_ fields: inout SignalReader) throws(EventError) {
    query = try fields.text("query", "The search, as it was typed.", example: "turn off routing")
    locale = try fields.optionalKey("locale", "The language that was searched.", example: "en")
  }
}
