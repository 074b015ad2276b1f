import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The calls about the decision and the gate.
struct DecisionHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showDecision) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, moment, _ in state.decision(at: moment) }
    }
    router.change(
      ChecklistRoutes.makeDecision,
      prepare: { [context] params, call in
        try await AuthoritativeState.ask(params.launch, context, until: call.deadline)
      },
      apply: { [context] params, answer, call, tx in
        try DecisionChange(change: context.change(tx)).make(params, answer, by: call.actor)
      })
    router.change(
      ChecklistRoutes.confirmDecision,
      prepare: { [context] params, call in
        try await AuthoritativeState.ask(params.launch, context, until: call.deadline)
      },
      apply: { [context] params, answer, call, tx in
        try DecisionChange(change: context.change(tx)).confirm(params, answer, by: call.actor)
      })
    router.read(ChecklistRoutes.checkGate) { [context] params, call in
      let answer = try await AuthoritativeState.ask(params.launch, context, until: call.deadline)
      try await DueDecision(context: context).make(params.launch, answer)
      return try await context.read(params.launch) { state, moment, _ in
        try answer.requireSame(as: state.checklist)
        let view = GateView(
          of: state.decision(at: moment),
          reasonsAgainstGo: state.checklist.reasonsAgainstGo(at: moment, isExposed: state.isExposed))
        return answer.tampering.map(view.closed) ?? view
      }
    }
  }
}

/// Makes and confirms decisions.
struct DecisionChange {
  let change: LaunchChange

  private var tx: ServiceTransaction { change.tx }

  /// Takes a decision, or throws why not, with nothing stored.
  func make(_ request: DecisionRequest, _ answer: AuthoritativeState, by actor: Actor) throws -> DecisionView {
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      try answer.requireSame(as: state.checklist)
      if request.decision == .go { try answer.requireUntouched() }
      let snapshot = try state.checklist.decide(request, by: actor, at: moment, isExposed: state.isExposed)
      let digest = try CanonicalDigest(of: snapshot)
      let decision = Decision(
        of: snapshot, sequence: state.decisions.decisions.count + 1, madeOn: moment.today, digest: digest.hex)
      state.decisions.decisions.append(decision)
      try DecisionRepository(db: tx.db).add(decision, of: request.launch, snapshot: digest.bytes)
      try announce(Announcements.decisionMade, decision, state.checklist.record)
      return []
    }
    return state.decision(at: moment)
  }

  /// Confirms the standing GO on its launch date.
  func confirm(_ request: LaunchAction, _ answer: AuthoritativeState, by actor: Actor) throws -> DecisionView {
    try Rights.require(actor, .productOps)
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      try answer.requireSame(as: state.checklist)
      try answer.requireUntouched()
      try state.checklist.requireRunning()
      let worsened = state.decisions.worsened(in: state.checklist, at: moment)
      guard let last = state.decisions.decisions.indices.last else {
        throw Problem.conflict("no-decision", "there is no GO to confirm: nothing was decided yet")
      }
      var decision = state.decisions.decisions[last]
      if !worsened.isEmpty {
        decision.staleAt = moment.now
        decision.staleReasons = worsened
      }
      try decision.requireConfirmable(at: moment.now, exposure: state.exposure, in: moment.zone)
      decision.confirmedAt = moment.now
      decision.confirmedBy = actor.description
      state.decisions.decisions[last] = decision
      try DecisionRepository(db: tx.db).update(decision, of: request.launch)
      try announce(Announcements.decisionConfirmed, decision, state.checklist.record)
      return []
    }
    return state.decision(at: moment)
  }

  private func announce(
    _ type: EventType<DecisionAnnounced>, _ decision: Decision, _ record: LaunchRecord
  ) throws {
    try tx.announce(
      type, launch: record.plan.launch.rawValue, version: record.version, reason: decision.reason,
      DecisionAnnounced(decision: decision.kind, digest: decision.digest, override: decision.override))
  }
}

extension GateView {
  /// The gate shut for a reason that no decision outweighs.
  fileprivate func closed(by problem: Problem) -> GateView {
    var view = self
    view.open = false
    view.inForce = false
    view.reasons.insert(ReadinessReason(code: problem.code, detail: problem.detail), at: 0)
    return view
  }
}

/// The GO that a launch of tier 3 gets by itself once both its items are done.
///
/// The gate makes it when it is asked, so that what was done a moment ago counts; a sweep makes it where nobody asks.
struct DueDecision {
  let context: ChecklistContext

  /// Makes the decision where it is due, with what the launch's owner answered just now.
  ///
  /// - Throws: `unavailable` where the checklist's copy is not what the owner has.
  func make(_ launch: LaunchID, _ answer: AuthoritativeState) async throws {
    guard try await context.environment.database.read({ try LaunchRepository(db: $0).isDueDecision(launch) }) else {
      return
    }
    try await context.environment.change { tx in try make(launch, answer, tx) }
  }

  private func make(_ launch: LaunchID, _ answer: AuthoritativeState, _ tx: ServiceTransaction) throws {
    let table = LaunchRepository(db: tx.db)
    guard let state = try table.load(launch) else { return }
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    guard state.decisions.isDueByItself(for: state.checklist, at: moment, isExposed: state.isExposed) else {
      return try table.setDueDecision(launch, false)
    }
    _ = try DecisionChange(change: context.change(tx)).make(
      DecisionRequest(launch: launch, decision: .go, reason: "its items are done, and tier 3 asks for no more"), answer,
      by: tx.actor)
  }
}
