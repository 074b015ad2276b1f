import ChecklistCore
import LaunchModel
import Storage

/// The reminders already sent, and when to check each launch for the next.
struct ReminderRepository {
  let db: any Transaction

  /// A launch that may have reminders to send.
  struct Due: Sendable {
    var launch: LaunchID
    var timeZone: String
    /// The local date on which to check it; nil for at once.
    var day: LocalDate?
  }

  /// Returns the launches to check by a date in any time zone, including launches stored before reminders existed.
  func due(by day: LocalDate) throws -> [Due] {
    try db.query(
      "SELECT launch, time_zone, remind_on FROM launches WHERE remind_on <= ? ORDER BY launch", [day]
    ).compactMap { row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return Due(launch: launch, timeZone: try row.text("time_zone"), day: LocalDate(try row.text("remind_on")))
    }
  }

  /// Returns the launches with a notice about approvals to send by a moment, including launches stored before such
  /// notices existed.
  func dueApprovals(by now: Timestamp) throws -> [LaunchID] {
    try db.query("SELECT launch FROM launches WHERE ask_at <= ? ORDER BY launch", [now]).compactMap {
      LaunchID(try $0.text("launch"))
    }
  }

  /// Returns the notices that have not been sent yet.
  func unsent<Reminder>(
    _ reminders: [Reminder], of launch: LaunchID, by key: (Reminder) -> String
  ) throws -> [Reminder] {
    guard !reminders.isEmpty else { return [] }
    let rows = try db.query("SELECT notice FROM reminders_sent WHERE launch = ?", [launch])
    let sent = Set(try rows.map { try $0.text("notice") })
    return reminders.filter { !sent.contains(key($0)) }
  }

  /// Returns the item reminders that have not been sent yet.
  func unsent(_ reminders: [ItemReminder], of launch: LaunchID) throws -> [ItemReminder] {
    try unsent(reminders, of: launch) { $0.key(of: launch) }
  }

  func markSent(_ key: String, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO reminders_sent (launch, notice) VALUES (?, ?) ON CONFLICT (launch, notice) DO NOTHING",
      [launch, key])
  }

  /// Sets when to check the launch next: today if reminders are unsent, else on the next day with a reminder; and at
  /// the time of the next notice about approvals.
  func schedule(_ checklist: LaunchChecklist, at moment: LaunchMoment) throws {
    let isDue = try !unsent(checklist.reminders(at: moment), of: checklist.launch).isEmpty
    let day: LocalDate? = isDue ? moment.today : checklist.nextReminderDay(after: moment)
    let value: SQLValue = day.map { .text($0.description) } ?? .null
    let askAt: SQLValue = checklist.nextApprovalNotice(after: moment).map { .integer($0.microseconds) } ?? .null
    try db.execute(
      "UPDATE launches SET remind_on = ?, ask_at = ? WHERE launch = ?", [value, askAt, checklist.launch])
  }
}
