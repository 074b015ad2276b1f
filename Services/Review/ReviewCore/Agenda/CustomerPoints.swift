import LaunchModel

extension AgendaView.CustomerPoint {
  /// How many customers are listed at most, and from which score on.
  static let maximum = 10
  static let minimumScore = 2.0

  /// What each kind of bad experience weighs.
  private enum Weight {
    static let escalation = 3.0
    static let poorScore = 2.0
    /// Each ticket after the first.
    static let furtherTicket = 1.0
  }

  /// The customers who fared worst in the window, worst first: by escalated tickets, poor scores and repeated tickets.
  ///
  /// Internal, test and closed accounts are left out, and merged ones count as what they were merged into.
  static func points(
    _ signals: CustomerSignals, escalations: [AgendaView.EscalationPoint], tickets: AttributedTickets, feature: String,
    in window: AttemptWindow
  ) -> [Self] {
    var tally = Tally(accounts: AccountBook(signals.accounts))
    for point in escalations {
      tally.add(point.account, Weight.escalation, "ticket \(point.ticket) was escalated\(suffix(point))")
    }
    for score in poorScores(signals.scores, tickets: tickets, feature: feature, in: window) {
      tally.add(
        score.account ?? tickets.ticket(score.ticket)?.opening.account, Weight.poorScore,
        "rated ticket \(score.ticket) \(score.text)")
    }
    let opened = Dictionary(grouping: tickets.opened(in: window)) {
      $0.opening.account.flatMap(tally.accounts.customer)
    }
    for (account, tickets) in opened where tickets.count > 1 {
      tally.add(account, Weight.furtherTicket * Double(tickets.count - 1), "opened \(tickets.count) tickets")
    }
    return tally.ranked(from: minimumScore, atMost: maximum)
  }

  private static func suffix(_ point: AgendaView.EscalationPoint) -> String {
    (point.level.map { " to \($0)" } ?? "") + (point.reason.map { ": \($0)" } ?? "")
  }

  /// The poor ones among the latest score of each ticket that is about the feature.
  private static func poorScores(
    _ scores: [SatisfactionScore], tickets: AttributedTickets, feature: String, in window: AttemptWindow
  ) -> [SatisfactionScore] {
    let own = scores.filter { score in
      window.contains(score.place.at)
        && (score.feature.map { $0 == feature } ?? (tickets.ticket(score.ticket) != nil))
    }
    let latest = Dictionary(grouping: own, by: \.ticket).values.compactMap { $0.max { $0.place < $1.place } }
    return latest.filter(\.isPoor).sorted { $0.place < $1.place }
  }
}

/// Adds up each customer's bad experiences.
private struct Tally {
  let accounts: AccountBook
  private var scores: [String: Double] = [:]
  private var reasons: [String: [String]] = [:]

  init(accounts: AccountBook) { self.accounts = accounts }

  mutating func add(_ account: String?, _ weight: Double, _ reason: String) {
    guard let customer = account.flatMap(accounts.customer) else { return }
    scores[customer, default: 0] += weight
    reasons[customer, default: []].append(reason)
  }

  func ranked(from minimum: Double, atMost maximum: Int) -> [AgendaView.CustomerPoint] {
    let worst = scores.filter { $0.value >= minimum }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(maximum)
    return worst.map { account, score in
      AgendaView.CustomerPoint(
        id: PointID.customer(account), account: account, score: score, reasons: reasons[account] ?? [])
    }
  }
}
