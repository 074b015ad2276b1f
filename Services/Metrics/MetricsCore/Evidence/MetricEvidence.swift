public import LaunchModel

/// Everything that is known of customers, as far as a launch's metrics ask for it.
public struct MetricEvidence: Sendable {
  /// Which accounts count, and which were merged into which.
  public var accounts: AccountDirectory
  /// The counts that are kept while events come in, by what they count.
  public var projections: [ProjectionSpec: Projection]
  /// What was said of tickets, opened and updated.
  public var tickets: [TicketEvent]
  /// Which tags tell which feature a ticket is about.
  public var attribution: TicketAttribution
  /// The `csat.scored` events; of one ticket the latest counts.
  public var scores: [SatisfactionScore]
  /// The `article.rated` events; of one voter the latest counts.
  public var votes: [ArticleVote]
  /// The `article.published` events, which tell a feature's articles.
  public var publications: [ArticlePublication]

  public init(
    accounts: AccountDirectory = AccountDirectory(), projections: [ProjectionSpec: Projection] = [:],
    tickets: [TicketEvent] = [], attribution: TicketAttribution, scores: [SatisfactionScore] = [],
    votes: [ArticleVote] = [], publications: [ArticlePublication] = []
  ) {
    self.accounts = accounts
    self.projections = projections
    self.tickets = tickets
    self.attribution = attribution
    self.scores = scores
    self.votes = votes
    self.publications = publications
  }

  /// The tickets, scores, votes and publications that had been stored before that moment.
  func stored(before moment: Timestamp) -> MetricEvidence {
    var evidence = self
    evidence.tickets.removeAll { $0.storedAt >= moment }
    evidence.scores.removeAll { $0.storedAt >= moment }
    evidence.votes.removeAll { $0.storedAt >= moment }
    evidence.publications.removeAll { $0.storedAt >= moment }
    return evidence
  }
}
