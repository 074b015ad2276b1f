import LaunchModel
import Storage

/// What says whether something known of a running launch still holds.
struct ListedLaunch: Sendable {
  var launch: LaunchID
  /// The local day in its zone.
  var today: LocalDate
  /// The hash of the last link of its audit chain; nil if it has none.
  var head: String?
}

extension LaunchRepository {
  /// The launches that are neither cancelled nor postponed, ascending.
  func listed(at now: Timestamp) throws -> [ListedLaunch] {
    let rows = try db.query(
      """
      SELECT launch, time_zone, (
        SELECT hash FROM audit_links WHERE audit_links.launch = launches.launch ORDER BY length DESC LIMIT 1) AS head
      FROM launches WHERE running = 1 ORDER BY launch
      """)
    var days: [String: LocalDate] = [:]
    return try rows.compactMap { row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      let zone = try row.text("time_zone")
      let today = try days[zone] ?? ZoneRules(zone).localDate(at: now)
      days[zone] = today
      return ListedLaunch(launch: launch, today: today, head: try row.optionalText("head"))
    }
  }
}
