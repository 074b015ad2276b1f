import Contract
import LaunchModel
import Messaging
import ServiceKit
import TieringCore

/// Applies other services' announcements: they determine the status of launches and the template for lead times.
struct TieringEffects {
  private let stored: StoredEvent
  private let tx: ServiceTransaction
  private let documents: TieringDocuments

  init(_ stored: StoredEvent, _ tx: ServiceTransaction, _ documents: TieringDocuments) {
    self.stored = stored
    self.tx = tx
    self.documents = documents
  }

  static let subscriptions =
    [
      Announcements.checklistInstantiated.name, Announcements.templateAdopted.name, Announcements.reviewOpened.name,
      Announcements.reviewClosed.name,
    ] + decisions.map(\.name) + exposures.map(\.name)

  private static let decisions = [
    Announcements.decisionMade, Announcements.decisionConfirmed, Announcements.decisionStale,
  ]
  private static let exposures = [
    Announcements.exposureStarted, Announcements.exposureStaged, Announcements.exposureRolledBack,
  ]

  func apply() throws {
    let type = try stored.event().type
    if let decision = Self.decisions.first(where: { $0.name == type }) { return try applyDecision(decision) }
    if let exposure = Self.exposures.first(where: { $0.name == type }) { return try applyExposure(exposure) }
    switch type {
    case Announcements.templateAdopted.name:
      try DocumentRepository(db: tx.db).saveTemplate(try stored.payload(of: Announcements.templateAdopted))
    case Announcements.checklistInstantiated.name: try applyChecklist()
    case Announcements.reviewOpened.name:
      let attempt = try stored.payload(of: Announcements.reviewOpened).attempt
      try progress { $0.reviewOpened = attempt }
    case Announcements.reviewClosed.name:
      let attempt = try stored.payload(of: Announcements.reviewClosed).attempt
      try progress { $0.reviewClosed = attempt }
    default: break
    }
  }

  /// From now on, lead times come from the template of the launch's items, which may not be the adopted one.
  private func applyChecklist() throws {
    let version = try stored.payload(of: Announcements.checklistInstantiated).templateVersion
    let launch = try progress {
      $0.isInstantiated = true
      $0.templateVersion = version
    }
    try LaunchReplanning(tx: tx, documents: documents).replan(
      launch, reason: "its items come from version \(version) of the template")
  }

  private func applyDecision(_ type: EventType<DecisionAnnounced>) throws {
    let decision = try stored.payload(of: type).decision
    try progress {
      $0.decision = decision
      $0.isStale = type.name == Announcements.decisionStale.name
    }
  }

  private func applyExposure(_ type: EventType<ExposureAnnounced>) throws {
    let exposure = try stored.payload(of: type)
    var wasCancelled = false
    let launch = try progress {
      $0.attempts = exposure.attempts
      $0.percentage = exposure.percentage
      // A launch that customers have is neither postponed nor cancelled, whatever was decided earlier or meanwhile.
      if $0.liveAttempt != nil {
        wasCancelled = $0.isCancelled
        ($0.isPostponed, $0.isCancelled) = (false, false)
      }
      // The GO was for the attempt that was rolled back.
      if type.name == Announcements.exposureRolledBack.name { $0.decision = nil }
    }
    if wasCancelled, let attempt = exposure.attempts.last { try announceLive(launch, attempt) }
  }

  private func announceLive(_ launch: LaunchID, _ attempt: ExposureAttempt) throws {
    let record = try LaunchRepository(db: tx.db).required(launch).record
    try tx.announce(
      Announcements.noticeCancelledLive, launch: launch.rawValue, version: record.version,
      Notice(
        key: "cancelledlive/\(launch)/\(attempt.attempt)", people: [record.plan.owner], functions: [.productOps],
        text:
          "\(record.plan.name) was cancelled, but customers have had it since \(attempt.startedAt): "
          + "it counts as live; roll it back, or let it run"))
  }

  @discardableResult
  private func progress(_ change: (inout LaunchProgress) -> Void) throws -> LaunchID {
    let name = try stored.header().launch
    guard let id = LaunchID(name), var row = try LaunchRepository(db: tx.db).find(id) else {
      throw EventError(code: "launch-not-found", detail: "no launch \"\(name)\"")
    }
    change(&row.progress)
    try LaunchWriter(tx).progress(row)
    return id
  }
}
