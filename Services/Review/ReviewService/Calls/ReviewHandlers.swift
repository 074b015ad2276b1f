import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The calls that show reviews and record attendance, explanations and outcomes.
enum ReviewHandlers {
  static func register(on router: inout ServiceRouter) {
    router.read(ReviewRoutes.show) { reference, call in
      try await call.environment.database.read { db in
        let queries = ReviewQueries(call, db)
        let (launch, review) = try queries.review(reference.launch, reference.attempt)
        return try queries.view(review, of: launch)
      }
    }
    router.read(ReviewRoutes.list) { _, call in
      ReviewList(reviews: try await call.environment.database.read { try list(ReviewQueries(call, $0)) })
    }
    router.read(ReviewRoutes.agenda) { try await agenda($0, $1) }
    router.change(ReviewRoutes.explain) { try explain($0, $1, $2) }
    router.change(ReviewRoutes.attend) { try attend($0, $1, $2) }
    router.change(
      ReviewRoutes.note, prepare: { try await remote($0.launch, $0.attempt, $1) }, apply: { try note($0, $1, $2, $3) })
  }

  /// All scheduled, open and closed reviews, in the order of opening.
  private static func list(_ queries: ReviewQueries) throws -> [ReviewView] {
    try ReviewRepository(db: queries.db).all().compactMap { review in
      guard let launch = try LaunchRepository(db: queries.db).launch(review.launch),
        launch.tier.isMeasured || review.state != .scheduled
      else { return nil }
      return try queries.view(review, of: launch)
    }
  }

  /// The agenda of a review; the stored one if the review is closed.
  private static func agenda(_ reference: ReviewReference, _ call: CallContext) async throws -> AgendaView {
    let (launch, review) = try await call.environment.database.read {
      try ReviewQueries(call, $0).review(reference.launch, reference.attempt)
    }
    if let stored = review.agenda { return stored }
    let remote = try await RemoteLoader(call).load(review.launch, attempt: review.attempt)
    return try await call.environment.database.read { db in
      try AgendaBuilder(queries: ReviewQueries(call, db)).agenda(of: review, launch, remote: remote).view
    }
  }

  /// Fetches the data of other services that an agenda needs.
  ///
  /// - Throws: the errors of `openReview`, because the review must be open.
  static func remote(_ launch: LaunchID, _ attempt: Int?, _ call: CallContext) async throws -> RemoteSources {
    let (_, review) = try await call.environment.database.read {
      try ReviewQueries(call, $0).openReview(launch, attempt)
    }
    return try await RemoteLoader(call).load(review.launch, attempt: review.attempt)
  }

