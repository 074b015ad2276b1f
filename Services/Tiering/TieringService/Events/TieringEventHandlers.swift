import Contract
import LaunchModel
import Messaging
import ServiceKit
import TieringCore

/// Handles announcements of checklist and review, which provide the launches' progress and the adopted template.
struct TieringEventHandlers {
  let documents: TieringDocuments

  func register(on events: inout EventRouter) {
    events.on(Announcements.templateAdopted) { event, tx in
      try DocumentRepository(db: tx.db).saveTemplate(event.content.payload)
    }
    events.on(Announcements.learningProposed, storeProposal)
    events.on(Announcements.checklistInstantiated, recordChecklist)
    events.on(anyOf: Announcements.decisions, recordDecision)
    events.on(anyOf: Announcements.exposures, recordExposure)
    events.on(Announcements.reviewOpened) { event, tx in
      try update(event, tx) { $0.reviewOpened = event.content.payload.attempt }
    }
    events.on(Announcements.reviewClosed) { event, tx in
      try update(event, tx) { $0.reviewClosed = event.content.payload.attempt }
    }
  }

  /// Stores the policy that a learning proposes, unless it is already stored;
  /// its base is the policy version adopted now.
  private func storeProposal(_ event: Received<Announced<LearningProposed>>, _ tx: ServiceTransaction) throws {
    let (proposed, header) = (event.content.payload, event.content.header)
    let proposals = PolicyProposalRepository(db: tx.db)
    guard proposed.target == LearningTarget.policy.rawValue, let document = proposed.document,
      try proposals.find(proposed.learning) == nil
    else { return }
    let policy = try TierPolicy(reading: document)
    let proposal = PolicyProposal(
      id: proposed.learning, reason: proposed.text, document: document,
      baseVersion: try DocumentRepository(db: tx.db).policy(version: nil).documentVersion,
      findings: PolicyLint.report(policy).findings, proposedAt: header.at, proposedBy: header.by,
      learning: proposed.learning, launches: proposed.launches)
    try proposals.save(proposal)
    try tx.record(launch: DocumentRepository.policySubject, action: "policy.propose", detail: proposal)
  }

  /// Replans the launch with the template of its items, which may be newer than the one it was proposed with.
  private func recordChecklist(_ event: Received<Announced<ChecklistInstantiated>>, _ tx: ServiceTransaction) throws {
    let version = event.content.payload.templateVersion
    let launch = try update(event, tx) {
      $0.isInstantiated = true
      $0.templateVersion = version
    }
    try LaunchReplanning(tx: tx, documents: documents).replan(
      launch, reason: "its items come from version \(version) of the template")
  }

  private func recordDecision(_ event: Received<Announced<DecisionAnnounced>>, _ tx: ServiceTransaction) throws {
    try update(event, tx) {
      $0.decision = event.content.payload.decision
      $0.isStale = event.event.type == Announcements.decisionStale.name
    }
  }

  private func recordExposure(_ event: Received<Announced<ExposureAnnounced>>, _ tx: ServiceTransaction) throws {
    let exposure = event.content.payload
    var wasCancelled = false
    let launch = try update(event, tx) {
      $0.attempts = exposure.attempts(after: $0.attempts)
      $0.percentage = exposure.percentage
      // A launch that customers have is live, even if it was postponed or cancelled before or at the same moment.
      if $0.liveAttempt != nil {
        wasCancelled = $0.isCancelled
        ($0.isPostponed, $0.isCancelled) = (false, false)
      }
      // The GO applied only to the attempt that was rolled back.
      if event.event.type == Announcements.exposureRolledBack.name { $0.decision = nil }
    }
    if wasCancelled, let attempt = exposure.attempts.last { try announceCancelledLive(launch, attempt, tx) }
  }

  private func announceCancelledLive(
    _ launch: LaunchID, _ attempt: ExposureAttempt, _ tx: ServiceTransaction
  ) throws {
    let record = try LaunchRepository(db: tx.db).required(launch).record
    try tx.announce(
      Announcements.noticeCancelledLive, launch: launch.rawValue, version: record.version,
      Notice(
        key: "cancelledlive/\(launch)/\(attempt.attempt)", people: [record.plan.owner], functions: [.productOps],
        text:
          "\(record.plan.name) was cancelled, but customers have had it since \(attempt.startedAt); it counts as live. Roll it back, or let it run."
      ))
  }

  /// Changes the progress of the launch that an announcement is about.
  @discardableResult
  private func update<Payload>(
    _ event: Received<Announced<Payload>>, _ tx: ServiceTransaction, _ change: (inout LaunchProgress) -> Void
  ) throws -> LaunchID {
    let id = try event.content.launch()
    let launches = LaunchRepository(db: tx.db)
    guard var row = try launches.find(id) else {
      throw EventError(
        code: "launch-not-found", detail: Problem.noLaunch(id, among: try launches.ids()).detail)
    }
    change(&row.progress)
    try LaunchWriter(tx).progress(row)
    return id
  }
}
