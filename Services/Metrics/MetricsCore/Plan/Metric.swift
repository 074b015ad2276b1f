public import JSON

/// One success metric: what is measured, for how long, and what it is compared with.
public struct Metric: Sendable, Hashable {
  /// Unique in its plan, as `adoption`.
  public var key: String
  /// How long its window is, in spans of 24 hours from exposure.
  public var days: Int
  /// What the figure was before, as the plan's author wrote it: a number or a text.
  public var baseline: JSONValue?
  /// What is counted, with the target, forecast or margin that it is judged by.
  public var measure: Measure

  public init(key: String, days: Int, baseline: JSONValue? = nil, measure: Measure) {
    self.key = key
    self.days = days
    self.baseline = baseline
    self.measure = measure
  }

  /// The kinds of metric, as files name them.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case adoption, tickets, csat, articles, custom

    /// How long its window is where the file does not say.
    public var defaultDays: Int { self == .tickets ? 7 : 30 }
  }

  /// What is measured.
  public enum Measure: Sendable, Hashable {
    case adoption(Target)
    case tickets(TicketForecast)
    case csat(SatisfactionMargin)
    case articles(ArticleMeasure)
    case custom(CustomMeasure)

    /// Its kind, as metric files name it.
    public var kind: Kind {
      switch self {
      case .adoption: .adoption
      case .tickets: .tickets
      case .csat: .csat
      case .articles: .articles
      case .custom: .custom
      }
    }
  }

  /// What it is compared with, as views show it; nil for kinds without a target.
  public var target: Target? {
    switch measure {
    case .adoption(let target): target
    case .articles(let articles): articles.target
    case .custom(let custom): custom.target
    case .tickets, .csat: nil
    }
  }
}

/// How many tickets are expected, and which tags tell that a ticket is about the feature.
public struct TicketForecast: Sendable, Hashable {
  /// For the whole window.
  public var forecast: Double
  /// Tags mapped to the feature, beside its own key.
  public var tags: [String]

  public init(forecast: Double, tags: [String] = []) {
    self.forecast = forecast
    self.tags = tags
  }
}

/// By how much satisfaction may stay behind the others'.
public struct SatisfactionMargin: Sendable, Hashable {
  /// In percentage points, as written without the sign; `0` by default.
  public var points: String

  public init(points: String) { self.points = points }

  /// As a share: 0.05 for 5 points.
  public var share: Double { DecimalText(points)?.value(shiftedBy: 2) ?? .nan }
}

/// What is measured of knowledge base articles.
public struct ArticleMeasure: Sendable, Hashable {
  /// With a unit.
  public var target: Target
  /// The fewest votes that a helpful rate is judged by; default 20.
  public var minimumVotes: Int
  /// Articles beside those that are published for the feature.
  public var articles: [String]

  public init(target: Target, minimumVotes: Int = 20, articles: [String] = []) {
    self.target = target
    self.minimumVotes = minimumVotes
    self.articles = articles
  }
}
