import Contract
public import JSON
import LaunchModel

/// One success metric: what is measured, for how long, and what the figure is compared with.
public struct Metric: Sendable, Hashable {
  /// The key, unique in its plan, such as `adoption`.
  public var key: String
  /// The length of the metric's window, in periods of 24 hours from exposure.
  public var days: Int
  /// The figure before the launch, as written by the plan's author: a number or text.
  public var baseline: JSONValue?
  /// What is measured, with the target, forecast or margin that the figure is compared with.
  public var measure: Measure

  public init(key: String, days: Int, baseline: JSONValue? = nil, measure: Measure) {
    self.key = key
    self.days = days
    self.baseline = baseline
    self.measure = measure
  }

  /// The kinds of metric. Raw values are the words used in metric files.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case adoption, tickets, csat, articles, custom

    /// The built-in default for the length of the window, in days.
    public var defaultDays: Int { self == .tickets ? 7 : 30 }
  }

  /// What is measured.
  public enum Measure: Sendable, Hashable {
    case adoption(Target)
    case tickets(TicketForecast)
    case csat(SatisfactionMargin)
    case articles(ArticleMeasure)
    case custom(CustomMeasure)

    /// The kind of metric.
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

  /// The target that the figure is compared with; nil for kinds without one.
  public var target: Target? {
    switch measure {
    case .adoption(let target): target
    case .articles(let articles): articles.target
    case .custom(let custom): custom.target
    case .tickets, .csat: nil
    }
  }

  /// What the figure is compared with, in the words of metric files, such as `>= 30%`, `forecast 120` or `margin 5%`.
  public var expectation: String {
    switch measure {
    case .adoption(let target): target.description
    case .articles(let articles): articles.target.description
    case .custom(let custom): custom.target.description
    case .tickets(let tickets):
      "forecast \(Int64(exactly: tickets.forecast).map { String($0) } ?? String(tickets.forecast))"
    case .csat(let margin): "margin \(margin.points)%"
    }
  }
}

/// The margin by which satisfaction may be lower than that of other features.
public struct SatisfactionMargin: Sendable, Hashable {
  /// The margin in percentage points, as written in the file but without a percent sign.
  public var points: String

  public init(points: String) { self.points = points }

  /// The built-in default: 0 points.
  static let zero = SatisfactionMargin(points: "0")

  /// The margin as a share: 0.05 for 5 points.
  public var share: Double { DecimalText(points)?.value(shiftedBy: 2) ?? .nan }
}

/// The measure of knowledge base articles: their views or helpful rate.
public struct ArticleMeasure: Sendable, Hashable {
  /// The target; its unit is never nil.
  public var target: Target
  /// The minimum number of votes needed to judge a helpful rate.
  public var minimumVotes: Int
  /// The articles to measure in addition to those published for the feature.
  public var articles: [String]

  /// The built-in default of `minimumVotes`.
  public static let defaultMinimumVotes = 20

  public init(target: Target, minimumVotes: Int = ArticleMeasure.defaultMinimumVotes, articles: [String] = []) {
    self.target = target
    self.minimumVotes = minimumVotes
    self.articles = articles
  }
}

/// A figure computed from events of any type.
public struct CustomMeasure: Sendable, Hashable {
  /// How events are aggregated into a figure.
  public enum Aggregate: String, Sendable, Hashable, CaseIterable {
    /// The number of events that match `where`.
    case count
    /// The number of distinct values of `field` in events that match `where`.
    case distinct
    /// The number of events that match both `where` and `of`, divided by the number that match `of`.
    case ratio
    /// The sum of the numbers in `field` of events that match `where`.
    case sum
    /// The mean of the numbers in `field` of events that match `where`.
    case mean
  }

  /// The full event type.
  public var type: String
  /// How the events are aggregated.
  public var aggregate: Aggregate
  /// The `where` condition: the required value at each pointer into the event.
  public var conditions: [JSONPointer: JSONValue]
  /// The `of` condition, which selects a ratio's denominator; if empty, all events of the type.
  public var base: [JSONPointer: JSONValue]
  /// The location of the value that `distinct`, `sum` and `mean` aggregate.
  public var field: JSONPointer?
  /// The target that the figure is compared with.
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

