public import LaunchModel

/// Reads the holidays from an iCalendar file (RFC 5545): its all-day events, where yearly ones are expanded over a
/// range of years.
///
/// Everything that can affect the days is either supported or reported as an error with its line; `ICalendarProperties`
/// lists what is ignored.
public struct ICalendarReader: Sendable {
  /// The years whose days are read.
  public let years: ClosedRange<Int>
  /// Whether the range is extended to all years in which the file lists days by date, so that none is left out.
  private let isWidened: Bool

  /// Creates a reader of exactly the given years.
  public init(years: ClosedRange<Int>) {
    self.years = years
    isWidened = false
  }

  /// Creates a reader of all days that the file lists by date. Yearly events are expanded from the year before the
  /// given one, which covers running launches, to nine years after it, extended to the years of the listed days.
  public init(around year: Int) {
    years = (year - 1)...(year + 9)
    isWidened = true
  }

  /// An event with the first day of each of its occurrences.
  private struct Occurrences {
    var event: ICalendarHoliday
    var days: [LocalDate]
  }

  /// Returns the holidays with their names; the names of several on the same day are joined.
  ///
  /// - Throws: `invalid` with all errors and their lines.
  public func holidays(of bytes: [UInt8]) throws(Problem) -> [LocalDate: String] { try read(bytes).names }

  /// Returns the holidays, and the days that were left out because of their year.
  ///
  /// - Throws: `invalid` with all errors and their lines.
  public func read(_ bytes: [UInt8]) throws(Problem) -> ICalendarHolidays {
    var events: [ICalendarHoliday] = []
    var faults: [SourceError] = []
    do throws(SourceError) {
      let stream = try ICalendarStream(try ICalendarLine.all(in: bytes))
      for component in stream.events {
        do throws(SourceError) {
          events.append(try ICalendarHoliday(component, zones: stream.zones))
        } catch {
          faults.append(error)
        }
      }
      faults += stream.faults
    } catch {
      faults.append(error)
    }
    let covered = isWidened ? Self.years(of: events, atLeast: years) : years
    var series: [Occurrences] = []
    for event in events {
      do throws(SourceError) {
        series.append(Occurrences(event: event, days: try event.occurrences(throughYear: covered.upperBound)))
      } catch {
        faults.append(error)
      }
    }
    var holidays = ICalendarHolidays()
    do throws(SourceError) {
      for event in try Self.current(series) { try Self.add(event, in: covered, to: &holidays) }
    } catch {
      faults.append(error)
    }
    guard faults.isEmpty else { throw Self.problem(faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) }) }
    return holidays
  }

  /// Returns the years from the first to the last day that the events list by date, including at least the given ones.
  private static func years(of events: [ICalendarHoliday], atLeast years: ClosedRange<Int>) -> ClosedRange<Int> {
    var (first, last) = (years.lowerBound, years.upperBound)
    for event in events where !event.isCancelled {
      for day in event.named {
        first = min(first, day.components.year)
        last = max(last, day.adding(days: event.days - 1).components.year)
      }
    }
    return first...last
  }

  /// Returns the events without those that another event with the same UID and a higher SEQUENCE replaces (RFC 5546,
  /// section 2.1.4).
  ///
  /// - Throws: an error if events have the same UID and SEQUENCE, but different days.
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

  private static func add(
    _ occurrences: Occurrences, in years: ClosedRange<Int>, to holidays: inout ICalendarHolidays
  ) throws(SourceError) {
    let event = occurrences.event
    guard !event.isCancelled else { return }
    let named = event.named
    for first in occurrences.days {
      for day in 0..<event.days {
        // An event that starts in one year may end in the next, so that each day is checked.
        let date = first.adding(days: day)
        guard years.contains(date.components.year) else {
          if named.contains(first) { holidays.leftOut.insert(date) }
          continue
        }
        if let name = holidays.names[date], name != event.name {
          holidays.names[date] = "\(name), \(event.name)"
        } else {
          holidays.names[date] = event.name
        }
      }
      guard holidays.names.count <= CalendarDocument.mostHolidays else {
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

/// The holidays of an iCalendar file.
public struct ICalendarHolidays: Sendable, Hashable {
  /// The names by day; if several events cover a day, their names are joined.
  public internal(set) var names: [LocalDate: String] = [:]
  /// The days outside the range of years, except those of yearly rules, which recur without end.
  public internal(set) var leftOut: Set<LocalDate> = []
}
