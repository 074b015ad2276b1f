/// The components of an iCalendar stream that determine holidays: events and time zone definitions.
struct ICalendarStream {
  /// The events, in the order of the file.
  private(set) var events: [ICalendarComponent] = []
  private(set) var zones = ICalendarZones()
  /// The errors in the components around the events.
  private(set) var faults: [SourceError] = []

  /// The components that are open, from the outermost to the innermost.
  private var open: [ICalendarComponent] = []

  /// - Throws: an error if the lines are not a complete iCalendar stream.
  init(_ lines: [ICalendarLine]) throws(SourceError) {
    guard lines.first?.name == "BEGIN", lines.first?.value.uppercased() == "VCALENDAR" else {
      throw SourceError(
        line: lines.first?.number ?? 1, detail: "not an iCalendar file: it must start with BEGIN:VCALENDAR")
    }
    for line in lines {
      switch line.name {
      case "BEGIN": open.append(ICalendarComponent(name: line.value.uppercased(), line: line.number))
      case "END":
        guard let last = open.popLast(), last.name == line.value.uppercased() else {
          throw SourceError(line: line.number, detail: "END:\(line.value) without a matching BEGIN")
        }
        try close(last)
      default:
        guard !open.isEmpty else {
          throw SourceError(line: line.number, detail: "\(line.name) is outside VCALENDAR")
        }
        open[open.count - 1].lines.append(line)
      }
    }
    if let unclosed = open.last {
      throw SourceError(line: unclosed.line, detail: "BEGIN:\(unclosed.name) without a matching END")
    }
  }

  /// Stores a complete component if it is relevant.
  private mutating func close(_ component: ICalendarComponent) throws(SourceError) {
    let parent = open.last?.name
    switch (component.name, parent) {
    case ("VCALENDAR", nil): check(calendar: component)
    case ("VEVENT", "VCALENDAR"): events.append(component)
    case ("VTIMEZONE", "VCALENDAR"): zones.add(component)
    case ("STANDARD", "VTIMEZONE"), ("DAYLIGHT", "VTIMEZONE"):
      open[open.count - 1].lines += component.lines.filter { $0.name == "TZOFFSETTO" || $0.name == "TZOFFSETFROM" }
    case (let name, "VCALENDAR") where ICalendarProperties.isIgnored(component: name): break
    // Alarms, locations and participants of an event or a task.
    case (let name, let parent?) where parent != "VCALENDAR" && name != "VEVENT": break
    default:
      throw SourceError(
        line: component.line,
        detail: "\(component.name) is not supported \(parent.map { "in \($0)" } ?? "outside VCALENDAR"); remove it")
    }
  }

  private mutating func check(calendar: ICalendarComponent) {
    for line in calendar.lines {
      let value = line.value.uppercased()
      switch line.name {
      case "VERSION" where value != "2.0":
        fault(line, "only version 2.0 of iCalendar is supported; export the calendar again in this format")
      case "CALSCALE" where value != "GREGORIAN":
        fault(line, "only the Gregorian calendar is supported; write the days as Gregorian dates")
      case "METHOD" where value != "PUBLISH" && value != "REQUEST":
        fault(line, "the file changes or cancels events instead of listing them; export the whole calendar")
      case "VERSION", "CALSCALE", "METHOD": break
      case let name where !ICalendarProperties.isIgnored(calendarProperty: name):
        fault(line, "the property is not supported, and might change which days are holidays; remove it")
      default: break
      }
    }
  }

  private mutating func fault(_ line: ICalendarLine, _ reason: String) {
    faults.append(SourceError(line: line.number, detail: "\(line.name):\(line.value.prefix(80)): \(reason)"))
  }
}

/// A component of an iCalendar stream, such as an event, with its own lines but not those of nested components.
struct ICalendarComponent {
  /// The name in upper case, such as `VEVENT`.
  var name: String
  /// The number of its BEGIN line.
  var line: Int
  var lines: [ICalendarLine] = []

  /// Returns the line with the name; nil if there is none.
  ///
  /// - Throws: an error with the line of the second if there are several.
  func only(_ name: String) throws(SourceError) -> ICalendarLine? {
    let found = lines.filter { $0.name == name }
    guard found.count <= 1 else {
      throw SourceError(
        line: found[1].number,
        detail:
          "a second \(name) in one event is not supported; the first is on line \(found[0].number). Write one event "
          + "for each")
    }
    return found.first
  }
}

/// The properties of iCalendar by how they are treated. A property of an event that is in neither list is an error.
enum ICalendarProperties {
  /// Affect the days, and are supported.
  static let honoured: Set<String> = [
    "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "STATUS", "UID", "SEQUENCE", "SUMMARY",
  ]

  /// Do not affect the days, and are ignored (RFC 5545, 7986 and 9073), like all that start with `X-`.
  static let ignored: Set<String> = [
    "DTSTAMP", "CREATED", "LAST-MODIFIED", "DESCRIPTION", "STYLED-DESCRIPTION", "STRUCTURED-DATA", "LOCATION", "GEO",
    "URL", "CLASS", "CATEGORIES", "CONCEPT", "REFID", "LINK", "TRANSP", "PRIORITY", "ORGANIZER", "ATTENDEE", "CONTACT",
    "COMMENT", "ATTACH", "RESOURCES", "RELATED-TO", "REQUEST-STATUS", "COLOR", "IMAGE", "CONFERENCE", "NAME", "SOURCE",
  ]

  private static let ofCalendars: Set<String> = ["PRODID", "NAME", "UID", "REFRESH-INTERVAL"]
  private static let components: Set<String> = ["VTODO", "VJOURNAL", "VFREEBUSY", "VALARM", "VAVAILABILITY"]

  static func isIgnored(_ name: String) -> Bool { ignored.contains(name) || name.hasPrefix("X-") }

  static func isIgnored(calendarProperty name: String) -> Bool { isIgnored(name) || ofCalendars.contains(name) }

  static func isIgnored(component name: String) -> Bool { components.contains(name) || name.hasPrefix("X-") }
}
