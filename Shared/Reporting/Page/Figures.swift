import Contract
import LaunchModel

extension Double {
  /// Returns the number with at most the given number of decimals, without trailing zeros: `12`, `0.25`.
  func decimals(_ count: Int) -> String {
    let scale = (0..<count).reduce(1.0) { power, _ in power * 10 }
    let scaled = (self * scale).rounded(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 1e15 else { return "\(self)" }
    let whole = Int64(scaled.magnitude)
    let unit = Int64(scale)
    var text = (scaled < 0 ? "-" : "") + String(whole / unit)
    if whole % unit != 0 {
      let fraction = String(whole % unit)
      let padded = String(repeating: "0", count: count - fraction.count) + fraction
      text += "." + String(padded.reversed().drop { $0 == "0" }.reversed())
    }
    return text
  }

  /// The share as a percentage: `31.2%`.
  var percentage: String { (self * 100).decimals(1) + "%" }

  /// The number with all of its digits, for programs: `0.3125`, or `12` if it is a whole number.
  var allDigits: String { Int64(exactly: self).map { String($0) } ?? String(self) }
}

extension Int {
  /// The number with its digits in groups of three: `5,120`.
  var grouped: String {
    let digits = String(magnitude)
    let groups = digits.enumerated().map { index, digit in
      index > 0 && (digits.count - index) % 3 == 0 ? ",\(digit)" : String(digit)
    }
    return (self < 0 ? "-" : "") + groups.joined()
  }
}

/// Returns a count with its noun: `1 item`, `2 items`; pass a plural that is not formed with `s`.
func counted(_ count: Int, _ noun: String, plural: String? = nil) -> String {
  "\(count.grouped) \(count == 1 ? noun : plural ?? noun + "s")"
}

extension LocalDate {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The date for people: `2 Mar 2027`.
  var words: String { "\(dayAndMonth) \(components.year)" }

  /// The date without its year: `2 Mar`.
  var dayAndMonth: String { "\(components.day) \(Self.months[components.month - 1])" }
}

extension Timestamp {
  /// The time to the minute in UTC: `2027-03-02 14:00Z`.
  var minute: String {
    let text = description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5))Z"
  }
}

extension String {
  /// Returns the text cut to the given number of characters, with an ellipsis if something is left out.
  func shortened(to limit: Int) -> String { count <= limit ? self : String(prefix(max(0, limit - 1))) + "…" }

  /// The text with a capital first letter.
  var sentenceCase: String { prefix(1).uppercased() + dropFirst() }

  /// The text as one line without its final full stop, for use within a sentence.
  var clause: String {
    let line = split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.hasSuffix(".") ? String(line.dropLast()) : line
  }
}

/// Returns the name in an actor's description: `dana` for `dana (claimed by uid:1000)`.
func actorName(_ actor: String) -> String { actor.split(separator: " ", maxSplits: 1).first.map(String.init) ?? actor }

extension MetricView {
  /// The metric; nil if its verdict is `unknown`, whatever was counted.
  var known: MetricView? { verdict == .unknown ? nil : self }

  /// Whether the figure is a share of something.
  var isShare: Bool { denominator != nil }

  /// The figure: `26.1%` or `142`; nil if unknown.
  var figure: String? {
    known?.value.map { value in
      isShare ? value.percentage : Int(exactly: value)?.grouped ?? value.decimals(2)
    }
  }

  /// The interval of a share: `20.8% to 93.9%`; nil without one.
  var interval: String? {
    guard let low = known?.low, let high = known?.high else { return nil }
    return isShare ? "\(low.percentage) to \(high.percentage)" : "\(low.decimals(2)) to \(high.decimals(2))"
  }

  /// The number of full days of its window; nil before exposure.
  var windowDays: Int? {
    guard let windowStart, let windowEnd else { return nil }
    return Int((windowEnd.microseconds - windowStart.microseconds) / 86_400_000_000)
  }

  /// What it is compared with, for people: `target ≥ 30%`, `forecast 120` or `margin 5%`; nil if unknown.
  var comparison: String? {
    guard let text = expectation ?? target else { return nil }
    let signs = text.replacing(">=", with: "≥").replacing("<=", with: "≤")
    return signs.first.map { "≥≤<>".contains($0) } == true ? "target \(signs)" : signs
  }

  /// The number in its target: 0.3 for `>= 30%`, 500 for `>= 500`; nil without one.
  var targetNumber: Double? { target.flatMap(Self.number) }

  /// The number it is compared with: 0.05 for `margin 5%`, 120 for `forecast 120`; nil without one.
  var expectedNumber: Double? { expectation.flatMap(Self.number) }

  /// Returns the first number in a text, as a share if a percent sign follows it.
  private static func number(in text: String) -> Double? {
    let start = text.drop { !$0.isASCII || !$0.isNumber }
    let number = start.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = Double(number) else { return nil }
    return start.dropFirst(number.count).first == "%" ? value / 100 : value
  }
}

extension Verdict {
  /// A symbol that differs from the others in shape, so that readers do not depend on colour.
  var symbol: String {
    switch self {
    case .met: "✓"
    case .missed: "✗"
    case .inconclusive: "≈"
    case .pending: "…"
    case .unknown: "?"
    }
  }

  var tone: Tone {
    switch self {
    case .met: .good
    case .missed: .bad
    case .inconclusive, .unknown: .warning
    case .pending: .neutral
    }
  }
}
