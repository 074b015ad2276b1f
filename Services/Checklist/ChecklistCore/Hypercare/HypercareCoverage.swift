public import Contract
public import LaunchModel

/// How a roster of shifts covers the days of elevated support coverage of a launch.
///
/// Nothing of it moves with the launch: after a new date the same shifts leave other gaps.
public struct HypercareCoverage: Sendable {
  /// How many days hypercare lasts, from the day of the first exposure on.
  public static let days = 14

  /// The shifts, the hours that they should cover, and the response target.
  public var roster: HypercareRoster
  /// The first day: that of the first exposure, else the planned date.
  public var start: LocalDate
  /// The rules of the launch's zone, in which dates and times of the roster are local.
  public var zone: ZoneRules

  public init(roster: HypercareRoster, start: LocalDate, zone: ZoneRules) {
    self.roster = roster
    self.start = start
    self.zone = zone
  }

  /// A span of time; empty if it does not end after it begins.
  private struct Span {
    var start: Timestamp
    var end: Timestamp
  }

  /// The spans of the first days within the hours of coverage when nobody is on shift, by time; one that continues on the
  /// next day is one span.
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

  /// Whether somebody is on shift at every moment of the first days within the hours of coverage.
  public func isComplete(days: Int) -> Bool { gaps(days: days).isEmpty }

  /// Who is on shift at a moment, by the end of their shifts.
  public func onShift(at moment: Timestamp) -> [HypercareOnShift] {
    roster.shifts.filter { shift in
      let span = span(of: shift)
      return span.start <= moment && moment < span.end
    }
    .map { HypercareOnShift(person: $0.person, until: $0.to, responseMinutes: roster.responseMinutes(during: $0)) }
    .sorted { ($0.until, $0.person) < ($1.until, $1.person) }
  }

  /// Whether a moment is within the hours of coverage of its day.
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

  /// - Parameter shifts: by their beginning.
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
