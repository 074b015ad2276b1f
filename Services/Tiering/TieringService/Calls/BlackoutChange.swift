import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Changes blackouts in one transaction with the launches that they stop, or stop no longer.
struct BlackoutChange {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  func set(_ blackout: Blackout, before: Blackout?, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).save(blackout)
    return try announce(blackout, before: before, isRemoved: false, reason: reason)
  }

  func remove(_ blackout: Blackout, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).remove(blackout.key)
    return try announce(blackout, before: blackout, isRemoved: true, reason: reason)
  }

  /// Lets a launch launch in a blackout; nil takes that back.
  func except(_ key: LaunchID, _ launch: LaunchID, _ acceptance: Acceptance?, reason: String) throws {
    let before = try BlackoutTable(db: tx.db).required(key)
    var blackout = before
    blackout.exceptions.removeAll { $0.launch == launch }
    if let acceptance { blackout.exceptions.append(Blackout.Exception(launch: launch, accepted: acceptance)) }
    try BlackoutTable(db: tx.db).save(blackout)
    _ = try announce(blackout, before: before, isRemoved: false, reason: reason)
  }

  private func announce(
    _ blackout: Blackout, before: Blackout?, isRemoved: Bool, reason: String
  ) throws -> BlackoutView {
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: 1, reason: reason,
      CalendarChanged(blackout: blackout, isRemoved: isRemoved))
    let spans = [before, blackout].compactMap(\.self)
    let launches = try spans.flatMap { try LaunchTable(db: tx.db).planned(from: $0.from, to: $0.to) }
    try ConflictKeeper(tx).refresh(Set(launches.map(\.launch)).sorted(), reason: reason)
    return try blackout.view(tx.db)
  }
}
