import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The queries that the review calls share, within one transaction.
struct ReviewQueries {
  let db: any Transaction
  let now: Timestamp
  let roster: Roster?

  init(_ call: CallContext, _ db: any Transaction) {
    self.db = db
    now = call.now
    roster = call.environment.roster
  }

  /// The review of an attempt; without an attempt, the open review or, if there is none, the latest.
  ///
  /// - Throws: `launch-not-found`; `review-not-found`, with the reason.
  func review(_ launch: LaunchID, _ attempt: Int?) throws -> (LaunchRecord, ReviewRow) {
    let record = try LaunchRepository(db: db).required(launch)
    let reviews = try ReviewRepository(db: db).reviews(of: launch)
    let wanted = attempt.map { number in reviews.last { $0.attempt == number } }
    let review = wanted ?? reviews.last { $0.state == .open } ?? reviews.last
    guard record.tier.isMeasured || review.map({ $0.state != .scheduled }) == true else {
      throw Self.none("launches of tier \(record.tier.rawValue) have no review")
    }
    guard let review else {
      throw Self.none(
        attempt.map { "\(launch) has no attempt \($0) yet" }
          ?? "\(launch) has not shipped; its review opens \(ReviewSchedule.days) days after it ships")
    }
    return (record, review)
  }

  /// The same review as `review` returns; it must be open.
  ///
  /// - Throws: the errors of `review`; `review-not-open`; `review-closed`.
  func openReview(_ launch: LaunchID, _ attempt: Int?) throws -> (LaunchRecord, ReviewRow) {
    let (record, review) = try self.review(launch, attempt)
    switch review.state {
    case .open: return (record, review)
    case .scheduled:
      throw Problem.conflict(
        "review-not-open", title: "the review is not open yet",
        "the review of \(launch), attempt \(review.attempt), opens at \(review.opensAt) (\(review.opensOn))")
    case .closed:
      throw Problem.conflict(
        "review-closed", title: "the review is closed",
        "the review of \(launch), attempt \(review.attempt), was closed at \(review.closedAt ?? now)")
    }
  }

  func view(_ review: ReviewRow, of launch: LaunchRecord) throws -> ReviewView {
    let records = ReviewRecordRepository(db: db, of: review)
    let attended = try records.attended()
    return ReviewView(
      launch: review.launch, attempt: review.attempt, state: review.state, opensOn: review.opensOn,
      opensAt: review.opensAt, openedAt: review.openedAt, closedAt: review.closedAt, closedBy: review.closedBy,
      digest: review.digest, closedWithout: review.agenda?.closedWithout, invited: ReviewSchedule.invited,
      attended: attended, absent: absent(attended),
      explanations: try records.explanations(), outcomes: try records.outcomes(),
      actions: try actions(of: review, today: try today(of: launch)),
      learnings: try LearningRepository(db: db).learnings(of: review.launch), version: review.version)
  }

  /// The view of a review after a change in this transaction.
  func reloadedView(_ review: ReviewRow, of launch: LaunchRecord) throws -> ReviewView {
    try view(try ReviewRepository(db: db).review(review.launch, review.attempt) ?? review, of: launch)
  }

  func actions(of review: ReviewRow, today: LocalDate) throws -> [ActionView] {
    try ActionRepository(db: db).actions(of: review).map { $0.view(today: today) }
  }

  /// The current local date in the launch's zone.
  func today(of launch: LaunchRecord) throws -> LocalDate { try ZoneRules(launch.plan.timeZone).localDate(at: now) }

  /// Requires that the people are on the roster, if there is one.
  ///
  /// - Throws: `unknown-person`, with the pointer of each person who is missing.
  func requireKnown(_ people: [(pointer: String, person: PersonID)]) throws {
    guard let roster, !roster.isEmpty else { return }
    let errors = people.filter { roster.people[$0.person] == nil }.map {
      FieldError(pointer: $0.pointer, detail: roster.absence(of: $0.person))
    }
    guard errors.isEmpty else { throw Problem.invalid("unknown-person", title: "unknown person", errors: errors) }
  }

  /// The invited functions without an attendee; empty if there is no roster.
  private func absent(_ attended: [PersonID]) -> [LaunchFunction] {
    guard let roster, !roster.isEmpty else { return [] }
    let present = Set(attended.flatMap { roster.people[$0].map { $0.functions + $0.lead } ?? [] })
    return ReviewSchedule.invited.filter { !present.contains($0) }
  }

  private static func none(_ detail: String) -> Problem {
    .notFound("review-not-found", title: "no such review", detail)
  }
}
