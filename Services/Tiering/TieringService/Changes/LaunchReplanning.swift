import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Plans launches anew, after a calendar that they count by, or the template that their items come from, has become another.
struct LaunchReplanning {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  /// Keeps and announces those of the launches that count by a calendar whose earliest date or shortfall is another now.
  ///
  /// - Throws: `no-common-workday` where a launch that is not over joins it with others so that no day is worked in all.
  func replanAll(countingBy calendar: String, reason: String) throws {
    let book = try documents.calendars.book(tx.db)
    var assessors: [Int?: LaunchAssessor] = [:]
    for launch in try LaunchTable(db: tx.db).unfinished() {
      let row = try LaunchTable(db: tx.db).required(launch)
      guard row.record.plan.names(calendar: calendar) else { continue }
      try requireWorkday(row.record.plan, calendar, book)
      guard row.record.status.isAhead else { continue }
      let version = row.progress.templateVersion
      let assessor = try assessors[version] ?? documents.assessor(tx.db, templateVersion: version)
      assessors[version] = assessor
      try replan(row, assessor, reason: reason)
    }
  }

  /// Keeps and announces a launch's earliest date and shortfall where those are others by the template of its items.
  func replan(_ launch: LaunchID, reason: String) throws {
    let row = try LaunchTable(db: tx.db).required(launch)
    guard row.record.status.isAhead else { return }
    try replan(row, try documents.assessor(tx.db, templateVersion: row.progress.templateVersion), reason: reason)
  }

  private func replan(_ row: LaunchRow, _ assessor: LaunchAssessor, reason: String) throws {
    var row = row
    let before = row.record
    let today = try ZoneRules(before.plan.timeZone).localDate(at: tx.now)
    row.record.take(
      assessor.feasibility(of: before.plan, tier: before.tier, reachedOn: before.reachedOn, today: today))
    let changed = [
      row.record.earliestDate == before.earliestDate ? nil : "earliestDate",
      row.record.shortfall == before.shortfall ? nil : "shortfall",
    ].compactMap(\.self)
    guard !changed.isEmpty else { return }
    _ = try LaunchStore(tx).change(row, Announcements.launchFactsChanged, changed: changed, reason: reason)
  }

  private func requireWorkday(_ plan: LaunchPlan, _ calendar: String, _ book: CalendarBook) throws {
    let joined = ([plan.calendar] + plan.calendars.values.sorted()).compactMap(\.self)
    guard let fault = joined.lazy.filter({ CalendarBook.expression($0, names: calendar) }).compactMap(book.fault).first
    else { return }
    throw Problem.invalid(
      "no-common-workday", title: "a launch would have no day to work on", pointer: "/weekend",
      "\(fault), by which \(plan.launch) counts; change its calendars first, with launch set")
  }
}
