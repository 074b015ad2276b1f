import LaunchModel
import Storage

/// The days on which owners are asked to confirm their launches' dates, and the notices already sent.
struct ReconfirmationRepository {
  let db: any Transaction

  /// The day on which to ask the owner: the last day for which the date is confirmed. Nil if that notice was already
  /// sent, or if the date needs no confirmation.
  func nextDay(of record: LaunchRecord, in zone: ZoneRules) throws -> LocalDate? {
    guard let day = record.confirmationEnd(in: zone) else { return nil }
    let launch = record.plan.launch
    return try isSent(Self.key(of: launch, day), of: launch) ? nil : day
  }

  /// The launches whose owners are to be asked now: in the launch's time zone, the day has come.
  func due(at now: Timestamp) throws -> [LaunchID] {
    // Selects one day ahead, because some time zones are already on the next day.
    let latest = ZoneRules.utc.localDate(at: now).adding(days: 1)
    return try db.query(
      "SELECT id, reconfirm_on, record FROM launches WHERE reconfirm_on <= ? ORDER BY reconfirm_on, id", [latest]
    ).compactMap { row in
      let plan = try row.json("record", as: LaunchRecord.self).plan
      let today = try ZoneRules(plan.timeZone).localDate(at: now)
      return try row.date("reconfirm_on") <= today ? plan.launch : nil
    }
  }

  /// The key of the notice about the confirmation that is valid until a day.
  static func key(of launch: LaunchID, _ day: LocalDate) -> String { "reconfirm/\(launch)/\(day)" }

  func markSent(_ key: String, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO notices_sent (launch, notice) VALUES (?, ?) ON CONFLICT (launch, notice) DO NOTHING",
      [launch, key])
  }

  private func isSent(_ key: String, of launch: LaunchID) throws -> Bool {
    try db.queryOne("SELECT launch FROM notices_sent WHERE launch = ? AND notice = ?", [launch, key]) != nil
  }

  /// The unfinished launches without a confirmation, ascending: those stored before confirmations existed.
  func unconfirmed() throws -> [LaunchID] {
    // Records are compact JSON, and no other member starts like this one.
    try db.query(
      "SELECT id FROM launches WHERE status NOT IN (?, ?) AND record NOT LIKE ? ORDER BY id",
      [LaunchStatus.closed.rawValue, LaunchStatus.cancelled.rawValue, "%\"confirmation\":{%"]
    ).compactMap { LaunchID(try $0.text("id")) }
  }
}
