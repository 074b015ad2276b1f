import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Keeps launches in one transaction with what is announced of them.
struct LaunchStore {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  /// Keeps a new launch, and gives it as it was stored, with its conflicts.
  func propose(_ record: LaunchRecord) throws -> LaunchRecord {
    var record = record
    record.conflicts = try LaunchConflicts(db: tx.db).conflicts(of: record)
    try save(LaunchRow(record: record, progress: LaunchProgress()))
    try RuleTable(db: tx.db).keep(record)
    try VersionTable(db: tx.db).add(record, changed: [], at: tx.now, by: tx.actor.description)
    try announce(Announcements.launchProposed, record, changed: [], reason: nil)
    try ConflictKeeper(tx).refresh(neighboursOf: record, before: nil)
    return record
  }

  /// Keeps a change of what decisions rest on: a new version, its announcement, and the status where it follows from it; then
  /// looks whether other launches' conflicts are others now.
  func change(
    _ row: LaunchRow, _ type: EventType<LaunchAnnounced>, changed: [String], reason: String?
  ) throws -> LaunchRecord {
    let before = try LaunchTable(db: tx.db).required(row.record.plan.launch).record
    var (row, changed) = (row, changed)
    row.record.status = try status(row)
    row.record.conflicts = try LaunchConflicts(db: tx.db).conflicts(of: row.record)
    if row.record.conflicts != before.conflicts, !changed.contains("conflicts") { changed.append("conflicts") }
    let record = try keep(row, type, changed: changed, reason: reason, statusBefore: before.status)
    try ConflictKeeper(tx).refresh(neighboursOf: record, before: before)
    return record
  }

  /// Keeps that a launch's conflicts are others now; gives nil where they are not.
  func changeConflicts(_ row: LaunchRow, reason: String?) throws -> LaunchRecord? {
    var row = row
    let conflicts = try LaunchConflicts(db: tx.db).conflicts(of: row.record)
    guard conflicts != row.record.conflicts else { return nil }
    row.record.conflicts = conflicts
    return try keep(
      row, Announcements.launchFactsChanged, changed: ["conflicts"], reason: reason, statusBefore: row.record.status)
  }

  private func keep(
    _ row: LaunchRow, _ type: EventType<LaunchAnnounced>, changed: [String], reason: String?,
    statusBefore: LaunchStatus
  ) throws -> LaunchRecord {
    var row = row
    row.record.version += 1
    try save(row)
    try RuleTable(db: tx.db).keep(row.record)
    try VersionTable(db: tx.db).add(row.record, changed: changed, at: tx.now, by: tx.actor.description)
    try announce(type, row.record, changed: changed, reason: reason)
    try announceStatus(row.record, from: statusBefore)
    return row.record
  }

  /// Keeps what an owner of the launch's life has announced, or that time has passed: at most the status follows.
  func progress(_ row: LaunchRow) throws {
    var row = row
    let before = row.record.status
    row.record.status = try status(row)
    try save(row)
    try announceStatus(row.record, from: before)
  }

  private func save(_ row: LaunchRow) throws {
    let zone = try ZoneRules(row.record.plan.timeZone)
    let next = LaunchLife.nextChange(row.progress, tier: row.record.tier, zone: zone, now: tx.now)
    try LaunchTable(db: tx.db).save(row, nextChange: next)
  }

  private func status(_ row: LaunchRow) throws -> LaunchStatus {
    let zone = try ZoneRules(row.record.plan.timeZone)
    return LaunchLife.status(row.progress, tier: row.record.tier, zone: zone, now: tx.now)
  }

  private func announce(
    _ type: EventType<LaunchAnnounced>, _ record: LaunchRecord, changed: [String], reason: String?
  ) throws {
    try tx.announce(
      type, launch: record.plan.launch.rawValue, version: record.version, reason: reason,
      LaunchAnnounced(record: record, changed: changed))
  }

  private func announceStatus(_ record: LaunchRecord, from before: LaunchStatus) throws {
    guard record.status != before else { return }
    try tx.announce(
      Announcements.launchStatus, launch: record.plan.launch.rawValue, version: record.version,
      LaunchStatusChanged(status: record.status, from: before))
  }
}
