import ChecklistCore
import LaunchModel
import ServiceKit

/// Announces what there is to tell of a launch's items, and notes that it was told.
struct ItemReminding {
  let tx: ServiceTransaction
  let context: ChecklistContext

  func remind(_ launch: LaunchID) throws {
    guard let checklist = try LaunchTable(db: tx.db).load(launch)?.checklist else { return }
    let moment = try context.moment(of: checklist.record.plan, at: tx.now, tx.db)
    let table = ReminderTable(db: tx.db)
    for reminder in try table.unsent(checklist.reminders(at: moment), of: launch) {
      try tx.announce(
        Self.type(of: reminder.kind), launch: launch.rawValue, version: checklist.record.version,
        Notice(
          key: reminder.key(of: launch), people: reminder.people, functions: reminder.functions, text: reminder.text))
      try table.markSent(reminder, of: launch)
    }
    try table.schedule(checklist, at: moment)
  }

  private static func type(of kind: ItemReminder.Kind) -> EventType<Notice> {
    switch kind {
    case .due: Announcements.noticeDue
    case .overdue: Announcements.noticeOverdue
    case .waiverExpiring: Announcements.noticeWaiverExpiring
    }
  }
}