  /// The contribution of one event; nil if it is not in a ratio's denominator.
  ///
  /// An event that does not match adds only to the total, so that "no matching event" differs from "no event". An event
  /// that matches without a usable value also adds only to the total, but with a separate subject.
  public func contribution(of event: JSONValue) -> (subject: String, hits: Int, total: Int)? {
    let fits = Self.fits(event, conditions)
    switch aggregate {
    case .count: return ("", fits ? 1 : 0, 1)
    case .ratio: return Self.fits(event, base) ? ("", fits ? 1 : 0, 1) : nil
    case .distinct, .sum, .mean:
      guard fits else { return ("", 0, 1) }
      guard let subject = subject(of: event) else { return (Self.unusable, 0, 1) }
      return (subject, 1, 1)
    }
  }

  /// The subject of events that match without a usable value. It is the text of null, which is never a usable value.
  static let unusable = "null"

  /// Whether an event matches the conditions, and whether it has a usable value in the aggregated field.
  func match(_ event: JSONValue) -> (isMatch: Bool, isUsable: Bool) {
    guard Self.fits(event, base), Self.fits(event, conditions) else { return (false, false) }
    return (true, field == nil || subject(of: event) != nil)
  }

  /// Whether the measure counts distinct accounts; merges and exclusions of accounts then apply.
  var countsAccounts: Bool { aggregate == .distinct && field == Self.account }

  private static let account = JSONPointer("/data/account")

  /// The key in a subject of `contribution(of:)`, which is a text or a whole number there; nil for any other subject.
  static func key(inSubject subject: String) -> String? {
    do throws(JSONError) {
      return ExternalKey.text(try JSONValue(parsing: Array(subject.utf8)))
    } catch {
      return nil
    }
  }

  /// The value at `field`, as canonical JSON. Nil if it is missing or null or, for `sum` and `mean`, not a number.
  private func subject(of event: JSONValue) -> String? {
    guard let field, var value = event[field], value != .null else { return nil }
    if aggregate == .sum || aggregate == .mean, value.doubleValue == nil { return nil }
    if aggregate == .distinct, SignalField.isKey(field, of: type), let key = ExternalKey.text(value) {
      value = .string(key)
    }
    return String(decoding: value.canonical(), as: UTF8.self)
  }

  /// Whether an event meets conditions. Numbers compare by value, so 1 equals 1.0; a
  /// key compares equal as string and number.
  private static func fits(_ event: JSONValue, _ conditions: [JSONPointer: JSONValue]) -> Bool {
    conditions.allSatisfy { pointer, wanted in
      guard let found = event[pointer] else { return wanted == .null }
      if let left = found.doubleValue, let right = wanted.doubleValue { return left == right }
      return found == wanted || ExternalKey.text(found).map { $0 == ExternalKey.text(wanted) } ?? false
    }
  }
}

/// A target for a metric's figure, such as `>= 30%`, `> 500`, `>= 70% helpful` or `>= 1000 views`.
public struct Target: Sendable, Hashable {
  /// A comparison operator.
  public enum Comparison: String, Sendable, Hashable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case moreThan = ">"
    case lessThan = "<"
  }

  /// What an article metric compares.
  public enum Unit: String, Sendable, Hashable, CaseIterable {
    case helpful, views
  }

  /// The comparison of the figure with the number.
  public var comparison: Comparison
  /// The number as written, without the percent sign.
  public var digits: String
  /// Whether the number is written with a percent sign; if so, `30%` means 0.3.
  public var isPercentage: Bool
  /// What an article metric compares; nil for other metrics.
  public var unit: Unit?

  /// Parses a target, ignoring white space between its parts; returns nil if the text is not a target.
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

  /// The target for measures that take none into account: at least 0.
  static let none = Target(comparison: .atLeast, digits: "0")

  private init(comparison: Comparison, digits: String) {
    self.comparison = comparison
    self.digits = digits
    isPercentage = false
  }

  /// The number to compare with: 0.3 for `30%`.
  public var value: Double { DecimalText(digits)?.value(shiftedBy: isPercentage ? 2 : 0) ?? .nan }

  /// Whether a figure meets the target.
  ///
  /// Quotients of integers and targets are each rounded to the nearest double, so equal values compare equal.
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

/// A decimal number of at most 15 digits; with so few digits, `value(shiftedBy:)` returns the nearest double.
struct DecimalText {
  private var digits = 0.0
  private var scale = 0

  /// Returns nil if the text is not a plain decimal number such as `12` or `33.3`.
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

  /// The number divided by ten to the power of `places`.
  func value(shiftedBy places: Int) -> Double { digits / (0..<(scale + places)).reduce(1.0) { power, _ in power * 10 } }
}
