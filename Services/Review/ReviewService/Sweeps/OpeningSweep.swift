import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Opens the reviews whose time has come, however late it looks.
enum OpeningSweep {
  static let sweep = Sweep("open-reviews", every: .milliseconds(500)) { try await openDue($0) }

  static func openDue(_ environment: ServiceEnvironment) async throws {
    let now = environment.clock.now()
    let due = try await environment.database.read { try ReviewTable(db: $0).due(at: now) }
    for review in due { try await environment.change { try open(review.launch, review.attempt, $0) } }
  }

  /// Looks again in the transaction: an exposure may have been restated meanwhile.
  private static func open(_ launch: LaunchID, _ attempt: Int, _ tx: ServiceTransaction) throws {
    let reviews = ReviewTable(db: tx.db)
    guard let review = try reviews.review(launch, attempt), review.state == .scheduled, review.opensAt <= tx.now,
      let record = try LaunchTable(db: tx.db).launch(launch), record.tier.isMeasured
    else { return }
    try reviews.open(review, at: tx.now)
    try tx.announce(
      Announcements.reviewOpened, launch: launch.rawValue, version: review.version + 1,
      ReviewAnnounced(attempt: attempt))
    try tx.announce(
      Announcements.noticeReviewOpen, launch: launch.rawValue, version: review.version + 1,
      Notice(
        key: "reviewopen/\(launch)/\(attempt)", people: [record.plan.owner], functions: ReviewSchedule.invited,
        text: "the review of \(record.plan.name) is open: see what came of it, and say what explains it"))
  }
}
