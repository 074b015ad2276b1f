import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls that move a running launch to another version of the template.
struct UpgradeHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.previewUpgrade) { [context] params, call in
      try Rights.require(call.actor, .read)
      return try await context.read(params.launch) { state, moment, launches in
        try call.requireVersion(state.checklist.record.version)
        return try state.planUpgrade(to: try TemplateRepository(db: launches.db).require(params.version), at: moment)
      }
    }
    router.change(ChecklistRoutes.upgrade) { [context] params, call, tx in
      try Self.upgrade(params, call, context.change(tx))
    }
  }

  private static func upgrade(
    _ request: UpgradeItems, _ call: CallContext, _ change: LaunchChange
  ) throws -> LaunchUpgrade {
    let tx = change.tx
    let template = try TemplateRepository(db: tx.db).require(request.version)
    guard let known = try LaunchRepository(db: tx.db).load(request.launch) else {
      throw Problem.noLaunch(request.launch, among: try LaunchRepository(db: tx.db).all().map(\.rawValue))
    }
    let moment = try change.context.moment(of: known.checklist.record.plan, at: tx.now, tx.db)
    try call.requireVersion(known.checklist.record.version)
    try known.checklist.requireNotCancelled()
    let plan = try known.planUpgrade(to: template, at: moment)
    try plan.require(call.actor, owner: known.checklist.record.plan.owner, reason: request.reason)
    guard plan.from != plan.to else { return plan }
    let (state, _) = try change.perform(request.launch, reason: request.reason) { state, moment in
      state.checklist.upgrade(to: template, at: moment)
    }
    // Tiering plans the launch with the lead times of the launch's own template version, so it must know the new
    // version.
    try tx.announce(
      Announcements.checklistInstantiated, launch: request.launch.rawValue, version: state.checklist.record.version,
      reason: request.reason,
      ChecklistInstantiated(
        templateVersion: template.version,
        items: state.checklist.items.filter { $0.state != .voided }.map(\.reference)))
    return plan
  }
}

extension LaunchState {
  /// Returns what moving to a version of the template would change.
  fileprivate func planUpgrade(
    to template: ChecklistTemplate, at moment: LaunchMoment
  ) throws(Problem) -> LaunchUpgrade {
    try checklist.planUpgrade(to: template, decisions: decisions, isExposed: isExposed, at: moment)
  }
}
