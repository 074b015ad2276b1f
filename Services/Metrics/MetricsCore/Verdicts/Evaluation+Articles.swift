import Contract
import LaunchModel

extension Evaluation {
  /// The number of views of the articles.
  func views(_ metric: Metric, _ measure: ArticleMeasure, in window: MeasurementWindow) -> Figure {
    let projection = projection(of: metric)
    let articles = articles(of: measure)
    let views = viewTallies(metric, of: articles, in: window).values.reduce(0) { $0 + $1.hits }
    var figure = Figure(
      value: Double(views), numerator: views, n: views, watermark: projection.watermark, notes: projection.notes,
      isPruned: projection.isPruned, judgement: .unknown)
    if articles.isEmpty {
      figure.value = nil
      figure.notes.append(Self.noArticles)
    } else if projection.tallies.isEmpty {
      figure.value = nil
      figure.notes.append("no article.viewed event in the window")
    } else if views == 0 {
      figure.notes.append(noneOfFeature("views"))
    }
    figure.judgement = projection.verdict(on: figure.value, measure.target)
    return figure
  }

  /// The share of helpful votes with its 95% Wilson interval. Only each voter's latest vote in the window counts.
  func helpfulRate(_ measure: ArticleMeasure, in window: MeasurementWindow) -> Figure {
    let articles = articles(of: measure)
    let votes = votes(on: articles, in: window)
    let helpful = votes.count(where: \.isHelpful)
    var figure = Figure(
      numerator: helpful, denominator: votes.count, n: votes.count,
      interval: ConfidenceInterval.wilson(successes: helpful, trials: votes.count),
      watermark: votes.map(\.at).max(), judgement: .unknown)
    guard let interval = figure.interval else {
      if articles.isEmpty {
        figure.notes.append(Self.noArticles)
      } else if evidence.votes.contains(where: { window.contains($0.at) }) {
        figure.notes.append(noneOfFeature("votes"))
      } else {
        figure.notes.append("no votes in the window")
      }
      return figure
    }
    figure.value = Double(helpful) / Double(votes.count)
    figure.judgement = measure.target.verdict(on: interval)
    if votes.count < measure.minimumVotes {
      figure.judgement = .inconclusive
      figure.notes.append("too few votes: \(votes.count) of the \(measure.minimumVotes) needed")
    }
    return figure
  }

  private static let noArticles = "no article is named in the plan or published for the feature"

  /// The note for views or votes that exist, but only for articles of other features.
  private func noneOfFeature(_ what: String) -> String {
    "\(what) are delivered, but none is about an article of \(plan.feature): do they use other keys?"
  }

  /// The views and votes of each article and locale with any, sorted by article, then locale.
  ///
  /// A voter has one vote per article. It counts for the locale in which it was given.
  func articleFigures(
    _ metric: Metric, _ measure: ArticleMeasure, in window: MeasurementWindow
  ) -> [ArticleFigure] {
    let articles = articles(of: measure)
    var views: [[String]: Int] = [:]
    for (key, tally) in viewTallies(metric, of: articles, in: window) {
      views[[key.subject, key.locale], default: 0] += tally.hits
    }
    let votes = Dictionary(grouping: votes(on: articles, in: window)) { [$0.article, $0.locale] }
    let places = Set(views.keys).union(votes.keys).sorted { $0.lexicographicallyPrecedes($1) }
    return places.map { place in
      let votes = votes[place] ?? []
      let helpful = votes.count(where: \.isHelpful)
      let interval = ConfidenceInterval.wilson(successes: helpful, trials: votes.count)
      return ArticleFigure(
        article: place[0], locale: place[1].isEmpty ? nil : place[1], views: views[place] ?? 0, helpful: helpful,
        votes: votes.count, low: interval?.low, high: interval?.high)
    }
  }

  /// The views of articles in the window, without those by excluded accounts.
  private func viewTallies(
    _ metric: Metric, of articles: Set<String>, in window: MeasurementWindow
  ) -> [TallyKey: Tally] {
    projection(of: metric).tallies.filter {
      articles.contains($0.key.subject) && counts($0.key.account, in: window)
    }
  }

  /// Each voter's latest vote in the window on each article, regardless of locale.
  func votes(on articles: Set<String>, in window: MeasurementWindow) -> [ArticleVote] {
    let votes = evidence.votes.filter { articles.contains($0.article) && window.contains($0.at) }
    return Dictionary(grouping: votes) { [$0.article, $0.voter] }.values
      .compactMap { $0.max { ($0.at, $0.offset) < ($1.at, $1.offset) } }
  }

  /// The articles named in the plan and those published for the feature or the launch.
  func articles(of measure: ArticleMeasure) -> Set<String> {
    evidence.publications.reduce(into: Set(measure.articles)) { articles, publication in
      if publication.feature == plan.feature || publication.launch == launch.rawValue {
        articles.insert(publication.article)
      }
    }
  }
}
