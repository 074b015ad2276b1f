/// The business days of a calendar: all days except weekends and holidays (product.md, section 2, rule 2).
public struct BusinessCalendar: Sendable, Hashable {
  /// The days of the week that are not business days; a set of all seven is treated as empty.
  public let weekend: Set<Weekday>
  /// The holidays; default none.
  public let holidays: Set<LocalDate>
  /// The years whose holidays are known; nil for a calendar without holidays.
  public let years: ClosedRange<Int>?

  public init(weekend: Set<Weekday>, holidays: Set<LocalDate> = [], years: ClosedRange<Int>? = nil) {
    self.weekend = weekend.count < 7 ? weekend : []
    self.holidays = holidays
    self.years = years
  }

  /// Monday to Friday, no holidays.
  public static let standard = BusinessCalendar(weekend: [.saturday, .sunday])

  /// Creates the calendar of the days that are business days in all of the given calendars; its years are those known
  /// to all of them.
  ///
  /// - Returns: nil if no day of the week is a business day in all of them, or if the list is empty.
  public init?(intersecting calendars: [BusinessCalendar]) {
    guard let first = calendars.first else { return nil }
    let weekend = calendars.reduce(into: Set<Weekday>()) { $0.formUnion($1.weekend) }
    guard weekend.count < Weekday.allCases.count else { return nil }
    let years = calendars.dropFirst().reduce(first.years) { known, calendar in
      guard let known else { return calendar.years }
      guard let others = calendar.years else { return known }
      let (low, high) = (max(known.lowerBound, others.lowerBound), min(known.upperBound, others.upperBound))
      return low <= high ? low...high : 0...0
    }
    self.init(
      weekend: weekend, holidays: calendars.reduce(into: Set<LocalDate>()) { $0.formUnion($1.holidays) }, years: years)
  }

  /// Returns whether the date is a business day.
  public func isBusinessDay(_ date: LocalDate) -> Bool {
    !weekend.contains(date.weekday) && !holidays.contains(date)
  }

  /// Returns the business day that is a number of business days from the date.
  ///
  /// Negative: the n-th business day strictly before the date; positive: the n-th strictly after it; 0: the date
  /// itself, or the next business day if it is not one.
  public func day(_ offset: Int, from date: LocalDate) -> LocalDate {
    guard offset != 0 else { return next(from: date, step: 1) }
    return (0..<abs(offset)).reduce(date) { day, _ in
      next(from: day.adding(days: offset.signum()), step: offset.signum())
    }
  }

  /// Returns the first business day from the date on, in the given direction. Terminates because holidays are finitely
  /// many and the weekend never covers the whole week.
  private func next(from start: LocalDate, step: Int) -> LocalDate {
    var day = start
    while !isBusinessDay(day) { day = day.adding(days: step) }
    return day
  }

  /// Returns the number of business days after the first date, up to and including the last; negative if `last` is
  /// earlier.
  public func businessDays(from first: LocalDate, to last: LocalDate) -> Int {
    if last < first { return -businessDays(from: last.adding(days: -1), to: first.adding(days: -1)) }
    return (first.ordinal..<last.ordinal).count { isBusinessDay(LocalDate(ordinal: $0 + 1)) }
  }

  /// Returns whether the holidays of the date's year are known.
  public func covers(_ date: LocalDate) -> Bool { years?.contains(date.components.year) ?? true }
}

/// The calendars that launches can refer to, by key; keys joined by `+`, such as `US+DE`, refer to the business days
/// common to all.
public struct CalendarSet: Sendable, Hashable {
  private var calendars: [String: CalendarDocument]

  public init(_ calendars: [String: CalendarDocument]) { self.calendars = calendars }

  /// The keys of all calendars, ascending.
  public var keys: [String] { calendars.keys.sorted() }

  /// Adds a calendar, or replaces the one with the same key.
  public mutating func adopt(_ calendar: CalendarDocument) { calendars[calendar.key] = calendar }

  /// Returns the calendar with the key; nil if there is none.
  public func document(_ key: String) -> CalendarDocument? { calendars[key] }

  /// Returns the keys joined in an expression.
  public static func keys(of expression: String) -> [String] {
    expression.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
  }

  /// Returns the calendar that an expression refers to; Monday to Friday if the expression is nil.
  ///
  /// - Returns: nil if one of its keys is unknown, or if no day of the week is a business day in all of its calendars.
  public func calendar(_ expression: String?) -> BusinessCalendar? {
    guard let expression else { return .standard }
    if let single = calendars[expression] { return single.business }
    let named = Self.keys(of: expression).map { calendars[$0]?.business }
    guard named.allSatisfy({ $0 != nil }) else { return nil }
    return BusinessCalendar(intersecting: named.compactMap(\.self))
  }

  /// Returns the names of the holidays in an expression's calendars, by date; if several calendars have a holiday on a
  /// day, the first one's name.
  public func names(of expression: String) -> [LocalDate: String] {
    Self.keys(of: expression).reduce(into: [:]) { names, key in
      names.merge(calendars[key]?.holidays ?? [:]) { first, _ in first }
    }
  }

  /// Returns what is wrong with an expression and how to fix it; nil if it is valid.
  public func fault(of expression: String) -> String? {
    guard calendar(expression) == nil else { return nil }
    guard let unknown = Self.keys(of: expression).first(where: { calendars[$0] == nil }) else {
      return "no day of the week is a business day in all of \(expression); combine other calendars"
    }
    let hint = Suggestion.text(for: unknown, among: keys)
    let correction = hint.isEmpty ? "; expected one of \(keys.joined(separator: ", ")), or several joined by +" : hint
    return "unknown calendar \"\(unknown)\"\(correction)"
  }

  /// Returns whether an expression contains the key.
  public static func expression(_ expression: String?, names key: String) -> Bool {
    expression.map { keys(of: $0).contains(key) } ?? false
  }
}

extension LaunchPlan {
  /// Returns whether the launch or one of its functions uses the calendar with that key.
  public func names(calendar key: String) -> Bool {
    CalendarSet.expression(calendar, names: key)
      || calendars.values.contains { CalendarSet.expression($0, names: key) }
  }
}
