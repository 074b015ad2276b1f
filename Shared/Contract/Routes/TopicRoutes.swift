public import LaunchModel

/// Parameters of the method that returns the topics of a launch's tickets.
public struct TopicsRequest: Codable, Sendable, Hashable {
  /// The launch whose tickets are meant, for example `smart-routing`.
  public var launch: LaunchID
  /// The attempt, as in `ReviewReference`.
  public var attempt: Int?
  /// Whether the answer lists the topic of each ticket; nil means yes. For many thousands of tickets, that list may
  /// exceed the size limit of an answer.
  public var assignments: Bool?

  public init(launch: LaunchID, attempt: Int? = nil, assignments: Bool? = nil) {
    self.launch = launch
    self.attempt = attempt
    self.assignments = assignments
  }
}

/// The topics of tickets, found from their texts.
public struct TopicsView: Codable, Sendable, Hashable {
  /// The launch that the tickets are about; nil for the texts of a file.
  public var launch: LaunchID?
  /// The attempt, starting at 1; nil for the texts of a file.
  public var attempt: Int?
  /// The number of tickets opened in the attempt's window of 30 × 24 h, or of texts in the file.
  public var count: Int
  /// The number of these in no topic, because no other ticket resembles them or they have no text.
  public var outside: Int
  /// The topics, largest first.
  public var topics: [TopicView]
  /// The keys of the tickets in the order of opening, for example `T-1042`; nil for the texts of a file, and if
  /// assignments were not requested.
  public var tickets: [String]?
  /// For each ticket, in the order of `tickets` or of the file: the id of its topic, for example `routing-rule`, or
  /// null if it has none; nil if not requested.
  public var assignments: [String?]?
  /// What limits the answer, for example `by the feature alone: metrics did not answer`; empty if nothing does.
  public var notes: [String]

  public init(
    launch: LaunchID? = nil, attempt: Int? = nil, count: Int, outside: Int, topics: [TopicView],
    tickets: [String]? = nil, assignments: [String?]? = nil, notes: [String] = []
  ) {
    self.launch = launch
    self.attempt = attempt
    self.count = count
    self.outside = outside
    self.topics = topics
    self.tickets = tickets
    self.assignments = assignments
    self.notes = notes
  }
}

/// A topic that several tickets are about.
public struct TopicView: Codable, Sendable, Hashable {
  /// The topic's id, for example `topic/turn-routing-off`; it stays the same once the review is open.
  public var id: String
  /// A phrase that its tickets use.
  public var label: String
  /// The language of its tickets, for example `en`; `und` if it is not known. No topic has tickets in several
  /// languages.
  public var language: String
  /// The number of its tickets.
  public var count: Int
  /// Its share of all tickets, from 0 to 1.
  public var share: Double
  /// The number of its tickets in each period of 24 h since exposure, up to now or the end of the window; nil for the
  /// texts of a file.
  public var byDay: [Int]?
  /// The number of customers who opened its tickets, where a merged account counts as the one it was merged into; nil
  /// for the texts of a file.
  public var accounts: Int?
  /// The texts of its most typical tickets, most typical first, without quoted mail, signatures and logs.
  public var examples: [String]
  /// The keys of these tickets in the same order, for example `T-1042`; for a file, their line numbers.
  public var exampleTickets: [String]
  /// The published article that answers it; nil if there is none, and for the texts of a file.
  public var articleMatch: ArticleMatch?

  public init(
    id: String, label: String, language: String, count: Int, share: Double, byDay: [Int]? = nil, accounts: Int? = nil,
    examples: [String] = [], exampleTickets: [String] = [], articleMatch: ArticleMatch? = nil
  ) {
    self.id = id
    self.label = label
    self.language = language
    self.count = count
    self.share = share
    self.byDay = byDay
    self.accounts = accounts
    self.examples = examples
    self.exampleTickets = exampleTickets
    self.articleMatch = articleMatch
  }
}

/// An article that answers a topic.
public struct ArticleMatch: Codable, Sendable, Hashable {
  /// The producer's key of the article, for example `routing-intro`.
  public var article: String
  /// The language it was published in, for example `en`.
  public var locale: String
  /// Its title, for example `Set up routing rules`; nil if its event did not give one.
  public var title: String?
  /// The similarity of its title and text to the topic; at most 1.
  public var similarity: Double

  public init(article: String, locale: String, title: String? = nil, similarity: Double) {
    self.article = article
    self.locale = locale
    self.title = title
    self.similarity = similarity
  }
}

extension AgendaView {
  /// A topic that tickets are about.
  public struct Topic: Codable, Sendable, Hashable {
    /// The topic's id, used with `review.note`, for example `topic/turn-routing-off`.
    public var id: String
    /// A phrase that its tickets use.
    public var label: String
    /// The number of tickets about it.
    public var count: Int
    /// Its share of all tickets considered, from 0 to 1.
    public var share: Double
    /// The texts of its most typical tickets, most typical first.
    public var examples: [String]
    /// The article that answers it; nil if there is none, which is a knowledge gap.
    public var articleMatch: String?
    /// The number of its tickets in each period of 24 h since exposure; nil for an agenda stored before agendas had
    /// topics.
    public var byDay: [Int]?
    /// The number of customers who opened its tickets; nil whenever `byDay` is.
    public var accounts: Int?
    /// The outcome, from `review.note`; nil while there is none.
    public var outcome: String?

    public init(
      id: String, label: String, count: Int, share: Double, examples: [String], articleMatch: String? = nil,
      byDay: [Int]? = nil, accounts: Int? = nil, outcome: String? = nil
    ) {
      self.id = id
      self.label = label
      self.count = count
      self.share = share
      self.examples = examples
      self.articleMatch = articleMatch
      self.byDay = byDay
      self.accounts = accounts
      self.outcome = outcome
    }
  }
}
