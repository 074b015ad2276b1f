public import LaunchModel

/// The reminders of an open action: one on its due date, and another every 7 days after it.
public enum ActionReminder {
  /// The number of days between reminders.
  public static let interval = 7

  /// The date of the latest unsent reminder that is due; nil if there is none.
  ///
  /// Of several missed reminders, only the latest is sent.
  ///
  /// - Parameters:
  ///   - due: the action's due date.
  ///   - today: the current local date.
  ///   - last: the date of the last reminder that was sent; nil if none was.
  public static func date(due: LocalDate, today: LocalDate, last: LocalDate?) -> LocalDate? {
    guard today >= due else { return nil }
    let elapsed = today.ordinal - due.ordinal
    let date = due.adding(days: elapsed / interval * interval)
    return date > last ?? due.adding(days: -1) ? date : nil
  }
}
