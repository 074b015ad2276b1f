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
