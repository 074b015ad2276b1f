public import LaunchModel

/// Reads the holidays from an iCalendar file (RFC 5545): its all-day events, with yearly ones expanded over a range of
/// years.
///
/// Whatever can decide a day is honoured, or reported as an error with its line; `ICalendarProperties` lists what is
/// ignored.
public struct ICalendarReader: Sendable {
  /// The years over which recurring events are expanded.
  public var years: ClosedRange<Int>

  public init(years: ClosedRange<Int>) { self.years = years }

  /// An event with the first day of each of its occurrences.
  private struct Occurrences {
    var event: ICalendarHoliday
    var days: [LocalDate]
  }

  /// Returns the holidays with their names, which are joined if two fall on the same day.
  ///
  /// - Throws: `invalid` with all errors and their lines.
  public func holidays(of bytes: [UInt8]) throws(Problem) -> [LocalDate: String] {
    var events: [Occurrences] = []
    var faults: [SourceError] = []
    do throws(SourceError) {
      let stream = try ICalendarStream(try ICalendarLine.all(in: bytes))
      for component in stream.events {
        do throws(SourceError) {
          let event = try ICalendarHoliday(component, zones: stream.zones)
          events.append(Occurrences(event: event, days: try event.occurrences(in: years)))
        } catch {
          faults.append(error)
        }
      }
      faults += stream.faults
    } catch {
      faults.append(error)
    }
    var holidays: [LocalDate: String] = [:]
    do throws(SourceError) {
      for event in try Self.current(events) { try add(event, to: &holidays) }
    } catch {
      faults.append(error)
    }
    guard faults.isEmpty else { throw Self.problem(faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) }) }
    return holidays
  }

  /// Returns the events without those that a higher SEQUENCE of the same UID replaces (RFC 5546, section 2.1.4).
  ///
  /// - Throws: an error if events have the same UID and SEQUENCE, but other days.
  private static func current(_ events: [Occurrences]) throws(SourceError) -> [Occurrences] {
    var newest: [String: Occurrences] = [:]
    for event in events {
      guard let uid = event.event.uid else { continue }
      guard let other = newest[uid], other.event.sequence >= event.event.sequence else {
        newest[uid] = event
        continue
      }
      guard other.event.sequence == event.event.sequence else { continue }
      let isSame =
        other.days == event.days && other.event.days == event.event.days
        && other.event.isCancelled == event.event.isCancelled
      guard isSame else {
        throw SourceError(
          line: event.event.line,
          detail: "the event on line \(other.event.line) has the same UID and SEQUENCE, \"\(uid)\" and "
            + "\(event.event.sequence), but other days; give each event a UID of its own, or the newer one a higher "
            + "SEQUENCE")
      }
    }
    return events.filter { event in
      event.event.uid.flatMap { newest[$0] }.map { $0.event.sequence == event.event.sequence } ?? true
    }
  }

  private func add(_ occurrences: Occurrences, to holidays: inout [LocalDate: String]) throws(SourceError) {
    let event = occurrences.event
    guard !event.isCancelled else { return }
    for first in occurrences.days {
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
