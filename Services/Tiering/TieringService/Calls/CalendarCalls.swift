import Documents
import LaunchModel
import ServiceKit

/// Business-day calendars.
enum CalendarCalls {
  /// The most business days that a question may span.
  private static let maximumOffset = 10_000

  static func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.showCalendar) { try show($0, $1) }
    router.read(TieringRoutes.workday) { try workday($0, $1) }
  }

  private static func show(_ reference: CalendarReference, _ call: CallContext) throws -> CalendarView {
    try Rights.require(call.actor, .read)
    let known = TieringDocuments.calendarKeys
    guard let key = reference.calendar else {
      let weekend = BusinessCalendar.standard.weekend
      return CalendarView(calendar: nil, weekend: names(weekend), holidays: [:], known: known)
    }
    guard let calendar = BuiltIn.calendars[key] else {
      throw Problem.notFound("calendar-not-found", title: "no such calendar", unknown(key))
    }
    let holidays = calendar.holidays.map { ($0.key.description, $0.value) }
    return CalendarView(
      calendar: key, weekend: names(calendar.weekend),
      holidays: Dictionary(holidays, uniquingKeysWith: { first, _ in first }), known: known)
  }

  private static func workday(_ request: WorkdayRequest, _ call: CallContext) throws -> WorkdayAnswer {
    try Rights.require(call.actor, .read)
    if let key = request.calendar, BuiltIn.calendars[key] == nil {
      throw Problem.invalid("unknown-calendar", title: "no such calendar", pointer: "/calendar", unknown(key))
    }
    guard (-maximumOffset...maximumOffset).contains(request.offset) else {
      throw Problem.invalid(
        "offset-too-large", pointer: "/offset", "ask for at most \(maximumOffset) business days, not \(request.offset)")
    }
    let calendar = TieringDocuments.calendar(request.calendar)
    let day = calendar.day(request.offset, from: request.date)
    let notes = calendar.covers(request.date) && calendar.covers(day) ? [] : [uncovered(request.calendar, calendar)]
    return WorkdayAnswer(date: day, notes: notes)
  }

  private static func names(_ days: Set<Weekday>) -> [String] {
    Weekday.allCases.filter(days.contains).map(\.rawValue)
  }

  private static func unknown(_ key: String) -> String {
    let known = TieringDocuments.calendarKeys
    let hint = Suggestion.text(for: key, among: known)
    return "there is no calendar \"\(key)\"\(hint); there are \(known.joined(separator: ", "))"
  }

  private static func uncovered(_ key: String?, _ calendar: BusinessCalendar) -> String {
    let years = calendar.years.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "no year"
    return "the calendar \(key ?? "") has holidays for \(years); beyond, only weekends are left out"
  }
}
