import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Announces the topics that drive a spike: once for each notice of a spike, within a minute.
enum SpikeJob {
  static let job = Job("explain-spikes", every: .seconds(1)) { try await explainAll($0) }

  /// How long to wait for unread texts. Texts that are still unread then are left out, and a note says so.
  private static let patience = Duration.seconds(30)

  static func explainAll(_ environment: ServiceEnvironment) async throws {
    for spike in try await environment.database.read({ try TopicRepository(db: $0).unexplainedSpikes() }) {
      try await explain(spike, environment)
    }
  }

  /// Announces the topics of the tickets so far. If metrics does not answer, only tickets that name the feature count.
  private static func explain(_ spike: SpikeRow, _ environment: ServiceEnvironment) async throws {
    let launch = try await environment.database.read { db -> LaunchRecord? in
      let launches = LaunchRepository(db: db)
      guard try launches.attempts(of: spike.launch).contains(where: { $0.attempt == spike.attempt }) else { return nil }
      return try launches.launch(spike.launch)
    }
    guard let launch else {
      // The exposure was corrected after the notice, so this attempt no longer exists.
      try await environment.database.write { db in
        _ = try TopicRepository(db: db).explain(spike.notice.key, at: spike.at)
      }
      return
    }
    let plan = try await RemoteLoader(environment).plan(of: spike.launch)
    let finding = TopicFinding(
      environment: environment, launch: launch, attempt: spike.attempt,
      attribution: RemoteSources.attribution(of: launch.plan.feature, by: plan))
    let (topics, unread) = try await finding.topicsOfRead(until: .now + patience)
    let notes = TopicNotes.notes(plan: plan, unread: unread)
    let announced = TopicDrivers.drivers(of: topics, at: spike.at).announcement(
      of: spike.notice, launch: launch.plan.launch, attempt: spike.attempt, notes: notes)
    try await environment.change { tx in
      guard try TopicRepository(db: tx.db).explain(spike.notice.key, at: tx.now) else { return }
      let review = try ReviewRepository(db: tx.db).review(spike.launch, spike.attempt)
      try tx.announce(
        Announcements.reviewTopics, launch: spike.launch.rawValue, version: review?.version ?? 1, announced)
    }
  }
}

/// The notes about the limits of an answer about topics.
enum TopicNotes {
  static func notes(plan: Result<ReviewedPlan, Problem>, unread: Int = 0) -> [String] {
    var notes: [String] = []
    if case .failure(let problem) = plan {
      notes.append("tickets are attributed by the feature alone, without the tags of the metric plan: \(problem)")
    }
    if unread > 0 { notes.append("the texts of \(unread) tickets have not been read yet") }
    return notes
  }
}
