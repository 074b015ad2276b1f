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
