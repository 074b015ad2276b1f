import LaunchModel

extension Evaluation {
  /// How often the articles were viewed.
  func views(_ metric: Metric, _ measure: ArticleMeasure, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let articles = articles(of: measure)
    let rows = projection.tallies.filter { articles.contains($0.key.subject) && counts($0.key.account, in: window) }
    let views = rows.values.reduce(0) { $0 + $1.hits }
    var figure = Figure(
      value: Double(views), numerator: views, n: views, watermark: projection.watermark,
      isRestated: rows.values.contains { window.isRestated(byEventStoredAt: $0.lastStored) },
      notes: projection.notes, judgement: .unknown)
    if articles.isEmpty {
      figure.value = nil
      figure.notes.append("no article is named in the plan or published for the feature")
    } else if projection.tallies.isEmpty {
      figure.value = nil
      figure.notes.append("no article.viewed of any article in the window")
    }
    figure.judgement = measure.target.verdict(on: figure.value)
    return figure
  }

  /// The share of helpful votes, each voter's latest in the window counting, with its 95 % Wilson interval.
  func helpfulRate(_ measure: ArticleMeasure, in window: MeasurementWindow) -> Figure {
    let votes = votes(on: articles(of: measure), in: window)
    let helpful = votes.count(where: \.isHelpful)
    var figure = Figure(
      numerator: helpful, denominator: votes.count, n: votes.count,
      interval: ConfidenceInterval.wilson(successes: helpful, trials: votes.count),
      watermark: votes.map(\.at).max(), judgement: .unknown)
    guard let interval = figure.interval else {
      figure.notes.append("no votes in the window")
      return figure
    }
    figure.value = Double(helpful) / Double(votes.count)
    figure.judgement = measure.target.verdict(on: interval)
    if votes.count < measure.minimumVotes {
      figure.judgement = .inconclusive
      figure.notes.append("\(votes.count) votes, and at least \(measure.minimumVotes) are needed")
    }
    return figure
  }

  /// Each voter's latest vote on each article and locale.
  func votes(on articles: Set<String>, in window: MeasurementWindow) -> [ArticleVote] {
    let votes = evidence.votes.filter { articles.contains($0.article) && window.contains($0.at) }
    return Dictionary(grouping: votes) { [$0.article, $0.locale, $0.voter] }.values
      .compactMap { $0.max { ($0.at, $0.offset) < ($1.at, $1.offset) } }
  }

  /// The articles that the plan names, or that were published for the feature or the launch.
  func articles(of measure: ArticleMeasure) -> Set<String> {
    evidence.publications.reduce(into: Set(measure.articles)) { articles, publication in
      if publication.feature == plan.feature || publication.launch == launch.rawValue {
        articles.insert(publication.article)
      }
    }
  }
}
