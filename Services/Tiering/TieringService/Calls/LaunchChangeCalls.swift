import JSON
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Changing launches.
struct LaunchChangeCalls: Sendable {
  let documents: TieringDocuments

  func register(on router: inout ServiceRouter) {
    router.change(TieringRoutes.set) { try setFields($0, $1, $2) }
    router.change(TieringRoutes.override) { try overrideTier($0, $1, $2) }
    router.change(TieringRoutes.reschedule) { try reschedule($0, $1, $2) }
    router.change(TieringRoutes.waiveShortfall) { try waive($0, $1, $2) }
    router.change(TieringRoutes.postpone) { try postpone($0, $1, $2) }
    router.change(TieringRoutes.cancel) { try cancel($0, $1, $2) }
  }

  private func setFields(_ request: SetLaunch, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .set, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    let plan = try LaunchPlan(
      reading: try PlanChange.document(row.record.plan, setting: request.set),
      calendars: TieringDocuments.calendarKeys, people: call.environment.roster?.people.keys.sorted())
    var changed = try PlanChange.changed(from: row.record.plan, to: plan)
    guard !changed.isEmpty else { return row.record }
    let before = row.record.tier
    row.record.plan = plan
    try assess(&row.record, tx)
    if row.record.tier != before { changed.append("tier") }
    let type = row.record.tier == before ? Announcements.launchFactsChanged : Announcements.launchRetiered
    return try LaunchStore(tx).change(row, type, changed: changed, reason: request.reason)
  }

  private func overrideTier(_ request: OverrideTier, _ call: CallContext, _ tx: ServiceTransaction) throws
    -> LaunchRecord
  {
    let change = try LaunchChange(of: request.launch, by: .override, call, tx)
    try change.requireProductOps(reason: request.reason, "an override is kept with its reason")
    var row = change.row
    guard request.tier != row.record.override?.tier else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        request.tier.map { "tier \($0.rawValue) is set already" } ?? "there is no override to take back")
    }
    let before = row.record.tier
    row.record.override = request.tier.map {
      TierOverride(tier: $0, reason: request.reason ?? "", by: tx.actor.description, at: tx.now)
    }
    try assess(&row.record, tx)
    let changed = row.record.tier == before ? ["override"] : ["override", "tier"]
    return try LaunchStore(tx).change(row, Announcements.launchRetiered, changed: changed, reason: request.reason)
  }

  private func reschedule(
    _ request: RescheduleLaunch, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .reschedule, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    guard request.date != row.record.plan.date || row.progress.isPostponed else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change", "the launch is on \(request.date) already")
    }
    row.record.plan.date = request.date
    row.record.placedAt = tx.now
    row.progress.isPostponed = false
    var changed = ["date"]
    // The next All-Hands before the launch is another one, which the owner may set.
    if let allHands = row.record.plan.allHands, allHands > request.date {
      row.record.plan.allHands = nil
      changed.append("allHands")
    }
    // A waiver was for the date that it was given for.
    row.record.shortfall = nil
    try assess(&row.record, tx)
    return try LaunchStore(tx).change(
      row, Announcements.launchRescheduled, changed: changed, reason: request.reason)
  }

  private func waive(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .waive, call, tx)
    try change.requireProductOps(reason: request.reason, "a shortfall is waived with a reason")
    var row = change.row
    guard let shortfall = row.record.shortfall, shortfall.waived == nil else {
      throw Problem.conflict(
        "nothing-to-waive", title: "nothing to waive",
        row.record.shortfall == nil ? "the date leaves all the time it takes" : "the shortfall is waived already")
    }
    row.record.shortfall?.waived = Shortfall.Waiver(
      reason: request.reason ?? "", by: tx.actor.description, at: tx.now)
    return try LaunchStore(tx).change(
      row, Announcements.launchFactsChanged, changed: ["shortfall"], reason: request.reason)
  }

  private func postpone(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .postpone, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    row.progress.isPostponed = true
    return try LaunchStore(tx).change(
      row, Announcements.launchPostponed, changed: ["status"], reason: request.reason)
  }

  private func cancel(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .cancel, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    row.progress.isCancelled = true
    return try LaunchStore(tx).change(
      row, Announcements.launchCancelled, changed: ["status"], reason: request.reason)
  }

  private func assess(_ record: inout LaunchRecord, _ tx: ServiceTransaction) throws {
    record.take(
      try documents.assessor(tx.db).assess(
        record.plan, override: record.override?.tier, reachedOn: record.reachedOn, now: tx.now))
  }
}
