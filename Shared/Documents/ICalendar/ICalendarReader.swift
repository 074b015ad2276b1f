public import LaunchModel

/// Reads the holidays of an iCalendar file (RFC 5545): its all-day events, those that recur each year over a range of years.
///
/// What makes a day a holiday and cannot be understood is a fault, and never left out in silence.
public struct ICalendarReader: Sendable {
  /// The years that recurring events are spread over.
  public var years: ClosedRange<Int>

  public init(years: ClosedRange<Int>) { self.years = years }

  /// The holidays with their names; of two on one day, both names.
  ///
  /// - Throws: `invalid` with every fault, each with its line.
  public func holidays(of bytes: [UInt8]) throws(Problem) -> [LocalDate: String] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.problem([SourceFault(line: 1, detail: "this is not UTF-8 text")])
    }
    var holidays: [LocalDate: String] = [:]
    var faults: [SourceFault] = []
    do throws(SourceFault) {
      for component in try ICalendarComponent.events(of: try ICalendarLine.all(in: text)) {
        do throws(SourceFault) {
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

  private func add(_ event: ICalendarHoliday, to holidays: inout [LocalDate: String]) throws(SourceFault) {
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
        throw SourceFault(line: event.line, detail: "there are more than \(CalendarDocument.mostHolidays) holidays")
      }
    }
  }

  private static func problem(_ faults: [SourceFault]) -> Problem {
    .invalid(
      "unreadable-document", title: "the iCalendar file cannot be read",
      errors: faults.map { FieldFault(pointer: "", line: $0.line, detail: $0.detail) })
  }
}

/// A component of an iCalendar stream, as an event: its own lines, without those of components within it.
struct ICalendarComponent {
  /// The line of its BEGIN.
  var line: Int
  var lines: [ICalendarLine]

  /// The first line of that name.
  func first(_ name: String) -> ICalendarLine? { lines.first { $0.name == name } }

  /// The events of a stream.
  static func events(of lines: [ICalendarLine]) throws(SourceFault) -> [ICalendarComponent] {
    guard lines.first?.name == "BEGIN", lines.first?.value.uppercased() == "VCALENDAR" else {
      throw SourceFault(line: lines.first?.number ?? 1, detail: "an iCalendar file begins with BEGIN:VCALENDAR")
    }
    var open: [(name: String, component: ICalendarComponent)] = []
    var events: [ICalendarComponent] = []
    for line in lines {
      switch line.name {
      case "BEGIN": open.append((line.value.uppercased(), ICalendarComponent(line: line.number, lines: [])))
      case "END":
        guard let last = open.popLast(), last.name == line.value.uppercased() else {
          throw SourceFault(line: line.number, detail: "END:\(line.value) ends nothing that begins")
        }
        if last.name == "VEVENT" { events.append(last.component) }
      default:
        guard !open.isEmpty else {
          throw SourceFault(line: line.number, detail: "\(line.name) stands outside VCALENDAR")
        }
        open[open.count - 1].component.lines.append(line)
      }
    }
    if let unclosed = open.last {
      throw SourceFault(line: unclosed.component.line, detail: "\(unclosed.name) begins here and does not end")
    }
    return events
  }
}
