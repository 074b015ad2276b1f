import LaunchModel
import Logging
import ServiceKit
import Storage

/// Asks tiering for the calendars that scheduled reviews open by: it owns them, and they change.
enum CalendarSweep {
  /// How old an answer may be, by the service's clock, in days.
  static let maximumAge = 1

  static let sweep = Sweep("ask-for-calendars", every: .seconds(5)) { try await refresh($0) }

  static func refresh(_ environment: ServiceEnvironment) async throws {
    let oldest = environment.clock.now().adding(days: -maximumAge)
    let keys = try await environment.database.read { try CalendarTable(db: $0).keysToAsk(since: oldest) }
    for key in keys.sorted() {
      let calendar = try await calendar(key, environment)
      try await environment.change { try keep(calendar, key: key, $0) }
    }
  }

  /// Monday to Friday stands in for a calendar that nobody knows.
  private static func calendar(_ key: String, _ environment: ServiceEnvironment) async throws -> BusinessCalendar {
    do {
      let view = try await environment.clients(for: .tiering).call(
        TieringRoutes.showCalendar, CalendarReference(calendar: key))
      return BusinessCalendar(
        weekend: Set(view.weekend.compactMap(Weekday.init(rawValue:))),
        holidays: Set(view.holidays.keys.compactMap { LocalDate($0) }))
    } catch let problem as Problem where problem.kind == .notFound {
      return .standard
    }
  }

  private static func keep(_ calendar: BusinessCalendar, key: String, _ tx: ServiceTransaction) throws {
    try CalendarTable(db: tx.db).keep(calendar, key: key, at: tx.now)
    for launch in Set(try ReviewTable(db: tx.db).all().filter { $0.state == .scheduled }.map(\.launch)) {
      try ReviewTable(db: tx.db).schedule(launch)
    }
  }
}
