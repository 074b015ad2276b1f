import Digests
import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit

/// The call by which Product Ops closes a review, once the agenda is complete and nothing on it is missing.
enum ClosingHandlers {
  static func register(on router: inout ServiceRouter) {
    router.change(
      ReviewRoutes.close, prepare: { try await ReviewHandlers.remote($0.launch, $0.attempt, $1) },
      apply: { try close($0, $1, $2, $3) })
  }

  private static func close(
    _ reference: ReviewReference, _ remote: RemoteSources, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReviewView {
    try ReviewRights.requireProductOps(call.actor)
    let queries = ReviewQueries(call, tx.db)
    let (launch, review) = try queries.openReview(reference.launch, reference.attempt)
    try call.requireVersion(review.version)
    let agenda = try AgendaBuilder(queries: queries).agenda(of: review, launch, state: .closed, remote: remote)
    guard agenda.unreachable.isEmpty else { throw incomplete(agenda) }
    let reasons = ClosingCheck.reasons(
      agenda: agenda.view, actions: try queries.actions(of: review, today: try queries.today(of: launch)))
    guard reasons.isEmpty else { throw notReady(review, reasons) }
    let digest = try digest(of: agenda.view)
    try ReviewRepository(db: tx.db).close(
      review, agenda: agenda.view, digest: digest, by: call.actor.description, at: call.now)
    try tx.announce(
      Announcements.reviewClosed, launch: review.launch.rawValue, version: review.version + 1,
      ReviewAnnounced(attempt: review.attempt, digest: digest))
    return try queries.reloadedView(review, of: launch)
  }

  /// Some sources of the agenda could not be reached.
  static func incomplete(_ agenda: Agenda) -> Problem {
    .unavailable(
      "agenda-incomplete", title: "the agenda is incomplete",
      "some of its data could not be loaded: \(agenda.unreachable.joined(separator: "; ")); try again")
  }

  private static func notReady(_ review: ReviewRow, _ reasons: [FieldError]) -> Problem {
    Problem(
      .conflict, code: "review-not-ready", title: "the review cannot be closed yet",
      detail: reasons.map(\.detail).joined(separator: "; "), errors: reasons)
  }

  /// The SHA-256 of the agenda's canonical JSON (RFC 8785), in lower-case hex.
  static func digest(of agenda: AgendaView) throws -> String {
    SHA256Digest.hex(ofCanonical: try JSONCoding.value(agenda))
  }
}
