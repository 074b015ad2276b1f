import Contract
import LaunchModel

extension AgendaView.CustomerPoint {
  /// The maximum number of customers on the agenda.
  static let maximum = 10
  /// The minimum score at which a customer is on the agenda.
  static let minimumScore = 2.0

  /// The weight of each kind of bad experience.
  private enum Weight {
    static let escalation = 3.0
    static let poorScore = 2.0
    /// The weight of each ticket after the first.
    static let furtherTicket = 1.0
  }

  /// The customers with the worst experience in the window, worst first. The score counts escalated tickets, poor
  /// satisfaction scores and repeated tickets.
  ///
  /// Internal, test and closed accounts are excluded, and merged accounts count as the one they were merged into.
  static func points(
    _ signals: CustomerSignals, escalations: [AgendaView.EscalationPoint], tickets: AttributedTickets,
    in window: AttemptWindow
  ) -> [Self] {
    var tally = Tally(accounts: AccountIndex(signals.accounts))
    for point in escalations {
      tally.add(point.account, Weight.escalation, "ticket \(point.ticket) was escalated\(suffix(point))")
    }
    for score in poorScores(signals.scores, tickets: tickets, in: window) {
      tally.add(score.account, Weight.poorScore, "rated ticket \(score.ticket) \(score.text)")
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

  /// The latest score of each ticket about the feature, with its account, if that
  /// score is poor. Merged tickets count as one.
  private static func poorScores(
    _ scores: [SatisfactionScore], tickets: AttributedTickets, in window: AttemptWindow
  ) -> [SatisfactionScore] {
    let own = scores.filter { window.contains($0.place.at) }
    let byTicket = Dictionary(grouping: own) { tickets.survivor(of: $0.ticket) }
    let latest = byTicket.compactMap { id, scores -> SatisfactionScore? in
      let scores = scores.sorted { $0.place < $1.place }
      guard var score = scores.last, score.isPoor, tickets.includes(scores, of: id) else { return nil }
      score.ticket = id
      score.account = scores.last { $0.account != nil }?.account ?? tickets.account(of: id)
      return score
    }
    return latest.sorted { $0.place < $1.place }
  }
}

/// Adds up the weights and reasons of each customer's bad experiences.
private struct Tally {
  let accounts: AccountIndex
  private var scores: [String: Double] = [:]
  private var reasons: [String: [String]] = [:]

  init(accounts: AccountIndex) { self.accounts = accounts }

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

extension AgendaView.EscalationPoint {
  /// The launch's escalated tickets in the window: one point per ticket, for its latest escalation.
  static func points(_ escalations: [Escalation], of tickets: AttributedTickets, in window: AttemptWindow) -> [Self] {
    var latest: [String: Escalation] = [:]
    for escalation in escalations where window.contains(escalation.place.at) {
      guard let ticket = tickets.ticket(escalation.ticket) else { continue }
      if let known = latest[ticket.id], escalation.place < known.place { continue }
      latest[ticket.id] = escalation
    }
    return latest.sorted { ($0.value.place, $0.key) < ($1.value.place, $1.key) }.map { id, escalation in
      AgendaView.EscalationPoint(
        id: PointID.escalation(id), ticket: id, account: tickets.ticket(id)?.opening.account, level: escalation.level,
        reason: escalation.reason, at: escalation.place.at)
    }
  }
}

extension AgendaView.GapPoint {
  /// The launch's articles with more down-votes than up-votes in the window.
  static func votedDown(_ votes: [ArticleVote], articles: Set<String>, in window: AttemptWindow) -> [Self] {
    let own = votes.filter { articles.contains($0.article) && window.contains($0.place.at) }
    return Dictionary(grouping: own) { Subject(text: $0.article, locale: $0.locale) }.compactMap { subject, votes in
      let standing = standing(votes)
      let down = standing.count { !$0.isUp }
      guard down > standing.count - down else { return nil }
      return AgendaView.GapPoint(
        id: PointID.article(subject.text, subject.locale), kind: "article-voted-down", subject: subject.description,
        count: down)
    }.sorted(by: precedes)
  }

  /// The votes that count: the latest one of each voter, and every vote without a voter.
  private static func standing(_ votes: [ArticleVote]) -> [ArticleVote] {
    let named = Dictionary(grouping: votes.filter { $0.voter != nil }, by: \.voter)
    return named.values.compactMap { $0.max { $0.place < $1.place } } + votes.filter { $0.voter == nil }
  }

  /// The order of gaps of one kind: highest count first, then by id.
  static func precedes(_ left: Self, _ right: Self) -> Bool {
    left.count != right.count ? left.count > right.count : left.id < right.id
  }
}

/// The article that a gap is about, with its locale if known.
private struct Subject: Hashable, CustomStringConvertible {
  var text: String
  var locale: String?

  var description: String { locale.map { "\(text) (\($0))" } ?? text }
}

extension AgendaView.ReadinessPoint {
  /// The items that were waived, done late or are overdue, followed by overrides, stale decisions and violations.
  static func points(
    items: [ItemView], doneAt: [ItemReference: Timestamp], timeline: [TimelineEvent], zone: ZoneRules, today: LocalDate,
    in window: AttemptWindow
  ) -> [Self] {
    items.compactMap { point(of: $0, doneAt: doneAt, zone: zone, today: today) } + points(of: timeline, in: window)
  }

  private static func point(
    of item: ItemView, doneAt: [ItemReference: Timestamp], zone: ZoneRules, today: LocalDate
  ) -> Self? {
    switch item.state {
    case .voided, .notApplicable: return nil
    case .waived: return make("waived", item, "waived\(item.reason.map { ": \($0)" } ?? "")")
    case .done:
      let done =
        item.doneOn ?? doneAt[ItemReference(key: item.key, instance: item.instance)].map(zone.localDate)
      guard let done, done > item.due else { return nil }
      return make("late", item, "done on \(done), due on \(item.due)")
    case .open, .inProgress, .blocked, .inReview:
      guard item.due < today else { return nil }
      return make("not-done", item, "still \(item.state.rawValue), due on \(item.due)")
    }
  }

  private static func make(_ kind: String, _ item: ItemView, _ detail: String) -> Self {
    let instance = item.instance.map { " (\($0))" } ?? ""
    return AgendaView.ReadinessPoint(
      id: PointID.item(kind, item.key, item.instance), kind: kind, detail: "\(item.title)\(instance): \(detail)")
  }

  private static func points(of timeline: [TimelineEvent], in window: AttemptWindow) -> [Self] {
    TimelineEvent.Kind.allCases.flatMap { kind in
      var seen: Set<String> = []
      let own = timeline.filter { event in
        event.kind == kind && (event.attempt.map { $0 == window.attempt } ?? window.coversDecision(at: event.at))
      }
      // A violation is repeated by every later step of the same exposure; one is enough.
      let unique = own.filter { kind != .violation || seen.insert($0.detail).inserted }
      return unique.enumerated().map { index, event in
        AgendaView.ReadinessPoint(
          id: PointID.numbered(kind.rawValue, index + 1), kind: kind.rawValue, detail: event.detail)
      }
    }
  }
}