  private static func explain(
    _ parameters: ExplainMetric, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReviewView {
    let text = try required(parameters.text, "/text", "give the explanation of the gap")
    return try record("review.explain", parameters, parameters.launch, parameters.attempt, call, tx) {
      queries, review in
      let known = try TimelineRepository(db: queries.db).metrics(of: review.launch)
      guard known.contains(parameters.metric) else {
        throw Problem.notFound(
          "metric-not-found", title: "no such metric",
          "no metric \"\(parameters.metric)\"; the sealed metrics of \(review.launch) are: "
            + (known.isEmpty ? "none" : known.joined(separator: ", ")))
      }
      try ReviewRecordRepository(db: queries.db, of: review).explain(parameters.metric, text)
    }
  }

  private static func attend(
    _ parameters: Attendance, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReviewView {
    guard !parameters.people.isEmpty else {
      throw Problem.invalid("nobody-named", pointer: "/people", "name who attended")
    }
    return try record("review.attend", parameters, parameters.launch, parameters.attempt, call, tx) { queries, review in
      try queries.requireKnown(parameters.people.enumerated().map { ("/people/\($0.offset)", $0.element) })
      let records = ReviewRecordRepository(db: queries.db, of: review)
      for person in parameters.people { try records.attend(person) }
    }
  }

  private static func note(
    _ parameters: NoteOutcome, _ remote: RemoteSources, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReviewView {
    let text = try required(parameters.text, "/text", "give the outcome of the point")
    return try record("review.note", parameters, parameters.launch, parameters.attempt, call, tx) { queries, review in
      let launch = try LaunchRepository(db: queries.db).required(review.launch)
      let agenda = try AgendaBuilder(queries: queries).agenda(of: review, launch, remote: remote)
      let point = try requiredPoint(parameters.point, in: agenda)
      try requireNotable(parameters)
      try ReviewRecordRepository(db: queries.db, of: review).note(point, text)
    }
  }

  /// Requires that a note can be the outcome of the point. A customer to call needs an action instead.
  private static func requireNotable(_ note: NoteOutcome) throws(Problem) {
    guard Outreach.isCustomer(note.point) else { return }
    let commands = ReviewCommands(launch: note.launch, attempt: note.attempt)
    throw .invalid(
      "outreach-needed", title: "an outreach action is needed", pointer: "/point",
      "for a customer to call, add an action with an owner instead of a note: \(commands.call(note.point)), or, for "
        + "all customers, \(commands.callAll)")
  }

  /// The point of the agenda that an id stands for; that of a topic without an article may be named as a gap too.
  ///
  /// - Throws: `point-not-found`; `agenda-incomplete` if the point may belong to data that could not be loaded.
  static func requiredPoint(_ id: String, in agenda: Agenda) throws(Problem) -> String {
    if let point = agenda.view.point(named: id) { return point }
    let known = agenda.view.points.map(\.id)
    guard agenda.unreachable.isEmpty else { throw ClosingHandlers.incomplete(agenda) }
    throw .notFound(
      "point-not-found", title: "no such agenda point",
      "no point \"\(id)\"; the agenda's points are: \(known.isEmpty ? "none" : known.joined(separator: ", "))")
  }

  /// Applies a participant's change to an open review, increments its version,
  /// audits the change, and returns the review.
  private static func record(
    _ action: String, _ detail: some Encodable, _ launch: LaunchID, _ attempt: Int?, _ call: CallContext,
    _ tx: ServiceTransaction, _ body: (ReviewQueries, ReviewRow) throws -> Void
  ) throws -> ReviewView {
    let queries = ReviewQueries(call, tx.db)
    let (record, review) = try queries.openReview(launch, attempt)
    try ReviewRights.requireParticipant(call.actor, in: record)
    try call.requireVersion(review.version)
    try body(queries, review)
    try ReviewRepository(db: tx.db).touch(review)
    try tx.record(launch: launch.rawValue, action: action, detail: detail)
    return try queries.reloadedView(review, of: record)
  }

  /// The text without surrounding white space.
  ///
  /// - Throws: `text-missing` if nothing remains.
  static func required(_ text: String, _ pointer: String, _ fix: String) throws(Problem) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard let first = words.first, let last = words.last else {
      throw .invalid("text-missing", title: "the text is missing", pointer: pointer, fix)
    }
    return String(text[first.startIndex..<last.endIndex])
  }
}

/// The rights in a review (product.md, section 6). Participants are the invited functions and the launch's owner. They
/// may do everything except close the review; Product Ops may close it, too.
enum ReviewRights {
  static func requireParticipant(_ actor: Actor, in launch: LaunchRecord) throws(Problem) {
    try Rights.require(
      actor, anyOf: [.ownLaunch(owner: launch.plan.owner)] + ReviewSchedule.invited.map { .memberOf($0) })
  }

  static func requireProductOps(_ actor: Actor) throws(Problem) { try Rights.require(actor, .productOps) }

  /// Requires that the actor owns the action or is a participant.
  static func requireOwner(_ actor: Actor, of action: ActionRow, in launch: LaunchRecord) throws(Problem) {
    if Rights.allows(actor, .onRoster), actor.rightsHolder == action.owner { return }
    try requireParticipant(actor, in: launch)
  }
}
