/// Tickets that ask about the same thing.
public struct Topic: Sendable, Hashable {
  /// The id, unique within one analysis: the label in lower case with hyphens, such as `reset-password`.
  public var id: String
  /// A phrase from the tickets, such as "reset password".
  public var label: String
  /// The language of the tickets.
  public var language: Language
  /// The tickets, as ascending indices of the input.
  public var members: [Int]
  /// The number of tickets.
  public var count: Int { members.count }
  /// Its share of all tickets in the analysis, from 0 to 1.
  public var share: Double
  /// The number of accounts that asked; tickets without an account are not counted.
  public var accounts: Int
  /// The number of tickets by day; tickets without a day are not counted.
  public var byDay: [Int: Int]
  /// The most typical tickets, as indices of the input: at most 3, with different texts.
  public var examples: [Int]
  /// The mean of the tickets' vectors.
  public var centre: TopicVector
}

/// The topics that tickets are about.
///
/// The same tickets give the same topics on every machine and in any order; only among equals does the order depend on
/// that of the tickets.
public struct TopicAnalysis: Sendable {
  /// The options for finding topics.
  public struct Options: Sendable {
    /// The minimum number of tickets of a topic; nil means 2 if there are fewer than 20 tickets, and 3 otherwise.
    public var minimumCount: Int?

    /// Creates options; nil means the default.
    public init(minimumCount: Int? = nil) { self.minimumCount = minimumCount }
  }

  /// The topics, largest first.
  public let topics: [Topic]
  /// For each ticket the id of its topic; nil if it fits none, or says nothing: "ok", "thanks", emoji.
  public let assignments: [String?]

  /// Finds the topics of tickets. Takes at most a second for a thousand tickets, and some seconds for 20,000.
  public init(of tickets: [TopicTicket], options: Options = Options()) {
    let minimum = max(1, options.minimumCount ?? (tickets.count < 20 ? 2 : 3))
    let texts = DistinctTexts(of: tickets)
    // What says nothing is near to everything that says nothing, and no topic for that.
    let hasContent = texts.representatives.map { ContentWords.hasContent(tickets[$0].text) }
    var clusters: [[Int]] = []
    for language in Set(tickets.map(\.language)).sorted() {
      for kind in TopicVector.Kind.allCases {
        let distinct = texts.representatives.indices.filter {
          let ticket = tickets[texts.representatives[$0]]
          return ticket.language == language && ticket.vector.kind == kind
        }
        let points = Points(distinct.map { tickets[texts.representatives[$0]].vector.unit })
        let numbers = TopicFinder(kind: kind).clusters(of: points)
        var found = [[Int]](repeating: [], count: (numbers.max() ?? -1) + 1)
        for (text, number) in zip(distinct, numbers) where hasContent[text] { found[number].append(text) }
        clusters += found.filter { !$0.isEmpty }
      }
    }
    let counted = clusters.map { cluster in (cluster, cluster.reduce(0) { $0 + texts.members[$1].count }) }
    let large = counted.filter { $0.1 >= minimum }.sorted {
      // Of two topics of the same size, the one whose first text comes first.
      ($1.1, texts.keys[$0.0[0]]) < ($0.1, texts.keys[$1.0[0]])
    }
    var topics = large.map { Self.topic(of: $0.0, texts, tickets) }
    TopicLabel.name(&topics, texts: large.map(\.0), all: texts, tickets)
    var assignments = [String?](repeating: nil, count: tickets.count)
    for topic in topics {
      for member in topic.members { assignments[member] = topic.id }
    }
    self.topics = topics
    self.assignments = assignments
  }

  private static func topic(of cluster: [Int], _ texts: DistinctTexts, _ tickets: [TopicTicket]) -> Topic {
    let members = cluster.flatMap { texts.members[$0] }.sorted()
    let first = tickets[texts.representatives[cluster[0]]]
    let vectors = Points(cluster.map { tickets[texts.representatives[$0]].vector.unit })
    let weights = cluster.map { Float(texts.members[$0].count) }
    let centre = TopicVector.unit(vectors.weightedSum(weights))
    var byDay: [Int: Int] = [:]
    for case let day? in members.map({ tickets[$0].day }) { byDay[day, default: 0] += 1 }
    return Topic(
      id: "", label: "", language: first.language, members: members,
      share: Double(members.count) / Double(tickets.count),
      accounts: Set(members.compactMap { tickets[$0].account }).count,
      byDay: byDay, examples: examples(of: cluster, vectors, centre: centre, texts),
      centre: TopicVector(kind: first.vector.kind, direction: centre))
  }

  /// Returns the tickets nearest to the centre whose texts differ noticeably.
  private static func examples(
    of cluster: [Int], _ vectors: Points, centre: [Float], _ texts: DistinctTexts
  ) -> [Int] {
    let likenesses = vectors.products(with: centre)
    let order = cluster.indices.sorted { (likenesses[$1], $0) < (likenesses[$0], $1) }
    var examples: [Int] = []
    for candidate in order.prefix(200) where examples.count < 3 {
      let near = examples.contains { vectors.products(with: Array(vectors[$0]))[candidate] > 0.95 }
      if !near { examples.append(candidate) }
    }
    return examples.map { texts.representatives[cluster[$0]] }
  }
}

/// The distinct texts of tickets, in an order that does not depend on the order of the tickets.
struct DistinctTexts: Sendable {
  /// The normalised texts, ordered by their hashes: as good as shuffled, but always the same.
  private(set) var keys: [String] = []
  /// One ticket that represents each text.
  private(set) var representatives: [Int] = []
  /// The tickets with each text, ascending.
  private(set) var members: [[Int]] = []

  init(of tickets: [TopicTicket]) {
    var groups: [String: [Int]] = [:]
    // The topic of a ticket without text is unknown.
    for (index, ticket) in tickets.enumerated() where !ticket.text.isEmpty {
      groups["\(ticket.language.rawValue) \(ticket.vector.kind.rawValue) \(Self.normalised(ticket.text))", default: []]
        .append(index)
    }
    let ordered = groups.map { (StableHash.mixed(StableHash(of: $0.key).value), $0.key, $0.value) }
      .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
    for (_, key, indices) in ordered {
      let texts = indices.map { (tickets[$0].text, $0) }
      guard let representative = texts.min(by: { $0 < $1 })?.1 else { continue }
      keys.append(key)
      representatives.append(representative)
      members.append(indices)
    }
  }

  /// Returns the letters of a text in lower case with every number as 0, which makes texts from the same form equal.
  private static func normalised(_ text: String) -> String {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    guard !words.isEmpty else { return text }
    return words.map { $0.allSatisfy(\.isNumber) ? "0" : String($0) }.joined(separator: " ")
  }
}
