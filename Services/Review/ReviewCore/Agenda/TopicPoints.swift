import Contract
import LaunchModel

extension AgendaView.Topic {
  /// The minimum number of tickets for a topic to be on the agenda.
  static let minimumTickets = 3
  /// The maximum number of topics on the agenda.
  static let maximum = 15

  /// The topics that need an outcome, largest first.
  static func points(_ topics: AttemptTopics, in window: AttemptWindow, at now: Timestamp) -> [Self] {
    topics.topics.filter { $0.members.count >= minimumTickets }.prefix(maximum).map { topic in
      AgendaView.Topic(
        id: topic.id, label: topic.label, count: topic.members.count, share: topics.share(of: topic),
        examples: topic.examples, articleMatch: topic.article?.article,
        byDay: topics.byDay(of: topic, in: window, at: now), accounts: topic.accounts)
    }
  }
}

extension AgendaView.GapPoint {
  /// The maximum number of unsuccessful searches on the agenda.
  static let maximumSearches = 10
  /// The minimum number of times that a search must have been made to be on the agenda.
  static let minimumSearches = 2

  /// The topics that no article answers, whose outcomes are those of the topics.
  static func points(withoutArticle topics: [AgendaView.Topic]) -> [Self] {
    topics.filter { $0.articleMatch == nil }.map { topic in
      AgendaView.GapPoint(
        id: PointID.gap(ofTopic: topic.id), kind: "topic-without-article", subject: topic.label, count: topic.count,
        topic: topic.id)
    }
  }

  /// The most frequent searches without results. Similar searches count as one, whose id is that of the most frequent
  /// form. `otherIDs` lists the ids of its other forms, because an outcome may be recorded under one of them.
  ///
  /// - Parameter groups: groups of similar searches, in normalized form.
  static func searches(
    _ searches: [MissedSearch], groups: [[String]]
  ) -> (points: [Self], otherIDs: [String: [String]]) {
    var groupOf: [String: Int] = [:]
    for (number, group) in groups.enumerated() {
      for words in group { groupOf[words] = number }
    }
    let forms = Dictionary(grouping: searches) {
      SearchForm(words: SearchWords.normalized($0.query), locale: $0.locale)
    }
    .filter { !$0.key.words.isEmpty }.mapValues(\.count)
    let alike = Dictionary(grouping: forms) { form in
      let number = groupOf[form.key.words]
      return SearchGroup(number: number, words: number == nil ? form.key.words : nil, locale: form.key.locale)
    }
    var otherIDs: [String: [String]] = [:]
    let points = alike.values.compactMap { forms -> Self? in
      let ordered = forms.sorted { ($1.value, $0.key.words) < ($0.value, $1.key.words) }
      let count = ordered.reduce(0) { $0 + $1.value }
      guard let first = ordered.first?.key, count >= minimumSearches else { return nil }
      let point = AgendaView.GapPoint(
        id: first.id, kind: "search-without-result", subject: first.subject, count: count)
      otherIDs[point.id] = ordered.dropFirst().map(\.key.id)
      return point
    }
    return (Array(points.sorted(by: precedes).prefix(maximumSearches)), otherIDs)
  }
}

/// A search in its normalized form.
private struct SearchForm: Hashable {
  var words: String
  var locale: String?

  var id: String { PointID.search(words, locale) }
  var subject: String { locale.map { "\(words) (\($0))" } ?? words }
}

/// Similar searches of one language: a group of them, or a single form that is in no group.
private struct SearchGroup: Hashable {
  var number: Int?
  var words: String?
  var locale: String?
}
