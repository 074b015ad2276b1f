public import Contract
public import LaunchModel
import Topics

/// The topics of the tickets in an attempt's window, in their stored form.
public struct AttemptTopics: Codable, Sendable, Hashable {
  /// The tickets of the window, in the order in which they were opened.
  public var tickets: [Ticket]
  /// The topics, largest first.
  public var topics: [Topic]
  /// Groups of similar searches in normalized form; a search without a similar one is in no group.
  public var searches: [[String]]
  /// The ids of earlier topics that no longer exist because they were merged or dissolved
  /// during an open review. They are not reused.
  public var retired: [String]

  /// A ticket of the window.
  public struct Ticket: Codable, Sendable, Hashable {
    /// The ticket's key in the helpdesk.
    public var key: String
    /// When it was opened.
    public var at: Timestamp

    public init(key: String, at: Timestamp) {
      self.key = key
      self.at = at
    }
  }

  /// A topic shared by several of the tickets.
  public struct Topic: Codable, Sendable, Hashable {
    /// The id under which its outcome is recorded.
    public var id: String
    /// A phrase that its tickets use.
    public var label: String
    /// The language of its tickets.
    public var language: String
    /// The indices of its tickets in `tickets`, ascending.
    public var members: [Int]
    /// The number of customers who opened them.
    public var accounts: Int
    /// The keys of its most typical tickets, most typical first.
    public var exampleTickets: [String]
    /// The texts of those tickets, shortened.
    public var examples: [String]
    /// The article that answers it; nil if there is none.
    public var article: ArticleMatch?

    public init(
      id: String, label: String, language: String, members: [Int], accounts: Int = 0, exampleTickets: [String] = [],
      examples: [String] = [], article: ArticleMatch? = nil
    ) {
      self.id = id
      self.label = label
      self.language = language
      self.members = members
      self.accounts = accounts
      self.exampleTickets = exampleTickets
      self.examples = examples
      self.article = article
    }
  }

  public init(
    tickets: [Ticket] = [], topics: [Topic] = [], searches: [[String]] = [], retired: [String] = []
  ) {
    self.tickets = tickets
    self.topics = topics
    self.searches = searches
    self.retired = retired
  }
}

