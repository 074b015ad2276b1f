public import LaunchModel

/// Reads the holidays from an iCalendar file (RFC 5545): its all-day events, with yearly ones expanded over a range of
/// years.
///
/// An event that is not supported is reported as an error, never skipped silently.
public struct ICalendarReader: Sendable {
  /// The years over which recurring events are expanded.
  public var years: ClosedRange<Int>

  public init(years: ClosedRange<Int>) { self.years = years }

  /// Returns the holidays with their names, which are joined if two fall on the same day.
  ///
  /// - Throws: `invalid` with all errors and their lines.
  public func holidays(of bytes: [UInt8]) throws(Problem) -> [LocalDate: String] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.problem([SourceError(line: 1, detail: "the file is not valid UTF-8")])
    }
    var holidays: [LocalDate: String] = [:]
    var faults: [SourceError] = []
    do throws(SourceError) {
      for component in try ICalendarComponent.events(of: try ICalendarLine.all(in: text)) {
        do throws(SourceError) {
          try add(try ICalendarHoliday(component), to: &holidays)
        } catch {
          faults.append(error)
        }
      }
    } catch {
      faults.append(error)
    }
    guard faults.isEmpty else { throw Self.problem(faults) }
    return holidays
  }

  private func add(_ event: ICalendarHoliday, to holidays: inout [LocalDate: String]) throws(SourceError) {
    guard !event.isCancelled else { return }
    for first in event.occurrences(in: years) {
      for day in 0..<event.days {
        let date = first.adding(days: day)
        if let name = holidays[date], name != event.name {
          holidays[date] = "\(name), \(event.name)"
        } else {
          holidays[date] = event.name
        }
      }
      guard holidays.count <= CalendarDocument.mostHolidays else {
        throw SourceError(
          line: event.line, detail: "more than \(CalendarDocument.mostHolidays) holidays; use fewer years")
      }
    }
  }

  private static func problem(_ faults: [SourceError]) -> Problem {
    .invalid(
      "unreadable-document", title: "the iCalendar file cannot be parsed",
      errors: faults.map { FieldError(pointer: "", line: $0.line, detail: $0.detail) })
  }
}

/// A component of an iCalendar stream, such as an event, with its own lines but not those of nested components.
struct ICalendarComponent {
  /// The number of its BEGIN line.
  var line: Int
  var lines: [ICalendarLine]

  /// Returns the first line with the name.
  func first(_ name: String) -> ICalendarLine? { lines.first { $0.name == name } }

  /// Returns the events of a stream.
  static func events(of lines: [ICalendarLine]) throws(SourceError) -> [ICalendarComponent] {
    guard lines.first?.name == "BEGIN", lines.first?.value.uppercased() == "VCALENDAR" else {
      throw SourceError(
        line: lines.first?.number ?? 1, detail: "not an iCalendar file: it must start with BEGIN:VCALENDAR")
    }
    var open: [(name: String, component: ICalendarComponent)] = []
    var events: [ICalendarComponent] = []
    for line in lines {
      switch line.name {
      case "BEGIN": open.append((line.value.uppercased(), ICalendarComponent(line: line.number, lines: [])))
      case "END":
        guard let last = open.popLast(), last.name == line.value.uppercased() else {
          throw SourceError(line: line.number, detail: "END:\(line.value) without a matching BEGIN")
        }
        if last.name == "VEVENT" { events.append(last.component) }
      default:
        guard !open.isEmpty else {
          throw SourceError(line: line.number, detail: "\(line.name) is outside VCALENDAR")
        }
        open[open.count - 1].component.lines.append(line)
      }
    }
    if let unclosed = open.last {
      throw SourceError(line: unclosed.component.line, detail: "BEGIN:\(unclosed.name) without a matching END")
    }
    return events
  }
}

/// One content line of an iCalendar stream (RFC 5545, section 3.1), unfolded.
struct ICalendarLine: Sendable, Hashable {
  /// The number of the line on which it starts, from 1.
  var number: Int
  /// The property name in upper case, such as `DTSTART`.
  var name: String
  /// The parameters by name in upper case, with quotes removed from the values.
  var parameters: [String: String]
  var value: String

  /// Returns the content lines of a text. Lines may end with LF alone, because some calendars write them so.
  ///
  /// - Throws: an error with the number of the first malformed line.
  static func all(in text: String) throws(SourceError) -> [ICalendarLine] {
    var lines: [ICalendarLine] = []
    for (number, content) in unfolded(text) where !content.isEmpty { lines.append(try line(content, number)) }
    return lines
  }

