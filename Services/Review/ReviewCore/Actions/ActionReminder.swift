public import LaunchModel

/// When the owner of an action is reminded: on its due date, and every 7 days after it while it is open.
public enum ActionReminder {
  /// Days between reminders.
  public static let interval = 7

  /// The date of the latest reminder that has fallen due by a day and was not sent yet; nil where there is none.
  ///
  /// Of several missed ones only the latest is sent.
  ///
  /// - Parameter last: the date of the latest one that was sent.
  public static func date(due: LocalDate, today: LocalDate, last: LocalDate?) -> LocalDate? {
    guard today >= due else { return nil }
    let elapsed = today.ordinal - due.ordinal
    let date = due.adding(days: elapsed / interval * interval)
    return date > last ?? due.adding(days: -1) ? date : nil
  }
}
