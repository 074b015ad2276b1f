import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Changes blackouts in one transaction with the launches that they stop, or stop no longer.
struct BlackoutChange {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  func set(_ blackout: Blackout, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).save(blackout)
    return try announce(blackout, isRemoved: false, reason: reason)
  }

  func remove(_ blackout: Blackout, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).remove(blackout.key)
    return try announce(blackout, isRemoved: true, reason: reason)
  }

  /// Lets a launch launch in a blackout; nil takes that back.
  func except(_ key: LaunchID, _ launch: LaunchID, _ acceptance: Acceptance?, reason: String) throws {
    var blackout = try BlackoutTable(db: tx.db).required(key)
    blackout.exceptions.removeAll { $0.launch == launch }
    if let acceptance { blackout.exceptions.append(Blackout.Exception(launch: launch, accepted: acceptance)) }
    try BlackoutTable(db: tx.db).save(blackout)
    _ = try announce(blackout, isRemoved: false, reason: reason)
  }

  private func announce(_ blackout: Blackout, isRemoved: Bool, reason: String) throws -> BlackoutView {
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: 1, reason: reason,
      CalendarChanged(blackout: blackout, isRemoved: isRemoved))
    try LaunchReplanning(tx: tx, documents: documents).replanAll(reason: reason)
    return try blackout.view(tx.db)
  }
}
