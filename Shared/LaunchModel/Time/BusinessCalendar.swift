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

  /// Whether a day is worked.
  public func isBusinessDay(_ date: LocalDate) -> Bool {
    !weekend.contains(date.weekday) && !holidays.contains(date)
  }

  /// The business day that many business days away.
  ///
  /// Negative: the n-th strictly before the date; positive: the n-th strictly after; 0: the date, rolled forward.
  public func day(_ offset: Int, from date: LocalDate) -> LocalDate {
    var day = date
    if offset == 0 {
      while !isBusinessDay(day) { day = day.adding(days: 1) }
      return day
    }
    for _ in 0..<abs(offset) {
      repeat { day = day.adding(days: offset.signum()) } while !isBusinessDay(day)
    }
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

/// A business-day calendar that launches name by its key, with the holidays' names.
public struct RegionCalendar: Sendable, Hashable {
  /// As `US` or `DE-BY`.
  public var key: String
  /// The days of the week that are not worked.
  public var weekend: Set<Weekday>
  /// The names of the holidays, as `Labor Day`, by date.
  public var holidays: [LocalDate: String]
  /// The years whose holidays are known; nil where there are none to know.
  public var years: ClosedRange<Int>?
  /// The same days without names, to count with.
  public var business: BusinessCalendar

  public init(key: String, weekend: Set<Weekday>, holidays: [LocalDate: String], years: ClosedRange<Int>?) {
    self.key = key
    self.weekend = weekend
    self.holidays = holidays
    self.years = years
    business = BusinessCalendar(weekend: weekend, holidays: Set(holidays.keys), years: years)
  }
}
