import Digests
import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit

/// The call with which Product Ops closes a review. The agenda must be complete, and every point on it must be
/// resolved.
enum ClosingHandlers {
  static func register(on router: inout ServiceRouter) {
    router.change(
      ReviewRoutes.close, prepare: { try await ReviewHandlers.remote($0.launch, $0.attempt, $1) },
      apply: { try close($0, $1, $2, $3) })
  }

  /// Closes a review with the agenda as of this transaction: points that arrived after the
  /// caller last looked need an outcome, too.
  private static func close(
    _ parameters: CloseReview, _ remote: RemoteSources, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReviewView {
    try ReviewRights.requireProductOps(call.actor)
    let omission = try omission(parameters)
    let queries = ReviewQueries(call, tx.db)
    let (launch, review) = try queries.openReview(parameters.launch, parameters.attempt)
    try call.requireVersion(review.version)
    let assembled = try AgendaBuilder(queries: queries).agenda(of: review, launch, state: .closed, remote: remote)
    try requireUnreachable(omission?.parts ?? [], in: assembled)
    let reasons = ClosingCheck.reasons(
      agenda: assembled.view, actions: try queries.actions(of: review, today: try queries.today(of: launch)),
      roster: queries.roster, attempt: parameters.attempt)
    try requireComplete(assembled, without: omission?.parts ?? [], reasons, parameters)
    var agenda = assembled.view
    agenda.closedWithout = omission
    let digest = try digest(of: agenda)
    try ReviewRepository(db: tx.db).close(
      review, agenda: agenda, digest: digest, by: call.actor.description, at: call.now)
    try tx.announce(
      Announcements.reviewClosed, launch: review.launch.rawValue, version: review.version + 1,
      ReviewAnnounced(attempt: review.attempt, digest: digest, closedWithout: omission))
    return try queries.reloadedView(review, of: launch)
  }

  /// The parts that the review is to be closed without, with the reason; nil if the caller names none.
  ///
  /// - Throws: `text-missing` if parts are named without a reason; `part-missing` if a reason is given without parts.
  private static func omission(_ parameters: CloseReview) throws(Problem) -> ClosingOmission? {
    let parts = AgendaPart.allCases.filter { parameters.without?.contains($0) ?? false }
    guard !parts.isEmpty else {
      guard parameters.reason == nil else {
        throw .invalid(
          "part-missing", title: "the part is missing", pointer: "/without",
          "name the parts to close the review without (--without); a reason is needed only for them")
      }
      return nil
    }
    let reason = try ReviewHandlers.required(
      parameters.reason ?? "", "/reason", "give the reason for closing without \(names(of: parts))")
    return ClosingOmission(parts: parts, reason: reason)
  }

  /// Requires that none of the parts to leave out could be assembled.
  private static func requireUnreachable(_ parts: [AgendaPart], in agenda: Agenda) throws(Problem) {
    let unreachable = agenda.unreachable.map(\.part)
    let assembled = parts.filter { !unreachable.contains($0) }
    guard !assembled.isEmpty else { return }
    throw .conflict(
      "part-available", title: "the part is not missing",
      "\(names(of: assembled)) could be assembled; --without is only for parts that cannot be assembled: omit "
        + "\(assembled.map { "--without \($0.rawValue)" }.joined(separator: " "))")
  }

  /// Requires that the agenda is complete, except for the omitted parts, and that nothing else prevents closing.
  ///
  /// - Throws: `agenda-incomplete` if a part is missing, otherwise `review-not-ready`;
  ///   either lists everything that is missing.
  private static func requireComplete(
    _ agenda: Agenda, without omitted: [AgendaPart], _ reasons: [FieldError], _ parameters: CloseReview
  ) throws(Problem) {
    let missing = agenda.unreachable.filter { !omitted.contains($0.part) }
    guard missing.isEmpty else {
      let parts = missing.enumerated().map { index, part in
        FieldError(pointer: "/missing/\(index)", detail: "could not assemble \(part)")
      }
      let commands = ReviewCommands(launch: parameters.launch, attempt: parameters.attempt)
      var problem = incomplete(agenda)
      problem.detail += ", or close it without: \(commands.close(without: agenda.unreachable.map(\.part)))"
      problem.errors = parts + reasons
      throw problem
    }
    guard reasons.isEmpty else {
      let count = reasons.count == 1 ? "1 thing is" : "\(reasons.count) things are"
      throw Problem(
        .conflict, code: "review-not-ready", title: "the review cannot be closed yet",
        detail: "the review of \(parameters.launch) cannot be closed yet: \(count) missing", errors: reasons)
    }
  }

  /// The error for an agenda with sources that could not be reached.
  static func incomplete(_ agenda: Agenda) -> Problem {
    let parts = agenda.unreachable.map(\.description).joined(separator: "; ")
    return .unavailable(
      "agenda-incomplete", title: "the agenda is incomplete",
      "some of its data could not be loaded: \(parts); try again")
  }

  private static func names(of parts: [AgendaPart]) -> String { parts.map(\.rawValue).joined(separator: ", ") }

  /// The SHA-256 of the agenda's canonical JSON (RFC 8785), in lower-case hex.
  static func digest(of agenda: AgendaView) throws -> String {
    SHA256Digest.hex(ofCanonical: try JSONCoding.value(agenda))
  }
}
