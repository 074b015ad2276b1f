internal import LaunchModel

/// A rule by which an event recurs each year (RFC 5545, section 3.3.10): on the day of its start, on days of months, or on
/// weekdays of months, as the fourth Thursday of November.
struct YearlyRule: Sendable {
  private enum Days: Sendable {
    case ofMonth([Int])
    /// The n-th such day of the month, from its end where negative; every one for nil.
    case weekdays([(ordinal: Int?, day: Weekday)])
  }

  private let interval: Int
  private let count: Int?
  private let until: LocalDate?
  private let months: [Int]
  private let days: Days

  private static let weekdays: [String: Weekday] = [
    "MO": .monday, "TU": .tuesday, "WE": .wednesday, "TH": .thursday, "FR": .friday, "SA": .saturday, "SU": .sunday,
  ]

  /// - Throws: a fault where it recurs otherwise than this type understands.
  init(_ line: ICalendarLine, start: LocalDate) throws(SourceError) {
    var parts: [String: String] = [:]
    for part in line.value.split(separator: ";") {
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.uppercased() }
      guard sides.count == 2, parts[sides[0]] == nil else { throw Self.fault(line, "\"\(part)\" is not understood") }
      parts[sides[0]] = sides[1]
    }
    let known = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"]
    if let other = parts.keys.sorted().first(where: { !known.contains($0) }) {
      throw Self.fault(line, "\(other) is not understood")
    }
    guard parts["FREQ"] == "YEARLY" else { throw Self.fault(line, "only FREQ=YEARLY is understood") }
    interval = try Self.number(parts["INTERVAL"], in: 1...1_000, line) ?? 1
    count = try Self.number(parts["COUNT"], in: 1...10_000, line)
    until = try parts["UNTIL"].map { text throws(SourceError) in
      guard let date = ICalendarMoment.date(text.prefix(8)) else { throw Self.fault(line, "UNTIL=\(text) is no date") }
      return date
    }
    months =
      try parts["BYMONTH"].map { text throws(SourceError) in try Self.numbers(text, in: 1...12, line) }
      ?? [start.components.month]
    switch (parts["BYMONTHDAY"], parts["BYDAY"]) {
    case (let days?, nil): self.days = .ofMonth(try Self.numbers(days, in: -31...31, line))
    case (nil, let days?):
      // Without a month, a weekday is one of the whole year.
      guard parts["BYMONTH"] != nil else { throw Self.fault(line, "BYDAY is understood together with BYMONTH alone") }
      self.days = .weekdays(try Self.weekdays(days, line))
    case (nil, nil): self.days = .ofMonth([start.components.day])
    case (.some, .some): throw Self.fault(line, "BYDAY together with BYMONTHDAY is not understood")
    }
  }

  /// The dates on which it recurs within these years, ascending; the event's own date is the first of the series.
  func dates(from start: LocalDate, in years: ClosedRange<Int>) -> [LocalDate] {
    var (dates, left): ([LocalDate], Int) = ([], count ?? .max)
    let first = start.components.year
    for year in stride(from: first, through: max(years.upperBound, first), by: interval) {
      for date in self.dates(of: year) where date >= start {
        if let until, date > until { return dates }
        guard left > 0 else { return dates }
        left -= 1
        if years.contains(year) { dates.append(date) }
      }
    }
    return dates
  }

  private func dates(of year: Int) -> [LocalDate] {
    months.sorted().flatMap { month -> [LocalDate] in
      let all = (1...31).compactMap { LocalDate(year: year, month: month, day: $0) }
      switch days {
      case .ofMonth(let numbers):
        return Set(numbers.compactMap { Self.element($0, of: all) }).sorted()
      case .weekdays(let weekdays):
        let chosen = weekdays.flatMap { wanted -> [LocalDate] in
          let such = all.filter { $0.weekday == wanted.day }
          guard let ordinal = wanted.ordinal else { return such }
          return Self.element(ordinal, of: such).map { [$0] } ?? []
        }
        return Set(chosen).sorted()
      }
    }
  }

  /// The n-th from 1, or from the end where negative.
  private static func element(_ number: Int, of dates: [LocalDate]) -> LocalDate? {
    let index = number > 0 ? number - 1 : dates.count + number
    return dates.indices.contains(index) && number != 0 ? dates[index] : nil
  }

  private static func weekdays(
    _ text: String, _ line: ICalendarLine
  ) throws(SourceError) -> [(ordinal: Int?, day: Weekday)] {
    var result: [(ordinal: Int?, day: Weekday)] = []
    for word in text.split(separator: ",") {
      let prefix = word.dropLast(2)
      let number = Int(prefix)
      guard let day = weekdays[String(word.suffix(2))],
        prefix.isEmpty || number.map({ $0 != 0 && abs($0) <= 5 }) ?? false
      else { throw fault(line, "BYDAY=\(word) is not understood") }
      result.append((number, day))
    }
    return result
  }

  private static func numbers(
    _ text: String, in range: ClosedRange<Int>, _ line: ICalendarLine
  ) throws(SourceError) -> [Int] {
    var numbers: [Int] = []
    for word in text.split(separator: ",") {
      guard let number = Int(word), range.contains(number), number != 0 else {
        throw fault(line, "\"\(word)\" is not understood")
      }
      numbers.append(number)
    }
    return numbers
  }

  private static func number(
    _ text: String?, in range: ClosedRange<Int>, _ line: ICalendarLine
  ) throws(SourceError) -> Int? {
    guard let text else { return nil }
    guard let number = Int(text), range.contains(number) else { throw fault(line, "\"\(text)\" is not understood") }
    return number
  }

  private static func fault(_ line: ICalendarLine, _ what: String) -> SourceError {
    SourceError(
      line: line.number, detail: "RRULE:\(line.value): \(what); give each day as an event of its own instead")
  }
}
