import LaunchModel

/// An all-day event of an iCalendar file.
struct ICalendarHoliday: Sendable {
  /// The number of its BEGIN line.
  var line: Int
  var name: String
  /// The number of days, at least 1.
  var days: Int
  var isCancelled: Bool
  /// Constant across the versions of the event; nil if the file has none.
  var uid: String?
  /// The version, from 0.
  var sequence: Int
  private var start: LocalDate
  private var rule: YearlyRule?
  private var added: [LocalDate]
  /// The dates excluded from the series, each with its line.
  private var removed: [(date: LocalDate, line: Int)]

  init(_ component: ICalendarComponent, zones: ICalendarZones) throws(SourceError) {
    line = component.line
    try Self.check(component)
    guard let startLine = try component.only("DTSTART") else {
      throw SourceError(line: component.line, detail: "the event has no DTSTART")
    }
    let begin = try ICalendarMoment(startLine)
    start = begin.date
    days = try Self.days(from: begin, component, zones)
    name = component.lines.first { $0.name == "SUMMARY" }.map(\.text).flatMap { $0.isEmpty ? nil : $0 } ?? "Holiday"
    isCancelled = try Self.isCancelled(component)
    uid = try component.only("UID").map(\.value)
    sequence = try Self.sequence(component)
    rule = try component.only("RRULE").map { line throws(SourceError) in
      try YearlyRule(line, start: begin, zones: zones)
    }
    added = try Self.dates(component, "RDATE", begin, zones).map(\.date)
    removed = try Self.dates(component, "EXDATE", begin, zones)
  }

  /// Reports properties that may affect the days but are not supported.
  private static func check(_ component: ICalendarComponent) throws(SourceError) {
    for line in component.lines {
      switch line.name {
      case "RECURRENCE-ID":
        throw SourceError(
          line: line.number,
          detail: "RECURRENCE-ID is not supported: write an event that replaces one of a series as a separate event")
      case "EXRULE":
        throw SourceError(
          line: line.number, detail: "EXRULE is not supported: write each day that is left out as an EXDATE")
      default:
        guard ICalendarProperties.honoured.contains(line.name) || ICalendarProperties.isIgnored(line.name) else {
          throw SourceError(
            line: line.number,
            detail: "\(line.name) is not supported, and might change which days are holidays; remove the line")
        }
      }
    }
  }

  private static func isCancelled(_ component: ICalendarComponent) throws(SourceError) -> Bool {
    guard let line = try component.only("STATUS") else { return false }
    switch line.value.uppercased() {
    case "CANCELLED": return true
    case "CONFIRMED", "TENTATIVE": return false
    default:
      throw SourceError(
        line: line.number, detail: "\"\(line.value)\" is not a STATUS; expected CONFIRMED, TENTATIVE or CANCELLED")
    }
  }

  private static func sequence(_ component: ICalendarComponent) throws(SourceError) -> Int {
    guard let line = try component.only("SEQUENCE") else { return 0 }
    guard let number = Int(line.value), number >= 0 else {
      throw SourceError(line: line.number, detail: "\"\(line.value)\" is not a SEQUENCE; expected a number from 0")
    }
    return number
  }

  /// The first day of each occurrence that the file lists by date rather than by a rule.
  var named: Set<LocalDate> {
    Set(rule == nil ? added + [start] : added).subtracting(removed.map(\.date))
  }

  /// Returns the first day of each occurrence, in ascending order; for a series, of the occurrences that start by the
  /// end of a year.
  ///
  /// The event's own day is an occurrence even if its rule does not yield it, as other readers treat it, too.
  ///
  /// - Throws: an error if an excluded day is not in the series, or cannot be determined.
  func occurrences(throughYear last: Int) throws(SourceError) -> [LocalDate] {
    let recurring = try rule?.dates(from: start, throughYear: last) ?? []
    let all = Set(recurring + added + [start])
    for (date, line) in removed where !all.contains(date) && date.components.year <= last {
      throw SourceError(line: line, detail: "EXDATE excludes \(date), but the event does not occur on that day")
    }
    return all.subtracting(removed.map(\.date)).sorted()
  }

  private static func days(
    from begin: ICalendarMoment, _ component: ICalendarComponent, _ zones: ICalendarZones
  ) throws(SourceError) -> Int {
    let (endLine, durationLine) = (try component.only("DTEND"), try component.only("DURATION"))
    if let endLine {
      if let durationLine {
        throw SourceError(line: durationLine.number, detail: "an event has either DTEND or DURATION; remove one")
      }
      let place = zones.place(try ICalendarMoment(endLine), in: begin)
      guard begin.isMidnight, place.isMidnight, let end = place.date else { throw notAllDay(component) }
      let days = end.ordinal - begin.date.ordinal
      // Some programs write an all-day event that ends on the day on which it starts.
      guard days >= 0, days <= 366, begin.isDate || days > 0 else {
        throw SourceError(line: endLine.number, detail: "the event ends on \(end) but starts on \(begin.date)")
      }
      return max(days, 1)
    }
    if let durationLine {
      let seconds = ICalendarDuration.seconds(durationLine.value)
      guard begin.isMidnight, let seconds, seconds > 0, seconds % 86_400 == 0, seconds <= 366 * 86_400 else {
        throw notAllDay(component)
      }
      return seconds / 86_400
    }
    guard begin.isDate else { throw notAllDay(component) }
    return 1
  }

  private static func notAllDay(_ component: ICalendarComponent) -> SourceError {
    let name = component.lines.first { $0.name == "SUMMARY" }.map { " (\($0.text))" } ?? ""
    return SourceError(
      line: component.line,
      detail: "the event\(name) does not cover whole days; remove it, or give it DTSTART;VALUE=DATE")
  }

  /// Returns the dates of all properties with the name, each with its line.
  private static func dates(
    _ component: ICalendarComponent, _ name: String, _ begin: ICalendarMoment, _ zones: ICalendarZones
  ) throws(SourceError) -> [(date: LocalDate, line: Int)] {
    var dates: [(date: LocalDate, line: Int)] = []
    for line in component.lines where line.name == name {
      for value in line.value.split(separator: ",", omittingEmptySubsequences: false) {
        let place = zones.place(try ICalendarMoment(line, text: value), in: begin)
        guard let date = place.date else {
          throw SourceError(
            line: line.number,
            detail:
              "\(name) \(value) is \(place.dates.lowerBound) or \(place.dates.upperBound), depending on a time zone "
              + "that the event does not have; write it as a date, e.g. \(name);VALUE=DATE:20270302")
        }
        guard place.isMidnight else {
          throw SourceError(
            line: line.number, detail: "\(name) \(value) is not a whole day; the event starts at midnight")
        }
        dates.append((date, line.number))
      }
    }
    return dates
  }
}

/// Durations according to RFC 5545, section 3.3.6.
enum ICalendarDuration {
  /// Returns the seconds of a duration such as `P1D`, `PT24H` or `P1DT0H0M0S`, where a day has 24 hours; nil if it is
  /// malformed.
  static func seconds(_ text: String) -> Int? {
    let pattern = /\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?/
    guard let match = text.uppercased().wholeMatch(of: pattern) else { return nil }
    let numbers = [match.1, match.2, match.4, match.5, match.6].map { $0.flatMap { Int($0) } }
    // At least one part must follow a T.
    guard numbers.contains(where: { $0 != nil }), match.3.map({ $0.count > 1 }) ?? true else { return nil }
    return zip(numbers, [604_800, 86_400, 3_600, 60, 1]).reduce(0) { $0 + ($1.0 ?? 0) * $1.1 }
  }
}
