/// Which days are worked: all but the weekend's and the holidays (product.md, section 2, rule 2).
public struct BusinessCalendar: Sendable, Hashable {
  /// The days of the week that are not worked; all seven count as none.
  public let weekend: Set<Weekday>
  /// Days that are not worked although their day of the week is; default none.
  public let holidays: Set<LocalDate>
  /// The years whose holidays are known; nil where there are none to know.
  public let years: ClosedRange<Int>?

  public init(weekend: Set<Weekday>, holidays: Set<LocalDate> = [], years: ClosedRange<Int>? = nil) {
    self.weekend = weekend.count < 7 ? weekend : []
    self.holidays = holidays
    self.years = years
  }

  /// Monday to Friday, no holidays.
  public static let standard = BusinessCalendar(weekend: [.saturday, .sunday])

  /// A calendar in which only those days are worked that are worked in each of these; the years whose holidays are known are those
  /// that all of them know.
  ///
  /// - Returns: nil where no day of the week is worked in all of them, or where there are none.
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

  /// Whether a day is worked.
  public func isBusinessDay(_ date: LocalDate) -> Bool {
    !weekend.contains(date.weekday) && !holidays.contains(date)
  }

  /// The business day that many business days away.
  ///
  /// Negative: the n-th strictly before the date; positive: the n-th strictly after; 0: the date, rolled forward.
  public func day(_ offset: Int, from date: LocalDate) -> LocalDate {
    guard offset != 0 else { return next(from: date, step: 1) }
    return (0..<abs(offset)).reduce(date) { day, _ in
      next(from: day.adding(days: offset.signum()), step: offset.signum())
    }
  }

  /// The day itself or the next one in a direction that is worked. Holidays are days of which there are finitely many, so that
  /// there is one.
  private func next(from start: LocalDate, step: Int) -> LocalDate {
    var day = start
    while !isBusinessDay(day) { day = day.adding(days: step) }
    return day
  }

  /// How many business days there are after the first date up to and including the second; negative where it is earlier.
  public func businessDays(from first: LocalDate, to last: LocalDate) -> Int {
    if last < first { return -businessDays(from: last.adding(days: -1), to: first.adding(days: -1)) }
    return (first.ordinal..<last.ordinal).count { isBusinessDay(LocalDate(ordinal: $0 + 1)) }
  }

  /// Whether the holidays of the date's year are known.
  public func covers(_ date: LocalDate) -> Bool { years?.contains(date.components.year) ?? true }
}

/// The calendars that launches can name, by key; several keys joined by `+`, as `US+DE`, name the days worked in all of them.
public struct CalendarSet: Sendable {
  private var calendars: [String: CalendarDocument]

  public init(_ calendars: [String: CalendarDocument]) { self.calendars = calendars }

  /// The keys of all of them, ascending.
  public var keys: [String] { calendars.keys.sorted() }

  /// Puts a calendar in place of one of its key, or adds it.
  public mutating func adopt(_ calendar: CalendarDocument) { calendars[calendar.key] = calendar }

  /// One calendar by its own key; nil where there is none.
  public func document(_ key: String) -> CalendarDocument? { calendars[key] }

  /// The keys that an expression joins.
  public static func keys(of expression: String) -> [String] {
    expression.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
  }

  /// The calendar that an expression names; Monday to Friday for nil.
  ///
  /// - Returns: nil where one of its keys is unknown, or no day of the week is worked in all of them.
  public func calendar(_ expression: String?) -> BusinessCalendar? {
    guard let expression else { return .standard }
    if let single = calendars[expression] { return single.business }
    let named = Self.keys(of: expression).map { calendars[$0]?.business }
    guard named.allSatisfy({ $0 != nil }) else { return nil }
    return BusinessCalendar(intersecting: named.compactMap(\.self))
  }

  /// The holidays' names of an expression's calendars, by date; of a day that several name, the first one's.
  public func names(of expression: String) -> [LocalDate: String] {
    Self.keys(of: expression).reduce(into: [:]) { names, key in
      names.merge(calendars[key]?.holidays ?? [:]) { first, _ in first }
    }
  }

  /// What is wrong with an expression, and the mend; nil where it names a calendar.
  public func fault(of expression: String) -> String? {
    guard calendar(expression) == nil else { return nil }
    guard let unknown = Self.keys(of: expression).first(where: { calendars[$0] == nil }) else {
      return "no day of the week is worked in all of \(expression)"
    }
    let hint = Suggestion.text(for: unknown, among: keys)
    return
      "there is no calendar \"\(unknown)\"\(hint); there are \(keys.joined(separator: ", ")), and several joined by +"
  }

  /// Whether an expression names that key.
  public static func expression(_ expression: String?, names key: String) -> Bool {
    expression.map { keys(of: $0).contains(key) } ?? false
  }
}

extension LaunchPlan {
  /// Whether it, or one of its functions, works by a calendar of that key.
  public func names(calendar key: String) -> Bool {
    CalendarSet.expression(calendar, names: key)
      || calendars.values.contains { CalendarSet.expression($0, names: key) }
  }
}
