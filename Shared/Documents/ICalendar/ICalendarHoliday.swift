internal import LaunchModel

/// An all-day event of an iCalendar file.
struct ICalendarHoliday: Sendable {
  /// The line of its BEGIN.
  var line: Int
  var name: String
  var start: LocalDate
  /// From 1.
  var days: Int
  var isCancelled: Bool
  private var rule: YearlyRule?
  private var extra: [LocalDate]
  private var except: [LocalDate]

  init(_ component: ICalendarComponent) throws(SourceFault) {
    line = component.line
    guard let startLine = component.first("DTSTART") else {
      throw SourceFault(line: component.line, detail: "the event has no DTSTART")
    }
    let begin = try ICalendarMoment(startLine)
    start = begin.date
    days = try Self.days(from: begin, component)
    name = component.first("SUMMARY").map(\.text).flatMap { $0.isEmpty ? nil : $0 } ?? "Holiday"
    isCancelled = component.first("STATUS")?.value.uppercased() == "CANCELLED"
    if let recurrence = component.first("RECURRENCE-ID") {
      throw SourceFault(line: recurrence.number, detail: "an event that replaces one of a series is not understood")
    }
    rule = try component.first("RRULE").map { line throws(SourceFault) in try YearlyRule(line, start: begin.date) }
    extra = try Self.dates(component, "RDATE")
    except = try Self.dates(component, "EXDATE")
  }

  /// The first days of its occurrences; of a series those that begin in these years, ascending.
  func occurrences(in years: ClosedRange<Int>) -> [LocalDate] {
    let own = rule?.dates(from: start, in: years) ?? [start]
    return Set(own + extra).subtracting(except).sorted()
  }

  private static func days(from begin: ICalendarMoment, _ component: ICalendarComponent) throws(SourceFault) -> Int {
    if let line = component.first("DTEND") {
      let end = try ICalendarMoment(line)
      let days = end.date.ordinal - begin.date.ordinal
      guard begin.isMidnight, end.isMidnight else { throw notAllDay(component) }
      // Some calendars end an all-day event on the day that it begins.
      guard days >= 0, days <= 366, begin.isDate || days > 0 else {
        throw SourceFault(line: line.number, detail: "the event ends on \(end.date), and begins on \(begin.date)")
      }
      return max(days, 1)
    }
    if let line = component.first("DURATION") {
      let text = line.value.uppercased()
      guard begin.isMidnight, text.hasPrefix("P"), let unit = text.last, unit == "D" || unit == "W",
        let count = Int(text.dropFirst().dropLast()), (1...366).contains(count)
      else { throw notAllDay(component) }
      return unit == "W" ? count * 7 : count
    }
    guard begin.isDate else { throw notAllDay(component) }
    return 1
  }

  private static func notAllDay(_ component: ICalendarComponent) -> SourceFault {
    let name = component.first("SUMMARY").map { " (\($0.text))" } ?? ""
    return SourceFault(
      line: component.line,
      detail: "the event\(name) does not take whole days; leave it out, or give it DTSTART;VALUE=DATE")
  }

  private static func dates(_ component: ICalendarComponent, _ name: String) throws(SourceFault) -> [LocalDate] {
    var dates: [LocalDate] = []
    for line in component.lines where line.name == name {
      for value in line.value.split(separator: ",") {
        guard let date = ICalendarMoment.date(value.prefix(8)) else {
          throw SourceFault(line: line.number, detail: "\"\(value)\" is no date of \(name)")
        }
        dates.append(date)
      }
    }
    return dates
  }
}

/// A date, or a date with a time, as DTSTART gives it; the zone does not matter, for a day is meant.
struct ICalendarMoment {
  var date: LocalDate
  /// Whether it is a date without a time.
  var isDate: Bool
  /// Whether it is at the beginning of its day.
  var isMidnight: Bool

  init(_ line: ICalendarLine) throws(SourceFault) {
    let text = line.value
    guard let date = Self.date(text.prefix(8)) else {
      throw SourceFault(line: line.number, detail: "\"\(text)\" is no date of \(line.name); one is 20270302")
    }
    self.date = date
    isDate = text.count == 8
    isMidnight = isDate || text.dropFirst(8).hasPrefix("T000000")
  }

  /// Reads `20270302`.
  static func date(_ text: Substring) -> LocalDate? {
    guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return LocalDate("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6))")
  }
}
