/// An article in the form in which it is compared with topics.
public struct TopicArticle: Sendable, Hashable {
  /// The article's key.
  public var key: String
  /// The language of the article.
  public var language: Language
  /// The vector of its title.
  public var title: TopicVector
  /// The vector of its title with the beginning of its body.
  public var opening: TopicVector

  private static let openingLimit = 300

  /// Detects the language of an article and encodes it.
  public init(key: String, title: String, body: String, locale: String? = nil) {
    let heading = TicketText.cleaned(subject: title, body: "")
    let text = String(TicketText.cleaned(subject: title, body: body).prefix(Self.openingLimit))
    let language = Language(of: text, locale: locale)
    self.init(
      key: key, language: language, title: TopicVector(of: heading, language: language),
      opening: TopicVector(of: text, language: language))
  }

  /// Creates an article from stored values.
  public init(key: String, language: Language, title: TopicVector, opening: TopicVector) {
    self.key = key
    self.language = language
    self.title = title
    self.opening = opening
  }
}

/// The similarity of articles and searches to topics, and to each other.
public enum TopicMatch {
  /// The minimum similarity for an article to answer a topic. See decision 57 for how often that is right.
  public static let articleLikeness: Float = 0.6
  /// The minimum mean similarity for searches to be one group. It is higher than for tickets, because searches are only
  /// a few words long.
  private static let searchLikeness: Float = 0.6

  /// Returns the article that answers a topic, and its similarity, from -1 to 1; nil if there is none.
  ///
  /// Only articles in the topic's language are compared, or in any that is encoded alike if either language is unknown.
  /// Of equally near ones the first by key is taken.
  public static func bestArticle(for topic: Topic, articles: [TopicArticle]) -> (key: String, similarity: Double)? {
    let near = articles.filter { isComparable($0.language, topic.language) }
      .map { (likeness: likeness(of: $0, to: topic), key: $0.key) }
      .min { ($1.likeness, $0.key) < ($0.likeness, $1.key) }
    guard let near, near.likeness >= articleLikeness else { return nil }
    return (near.key, Double(near.likeness))
  }

  private static func isComparable(_ left: Language, _ right: Language) -> Bool {
    left == right || left == .unknown || right == .unknown
  }

  /// Returns how near an article is to a topic: by its title or its opening, whichever is nearer.
  public static func likeness(of article: TopicArticle, to topic: Topic) -> Float {
    max(likeness(article.title, topic.centre), likeness(article.opening, topic.centre))
  }

  /// Groups searches for the same thing, even if their words or the order of their words differ.
  ///
  /// - Returns: The groups as ascending indices of the input, largest first; a search unlike all others is its own
  ///   group.
  public static func groups(ofSearches searches: [String]) -> [[Int]] {
    let tickets = searches.enumerated().map { TopicTicket(id: String($0.offset), subject: $0.element, body: "") }
    var groups: [[Int]] = []
    let distinct = DistinctTexts(of: tickets)
    for language in Set(tickets.map(\.language)).sorted() {
      let texts = distinct.representatives.indices.filter { tickets[distinct.representatives[$0]].language == language }
      guard let kind = texts.first.map({ tickets[distinct.representatives[$0]].vector.kind }) else { continue }
      let points = Points(texts.map { tickets[distinct.representatives[$0]].vector.unit })
        .centred(on: ReferenceMean.components(of: kind))
      let numbers = TopicFinder.clusters(
        of: points, groups: Exemplars.groups(of: points, limit: TopicFinder.exemplarLimit), likeness: searchLikeness)
      var found = [[Int]](repeating: [], count: (numbers.max() ?? -1) + 1)
      for (text, number) in zip(texts, numbers) { found[number] += distinct.members[text] }
      groups += found.map { $0.sorted() }
    }
    groups += tickets.indices.filter { tickets[$0].text.isEmpty }.map { [$0] }
    return groups.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
  }

  private static func likeness(_ left: TopicVector, _ right: TopicVector) -> Float {
    guard left.kind == right.kind else { return -1 }
    let pair = Points([left.unit, right.unit]).centred(on: ReferenceMean.components(of: left.kind))
    return pair.products(with: Array(pair[0]))[1]
  }
}
