import ChecklistCore
import LaunchModel
import Storage

/// Which reminders of items were sent, and when launches are to be looked at for more.
struct ReminderTable {
  let db: any Transaction

  /// A launch that there may be something to tell of.
  struct Due: Sendable {
    var launch: LaunchID
    var timeZone: String
    /// The local day from which on it is to be looked at.
    var day: LocalDate?
  }

  /// The launches that are to be looked at by a day, wherever they are; those from before reminders were kept among them.
  func due(by day: LocalDate) throws -> [Due] {
    try db.query(
      "SELECT launch, time_zone, remind_on FROM launches WHERE remind_on <= ? ORDER BY launch", [day]
    ).compactMap { row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return Due(launch: launch, timeZone: try row.text("time_zone"), day: LocalDate(try row.text("remind_on")))
    }
  }

  /// Those that were not sent yet.
  func unsent(_ reminders: [ItemReminder], of launch: LaunchID) throws -> [ItemReminder] {
    guard !reminders.isEmpty else { return [] }
    let rows = try db.query("SELECT notice FROM reminders_sent WHERE launch = ?", [launch])
    let sent = Set(try rows.map { try $0.text("notice") })
    return reminders.filter { !sent.contains($0.key(of: launch)) }
  }

  func markSent(_ reminder: ItemReminder, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO reminders_sent (launch, notice) VALUES (?, ?) ON CONFLICT (launch, notice) DO NOTHING",
      [launch, reminder.key(of: launch)])
  }

  /// Sets when the launch is to be looked at next: today where there is something to tell, else on the next day with more.
  func schedule(_ checklist: LaunchChecklist, at moment: LaunchMoment) throws {
    let isOwed = try !unsent(checklist.reminders(at: moment), of: checklist.launch).isEmpty
    let day: LocalDate? = isOwed ? moment.today : checklist.nextReminderDay(after: moment)
    let value: SQLValue = day.map { .text($0.description) } ?? .null
    try db.execute("UPDATE launches SET remind_on = ? WHERE launch = ?", [value, checklist.launch])
  }
}
