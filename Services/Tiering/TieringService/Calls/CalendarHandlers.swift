import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage

/// Calls about business-day calendars.
struct CalendarHandlers: Sendable {
  let documents: TieringDocuments

  /// The largest number of business days that one request may count.
  private static let maximumOffset = 10_000

  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.showCalendar) { try await show($0, $1) }
    router.read(TieringRoutes.workday) { try await workday($0, $1) }
    router.change(TieringRoutes.adoptCalendar) { try adopt($0, $1, $2) }
  }

  private func show(_ reference: CalendarReference, _ call: CallContext) async throws -> CalendarView {
    try Rights.require(call.actor, .read)
    return try await call.environment.database.read { db in
      let calendars = try documents.calendars.all(db)
      guard let key = reference.calendar else { return CalendarView(nil, .standard, [:], calendars) }
      guard let calendar = calendars.calendar(key) else {
        throw Problem.notFound("calendar-not-found", title: "no such calendar", calendars.fault(of: key) ?? key)
      }
      let versions = try CalendarSet.keys(of: key).map { try documents.calendars.version(of: $0, db) }
      return CalendarView(key, calendar, calendars.names(of: key), calendars, version: versions.max())
    }
  }

  private func workday(_ request: WorkdayRequest, _ call: CallContext) async throws -> WorkdayAnswer {
    try Rights.require(call.actor, .read)
    let calendars = try await call.environment.database.read { try documents.calendars.all($0) }
    guard let calendar = calendars.calendar(request.calendar) else {
      throw Problem.invalid(
        "unknown-calendar", title: "no such calendar", pointer: "/calendar",
        request.calendar.flatMap(calendars.fault) ?? "unknown calendar")
    }
    guard (-Self.maximumOffset...Self.maximumOffset).contains(request.offset) else {
      throw Problem.invalid(
        "offset-too-large", pointer: "/offset",
        "the offset must be at most \(Self.maximumOffset) business days in either direction, not \(request.offset)")
    }
    let day = calendar.day(request.offset, from: request.date)
    let isKnown = calendar.covers(request.date) && calendar.covers(day)
    return WorkdayAnswer(date: day, notes: isKnown ? [] : [Self.uncovered(request.calendar, calendar)])
  }

  /// Stores a calendar as the next version of its key, and replans upcoming launches.
  private func adopt(_ request: AdoptCalendar, _ call: CallContext, _ tx: ServiceTransaction) throws -> CalendarView {
    try Rights.require(call.actor, .productOps)
    let calendar = try CalendarDocument(reading: request.document)
    let before = try documents.calendars.all(tx.db)
    guard before.document(calendar.key) != calendar else {
      throw Problem.conflict(
        "nothing-changes", title: "nothing to change", "the adopted calendar \(calendar.key) already has these days")
    }
    let version = try CalendarChange(tx: tx, documents: documents)
      .adopt(calendar, reason: request.reason ?? "the calendar \(calendar.key) was adopted")
    let calendars = try documents.calendars.all(tx.db)
    return CalendarView(calendar.key, calendar.business, calendars.names(of: calendar.key), calendars, version: version)
  }

  private static func uncovered(_ key: String?, _ calendar: BusinessCalendar) -> String {
    let years = calendar.years.map { "\($0.lowerBound) to \($0.upperBound)" } ?? "no year"
    return "the calendar \(key ?? "") has holidays for \(years); outside of these, only weekends are skipped"
  }
}

extension CalendarView {
  fileprivate init(
    _ key: String?, _ calendar: BusinessCalendar, _ names: [LocalDate: String], _ calendars: CalendarSet,
    version: Int? = nil
  ) {
    let holidays = names.map { ($0.key.description, $0.value) }
    self.init(
      calendar: key, weekend: Weekday.allCases.filter(calendar.weekend.contains).map(\.rawValue),
      holidays: Dictionary(holidays, uniquingKeysWith: { first, _ in first }), known: calendars.keys,
      years: calendar.years.map { [$0.lowerBound, $0.upperBound] }, version: version)
  }
}

/// Adopts calendars in one transaction with the launches that use them.
struct CalendarChange {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  /// Stores a calendar as the next version of its key, and replans upcoming launches.
  ///
  /// - Returns: the new version.
  /// - Throws: `no-common-workday`.
  @discardableResult
  func adopt(_ calendar: CalendarDocument, reason: String) throws -> Int {
    let version = try documents.calendars.version(of: calendar.key, tx.db) + 1
    try documents.calendars.save(calendar, version: version, tx.db)
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: version, reason: reason,
      CalendarChanged(calendar: calendar.key, version: version, document: calendar.document))
    try LaunchReplanning(tx: tx, documents: documents).replanAll(countingBy: calendar.key, reason: reason)
    return version
  }
}
