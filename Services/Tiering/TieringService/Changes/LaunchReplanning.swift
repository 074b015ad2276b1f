import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Plans the launches whose dates lie ahead anew, after a calendar has changed.
struct LaunchReplanning {
  let tx: ServiceTransaction
  let documents: TieringDocuments

  /// Keeps and announces those of such plans whose earliest date or shortfall is another now.
  func replanAll(reason: String, where concerns: (LaunchPlan) -> Bool = { _ in true }) throws {
    let assessor = try documents.assessor(tx.db)
    for launch in try LaunchTable(db: tx.db).ahead() {
      let row = try LaunchTable(db: tx.db).required(launch)
      guard concerns(row.record.plan) else { continue }
      try replan(row, assessor, reason: reason)
    }
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
}
