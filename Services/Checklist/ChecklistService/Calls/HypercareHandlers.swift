import ChecklistCore
import Contract
import LaunchModel
import ServiceKit

/// The calls about hypercare: the roster of shifts, and the check of each day.
struct HypercareHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showHypercare) { [context] params, call in
      try Rights.require(call.actor, .read)
      return try await context.read(params.launch, asOf: params.asOf) { state, moment, _ in
        state.checklist.hypercareView(at: moment)
      }
    }
    router.change(ChecklistRoutes.setHypercareRoster) { [context] params, call, tx in
      try Self.setRoster(params, call, context.change(tx))
    }
    router.change(ChecklistRoutes.checkHypercare) { [context] params, call, tx in
      try Self.check(params, call, context.change(tx))
    }
  }

  /// Replaces the roster. A roster equal to the current one changes nothing, and is not an error.
  private static func setRoster(
    _ request: SetHypercareRoster, _ call: CallContext, _ change: LaunchChange
  ) throws -> HypercareView {
    let tx = change.tx
    var announced: HypercareRosterSet?
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      try Rights.require(call.actor, .leads(.support))
      try state.checklist.requireNotCancelled()
      let before = state.checklist.hypercare
      try call.requireVersion(before.rosterVersion)
      let roster = try HypercareRoster(reading: request.document, in: moment.zone, people: moment.roster)
      guard roster != before.roster else { return [] }
      let version = before.rosterVersion + 1
      state.checklist.hypercare.roster = roster
      state.checklist.hypercare.rosterVersion = version
      state.checklist.hypercare.setBy = call.actor.description
      state.checklist.hypercare.setAt = moment.now
      try HypercareRepository(db: tx.db).add(
        roster, version: version, of: request.launch, by: call.actor.description, at: moment.now)
      announced = HypercareRosterSet(rosterVersion: version, roster: roster)
      return []
    }
    // Announced last, so that the announcement's audit link covers the roster and the launch that refers to it.
    if let announced {
      try tx.announce(
        Announcements.hypercareRoster, launch: request.launch.rawValue, version: state.checklist.record.version,
        reason: request.reason, announced)
    }
    return state.checklist.hypercareView(at: moment)
  }

  private static func check(
    _ request: CheckHypercare, _ call: CallContext, _ change: LaunchChange
  ) throws -> HypercareView {
    let tx = change.tx
    var announced: HypercareChecked?
    let (state, moment) = try change.perform(request.launch) { state, moment in
      let check = try state.checklist.checkHypercare(request, by: call.actor, at: moment)
      try HypercareRepository(db: tx.db).add(check, of: request.launch)
      announced = HypercareChecked(
        attempt: check.attempt, day: check.day, date: check.date, outcome: check.outcome, finding: check.finding)
      return state.checklist.completeHypercareChecks(at: moment).map { [$0] } ?? []
    }
    if let announced {
      try tx.announce(
        Announcements.hypercareChecked, launch: request.launch.rawValue, version: state.checklist.record.version,
        announced)
    }
    return state.checklist.hypercareView(at: moment)
  }
}
