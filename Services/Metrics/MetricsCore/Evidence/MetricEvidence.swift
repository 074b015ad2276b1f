public import LaunchModel

/// Everything that is known of customers, as far as a launch's metrics ask for it.
public struct MetricEvidence: Sendable {
  public var accounts: AccountDirectory
  public var projections: [ProjectionSpec: Projection]
  public var tickets: [TicketEvent]
  /// Which tags tell which feature a ticket is about.
  public var attribution: TicketAttribution
  public var scores: [SatisfactionScore]
  public var votes: [ArticleVote]
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