  /// Joins each line that starts with white space to the previous one.
  private static func unfolded(_ text: String) -> [(number: Int, content: [UInt8])] {
    var lines: [(number: Int, content: [UInt8])] = []
    var raw = Array(text.utf8)[...]
    if raw.starts(with: SourceDocument.byteOrderMark) { raw = raw.dropFirst(SourceDocument.byteOrderMark.count) }
    for (index, physical) in raw.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let line = physical.last == UInt8(ascii: "\r") ? physical.dropLast() : physical
      if let first = line.first, first == 0x20 || first == 0x09, !lines.isEmpty {
        lines[lines.count - 1].content += line.dropFirst()
      } else {
        lines.append((index + 1, Array(line)))
      }
    }
    return lines
  }

  private static func line(_ content: [UInt8], _ number: Int) throws(SourceError) -> ICalendarLine {
    var isQuoted = false
    var pieces: [[UInt8]] = [[]]
    var rest = content[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == UInt8(ascii: ":") {
        return try parsed(pieces, value: Array(rest), number)
      }
      if !isQuoted, byte == UInt8(ascii: ";") { pieces.append([]) } else { pieces[pieces.count - 1].append(byte) }
    }
    let shown = String(decoding: content.prefix(40), as: UTF8.self)
    throw SourceError(line: number, detail: "\"\(shown)\" is not an iCalendar line: it has no colon")
  }

  private static func parsed(
    _ pieces: [[UInt8]], value: [UInt8], _ number: Int
  ) throws(SourceError) -> ICalendarLine {
    let texts = pieces.map { String(decoding: $0, as: UTF8.self) }
    var parameters: [String: String] = [:]
    for text in texts.dropFirst() {
      guard let equals = text.firstIndex(of: "=") else {
        throw SourceError(line: number, detail: "the parameter \"\(text)\" has no value")
      }
      let unquoted = text[text.index(after: equals)...].filter { $0 != "\"" }
      parameters[text[..<equals].uppercased()] = String(unquoted)
    }
    return ICalendarLine(
      number: number, name: texts[0].uppercased(), parameters: parameters, value: String(decoding: value, as: UTF8.self)
    )
  }

  /// The value as text, with escapes resolved (section 3.3.11).
  var text: String {
    var result = ""
    var isEscaped = false
    for character in value {
      if isEscaped {
        result.append(character == "n" || character == "N" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}

/// An all-day event of an iCalendar file.
struct ICalendarHoliday: Sendable {
  /// The number of its BEGIN line.
  var line: Int
  var name: String
  var start: LocalDate
  /// The number of days, at least 1.
  var days: Int
  var isCancelled: Bool
  private var rule: YearlyRule?
  private var extra: [LocalDate]
  private var except: [LocalDate]

  init(_ component: ICalendarComponent) throws(SourceError) {
    line = component.line
    guard let startLine = component.first("DTSTART") else {
      throw SourceError(line: component.line, detail: "the event has no DTSTART")
    }
    let begin = try ICalendarMoment(startLine)
    start = begin.date
    days = try Self.days(from: begin, component)
    name = component.first("SUMMARY").map(\.text).flatMap { $0.isEmpty ? nil : $0 } ?? "Holiday"
    isCancelled = component.first("STATUS")?.value.uppercased() == "CANCELLED"
    if let recurrence = component.first("RECURRENCE-ID") {
      throw SourceError(
        line: recurrence.number,
        detail: "RECURRENCE-ID is not supported: write events that replace one of a series as separate events")
    }
    rule = try component.first("RRULE").map { line throws(SourceError) in try YearlyRule(line, start: begin.date) }
    extra = try Self.dates(component, "RDATE")
    except = try Self.dates(component, "EXDATE")
  }

  /// Returns the first day of each occurrence, in ascending order; for a series, of those that start in the given
  /// years.
  func occurrences(in years: ClosedRange<Int>) -> [LocalDate] {
    let own = rule?.dates(from: start, in: years) ?? [start]
    return Set(own + extra).subtracting(except).sorted()
  }

  private static func days(from begin: ICalendarMoment, _ component: ICalendarComponent) throws(SourceError) -> Int {
    if let line = component.first("DTEND") {
      let end = try ICalendarMoment(line)
      let days = end.date.ordinal - begin.date.ordinal
      guard begin.isMidnight, end.isMidnight else { throw notAllDay(component) }
      // Some calendars end an all-day event on the day on which it starts.
      guard days >= 0, days <= 366, begin.isDate || days > 0 else {
        throw SourceError(line: line.number, detail: "the event ends on \(end.date) but starts on \(begin.date)")
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

  private static func notAllDay(_ component: ICalendarComponent) -> SourceError {
    let name = component.first("SUMMARY").map { " (\($0.text))" } ?? ""
    return SourceError(
      line: component.line,
      detail: "the event\(name) does not cover whole days; remove it, or give it DTSTART;VALUE=DATE")
  }

  private static func dates(_ component: ICalendarComponent, _ name: String) throws(SourceError) -> [LocalDate] {
    var dates: [LocalDate] = []
    for line in component.lines where line.name == name {
      for value in line.value.split(separator: ",") {
        guard let date = ICalendarMoment.date(value.prefix(8)) else {
          throw SourceError(
            line: line.number, detail: "\"\(value)\" is not a valid date for \(name); expected e.g. 20270302")
        }
        dates.append(date)
      }
    }
    return dates
  }
}

/// The date or date-time value of a property such as DTSTART. The time zone is ignored, because only the day matters.
struct ICalendarMoment {
  var date: LocalDate
  /// Whether it is a date without a time.
  var isDate: Bool
  /// Whether it is at the start of its day.
  var isMidnight: Bool

  init(_ line: ICalendarLine) throws(SourceError) {
    let text = line.value
    guard let date = Self.date(text.prefix(8)) else {
      throw SourceError(
        line: line.number, detail: "\"\(text)\" is not a valid date for \(line.name); expected e.g. 20270302")
    }
    self.date = date
    isDate = text.count == 8
    isMidnight = isDate || text.dropFirst(8).hasPrefix("T000000")
  }

  /// Parses a date such as `20270302`.
  static func date(_ text: Substring) -> LocalDate? {
    guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return LocalDate("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.dropFirst(6))")
  }
}
