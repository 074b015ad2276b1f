internal import LaunchModel

/// A yearly recurrence rule (RFC 5545, section 3.3.10): on the anniversary of its start, on days of months, or on
/// weekdays of months such as the fourth Thursday of November.
struct YearlyRule: Sendable {
  private enum Days: Sendable {
    case ofMonth([Int])
    /// The n-th occurrence of a weekday in the month, counted from the end if negative; every occurrence if nil.
    case weekdays([(ordinal: Int?, day: Weekday)])
  }

  private let interval: Int
  private let count: Int?
  /// The dates on which the last day may fall; only one if it is known.
  private let until: ClosedRange<LocalDate>?
  private let line: ICalendarLine
  private let months: [Int]
  private let days: Days

  private static let weekdays: [String: Weekday] = [
    "MO": .monday, "TU": .tuesday, "WE": .wednesday, "TH": .thursday, "FR": .friday, "SA": .saturday, "SU": .sunday,
  ]

  /// - Throws: an error if the rule is malformed, uses unsupported parts, or yields no day.
  init(_ line: ICalendarLine, start: ICalendarMoment, zones: ICalendarZones) throws(SourceError) {
    self.line = line
    var parts: [String: String] = [:]
    for part in line.value.split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.uppercased() }
      guard sides.count == 2, parts[sides[0]] == nil else {
        throw Self.error(line, "\"\(part)\" is malformed or a duplicate")
      }
      parts[sides[0]] = sides[1]
    }
    let known = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"]
    if let other = parts.keys.sorted().first(where: { !known.contains($0) }) {
      throw Self.error(line, "\(other) is not supported")
    }
    guard parts["FREQ"] == "YEARLY" else { throw Self.error(line, "only FREQ=YEARLY is supported") }
    interval = try Self.number(parts["INTERVAL"], in: 1...1_000, line) ?? 1
    count = try Self.number(parts["COUNT"], in: 1...10_000, line)
    until = try parts["UNTIL"].map { text throws(SourceError) in
      guard let moment = ICalendarMoment.parsed(text[...]) else {
        throw Self.error(line, "UNTIL=\(text) is not a valid date")
      }
      // An occurrence starts at midnight, so it belongs to the series if its day has begun by then.
      return zones.place(moment, in: start).dates
    }
    guard until == nil || count == nil else { throw Self.error(line, "UNTIL and COUNT exclude each other") }
    months =
      try parts["BYMONTH"].map { text throws(SourceError) in try Self.numbers(text, in: 1...12, line) }
      // RFC 5545, section 3.3.10: without BYMONTH, BYMONTHDAY counts in every month.
      ?? (parts["BYMONTHDAY"] == nil ? [start.date.components.month] : Array(1...12))
    switch (parts["BYMONTHDAY"], parts["BYDAY"]) {
    case (let days?, nil): self.days = .ofMonth(try Self.numbers(days, in: -31...31, line))
    case (nil, let days?):
      // Without BYMONTH, BYDAY would count weekdays within the whole year.
      guard parts["BYMONTH"] != nil else { throw Self.error(line, "BYDAY is supported only together with BYMONTH") }
      self.days = .weekdays(try Self.weekdays(days, line))
    case (nil, nil): self.days = .ofMonth([start.date.components.day])
    case (.some, .some): throw Self.error(line, "BYDAY together with BYMONTHDAY is not supported")
    }
    try check(from: start.date)
  }

  /// - Throws: an error if the rule yields no day, or if programs disagree about its last one.
  private func check(from start: LocalDate) throws(SourceError) {
    guard let first = firstDate(from: start) else {
      throw Self.error(line, "it gives no day on or after \(start)")
    }
    if let until, first > until.upperBound {
      throw Self.error(line, "it gives no day, because UNTIL is before \(first)")
    }
    // RFC 5545, section 3.8.5.3, leaves a series undefined if the rule does not yield its start.
    guard count == nil || first == start else {
      throw Self.error(
        line,
        "it skips the event's own day, \(start), and programs differ in whether COUNT includes that day; start the "
          + "event on \(first), or end it with UNTIL")
    }
  }

  /// Returns the first date on or after the event's own date; nil if there is none in years up to 9999.
  private func firstDate(from start: LocalDate) -> LocalDate? {
    // Weekdays repeat every 400 years. The first year may have no date left, hence 401.
    for year in stride(from: start.components.year, through: 9_999, by: interval).prefix(401) {
      if let date = dates(of: year).first(where: { $0 >= start }) { return date }
    }
    return nil
  }

  /// Returns the dates that the rule yields, through the end of a year, in ascending order. None is before the event's
  /// own date, which is included only if the rule yields it.
  ///
  /// - Throws: an error if it depends on an unknown time zone which date is the last.
  func dates(from start: LocalDate, throughYear last: Int) throws(SourceError) -> [LocalDate] {
    var (dates, left): ([LocalDate], Int) = ([], count ?? .max)
    let first = start.components.year
    for year in stride(from: first, through: max(last, first), by: interval) {
      for date in self.dates(of: year) where date >= start {
        if let until, date > until.lowerBound {
          guard date > until.upperBound else {
            throw Self.error(
              line,
              "whether it ends before or on \(date) depends on a time zone that the event does not have; write "
                + "UNTIL as a date, e.g. UNTIL=20270302")
          }
          return dates
        }
        guard left > 0 else { return dates }
        left -= 1
        dates.append(date)
      }
    }
    return dates
  }

  private func dates(of year: Int) -> [LocalDate] {
    Set(months).sorted().flatMap { month -> [LocalDate] in
      let all = (1...31).compactMap { LocalDate(year: year, month: month, day: $0) }
      switch days {
      case .ofMonth(let numbers):
        return Set(numbers.compactMap { Self.element($0, of: all) }).sorted()
      case .weekdays(let weekdays):
        let chosen = weekdays.flatMap { wanted -> [LocalDate] in
          let matching = all.filter { $0.weekday == wanted.day }
          guard let ordinal = wanted.ordinal else { return matching }
          return Self.element(ordinal, of: matching).map { [$0] } ?? []
        }
        return Set(chosen).sorted()
      }
    }
  }

  /// Returns the n-th date, counted from 1, or from the end if negative; nil if there is none.
  private static func element(_ number: Int, of dates: [LocalDate]) -> LocalDate? {
    let index = number > 0 ? number - 1 : dates.count + number
    return dates.indices.contains(index) && number != 0 ? dates[index] : nil
  }

  private static func weekdays(
    _ text: String, _ line: ICalendarLine
  ) throws(SourceError) -> [(ordinal: Int?, day: Weekday)] {
    var result: [(ordinal: Int?, day: Weekday)] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let prefix = word.dropLast(2)
      let number = Int(prefix)
      guard let day = weekdays[String(word.suffix(2))],
        prefix.isEmpty || number.map({ $0 != 0 && abs($0) <= 5 }) ?? false
      else { throw error(line, "BYDAY=\(word) is invalid; expected e.g. MO, 1MO or -1FR") }
      result.append((number, day))
    }
    return result
  }

  private static func numbers(
    _ text: String, in range: ClosedRange<Int>, _ line: ICalendarLine
  ) throws(SourceError) -> [Int] {
    var numbers: [Int] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int(word), range.contains(number), number != 0 else {
        throw error(line, "\"\(word)\" is invalid; expected a number from \(range.lowerBound) to \(range.upperBound)")
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func number(
    _ text: String?, in range: ClosedRange<Int>, _ line: ICalendarLine
  ) throws(SourceError) -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw error(line, "\"\(text)\" is invalid; expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private static func error(_ line: ICalendarLine, _ reason: String) -> SourceError {
    SourceError(
      line: line.number,
      detail: "RRULE:\(line.value) is not supported: \(reason); write each day as a separate event instead")
  }
}
