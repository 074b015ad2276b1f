import LaunchModel
import ServiceKit
import Storage

/// Adopts calendars in one transaction with the launches that count by them.
struct CalendarChange {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  /// Keeps a calendar as the next version of its key, and plans the launches that lie ahead anew.
  ///
  /// - Returns: the version.
  /// - Throws: `no-common-workday`.
  @discardableResult
  func adopt(_ calendar: CalendarDocument, reason: String) throws -> Int {
    let version = try documents.calendars.version(of: calendar.key, tx.db) + 1
    try documents.calendars.keep(calendar, version: version, tx.db)
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: version, reason: reason,
      CalendarChanged(calendar: calendar.key, version: version, document: calendar.document))
    try LaunchReplanning(tx: tx, documents: documents).replanAll(countingBy: calendar.key, reason: reason)
    return version
  }
}
