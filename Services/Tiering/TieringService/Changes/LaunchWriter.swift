import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Stores launches and announces them in the same transaction.
struct LaunchWriter {
  let tx: ServiceTransaction

  init(_ tx: ServiceTransaction) { self.tx = tx }

  /// Stores a new launch and returns it as stored, with its conflicts.
  func propose(_ record: LaunchRecord) throws -> LaunchRecord {
    var record = record
    record.setConflicts(try LaunchConflicts(db: tx.db).conflicts(of: record))
    try save(LaunchRow(record: record, progress: LaunchProgress()))
    try RuleRepository(db: tx.db).save(record)
    try VersionRepository(db: tx.db).add(record, changed: [], at: tx.now, by: tx.actor.description)
    try announce(Announcements.launchProposed, record, changed: [], reason: nil)
    try ConflictUpdater(tx).refresh(neighboursOf: record, before: nil)
    return record
  }

  /// Stores a change that decisions depend on: saves and announces a new version, and updates the status. Then updates
  /// the conflicts of other launches that the change affects.
  func change(
    _ row: LaunchRow, _ type: EventType<LaunchAnnounced>, changed: [String], reason: String?
  ) throws -> LaunchRecord {
    let before = try LaunchRepository(db: tx.db).required(row.record.plan.launch).record
    var (row, changed) = (row, changed)
    row.record.status = try status(row)
    row.record.setConflicts(try LaunchConflicts(db: tx.db).conflicts(of: row.record))
    if !row.record.hasSameConflicts(as: before), !changed.contains("conflicts") { changed.append("conflicts") }
    let record = try save(row, type, changed: changed, reason: reason, statusBefore: before.status)
    try ConflictUpdater(tx).refresh(neighboursOf: record, before: before)
    return record
  }

  /// Stores a launch's conflicts and returns the record; returns nil if they have not changed.
  ///
  /// - Parameter causedByOther: whether another launch's change is the cause. The conflicts are then announced without
  ///   a new version of this launch, so a pending change of it need not be reviewed again.
  func changeConflicts(_ row: LaunchRow, reason: String?, causedByOther: Bool = false) throws -> LaunchRecord? {
    var row = row
    row.record.setConflicts(try LaunchConflicts(db: tx.db).conflicts(of: row.record))
    let before = try LaunchRepository(db: tx.db).required(row.record.plan.launch).record
    guard !row.record.hasSameConflicts(as: before) else { return nil }
    if causedByOther {
      row.record.conflictsVersion += 1
      try save(row)
      try VersionRepository(db: tx.db).addConflicts(row.record, at: tx.now)
      try announce(Announcements.launchFactsChanged, row.record, changed: ["conflicts"], reason: reason)
      return row.record
    }
    return try save(
      row, Announcements.launchFactsChanged, changed: ["conflicts"], reason: reason, statusBefore: row.record.status)
  }

  private func save(
    _ row: LaunchRow, _ type: EventType<LaunchAnnounced>, changed: [String], reason: String?,
    statusBefore: LaunchStatus
  ) throws -> LaunchRecord {
    var row = row
    row.record.version += 1
    try save(row)
    try RuleRepository(db: tx.db).save(row.record)
    try VersionRepository(db: tx.db).add(row.record, changed: changed, at: tx.now, by: tx.actor.description)
    try announce(type, row.record, changed: changed, reason: reason)
    try announceStatus(row.record, from: statusBefore)
    return row.record
  }

  /// Confirms the launch's date and announces that, without a new version.
  ///
  /// - Parameter rule: how often the date has to be confirmed.
  func confirm(_ row: LaunchRow, by rule: ReconfirmationRule, reason: String?) throws -> LaunchRecord {
    var row = row
    let confirmation = DateConfirmation(at: tx.now, by: tx.actor.description, rule: rule)
    row.record.confirmation = confirmation
    try save(row)
    try tx.announce(
      Announcements.launchReconfirmed, launch: row.record.plan.launch.rawValue, version: row.record.version,
      reason: reason, LaunchReconfirmed(date: row.record.plan.date, confirmation: confirmation))
    return row.record
  }

  /// Stores the launch's progress after another service's announcement or the
  /// passing of time. Only the status may change.
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
    let reconfirmOn = try ReconfirmationRepository(db: tx.db).nextDay(of: row.record, in: zone)
    try LaunchRepository(db: tx.db).save(row, nextChange: next, reconfirmOn: reconfirmOn)
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

extension LaunchRecord {
  /// Whether the conflicts and their count equal those of another record.
  fileprivate func hasSameConflicts(as other: LaunchRecord) -> Bool {
    conflicts == other.conflicts && conflictCount == other.conflictCount
  }
}

/// Recomputes earliest dates and shortfalls after a change of a calendar or of a launch's template.
struct LaunchReplanning {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  /// Recomputes the launches that use a calendar, and stores and announces those
  /// whose earliest date or shortfall changed.
  ///
  /// - Throws: `no-common-workday` if an unfinished launch combines the calendar with others so that no weekday is a
  ///   business day in all of them.
  func replanAll(countingBy calendar: String, reason: String) throws {
    let calendars = try documents.calendars.all(tx.db)
    var assessors: [Int?: LaunchAssessor] = [:]
    for launch in try LaunchRepository(db: tx.db).unfinished() {
      let row = try LaunchRepository(db: tx.db).required(launch)
      guard row.record.plan.names(calendar: calendar) else { continue }
      try requireWorkday(row.record.plan, calendar, calendars)
      guard row.record.status.isAhead else { continue }
      let version = row.progress.templateVersion
      let assessor = try assessors[version] ?? documents.assessor(tx.db, templateVersion: version)
      assessors[version] = assessor
      try replan(row, assessor, reason: reason)
    }
  }

  /// Recomputes a launch with its items' template, and stores and announces it
  /// if its earliest date or shortfall changed.
  func replan(_ launch: LaunchID, reason: String) throws {
    let row = try LaunchRepository(db: tx.db).required(launch)
    guard row.record.status.isAhead else { return }
    try replan(row, try documents.assessor(tx.db, templateVersion: row.progress.templateVersion), reason: reason)
  }

  private func replan(_ row: LaunchRow, _ assessor: LaunchAssessor, reason: String) throws {
    var row = row
    let before = row.record
    let today = try ZoneRules(before.plan.timeZone).localDate(at: tx.now)
    row.record.apply(
      assessor.feasibility(of: before.plan, tier: before.tier, reachedOn: before.reachedOn, today: today))
    let changed = [
      row.record.earliestDate == before.earliestDate ? nil : "earliestDate",
      row.record.shortfall == before.shortfall ? nil : "shortfall",
    ].compactMap(\.self)
    guard !changed.isEmpty else { return }
    _ = try LaunchWriter(tx).change(row, Announcements.launchFactsChanged, changed: changed, reason: reason)
  }

  private func requireWorkday(_ plan: LaunchPlan, _ calendar: String, _ calendars: CalendarSet) throws {
    let joined = ([plan.calendar] + plan.calendars.values.sorted()).compactMap(\.self)
    guard
      let fault = joined.lazy.filter({ CalendarSet.expression($0, names: calendar) }).compactMap(calendars.fault).first
    else { return }
    throw Problem.invalid(
      "no-common-workday", title: "a launch would have no business day", pointer: "/weekend",
      "\(plan.launch) would be left without a business day: \(fault) with launch set")
  }
}
