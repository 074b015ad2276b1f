import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Writes agendas from what the service keeps and what the others answered.
struct AgendaDesk {
  let desk: ReviewDesk

  func agenda(
    of review: ReviewRow, _ launch: LaunchRecord, state: ReviewState? = nil, remote: RemoteSources
  ) throws -> Agenda {
    let attempts = try LaunchTable(db: desk.db).attempts(of: review.launch)
    guard let window = AttemptWindow(of: review.attempt, in: attempts) else {
      throw Problem.notFound(
        "attempt-not-found", title: "no such attempt",
        "attempt \(review.attempt) of \(review.launch) was taken back after its review had opened")
    }
    let records = RecordTable(db: desk.db, of: review)
    let story = StoryTable(db: desk.db)
    return try Agenda(
      AgendaSources(
        launch: launch, attempt: review.attempt, attempts: attempts, opensOn: review.opensOn,
        state: state ?? review.state, now: desk.now, remote: remote,
        signals: try SignalTable(db: desk.db).signals(of: launch, in: window),
        features: try LaunchTable(db: desk.db).features(), story: try story.story(of: review.launch),
        doneAt: try story.doneAt(review.launch), explanations: try records.explanations(),
        outcomes: try records.outcomes(), actions: try desk.actions(of: review, today: try desk.today(of: launch))))
  }
}
