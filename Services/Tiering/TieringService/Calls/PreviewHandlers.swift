import JSON
import Contract
import LaunchModel
import ServiceKit
import Storage
import TieringCore

/// Calls that show what a change of a launch would do, without storing anything.
struct PreviewHandlers: Sendable {
  let documents: TieringDocuments

  func register(on router: inout ServiceRouter) {
    router.read(TieringRoutes.preview) { try await preview($0, $1) }
  }

  private func preview(_ request: PreviewLaunch, _ call: CallContext) async throws -> LaunchDiff {
    try Rights.require(call.actor, .read)
    let (change, conflicts) = try await call.environment.database.read { db in
      var change = try plan(request, call, db)
      let conflicts = try LaunchConflicts(db: db).conflicts(of: change.row.record)
      if request.set != nil { change.row.record = try change.row.record.noted(db) }
      return (change, conflicts)
    }
    let check = try await TierDowngradeCheck.preview(change, call.environment)
    return try diff(request, change, conflicts, check)
  }

  private func plan(_ request: PreviewLaunch, _ call: CallContext, _ db: any Transaction) throws -> PlannedChange {
    let row = try LaunchRepository(db: db).required(request.launch)
    try LaunchChange.requireVersion(row.record, call, db)
    let planner = ChangePlanner(call, documents, db)
    switch (request.set, request.tier, request.date, request.status) {
    case (let set?, nil, nil, nil):
      try LaunchCommand.retier.require(row.record.status)
      let change = try planner.setting(set, in: row)
      return change.changed.isEmpty ? try planner.retiering(nil, in: row) : change
    case (nil, let tier?, nil, nil):
      try LaunchCommand.override.require(row.record.status)
      let reason = try request.reason.map { try CallContext.requireReason($0, LaunchChange.overrideNeedsReason) }
      return try planner.overriding(tier, reason: reason ?? "no reason given yet", in: row)
    case (nil, nil, let date?, nil):
      try LaunchCommand.reschedule.require(row.record.status)
      return try planner.rescheduling(to: date, in: row)
    case (nil, nil, nil, .cancelled?):
      try LaunchCommand.cancel.require(row.record.status)
      return planner.stopping(.cancelled, in: row)
    case (nil, nil, nil, .postponed?):
      try LaunchCommand.postpone.require(row.record.status)
      return planner.stopping(.postponed, in: row)
    case (nil, nil, nil, let status?):
      throw Problem.invalid(
        "invalid-status", pointer: "/status",
        "\(status.rawValue) cannot be previewed; give cancelled or postponed")
    default:
      throw Problem.invalid(
        "one-change", title: "one change at a time", pointer: "", "give exactly one of set, tier, date and status")
    }
  }

  private func diff(
    _ request: PreviewLaunch, _ change: PlannedChange, _ conflicts: [LaunchConflict], _ check: TierDowngradeCheck
  ) throws -> LaunchDiff {
    let (before, after) = (change.before, change.row.record)
    var notes = after.notes
    var checklist: ChecklistPreview?
    switch check {
    case .answered(let preview): checklist = preview
    case .lagging(let why): notes.append("the effect on the checklist is unknown: it has not caught up (\(why))")
    case .unreachable(let why): notes.append("the effect on the checklist is unknown: it could not be reached (\(why))")
    case .unneeded: notes.append("the launch has no checklist yet")
    }
    var changes = ChangeText.describe(
      change.changed, from: try JSONCoding.value(before), to: try JSONCoding.value(after))
    if before.status != after.status { changes.append("status \(before.status.rawValue) → \(after.status.rawValue)") }
    return LaunchDiff(
      launch: request.launch, version: before.version, changed: change.changed, told: changes,
      tier: .init(from: before.tier, to: after.tier),
      tierComputed: .init(from: before.tierComputed, to: after.tierComputed), override: after.override,
      tierReasons: after.tierReasons,
      date: .init(from: before.plan.date, to: after.plan.date),
      earliestDate: .init(from: before.earliestDate, to: after.earliestDate), shortfall: after.shortfall,
      conflicts: conflicts, notes: notes, checklist: checklist, needs: needs(request, change, checklist))
  }

  private func needs(
    _ request: PreviewLaunch, _ change: PlannedChange, _ checklist: ChecklistPreview?
  ) -> [String] {
    var needs: [String] = []
    if let why = change.row.progress.protection { needs.append("Product Ops and a reason: \(why)") }
    if request.tier != nil { needs.append("Product Ops and a reason: an override requires them") }
    if change.lowersTier, let why = checklist.flatMap(TierDowngradeCheck.failing) {
      needs.append("Product Ops: \(why)")
    }
    if let shortfall = change.row.record.shortfall, shortfall.waived == nil {
      needs.append("a waiver of the shortfall before GO")
    }
    return needs
  }
}

extension ChangePlanner {
  /// Creates a planner for changes by the caller.
  init(_ call: CallContext, _ documents: TieringDocuments, _ db: any Transaction) {
    self.init(
      documents: documents, db: db, people: call.environment.roster?.people.keys.sorted(), now: call.now,
      by: call.actor.description)
  }
}

extension LaunchProgress {
  /// Why only Product Ops may change the launch, with a reason: it has a GO, stale or not, or customers have had it.
  /// Nil if the owner may change it.
  var protection: String? {
    if wasGivenGo { return "the launch has had a GO" }
    return wasExposed ? "customers have had the launch" : nil
  }
}
