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

/// A figure over any type of event.
public struct CustomMeasure: Sendable, Hashable {
  /// How events become a figure.
  public enum Aggregate: String, Sendable, Hashable, CaseIterable {
    /// How many events fit `where`.
    case count
    /// How many different values `field` has in the events that fit `where`.
    case distinct
    /// The events that fit both `where` and `of`, divided by those that fit `of`.
    case ratio
    /// The mean of the numbers that `field` has in the events that fit `where`.
    case mean
  }

  /// The whole type of the events.
  public var type: String
  /// Which figure the events give.
  public var aggregate: Aggregate
  /// The values that an event must have, by pointer into the whole event.
  public var conditions: [JSONPointer: JSONValue]
  /// What a ratio is counted of; none for all events of the type.
  public var base: [JSONPointer: JSONValue]
  /// Where `distinct` and `mean` find their value.
  public var field: JSONPointer?
  /// What the figure is compared with.
  public var target: Target

  public init(
    type: String, aggregate: Aggregate, conditions: [JSONPointer: JSONValue] = [:],
    base: [JSONPointer: JSONValue] = [:], field: JSONPointer? = nil, target: Target
  ) {
    self.type = type
    self.aggregate = aggregate
    self.conditions = conditions
    self.base = base
    self.field = field
    self.target = target
  }

  /// What one event adds; nil where it is of no concern.
  ///
  /// An event that does not fit adds to the total alone, which tells nothing to count from nothing heard.
  public func contribution(of event: JSONValue) -> (subject: String, hits: Int, total: Int)? {
    let fits = Self.fits(event, conditions)
    switch aggregate {
    case .count: return ("", fits ? 1 : 0, 1)
    case .ratio: return Self.fits(event, base) ? ("", fits ? 1 : 0, 1) : nil
    case .distinct, .mean:
      guard fits, let subject = subject(of: event) else { return ("", 0, 1) }
      return (subject, 1, 1)
    }
  }

  /// The value that is asked for, in canonical JSON; nil where there is none of the kind.
  private func subject(of event: JSONValue) -> String? {
    guard let field, let value = event[field], value != .null else { return nil }
    if aggregate == .mean, value.doubleValue == nil { return nil }
    return String(decoding: value.canonical(), as: UTF8.self)
  }

  /// Numbers compare by value, so that 1 fits 1.0.
  private static func fits(_ event: JSONValue, _ conditions: [JSONPointer: JSONValue]) -> Bool {
    conditions.allSatisfy { pointer, wanted in
      guard let found = event[pointer] else { return wanted == .null }
      if let left = found.doubleValue, let right = wanted.doubleValue { return left == right }
      return found == wanted
    }
  }
}

/// What a metric's figure is compared with, as `>= 30%`, `> 500`, `>= 70% helpful` or `>= 1000 views`.
public struct Target: Sendable, Hashable {
  /// How the figure must stand to the number.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case moreThan = ">"
    case lessThan = "<"
  }

  /// What is compared of articles.
  public enum Unit: String, Sendable, Hashable, CaseIterable {
    case helpful, views
  }

  /// How the figure must stand to the number.
  public var comparison: Comparison
  /// The number as it is written, without the percent sign.
  public var digits: String
  /// Whether the number is written with a percent sign, so that `30%` means 0.3.
  public var isPercentage: Bool
  /// What of an article is compared; nil for every other metric.
  public var unit: Unit?

  /// Reads a target; nil where the text is none. White space between the parts does not matter.
  public init?(_ text: String) {
    var rest = text.drop(while: \.isWhitespace)
    guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else { return nil }
    self.comparison = comparison
    rest = rest.dropFirst(comparison.rawValue.count).drop(while: \.isWhitespace)
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard DecimalText(digits) != nil else { return nil }
    self.digits = String(digits)
    rest = rest.dropFirst(digits.count).drop(while: \.isWhitespace)
    isPercentage = rest.first == "%"
    let word = (isPercentage ? rest.dropFirst() : rest).filter { !$0.isWhitespace }
    guard !word.isEmpty else { return }
    guard let unit = Unit(rawValue: String(word)) else { return nil }
    self.unit = unit
  }

  /// What anything reaches, for where no target matters.
  static let none = Target(comparison: .atLeast, digits: "0")

  private init(comparison: Comparison, digits: String) {
    self.comparison = comparison
    self.digits = digits
    isPercentage = false
  }

  /// The number to compare with: 0.3 for `30%`.
  public var value: Double { DecimalText(digits)?.value(shiftedBy: isPercentage ? 2 : 0) ?? .nan }

  /// Whether a figure reaches the target.
  ///
  /// A quotient of whole numbers and the target are each the double nearest to them, so that equal ones compare as
  /// equal.
  public func isMet(by figure: Double) -> Bool {
    switch comparison {
    case .atLeast: figure >= value
    case .atMost: figure <= value
    case .moreThan: figure > value
    case .lessThan: figure < value
    }
  }
}

extension Target: CustomStringConvertible {
  public var description: String {
    "\(comparison.rawValue) \(digits)\(isPercentage ? "%" : "")\(unit.map { " \($0.rawValue)" } ?? "")"
  }
}

/// A decimal number of up to 15 digits, so that its value is the double nearest to it.
struct DecimalText {
  private var digits = 0.0
  private var scale = 0

  /// Nil where the text is no plain decimal number, as `12` or `33.3`.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    let all = parts.joined()
    guard all.count <= 15, all.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(all) else {
      return nil
    }
    digits = Double(number)
    scale = parts.count == 2 ? parts[1].count : 0
  }

  /// The number divided by that power of ten.
  func value(shiftedBy places: Int) -> Double { digits / (0..<(scale + places)).reduce(1.0) { power, _ in power * 10 } }
}
