import Documents
import LaunchModel
import Storage

/// The business calendars that launches name: the copies last fetched from tiering, or the built-in ones until then.
struct KnownCalendarRepository {
  let db: any Transaction

  /// The calendar with a key; Monday to Friday if the key is nil. Returns nil if the
  /// calendar is neither fetched nor built in.
  func calendar(_ key: String?) throws -> BusinessCalendar? {
    guard let key else { return .standard }
    guard let row = try db.queryOne("SELECT weekend, holidays FROM calendars WHERE key = ?", [key]) else {
      return BuiltIn.calendars[key]?.business
    }
    return BusinessCalendar(
      weekend: try row.json("weekend", as: Set<Weekday>.self),
      holidays: try row.json("holidays", as: Set<LocalDate>.self))
  }

  func save(_ calendar: BusinessCalendar, key: String, at now: Timestamp) throws {
    try db.execute(
      """
      INSERT INTO calendars (key, weekend, holidays, fetched_at) VALUES (?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE
      SET weekend = excluded.weekend, holidays = excluded.holidays, fetched_at = excluded.fetched_at
      """,
      [
        key, try SQLValue.json(calendar.weekend.sorted { $0.rawValue < $1.rawValue }),
        try SQLValue.json(calendar.holidays.sorted()), now,
      ])
  }

  /// The keys of the calendars that were not fetched since a moment. Only calendars named by launches with a scheduled
  /// review are considered.
  func outdatedKeys(since: Timestamp) throws -> Set<String> {
    let scheduled = try db.query(
      """
      SELECT DISTINCT launches.record AS record FROM launches JOIN reviews ON reviews.launch = launches.id
      WHERE reviews.state = 'scheduled'
      """)
    let named = Set(try scheduled.compactMap { try $0.json("record", as: LaunchRecord.self).plan.calendar })
    let fresh = try db.query("SELECT key FROM calendars WHERE fetched_at >= ?", [since]).map { try $0.text("key") }
    return named.subtracting(fresh)
  }
}
