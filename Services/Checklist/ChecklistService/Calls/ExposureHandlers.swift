import ChecklistCore
import Contract
import LaunchModel
import ServiceKit

/// The calls with which people record exposure.
struct ExposureHandlers {
  let context: ChecklistContext

  private static let verbs: [(ExposureVerb, Route<ExposureRequest, ExposureView>)] = [
    (.ship, ChecklistRoutes.ship), (.stage, ChecklistRoutes.stage), (.rollback, ChecklistRoutes.rollback),
  ]

  func register(on router: inout ServiceRouter) {
    router.read(ChecklistRoutes.showExposure) { [context] params, call in
      try Rights.require(call.actor, .read)
      return try await context.read(params.launch, asOf: params.asOf) { state, moment, launches in
        ExposureView(
          params.launch, state, at: moment, halts: try HaltRepository(db: launches.db).all(), backdated: false)
      }
    }
    router.read(ChecklistRoutes.previewExposure) { [context] params, call in
      try Rights.require(call.actor, .read)
      return try await context.read(params.launch) { state, moment, launches in
        try Self.preview(params, by: call.actor, state, moment, launches)
      }
    }
    for (verb, route) in Self.verbs {
      router.change(route) { [context] params, call, tx in
        try Self.perform(verb, params, call, context.change(tx))
      }
    }
  }

  /// Adds the step to a copy of the launch.
  private static func preview(
    _ request: ExposureRequest, by actor: Actor, _ state: LaunchState, _ moment: LaunchMoment,
    _ launches: LaunchRepository
  ) throws -> ExposurePreview {
    try state.checklist.requireNotCancelled()
    var after = state
    var step = try state.exposure.step(
      request.percentage == nil ? .ship : .stage, request, rollout: state.checklist.record.plan.rollout, by: actor,
      now: moment.now)
    step.decisions = state.decisions.count
    after.exposure = Exposure(state.exposure.steps + [step])
    after.decisions = try DecisionRepository(db: launches.db).load(
      request.launch, standingAt: after.exposure.steps.map(\.at))
    let halts = try HaltRepository(db: launches.db).all()
    let known = Set(state.violations(at: moment, halts: halts))
    let breaks = after.violations(at: moment, halts: halts).filter { !known.contains($0) }
    return ExposurePreview(
      exposure: ExposureView(
        request.launch, after, at: moment, halts: halts, backdated: step.at < step.recordedAt),
      breaks: breaks,
      withoutGo: breaks.contains { $0.hasPrefix(Exposure.withoutGo) || $0.hasPrefix(Exposure.whileHalted) })
  }

  private static func perform(
    _ verb: ExposureVerb, _ request: ExposureRequest, _ call: CallContext, _ change: LaunchChange
  ) throws -> ExposureView {
    var isBackdated = false
    let (state, moment) = try change.perform(request.launch, reason: request.reason) { state, moment in
      let plan = state.checklist.record.plan
      try Rights.require(call.actor, .ownLaunch(owner: plan.owner))
      // A rollback must always be possible, so it skips this check.
      if verb != .rollback {
        try call.requireVersion(state.checklist.record.version)
        try state.checklist.requireNotCancelled()
      }
      let step = try state.exposure.step(
        verb, request, rollout: plan.rollout, by: call.actor, now: moment.now)
      isBackdated = step.at < step.recordedAt
      try ExposureChange(tx: change.tx).add(step, to: &state, at: moment)
      return []
    }
    let halts = try HaltRepository(db: change.tx.db).all()
    return ExposureView(request.launch, state, at: moment, halts: halts, backdated: isBackdated)
  }
}

extension ExposureView {
  fileprivate init(
    _ launch: LaunchID, _ state: LaunchState, at moment: LaunchMoment, halts: [Halt], backdated: Bool
  ) {
    self.init(
      launch: launch, attempts: state.exposure.attempts, percentage: state.exposure.percentage, backdated: backdated,
      violations: state.violations(at: moment, halts: halts))
  }
}

/// Records a step of exposure that a person or an event reports.
struct ExposureChange {
  let tx: ServiceTransaction

  /// Stores the step, then announces it with the resulting exposure.
  func add(_ step: ExposureStep, to state: inout LaunchState, at moment: LaunchMoment) throws {
    let record = state.checklist.record
    var step = step
    step.decisions = state.decisions.count
    state.exposure = Exposure(state.exposure.steps + [step])
    try ExposureRepository(db: tx.db).add(step, of: record.plan.launch)
    // The step may be backdated; it is judged by the decision that was in effect at that time.
    state.decisions = try DecisionRepository(db: tx.db).load(
      record.plan.launch, standingAt: state.exposure.steps.map(\.at))
    let attempts = state.exposure.attempts
    try tx.announce(
      type(of: step, attempts), launch: record.plan.launch.rawValue, version: record.version, reason: step.reason,
      ExposureAnnounced(
        attempt: attempts.last { $0.startedAt <= step.at }?.attempt ?? 1, percentage: step.percentage,
        occurredAt: step.at, violations: state.violations(at: moment, halts: try HaltRepository(db: tx.db).all()),
        attempts: attempts))
  }

  private func type(of step: ExposureStep, _ attempts: [ExposureAttempt]) -> EventType<ExposureAnnounced> {
    if step.percentage == 0 { return Announcements.exposureRolledBack }
    let isStart = attempts.contains { $0.startedAt == step.at }
    return isStart ? Announcements.exposureStarted : Announcements.exposureStaged
  }
}
