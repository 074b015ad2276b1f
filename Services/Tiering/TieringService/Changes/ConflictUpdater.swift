import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// What launches' dates are in conflict with, by what is stored.
struct LaunchConflicts {
  let db: any Transaction

  /// What is charged to a launch, as its record says it, whether that is stored already or not.
  func conflicts(of record: LaunchRecord) throws -> [LaunchConflict] {
    let launch = PlannedLaunch(record)
    guard launch.status.isAhead else { return [] }
    let week = try planned(around: launch.date).filter { $0.launch != launch.launch } + [launch]
    return try ConflictFinder(
      week, blackouts: BlackoutRepository(db: db).all(), accepted: AcceptanceRepository(db: db).all(of: launch.launch)
    ).conflicts(of: launch)
  }

  /// The launches that are planned in the week of that date.
  func planned(around date: LocalDate) throws -> [PlannedLaunch] {
    try LaunchRepository(db: db).planned(from: date.monday, to: date.monday.adding(days: 6))
  }
}

/// Keeps the conflicts of launches as they are, in the transaction that makes them others.
struct ConflictUpdater {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  /// Looks at the launches whose conflicts a change of one launch can have made others: those that were placed after it, in the
  /// week that it has left and in the one that it has come to.
  func refresh(neighboursOf record: LaunchRecord, before: LaunchRecord?) throws {
    let placements = [before, record].compactMap { $0.map(PlannedLaunch.init) }
    // Others are in conflict with where it stands, and not with what it takes.
    guard Set(placements).count == placements.count else { return }
    guard let earliest = placements.map(\.placedAt).min() else { return }
    for monday in Set(placements.map(\.date.monday)) {
      let others = try LaunchConflicts(db: tx.db).planned(around: monday).filter {
        $0.launch != record.plan.launch && $0.placedAt >= earliest
      }
      try refresh(others.map(\.launch), reason: nil)
    }
  }

  /// Looks at launches whose conflicts may be others now, and announces those whose are.
  func refresh(_ launches: [LaunchID], reason: String?) throws {
    for launch in launches {
      let row = try LaunchRepository(db: tx.db).required(launch)
      guard row.record.status.isAhead else { continue }
      _ = try LaunchWriter(tx).changeConflicts(row, reason: reason)
    }
  }
}
