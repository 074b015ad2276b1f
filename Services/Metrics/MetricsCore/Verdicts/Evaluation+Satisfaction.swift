import Contract
import LaunchModel

extension Evaluation {
  /// A scored interaction, with its latest score in the window.
  struct Interaction {
    var at: Timestamp
    var account: String?
    var channel: String
    var isSatisfied: Bool
    var subject: Subject

    /// What an interaction is about.
    enum Subject {
      case feature, others
      /// The scores name no feature, and the ticket is unknown. The interaction
      /// counts neither for the feature nor for others.
      case unknown
    }
  }

  /// The satisfaction with interactions about the feature, compared with all others in the same window and channel.
  ///
  /// With several channels, the others' share is weighted by the number of the feature's interactions in each channel.
  /// Interactions in a channel without others, and those with an unknown subject, are left out.
  func satisfaction(_ margin: SatisfactionMargin, in window: MeasurementWindow) -> Figure {
    let interactions = interactions(in: window)
    let own = interactions.filter { $0.subject == .feature }
    let channels = Dictionary(grouping: interactions, by: \.channel).sorted { $0.key < $1.key }.map { _, all in
      SatisfactionComparison.Channel(
        own: Self.answers(all.filter { $0.subject == .feature }),
        others: Self.answers(all.filter { $0.subject == .others }))
    }
    let comparison = SatisfactionComparison(channels, margin: margin.share)
    let compared = comparison?.own ?? SatisfactionComparison.Answers(satisfied: 0, count: 0)
    var figure = Figure(
      numerator: compared.satisfied, denominator: compared.count, n: compared.count, watermark: own.map(\.at).max(),
      judgement: .unknown)
    if compared.count < own.count {
      let count = own.count - compared.count
      figure.notes.append(
        "\(count) \(count == 1 ? "score" : "scores") left out: no other feature was scored in that channel")
    }
    let unknown = interactions.count(where: { $0.subject == .unknown })
    if unknown > 0 {
      let names = unknown == 1 ? "1 score names" : "\(unknown) scores name"
      figure.notes.append("\(names) no feature and no known ticket, and \(unknown == 1 ? "is" : "are") left out")
    }
    if own.isEmpty, !interactions.isEmpty {
      figure.notes.append(
        "scores are delivered, but none is about \(plan.feature): do they use another key or tag?")
    }
    guard let comparison else {
      figure.notes.append("no score of this feature can be compared with others")
      return figure
    }
    figure.value = Double(compared.satisfied) / Double(compared.count)
    figure.interval = comparison.interval
    figure.judgement = comparison.verdict
    figure.satisfaction = SatisfactionView(
      probabilityWorse: comparison.probabilityWorse, othersShare: comparison.othersShare,
      others: comparison.others.count)
    figure.notes += comparison.notes
    return figure
  }

  /// The interactions whose latest score until the window's end is in the window, sorted by time
  /// and ticket. Merged tickets count as one.
  ///
  /// An interaction's account, channel and subject remain as last stated, even if that was before the window.
  func interactions(in window: MeasurementWindow) -> [Interaction] {
    let index = evidence.tickets
    let scores = evidence.scores.filter { $0.at < window.effectiveEnd }
    let interactions: [(id: String, Interaction)] = Dictionary(grouping: scores) { index.survivor(of: $0.ticket) }
      .compactMap { id, scores in
        let scores = scores.count == 1 ? scores : scores.sorted { ($0.at, $0.offset) < ($1.at, $1.offset) }
        guard let score = scores.last, score.at >= window.start else { return nil }
        let ticket = index[id]
        let account = scores.last { $0.account != nil }?.account ?? ticket?.opening.account
        guard counts(account, in: window) else { return nil }
        let channel = scores.last { $0.channel != nil }?.channel ?? ticket?.opening.channel
        return (
          id,
          Interaction(
            at: score.at, account: account, channel: channel ?? "", isSatisfied: score.isSatisfied,
            subject: subject(of: scores, of: id, ticket))
        )
      }
    return interactions.sorted { ($0.1.at, $0.id) < ($1.1.at, $1.id) }.map(\.1)
  }

  /// The subject of an interaction. The feature in the remaining ticket's own scores decides first, then that ticket's
  /// own events; if neither names one, the scores and events of tickets merged into it.
  private func subject(
    of scores: [SatisfactionScore], of id: String, _ ticket: TicketIndex.Ticket?
  ) -> Interaction.Subject {
    let own = scores.last { $0.ticket == id && $0.feature != nil }?.feature
    let latest = scores.last { $0.feature != nil }?.feature
    let isAbout: Bool? =
      own.map { $0 == plan.feature } ?? ticket.flatMap(attribution.includesByItself)
      ?? latest.map { $0 == plan.feature } ?? ticket.map(isAboutFeature)
    guard let isAbout else { return .unknown }
    return isAbout ? .feature : .others
  }

  private static func answers(_ interactions: [Interaction]) -> SatisfactionComparison.Answers {
    SatisfactionComparison.Answers(
      satisfied: interactions.count(where: \.isSatisfied), count: interactions.count)
  }
}

extension SatisfactionComparison {
  /// The verdict on the metric.
  fileprivate var verdict: Verdict {
    switch conclusion {
    case .worse: .missed
    case .ok: .met
    case .undecided, .tooFewOthers: .inconclusive
    }
  }

  fileprivate var notes: [String] {
    let percent = (othersShare * 1000).rounded() / 10
    let probability = (probabilityWorse * 1000).rounded() / 1000
    let shown = "baseline (other features) \(percent)%, n=\(others.count); P(worse) = \(probability)"
    guard conclusion == .tooFewOthers else { return [shown] }
    return [shown, "too few others: \(others.count) of the \(Self.minimumOthers) needed"]
  }
}
