extension DueRule {
  /// The due date of an item for a launch on the given date.
  public func date(launch: LocalDate, in calendar: BusinessCalendar) -> LocalDate {
    switch unit {
    case .business: calendar.day(offset, from: launch)
    case .calendar: launch.adding(days: offset)
    }
  }

  /// The rule as calendar days after the launch date in a week without holidays, for comparing rules of either unit.
  public var nominalDays: Double { unit == .business ? Double(offset) * 7 / 5 : Double(offset) }
}

/// In files `5 business days before`, `14 days after`, `launch day` (rolled forward to a business day) or `launch
/// date`.
extension DueRule: CustomStringConvertible {
  /// The rule as written in files, for example `5 business days before`.
  public var description: String {
    guard offset != 0 else { return unit == .business ? "launch day" : "launch date" }
    let days = abs(offset) == 1 ? "day" : "days"
    return "\(abs(offset)) \(unit == .business ? "business " : "")\(days) \(offset < 0 ? "before" : "after")"
  }

  /// Parses a due rule of at most 999 days; nil for any other text.
  public init?(_ text: String) {
    switch text {
    case "launch day": self.init(offset: 0, unit: .business)
    case "launch date": self.init(offset: 0, unit: .calendar)
    default:
      var words = text.split(separator: " ")[...]
      guard let count = words.popFirst().flatMap({ Int($0) }), (0...999).contains(count) else { return nil }
      let isBusiness = words.first == "business"
      if isBusiness { words.removeFirst() }
      guard words.count == 2, words.first == "days" || words.first == "day" else { return nil }
      switch words.last {
      case "before": self.init(offset: -count, unit: isBusiness ? .business : .calendar)
      case "after": self.init(offset: count, unit: isBusiness ? .business : .calendar)
      default: return nil
      }
    }
  }
}

extension DueRule: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let rule = DueRule(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.fault(text))
    }
    self = rule
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  static func fault(_ text: String) -> String {
    "\"\(text)\" is not a due rule; write, for example, 5 business days before, 14 days after or launch day"
  }
}
