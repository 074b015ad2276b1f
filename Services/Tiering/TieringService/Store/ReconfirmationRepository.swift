import LaunchModel
import Storage

/// The days on which owners are asked to confirm their launches' dates, and the notices already sent.
struct ReconfirmationRepository {
  let db: any Transaction

  /// The day on which the owner is asked: the last one for which the date is confirmed. Nil if that notice was sent already, or
  /// nothing has to be confirmed.
  func nextDay(of record: LaunchRecord, in zone: ZoneRules) throws -> LocalDate? {
    guard let day = record.confirmationEnd(in: zone) else { return nil }
    let launch = record.plan.launch
    return try isSent(Self.key(of: launch, day), of: launch) ? nil : day
  }

  /// The launches whose owners are to be asked now: their day has come in their own zone.
  func due(at now: Timestamp) throws -> [LaunchID] {
    // One day ahead, because some time zones are already on the next day.
    let latest = ZoneRules.utc.localDate(at: now).adding(days: 1)
    return try db.query(
      "SELECT id, reconfirm_on, record FROM launches WHERE reconfirm_on <= ? ORDER BY reconfirm_on, id", [latest]
    ).compactMap { row in
      let plan = try row.json("record", as: LaunchRecord.self).plan
      let today = try ZoneRules(plan.timeZone).localDate(at: now)
      return try row.date("reconfirm_on") <= today ? plan.launch : nil
    }
  }

  /// The key of the notice about a confirmation that ends on a day.
  static func key(of launch: LaunchID, _ day: LocalDate) -> String { "reconfirm/\(launch)/\(day)" }

  func markSent(_ key: String, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO notices_sent (launch, notice) VALUES (?, ?) ON CONFLICT (launch, notice) DO NOTHING",
      [launch, key])
  }

  private func isSent(_ key: String, of launch: LaunchID) throws -> Bool {
    try db.queryOne("SELECT launch FROM notices_sent WHERE launch = ? AND notice = ?", [launch, key]) != nil
  }

  /// The unfinished launches whose dates were never confirmed, ascending: those stored before dates were.
  func unconfirmed() throws -> [LaunchID] {
    // Records are compact JSON, in which only this member begins so.
    try db.query(
      "SELECT id FROM launches WHERE status NOT IN (?, ?) AND record NOT LIKE ? ORDER BY id",
      [LaunchStatus.closed.rawValue, LaunchStatus.cancelled.rawValue, "%\"confirmation\":{%"]
    ).compactMap { LaunchID(try $0.text("id")) }
  }
}
