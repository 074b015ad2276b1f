import LaunchModel

extension AgendaView.GapPoint {
  /// How many searches without result are listed at most, and how often one must have been made.
  static let maximumSearches = 10
  static let minimumSearches = 2

  /// Articles of the launch with more votes down than up, and then the searches that most often found nothing.
  static func points(_ signals: CustomerSignals, articles: Set<String>, in window: AttemptWindow) -> [Self] {
    votedDown(signals.votes.filter { articles.contains($0.article) && window.contains($0.place.at) })
      + searches(signals.searches.filter { window.contains($0.at) })
  }

  private static func votedDown(_ votes: [ArticleVote]) -> [Self] {
    Dictionary(grouping: votes) { Subject(text: $0.article, locale: $0.locale) }.compactMap { subject, votes in
      let standing = standing(votes)
      let down = standing.count { !$0.isUp }
      guard down > standing.count - down else { return nil }
      return AgendaView.GapPoint(
        id: PointID.article(subject.text, subject.locale), kind: "article-voted-down", subject: subject.description,
        count: down)
    }.sorted(by: precedes)
  }

  /// A voter's latest vote; every vote where voters are not told apart.
  private static func standing(_ votes: [ArticleVote]) -> [ArticleVote] {
    let named = Dictionary(grouping: votes.filter { $0.voter != nil }, by: \.voter)
    return named.values.compactMap { $0.max { $0.place < $1.place } } + votes.filter { $0.voter == nil }
  }

  private static func searches(_ searches: [MissedSearch]) -> [Self] {
    let groups = Dictionary(grouping: searches) { Subject(text: words($0.query), locale: $0.locale) }
    let points = groups.filter { !$0.key.text.isEmpty && $0.value.count >= minimumSearches }.map { subject, searches in
      AgendaView.GapPoint(
        id: PointID.search(subject.text, subject.locale), kind: "search-without-result", subject: subject.description,
        count: searches.count)
    }
    return Array(points.sorted(by: precedes).prefix(maximumSearches))
  }

  /// A query's words in lower case, with one space between them: what makes two queries the same.
  private static func words(_ query: String) -> String {
    query.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
  }

  private static func precedes(_ left: Self, _ right: Self) -> Bool {
    left.count != right.count ? left.count > right.count : left.id < right.id
  }
}

/// What a gap is about: an article or a query, in a locale where that is known.
private struct Subject: Hashable, CustomStringConvertible {
  var text: String
  var locale: String?

  var description: String { locale.map { "\(text) (\($0))" } ?? text }
}
