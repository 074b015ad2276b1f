import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Changes blackouts in one transaction with the conflicts of the launches that they stop, or stop no longer.
///
/// Earliest dates follow when they are asked for: no decision rests on them, and every launch has one.
struct BlackoutChange {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  func set(_ blackout: Blackout, before: Blackout?, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).save(blackout)
    try announce(blackout, isRemoved: false, reason: reason)
    return try refresh(blackout, before: before, reason: reason)
  }

  func remove(_ blackout: Blackout, reason: String) throws -> BlackoutView {
    try BlackoutTable(db: tx.db).remove(blackout.key)
    try announce(blackout, isRemoved: true, reason: reason)
    var view = try refresh(blackout, before: nil, reason: reason)
    view.stopped = []
    return view
  }

  /// Lets a launch launch in a blackout; nil takes that back.
  func except(_ key: LaunchID, _ launch: LaunchID, _ acceptance: Acceptance?, reason: String) throws {
    var blackout = try BlackoutTable(db: tx.db).required(key)
    blackout.version += 1
    blackout.exceptions.removeAll { $0.launch == launch }
    if let acceptance { blackout.exceptions.append(Blackout.Exception(launch: launch, accepted: acceptance)) }
    try BlackoutTable(db: tx.db).save(blackout)
    try announce(blackout, isRemoved: false, reason: reason)
    try ConflictKeeper(tx).refresh([launch], reason: reason)
  }

  private func announce(_ blackout: Blackout, isRemoved: Bool, reason: String) throws {
    try tx.announce(
      Announcements.calendarChanged, launch: CalendarChanged.subject, version: 1, reason: reason,
      CalendarChanged(blackout: blackout, isRemoved: isRemoved))
  }

  /// Looks at the launches that are planned in the blackout, or were in the one before.
  private func refresh(_ blackout: Blackout, before: Blackout?, reason: String) throws -> BlackoutView {
    let launches = try [before, blackout].compactMap(\.self).flatMap { span in
      try LaunchTable(db: tx.db).planned(from: span.from, to: span.to)
    }
    try ConflictKeeper(tx).refresh(Set(launches.map(\.launch)).sorted(), reason: reason)
    return try blackout.view(tx.db)
  }
}
