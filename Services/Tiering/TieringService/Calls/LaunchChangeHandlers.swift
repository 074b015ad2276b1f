import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls that change launches.
struct LaunchChangeHandlers: Sendable {
  let documents: TieringDocuments

  func register(on router: inout ServiceRouter) {
    router.change(
      TieringRoutes.set,
      prepare: { request, call in try await check(request.launch, call) { try $0.setting(request.set, in: $1) } },
      apply: { try setFields($0, $1, $2, $3) })
    router.change(
      TieringRoutes.retier,
      prepare: { request, call in try await check(request.launch, call) { try $0.retiering(request.facts, in: $1) } },
      apply: { try retier($0, $1, $2, $3) })
    router.change(TieringRoutes.override) { try overrideTier($0, $1, $2) }
    router.change(TieringRoutes.reschedule) { try reschedule($0, $1, $2) }
    router.change(TieringRoutes.reconfirm) { try reconfirm($0, $1, $2) }
    router.change(TieringRoutes.waiveShortfall) { try waive($0, $1, $2) }
    router.change(TieringRoutes.postpone) { try postpone($0, $1, $2) }
    router.change(TieringRoutes.cancel) { try cancel($0, $1, $2) }
  }

  /// If the change would lower the tier, asks the checklist service for the
  /// effect. Leaves errors in the change to `apply`.
  private func check(
    _ launch: LaunchID, _ call: CallContext,
    _ plan: @escaping @Sendable (ChangePlanner, LaunchRow) throws -> PlannedChange
  ) async throws -> TierDowngradeCheck {
    let change: PlannedChange
    do {
      change = try await call.environment.database.read { db in
        try plan(ChangePlanner(call, documents, db), try LaunchRepository(db: db).required(launch))
      }
    } catch is Problem {
      return .unneeded
    }
    return try await TierDowngradeCheck.check(change, call.environment)
  }

  private func setFields(
    _ request: SetLaunch, _ check: TierDowngradeCheck, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .set, call, tx)
    try change.requireOwner(reason: request.reason)
    let planned = try ChangePlanner(call, documents, tx.db).setting(request.set, in: change.row)
    guard !planned.changed.isEmpty else { return change.row.record }
    try check.require(planned, reason: request.reason, call)
    return try save(planned, reason: request.reason, tx).noted(tx.db)
  }

  private func retier(
    _ request: RetierLaunch, _ check: TierDowngradeCheck, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .retier, call, tx)
    try change.requireOwner(reason: request.reason)
    let planned = try ChangePlanner(call, documents, tx.db).retiering(request.facts, in: change.row)
    guard !planned.changed.isEmpty else {
      throw Problem.conflict(
        "nothing-to-change", title: "nothing to change",
        "re-tiering by the adopted policy gives the result already in force")
    }
    try check.require(planned, reason: request.reason, call)
    return try save(planned, reason: request.reason, tx)
  }

  /// Stores the change and announces it as one event: a re-tiering if the tier changed, otherwise a change of facts.
  private func save(_ change: PlannedChange, reason: String?, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let isRetiered = change.row.record.tier != change.before.tier
    let type = isRetiered ? Announcements.launchRetiered : Announcements.launchFactsChanged
    return try LaunchWriter(tx).change(change.row, type, changed: change.changed, reason: reason)
  }

  private func overrideTier(_ request: OverrideTier, _ call: CallContext, _ tx: ServiceTransaction) throws
    -> LaunchRecord
  {
    let change = try LaunchChange(of: request.launch, by: .override, call, tx)
    let reason = try change.requireProductOps(reason: request.reason, LaunchChange.overrideNeedsReason)
    let planned = try ChangePlanner(call, documents, tx.db).overriding(request.tier, reason: reason, in: change.row)
    return try LaunchWriter(tx).change(
      planned.row, Announcements.launchRetiered, changed: planned.changed, reason: request.reason)
  }

  private func reschedule(
    _ request: RescheduleLaunch, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .reschedule, call, tx)
    try change.requireOwner(reason: request.reason)
    let planned = try ChangePlanner(call, documents, tx.db).rescheduling(to: request.date, in: change.row)
    return try LaunchWriter(tx).change(
      planned.row, Announcements.launchRescheduled, changed: planned.changed, reason: request.reason)
  }

  /// Confirms the date. No decision depends on the confirmation, so the owner may confirm after GO, too.
  private func reconfirm(
    _ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .reconfirm, call, tx)
    try Rights.require(call.actor, .ownLaunch(owner: change.row.record.plan.owner))
    let rule = try change.row.record.confirmation?.rule ?? documents.assessor(tx.db).policy.reconfirmation
    return try LaunchWriter(tx).confirm(change.row, by: rule, reason: request.reason).noted(tx.db)
  }

  private func waive(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .waive, call, tx)
    try change.requireProductOps(reason: request.reason, "waiving a shortfall requires a reason")
    var row = change.row
    guard let shortfall = row.record.shortfall, shortfall.waived == nil else {
      throw Problem.conflict(
        "nothing-to-waive", title: "nothing to waive",
        row.record.shortfall == nil ? "the launch has no shortfall" : "the shortfall is already waived")
    }
    row.record.shortfall?.waived = Shortfall.Waiver(
      reason: request.reason ?? "", by: tx.actor.description, at: tx.now)
    return try LaunchWriter(tx).change(
      row, Announcements.launchFactsChanged, changed: ["shortfall"], reason: request.reason)
  }

  private func postpone(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .postpone, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    row.progress.isPostponed = true
    return try LaunchWriter(tx).change(
      row, Announcements.launchPostponed, changed: ["status"], reason: request.reason)
  }

  private func cancel(_ request: LaunchAction, _ call: CallContext, _ tx: ServiceTransaction) throws -> LaunchRecord {
    let change = try LaunchChange(of: request.launch, by: .cancel, call, tx)
    try change.requireOwner(reason: request.reason)
    var row = change.row
    row.progress.isCancelled = true
    return try LaunchWriter(tx).change(
      row, Announcements.launchCancelled, changed: ["status"], reason: request.reason)
  }
}
