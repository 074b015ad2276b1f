import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Finds the conflicts of launches in the stored data.
struct LaunchConflicts {
  let db: any Transaction

  /// The conflicts charged to a launch with this record, which may differ from the stored one.
  ///
  /// - Parameter blackouts: the blackouts to consider; nil for the stored ones.
  func conflicts(of record: LaunchRecord, blackouts: [Blackout]? = nil) throws -> [LaunchConflict] {
    let launch = PlannedLaunch(record)
    guard launch.status.isAhead else { return [] }
    let week = try planned(around: launch.date).filter { $0.launch != launch.launch } + [launch]
    return try ConflictFinder(
      week, blackouts: try blackouts ?? BlackoutRepository(db: db).all(),
      accepted: AcceptanceRepository(db: db).all(of: launch.launch)
    ).conflicts(of: launch)
  }

  /// The launches planned in the week of the date.
  func planned(around date: LocalDate) throws -> [PlannedLaunch] {
    try LaunchRepository(db: db).planned(from: date.monday, to: date.monday.adding(days: 6))
  }
}

/// Updates the stored conflicts of launches in the transaction that causes the change.
struct ConflictUpdater {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  /// Updates the launches whose conflicts the change of one launch may have affected: those placed
  /// after it, in its old week and in its new one.
  func refresh(neighboursOf record: LaunchRecord, before: LaunchRecord?) throws {
    let placements = [before, record].compactMap { $0.map(PlannedLaunch.init) }
    // Conflicts of other launches depend only on the placement, which has not changed.
    guard Set(placements).count == placements.count else { return }
    guard let earliest = placements.map(\.placedAt).min() else { return }
    for monday in Set(placements.map(\.date.monday)) {
      let others = try LaunchConflicts(db: tx.db).planned(around: monday).filter {
        $0.launch != record.plan.launch && $0.placedAt >= earliest
      }
      try refresh(others.map(\.launch), reason: nil, causedByOther: true)
    }
  }

  /// Recomputes the conflicts of launches, and stores and announces those that have changed.
  ///
  /// - Parameter causedByOther: whether another launch's change is the cause, which
  ///   does not create a new version of these.
  func refresh(_ launches: [LaunchID], reason: String?, causedByOther: Bool = false) throws {
    for launch in launches {
      let row = try LaunchRepository(db: tx.db).required(launch)
      guard row.record.status.isAhead else { continue }
      _ = try LaunchWriter(tx).changeConflicts(row, reason: reason, causedByOther: causedByOther)
    }
  }
}