extension AttemptTopics {
  /// Finds the topics. Takes about a second for 1,000 tickets.
  ///
  /// - Parameter earlier: the topics to which people may already refer; their ids and labels
  ///   are kept. Nil before the review opens.
  public init(of sources: TopicSources, keeping earlier: AttemptTopics? = nil) {
    tickets = sources.tickets.map { Ticket(key: $0.id, at: $0.opening.at) }
    let read = sources.tickets.enumerated().compactMap { index, ticket in
      sources.compared(ticket).map { (index: index, ticket: $0) }
    }
    let analysis = TopicAnalysis(of: read.map(\.ticket))
    let articles = sources.articles.compactMap(\.compared)
    let articleOf = Dictionary(sources.articles.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    topics = analysis.topics.map { found in
      let examples = found.examples.map { read[$0] }
      let match = TopicMatch.bestArticle(for: found, articles: articles)
      return Topic(
        id: "", label: found.label, language: found.language.rawValue, members: found.members.map { read[$0].index },
        accounts: found.accounts, exampleTickets: examples.map { sources.tickets[$0.index].id },
        examples: examples.map { TextLimit.summary.cutting($0.ticket.text) },
        article: match.flatMap { articleOf[$0.key]?.match(similarity: $0.similarity) })
    }
    searches = TopicMatch.groups(ofSearches: sources.searches).filter { $0.count > 1 }.map { group in
      group.map { sources.searches[$0] }
    }
    retired = []
    setNames(keeping: earlier)
  }

  /// The number of a topic's tickets on each day (24 hours) since the window's start, up to `now` or the window's end.
  public func byDay(of topic: Topic, in window: AttemptWindow, at now: Timestamp) -> [Int] {
    let day: Int64 = 86_400_000_000
    let last = min(now, Timestamp(microseconds: window.end.microseconds - 1))
    guard last >= window.start else { return [] }
    var counts = [Int](repeating: 0, count: Int((last.microseconds - window.start.microseconds) / day) + 1)
    for member in topic.members {
      let index = Int((tickets[member].at.microseconds - window.start.microseconds) / day)
      if counts.indices.contains(index) { counts[index] += 1 }
    }
    return counts
  }

  /// The share of all tickets that belong to a topic.
  public func share(of topic: Topic) -> Double { Double(topic.members.count) / Double(max(1, tickets.count)) }
}

extension AttemptTopics {
  /// The topics as shown to callers.
  ///
  /// - Parameter notes: the limits of the analysis, such as texts that have not been read.
  public func view(of launch: LaunchID, in window: AttemptWindow, at now: Timestamp, notes: [String]) -> TopicsView {
    var assignments = [String?](repeating: nil, count: tickets.count)
    for topic in topics {
      for member in topic.members { assignments[member] = topic.id }
    }
    return TopicsView(
      launch: launch, attempt: window.attempt, count: tickets.count, outside: assignments.count { $0 == nil },
      topics: topics.map { topic in
        TopicView(
          id: topic.id, label: topic.label, language: topic.language, count: topic.members.count,
          share: share(of: topic), byDay: byDay(of: topic, in: window, at: now), accounts: topic.accounts,
          examples: topic.examples, exampleTickets: topic.exampleTickets, articleMatch: topic.article)
      }, tickets: tickets.map(\.key), assignments: assignments, notes: notes)
  }
}

// MARK: - Names

extension AttemptTopics {
  /// Gives each topic an id and a label. A topic that continues an earlier one keeps the earlier id and label; any
  /// other topic gets an id made from its own label.
  ///
  /// A topic continues an earlier one if it contains more than half of the earlier topic's tickets; if this is
  /// true of several, it continues the one with which it shares the most tickets. So a recorded outcome stays
  /// with its topic while late tickets arrive.
  mutating func setNames(keeping earlier: AttemptTopics?) {
    retired = earlier?.retired ?? []
    let continued = earlier.map { continuations(of: $0) } ?? [:]
    var used = Set(earlier?.topics.map(\.id) ?? []).union(retired)
    for index in topics.indices {
      if let name = continued[index] {
        topics[index].id = name.id
        topics[index].label = name.label
      } else {
        topics[index].id = PointID.unused(PointID.topic(topics[index].label), in: used)
        used.insert(topics[index].id)
      }
    }
    let current = Set(topics.map(\.id))
    retired += earlier?.topics.map(\.id).filter { !current.contains($0) } ?? []
  }

  /// The earlier topic that each topic continues, keyed by the index of the current topic.
  private func continuations(of earlier: AttemptTopics) -> [Int: Topic] {
    var topicOf: [String: Int] = [:]
    for (index, topic) in topics.enumerated() {
      for member in topic.members { topicOf[tickets[member].key] = index }
    }
    let present = Set(tickets.map(\.key))
    var continued: [Int: (topic: Topic, shared: Int)] = [:]
    for topic in earlier.topics {
      let members = topic.members.map { earlier.tickets[$0].key }.filter(present.contains)
      let shared = Dictionary(grouping: members.compactMap { topicOf[$0] }, by: \.self).mapValues(\.count)
      guard let (index, count) = shared.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
        2 * count > members.count, count > continued[index]?.shared ?? 0
      else { continue }
      continued[index] = (topic, count)
    }
    return continued.mapValues(\.topic)
  }
}

extension TopicSources {
  /// The ticket as input for the analysis; nil if it has no text.
  fileprivate func compared(_ ticket: TicketIndex.Ticket) -> TopicTicket? {
    guard let text = text(of: ticket), let vector = TopicVector(bytes: text.vector) else { return nil }
    return TopicTicket(
      id: ticket.id, text: text.text, language: Language(rawValue: text.language), vector: vector,
      account: customer(of: ticket))
  }
}

extension ArticleText {
  fileprivate var key: String { "\(article)/\(locale)" }

  /// The article as input for the comparison with topics; nil if the stored bytes are not two vectors.
  fileprivate var compared: TopicArticle? {
    let half = text.vector.count / 2
    guard let title = TopicVector(bytes: Array(text.vector[..<half])),
      let opening = TopicVector(bytes: Array(text.vector[half...]))
    else { return nil }
    return TopicArticle(key: key, language: Language(rawValue: text.language), title: title, opening: opening)
  }

  fileprivate func match(similarity: Double) -> ArticleMatch {
    ArticleMatch(article: article, locale: locale, title: title, similarity: similarity)
  }
}
