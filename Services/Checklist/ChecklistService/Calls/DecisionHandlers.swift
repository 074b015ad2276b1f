import ChecklistCore
import Contract
import Digests
import JSON
import LaunchModel
import ServiceKit
import Storage

/// The calls that make, confirm and show decisions.
struct DecisionHandlers {
  let context: ChecklistContext

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showDecision) { [context] params, _ in
      try await context.read(params.launch, asOf: params.asOf) { state, moment, launches in
        let halt = try HaltRepository(db: launches.db).standing(for: params.launch, asOf: params.asOf)
        return state.decision(at: moment).halted(by: halt)
      }
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
    let halt = try HaltRepository(db: tx.db).standing(for: request.launch)
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      if request.decision == .go { try requireUntampered(authoritative, request.launch) }
      try authoritative.requireSame(as: state.checklist)
      // A confirmation of the date does not change the launch's version, so the checklist's copy may lack it although
      // the versions are equal.
      state.checklist.record.confirmation = authoritative.record.confirmation
      state.checklist.bookings = try BookingRepository(db: tx.db).reasons(against: request.launch)
      var snapshot = try state.checklist.decide(
        request, by: actor, at: moment, isExposed: state.isExposed, halt: halt)
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
    return state.decision(at: moment).halted(by: halt)
  }

  /// Confirms the current GO on its launch date.
  func confirm(
    _ request: LaunchAction, _ authoritative: AuthoritativeState, by actor: Actor
  ) throws -> DecisionView {
    try Rights.require(actor, .productOps)
    let halt = try HaltRepository(db: tx.db).standing(for: request.launch)
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
    return state.decision(at: moment).halted(by: halt)
  }

  private func requireUntampered(_ authoritative: AuthoritativeState, _ launch: LaunchID) throws {
    try authoritative.requireUntampered(launch, change.context.environment.state, tx.db)
  }

  /// Returns the heads of the owners' audit chains and of the checklist's own chain.
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
        decision: decision.kind, digest: decision.digest, artifact: decision.artifact, override: decision.override,
        chains: chains))
  }
}

/// Makes the GO that a tier 3 launch gets automatically once both its items are done.
///
/// A check of the gate makes the decision, so that work done a moment ago counts; if nobody checks, a job makes it.
struct DueDecision {
  let context: ChecklistContext

  /// Makes the decision if it is due. While a halt closes the launch's gate, it is not made but remains due.
  ///
  /// - Throws: `unavailable` if the checklist's copy of the launch differs from the owners' state.
  func make(_ launch: LaunchID, _ authoritative: AuthoritativeState) async throws {
    let isDue = try await context.environment.database.read { db in
      try LaunchRepository(db: db).isDueDecision(launch) && HaltRepository(db: db).standing(for: launch) == nil
    }
    guard isDue else { return }
    try await context.environment.change { tx in try make(launch, authoritative, tx) }
  }

  private func make(_ launch: LaunchID, _ authoritative: AuthoritativeState, _ tx: ServiceTransaction) throws {
    let launches = LaunchRepository(db: tx.db)
    guard try HaltRepository(db: tx.db).standing(for: launch) == nil, let state = try launches.load(launch) else {
      return
    }
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    guard state.decisions.isAutomaticGoDue(for: state.checklist, at: moment, exposure: state.exposure) else {
      return try launches.setDueDecision(launch, false)
    }
    _ = try DecisionChange(change: context.change(tx)).make(
      DecisionRequest(launch: launch, decision: .go, reason: "its items are done; tier 3 requires nothing else"),
      authoritative, by: tx.actor)
  }
}
