public import Contract
public import LaunchModel

/// How a roster of shifts covers a launch's hypercare: the days of elevated support coverage.
///
/// Shifts have fixed dates and do not move with the launch: after a change of date, the same shifts leave other gaps.
public struct HypercareCoverage: Sendable {
  /// The number of days of hypercare, starting with the day of the first exposure.
  public static let days = 14

  /// The shifts, the hours that they should cover, and the response target.
  public var roster: HypercareRoster
  /// The first day: the day of the first exposure or, before that, the planned date.
  public var start: LocalDate
  /// The rules of the launch's zone; the roster's dates and times are local to it.
  public var zone: ZoneRules

  public init(roster: HypercareRoster, start: LocalDate, zone: ZoneRules) {
    self.roster = roster
    self.start = start
    self.zone = zone
  }

  /// A period of time; empty if its end is not after its start.
  private struct Span {
    var start: Timestamp
    var end: Timestamp
  }

  /// Returns the periods within the coverage hours of the first `days` days in which nobody is on shift, by time. A gap
  /// that continues on the next day is one gap.
  public func gaps(days: Int = HypercareCoverage.days) -> [HypercareGap] {
    let shifts = roster.shifts.map { span(of: $0) }.sorted { $0.start < $1.start }
    var gaps: [Span] = []
    for day in 0..<max(0, days) {
      for gap in uncovered(in: hours(of: start.adding(days: day)), by: shifts) {
        if let last = gaps.last, last.end == gap.start {
          gaps[gaps.count - 1].end = gap.end
        } else {
          gaps.append(gap)
        }
      }
    }
    return gaps.map { gap in
      HypercareGap(
        from: zone.localDateTime(at: gap.start), to: zone.localDateTime(at: gap.end),
        minutes: Int((gap.end.microseconds - gap.start.microseconds) / 60_000_000))
    }
  }

  /// Whether somebody is on shift at every moment within the coverage hours of the first `days` days.
  public func isComplete(days: Int) -> Bool { gaps(days: days).isEmpty }

  /// Returns who is on shift at a moment, sorted by when their shifts end.
  public func onShift(at moment: Timestamp) -> [HypercareOnShift] {
    roster.shifts.filter { shift in
      let span = span(of: shift)
      return span.start <= moment && moment < span.end
    }
    .map { HypercareOnShift(person: $0.person, until: $0.to, responseMinutes: roster.responseMinutes(during: $0)) }
    .sorted { ($0.until, $0.person) < ($1.until, $1.person) }
  }

  /// Whether a moment is within its day's coverage hours.
  func isWithinHours(_ moment: Timestamp) -> Bool {
    let hours = hours(of: zone.localDate(at: moment))
    return hours.start <= moment && moment < hours.end
  }

  private func span(of shift: HypercareShift) -> Span {
    Span(start: zone.moment(of: shift.from), end: zone.moment(of: shift.to))
  }

  private func hours(of day: LocalDate) -> Span {
    Span(
      start: zone.moment(of: LocalDateTime(day, roster.hours.from)),
      end: zone.moment(of: LocalDateTime(day, roster.hours.to)))
  }

  /// - Parameter shifts: sorted by their start.
  private func uncovered(in span: Span, by shifts: [Span]) -> [Span] {
    var gaps: [Span] = []
    var covered = span.start
    for shift in shifts where shift.end > covered {
      if shift.start >= span.end { break }
      if shift.start > covered { gaps.append(Span(start: covered, end: shift.start)) }
      covered = shift.end
    }
    if covered < span.end { gaps.append(Span(start: covered, end: span.end)) }
    return gaps
  }
}
