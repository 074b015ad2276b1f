import JSON
import Contract
import LaunchModel
import MetricsCore
import Testing

@Suite("Articles by locale")
struct ArticleTests {
  private let closed = MetricEvents.moment(day: 40)
  private static let helpful = metric("kb", ">= 70% helpful")
  private static let views = metric("kb", ">= 3 views")

  private static func metric(_ key: String, _ target: String) -> JSONValue {
    ["key": .string(key), "kind": "articles", "target": .string(target), "articles": ["x"]]
  }

  @Test("Each article and locale has its views, its votes and their interval", arguments: [helpful, views])
  func figures(metric: JSONValue) throws {
    var trial = try Trial(metric)
    try trial.add(.articlePublished, ["article": "y", "locale": "de", "feature": "f"], day: -3)
    try trial.add(.accountChanged, ["account": "staff", "state": "internal"], day: -1)
    for locale: JSONValue in ["de", "en", "de"] {
      try trial.add(.articleViewed, ["article": "x", "locale": locale, "account": "acme"], day: 2)
    }
    try trial.add(.articleViewed, ["article": "x", "locale": "de", "account": "staff"], day: 2)
    try trial.add(.articleViewed, ["article": "x", "locale": "de", "account": "acme"], day: 31)
    try trial.add(.articleViewed, ["article": "x"], day: 4)
    try trial.add(.articleViewed, ["article": "y", "locale": "de"], day: 4)
    try trial.add(.articleViewed, ["article": "other", "locale": "de"], day: 4)
    // 9 of 20: Wilson's interval is 0.2582 to 0.6579.
    for index in 0..<20 {
      try trial.add(
        .articleRated,
        ["article": "x", "locale": "de", "rating": index < 9 ? "up" : "down", "voter": .string("v\(index)")], day: 5)
    }
    let articles = try #require(try trial.view(at: closed).articles)
    #expect(articles.map(\.article) == ["x", "x", "x", "y"])
    #expect(articles.map(\.locale) == [nil, "de", "en", "de"])
    #expect(articles.map(\.views) == [1, 2, 1, 1])
    #expect(articles.map(\.helpful) == [0, 9, 0, 0])
    #expect(articles.map(\.votes) == [0, 20, 0, 0])
    #expect(articles[0].low == nil && articles[0].high == nil)
    let (low, high) = (try #require(articles[1].low), try #require(articles[1].high))
    #expect(abs(low - 0.2582) < 0.0001 && abs(high - 0.6579) < 0.0001)
  }

  @Test("If a voter votes in two locales, the vote counts in the locale of the latest one")
  func twoLocales() throws {
    var trial = try Trial(Self.helpful)
    try trial.add(.articleRated, ["article": "x", "locale": "en", "rating": "down", "voter": "v"], day: 2)
    try trial.add(.articleRated, ["article": "x", "locale": "de", "rating": "up", "voter": "v"], day: 5)
    try trial.add(.articleRated, ["article": "x", "rating": "up", "voter": "w"], day: 3)
    let view = try trial.view(at: closed)
    let articles = try #require(view.articles)
    #expect(articles.map(\.locale) == [nil, "de"])
    #expect(articles.map(\.helpful) == [1, 1])
    #expect(articles.map(\.votes) == [1, 1])
    #expect(view.denominator == 2)
  }

  @Test("All articles' views and votes add up to the figure's views and judged votes")
  func totals() throws {
    var trial = try Trial([Self.views, Self.metric("rate", ">= 1% helpful")])
    for (index, locale) in ["de", "en", "fr", "de", "en"].enumerated() {
      try trial.add(.articleViewed, ["article": "x", "locale": .string(locale)], day: index)
      try trial.add(
        .articleRated,
        ["article": "x", "locale": .string(locale), "rating": "up", "voter": .string("v\(index % 3)")], day: index)
    }
    for view in try trial.views(at: closed) {
      let articles = try #require(view.articles)
      #expect(articles.reduce(0) { $0 + $1.views } == 5)
      #expect(articles.reduce(0) { $0 + $1.votes } == 3)
    }
    #expect(try trial.views(at: closed).map(\.numerator) == [5, 3])
  }

  @Test("Without views or votes there are no articles, and other kinds of metrics have no article list")
  func none() throws {
    #expect(try Trial(Self.helpful).view(at: closed).articles == [])
    #expect(try Trial(Self.helpful, attempt: nil).view(at: closed).articles == nil)
    #expect(try Trial(["key": "c", "kind": "csat"]).view(at: closed).articles == nil)
  }
}
