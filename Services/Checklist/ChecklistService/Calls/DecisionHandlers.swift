import ChecklistCore
import Contract
import Digests
import JSON
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
      apply: { [context] params, authoritative, call, tx in
        try DecisionChange(change: context.change(tx)).make(params, authoritative, by: call.actor)
      })
    router.change(
      ChecklistRoutes.confirmDecision,
      prepare: { [context] params, call in
        try await AuthoritativeState.ask(params.launch, context, until: call.deadline)
      },
      apply: { [context] params, authoritative, call, tx in
        try DecisionChange(change: context.change(tx)).confirm(params, authoritative, by: call.actor)
      })
    // The gate rests on the bus's head, up to which the checklist must have read; on the launch's record in tiering and the
    // sealed plan in metrics, asked for now (`AuthoritativeState`); on the standing decision and its basis (`Decision`,
    // `DecisionBasis`); on exposure; on the launch's local day; and on every reason against GO (`Readiness`).
    router.read(ChecklistRoutes.checkGate) { [context] params, call in
      try await GateCheck(context: context, launch: params.launch, deadline: call.deadline).view()
    }
  }
}

/// The check of a launch's gate.
private struct GateCheck {
  let context: ChecklistContext
  let launch: LaunchID
  let deadline: ContinuousClock.Instant

  func view() async throws -> GateView {
    let authoritative = try await AuthoritativeState.ask(launch, context, until: deadline)
    do {
      try await DueDecision(context: context).make(launch, authoritative)
      return try await view(authoritative)
    } catch let problem as Problem where problem.isTampering {
      return try await view(authoritative)
    } catch let problem as Problem where problem.code == Problem.laggingCode {
      throw try await authoritative.explained(problem, launch, context, until: deadline)
    }
  }

  private func view(_ authoritative: AuthoritativeState) async throws -> GateView {
    try await context.read(launch) { [context] state, moment, launches in
      // What the checklist's store holds counts only if it is what its chain says.
      let own = try authoritative.contradiction(
        of: state.checklist.launch, context.environment.state, launches.db)
      if own == nil { try authoritative.requireSame(as: state.checklist) }
      let view = GateView(
        of: state.decision(at: moment),
        reasonsAgainstGo: state.checklist.reasonsAgainstGo(at: moment, isExposed: state.isExposed))
      return [own, authoritative.tampering].compactMap(\.self).reduce(view) { $0.closed(by: $1) }
    }
  }
}

/// Makes and confirms decisions.
struct DecisionChange {
  let change: LaunchChange

  private var tx: ServiceTransaction { change.tx }

  /// Makes a decision; stores nothing if it throws.
  func make(
    _ request: DecisionRequest, _ authoritative: AuthoritativeState, by actor: Actor
  ) throws -> DecisionView {
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      if request.decision == .go { try requireUntampered(authoritative, request.launch) }
      try authoritative.requireSame(as: state.checklist)
      state.checklist.bookings = try BookingRepository(db: tx.db).reasons(against: request.launch)
      var snapshot = try state.checklist.decide(request, by: actor, at: moment, isExposed: state.isExposed)
      snapshot.chains = try chains(authoritative, request.launch)
      let canonical = try JSONCoding.value(snapshot).canonical()
      let decision = Decision(
        of: snapshot, sequence: state.decisions.count + 1, madeOn: moment.today,
        digest: SHA256Digest.hex(of: canonical))
      state.decisions.decisions.append(decision)
      try DecisionRepository(db: tx.db).add(decision, of: request.launch, snapshot: canonical)
      try announce(Announcements.decisionMade, decision, state.checklist.record, citing: snapshot.chains)
      return []
    }
    return state.decision(at: moment)
  }

  /// Confirms the standing GO on its launch date.
  func confirm(
    _ request: LaunchAction, _ authoritative: AuthoritativeState, by actor: Actor
  ) throws -> DecisionView {
    try Rights.require(actor, .productOps)
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      try requireUntampered(authoritative, request.launch)
      try authoritative.requireSame(as: state.checklist)
      try state.checklist.requireRunning()
      let worsened = state.decisions.worsened(in: state.checklist, at: moment)
      guard let last = state.decisions.decisions.indices.last else {
        throw Problem.conflict("no-decision", "no GO to confirm: no decision has been made yet")
      }
      var decision = state.decisions.decisions[last]
      if !worsened.isEmpty {
        decision.staleAt = moment.now
        decision.staleReasons = worsened
      }
      try decision.requireConfirmable(at: moment.now, exposure: state.exposure, in: moment.zone)
      decision.confirmedAt = moment.now
      decision.confirmedBy = actor.description
      decision.chains = try chains(authoritative, request.launch)
      state.decisions.decisions[last] = decision
      try DecisionRepository(db: tx.db).update(decision, of: request.launch)
      try announce(
        Announcements.decisionConfirmed, decision, state.checklist.record, citing: decision.chains)
      return []
    }
    return state.decision(at: moment)
  }

  private func requireUntampered(_ authoritative: AuthoritativeState, _ launch: LaunchID) throws {
    try authoritative.requireUntampered(launch, change.context.environment.state, tx.db)
  }

  /// The heads of the owners' audit chains and of the checklist's own.
  private func chains(_ authoritative: AuthoritativeState, _ launch: LaunchID) throws -> [String: ChainHead] {
    var chains = authoritative.chains
    chains[ServiceName.checklist.rawValue] = try change.context.environment.audit.head(
      launch: launch.rawValue, tx.db)
    return chains
  }

  private func announce(
    _ type: EventType<DecisionAnnounced>, _ decision: Decision, _ record: LaunchRecord,
    citing chains: [String: ChainHead]?
  ) throws {
    try tx.announce(
      type, launch: record.plan.launch.rawValue, version: record.version, reason: decision.reason,
      DecisionAnnounced(
        decision: decision.kind, digest: decision.digest, override: decision.override, chains: chains))
  }
}

extension GateView {
  /// The gate closed by a problem that no decision can override.
  fileprivate func closed(by problem: Problem) -> GateView {
    var view = self
    view.open = false
    view.inForce = false
    view.reasons.insert(ReadinessReason(code: problem.code, detail: problem.detail), at: 0)
    return view
  }
}

/// The GO that a launch of tier 3 gets automatically once both its items are done.
///
/// Checking the gate makes it, so that work done a moment ago counts; a job makes it if nobody checks.
struct DueDecision {
  let context: ChecklistContext

  /// Makes the decision if it is due.
  ///
  /// - Throws: `unavailable` if the checklist's copy of the launch differs from the owners' state.
  func make(_ launch: LaunchID, _ authoritative: AuthoritativeState) async throws {
    guard try await context.environment.database.read({ try LaunchRepository(db: $0).isDueDecision(launch) }) else {
      return
    }
    try await context.environment.change { tx in try make(launch, authoritative, tx) }
  }

  private func make(_ launch: LaunchID, _ authoritative: AuthoritativeState, _ tx: ServiceTransaction) throws {
    let launches = LaunchRepository(db: tx.db)
    guard let state = try launches.load(launch) else { return }
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    guard state.decisions.isAutomaticGoDue(for: state.checklist, at: moment, exposure: state.exposure) else {
      return try launches.setDueDecision(launch, false)
    }
    _ = try DecisionChange(change: context.change(tx)).make(
      DecisionRequest(launch: launch, decision: .go, reason: "its items are done; tier 3 requires nothing else"),
      authoritative, by: tx.actor)
  }
}
