import JSON
import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// The calls about the actions of reviews.
enum ActionHandlers {
  static func register(on router: inout ServiceRouter) {
    router.change(
      ReviewRoutes.addAction,
      prepare: { parameters, call in
        guard parameters.point != nil else { return nil as RemoteSources? }
        return try await ReviewHandlers.remote(parameters.launch, parameters.attempt, call)
      }, apply: { try add($0, $1, $2, $3) })
    router.change(
      ReviewRoutes.addOutreach, prepare: { try await ReviewHandlers.remote($0.launch, $0.attempt, $1) },
      apply: { try addOutreach($0, $1, $2, $3) })
    router.read(ReviewRoutes.listActions) { filter, call in
      ActionList(actions: try await call.environment.database.read { try list(filter, ReviewQueries(call, $0)) })
    }
    router.change(ReviewRoutes.assignAction) { try assign($0, $1, $2) }
    router.change(ReviewRoutes.reassignActions) { try reassign($0, $1, $2) }
    router.change(ReviewRoutes.finishAction) { try end($0, as: .done, $1, $2) }
    router.change(ReviewRoutes.dropAction) { try end($0, as: .dropped, $1, $2) }
  }

  private static func add(
    _ parameters: AddAction, _ remote: RemoteSources?, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ActionView {
    let text = try ReviewHandlers.required(parameters.text, "/text", "describe what to do")
    let queries = ReviewQueries(call, tx.db)
    let (launch, review) = try queries.openReview(parameters.launch, parameters.attempt)
    try ReviewRights.requireParticipant(call.actor, in: launch)
    try queries.requireKnown(parameters.owner.map { [("/owner", $0)] } ?? [])
    var point = parameters.point
    if let named = point, let remote {
      point = try ReviewHandlers.requiredPoint(
        named, in: try AgendaBuilder(queries: queries).agenda(of: review, launch, remote: remote))
    }
    let action = try ActionRepository(db: tx.db).add(
      to: review, text: text, owner: parameters.owner, due: parameters.due, point: point)
    return try announce(Announcements.actionAdded, action, of: launch, queries, tx)
  }

  /// Adds an action for each listed customer that has none, all in one transaction.
  private static func addOutreach(
    _ parameters: AddOutreach, _ remote: RemoteSources, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> OutreachAdded {
    let queries = ReviewQueries(call, tx.db)
    let (launch, review) = try queries.openReview(parameters.launch, parameters.attempt)
    try ReviewRights.requireParticipant(call.actor, in: launch)
    try queries.requireKnown(parameters.owner.map { [("/owner", $0)] } ?? [])
    let agenda = try AgendaBuilder(queries: queries).agenda(of: review, launch, remote: remote)
    let actions = try queries.actions(of: review, today: try queries.today(of: launch))
    let added = try Outreach.uncalled(agenda.view, actions: actions).map { customer in
      let action = try ActionRepository(db: tx.db).add(
        to: review, text: Outreach.text(for: customer), owner: parameters.owner, due: parameters.due, point: customer.id
      )
      return try announce(Announcements.actionAdded, action, of: launch, queries, tx)
    }
    return OutreachAdded(actions: added)
  }

  /// The matching actions: overdue ones first, then by due date (those without
  /// one last), then in the order of addition.
  private static func list(_ filter: ActionFilter, _ queries: ReviewQueries) throws -> [ActionView] {
    if let launch = filter.launch { _ = try LaunchRepository(db: queries.db).required(launch) }
    let actions = try ActionRepository(db: queries.db).all().filter { action in
      filter.launch.map { $0 == action.launch } ?? true && filter.owner.map { $0 == action.owner } ?? true
    }
    let views = try actions.map { action in
      action.view(today: try queries.today(of: try LaunchRepository(db: queries.db).required(action.launch)))
    }.filter { filter.overdue != true || $0.overdue }
    let latest = LocalDate(ordinal: .max)
    let placed = views.enumerated().map { number, view in
      (place: (view.overdue ? 0 : 1, view.due ?? latest, number), view: view)
    }
    return placed.sorted { $0.place < $1.place }.map { $0.view }
  }

  private static func assign(
    _ parameters: AssignAction, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ActionView {
    guard parameters.owner != nil || parameters.due != nil else {
      throw Problem.invalid("nothing-assigned", pointer: "/owner", "give an owner, a due date or both")
    }
    return try change(parameters.action, Announcements.actionAssigned, call, tx) { action, queries in
      try queries.requireKnown(parameters.owner.map { [("/owner", $0)] } ?? [])
      action.owner = parameters.owner ?? action.owner
      if let due = parameters.due, due != action.due {
        action.due = due
        action.remindedOn = nil
        action.escalatedOn = nil
      }
    }
  }

  /// Reassigns a person's open actions to another person. Actions that the caller
  /// may not change are skipped and reported.
  ///
  /// - Throws: `forbidden` if the caller may change none of the actions. `unknown-person` if the new
  ///   owner is not on the roster, or if the former owner has no open actions and is not on it
  ///   either, so the name is probably misspelt.
  private static func reassign(
    _ parameters: ReassignActions, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ReassignedActions {
    guard parameters.from != parameters.to else {
      throw Problem.invalid(
        "same-person", pointer: "/to", "\(parameters.to) has these actions already; name another person")
    }
    let queries = ReviewQueries(call, tx.db)
    try queries.requireKnown([("/to", parameters.to)])
    let open = try ActionRepository(db: tx.db).all().filter { $0.state == .open && $0.owner == parameters.from }
    if open.isEmpty { try queries.requireKnown([("/from", parameters.from)]) }
    var result = ReassignedActions(actions: [])
    var refusal: Problem?
    for action in open {
      do {
        result.actions.append(
          try change(action.id, Announcements.actionAssigned, call, tx) { action, _ in action.owner = parameters.to })
      } catch let problem as Problem where problem.kind == .forbidden {
        result.refused.append(action.id)
        refusal = problem
      }
    }
    if let refusal, result.actions.isEmpty { throw refusal }
    return result
  }

  private static func end(
    _ parameters: ActionReference, as state: ActionView.State, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> ActionView {
    let outcome = try ReviewHandlers.required(parameters.outcome ?? "", "/outcome", "give the outcome of the action")
    let type = state == .done ? Announcements.actionDone : Announcements.actionDropped
    return try change(parameters.action, type, call, tx) { action, _ in
      if action.kind == .outreach { try requireEnd(of: action, as: state, by: call.actor) }
      action.state = state
      action.outcome = outcome
    }
  }

  /// Requires an owner before an outreach action is done, and Product Ops to drop one: not calling a customer is an
  /// outcome that Product Ops must decide.
  private static func requireEnd(
    of action: ActionRow, as state: ActionView.State, by actor: Actor
  ) throws(Problem) {
    if state == .dropped { return try ReviewRights.requireProductOps(actor) }
    guard action.owner == nil else { return }
    throw .conflict(
      "owner-missing", title: "the action has no owner",
      "an outreach action is done by its owner: gonogo review action assign \(action.id) --owner PERSON")
  }

  /// Changes an open action and announces the change. This is possible even after the review was
  /// closed, because actions outlive their review.
  private static func change(
    _ id: String, _ type: EventType<ActionAnnounced>, _ call: CallContext, _ tx: ServiceTransaction,
    _ body: (inout ActionRow, ReviewQueries) throws -> Void
  ) throws -> ActionView {
    let queries = ReviewQueries(call, tx.db)
    var action = try ActionRepository(db: tx.db).required(id)
    let launch = try LaunchRepository(db: tx.db).required(action.launch)
    try ReviewRights.requireOwner(call.actor, of: action, in: launch)
    guard action.state == .open else {
      throw Problem.conflict(
        "action-ended", title: "the action is no longer open", "\(id) is already \(action.state.rawValue)")
    }
    try body(&action, queries)
    try ActionRepository(db: tx.db).update(action)
    return try announce(type, action, of: launch, queries, tx)
  }

  private static func announce(
    _ type: EventType<ActionAnnounced>, _ action: ActionRow, of launch: LaunchRecord, _ queries: ReviewQueries,
    _ tx: ServiceTransaction
  ) throws -> ActionView {
    let reviews = ReviewRepository(db: tx.db)
    let review = try reviews.review(action.launch, action.attempt)
    if let review { try reviews.touch(review) }
    let view = action.view(today: try queries.today(of: launch))
    try tx.announce(
      type, launch: action.launch.rawValue, version: (review?.version ?? 0) + 1, ActionAnnounced(of: view))
    return view
  }
}
