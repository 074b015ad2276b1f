import Contract
import LaunchModel
import ReviewCore
import Storage

/// A stored action.
struct ActionRow: Sendable {
  var id: String
  var launch: LaunchID
  var attempt: Int
  var text: String
  var owner: PersonID?
  var due: LocalDate?
  var point: String?
  var state: ActionView.State
  var outcome: String?
  /// The date of the last reminder that was sent; nil if none was.
  var remindedOn: LocalDate?
  /// The date of the last escalation that was sent; nil if none was.
  var escalatedOn: LocalDate?

  init(
    id: String, launch: LaunchID, attempt: Int, text: String, owner: PersonID?, due: LocalDate?, point: String?
  ) {
    self.id = id
    self.launch = launch
    self.attempt = attempt
    self.text = text
    self.owner = owner
    self.due = due
    self.point = point
    state = .open
  }

  init(_ row: Row) throws {
    guard let launch = LaunchID(try row.text("launch")), let state = ActionView.State(rawValue: try row.text("state"))
    else { throw StorageError(.unreadable, "a row of the table actions has an invalid launch or state") }
    self.launch = launch
    self.state = state
    id = try row.text("id")
    attempt = try row.int("attempt")
    text = try row.text("text")
    owner = try row.optionalText("owner")
    due = try row.optionalDate("due")
    point = try row.optionalText("point")
    outcome = try row.optionalText("outcome")
    remindedOn = try row.optionalDate("reminded_on")
    escalatedOn = try row.optionalDate("escalated_on")
  }

  /// The kind of action, which depends on its point: outreach for a customer to call, otherwise a follow-up.
  var kind: ActionView.Kind { Outreach.kind(ofActionFor: point) }

  /// The action as returned by calls.
  ///
  /// - Parameter today: the current date in the launch's zone.
  func view(today: LocalDate) -> ActionView {
    ActionView(
      id: id, launch: launch, attempt: attempt, text: text, owner: owner, due: due, state: state,
      overdue: state == .open && due.map { $0 < today } ?? false, point: point, outcome: outcome, kind: kind)
  }
}

/// The stored actions of all reviews.
struct ActionRepository {
  let db: any Transaction

  private static let byID = "SELECT * FROM actions WHERE id = ?"
  private static let byReview = "SELECT * FROM actions WHERE launch = ? AND attempt = ? ORDER BY number"
  private static let inOrder = "SELECT * FROM actions ORDER BY launch, number"
  private static let due = "SELECT * FROM actions WHERE state = 'open' AND due <= ? ORDER BY due, id"

  /// The action with an id.
  ///
  /// - Throws: `action-not-found`.
  func required(_ id: String) throws -> ActionRow {
    guard let row = try db.queryOne(Self.byID, [id]) else {
      throw Problem.notFound(
        "action-not-found", title: "no such action", "no action \"\(id)\"; see gonogo review action list")
    }
    return try ActionRow(row)
  }

  func actions(of review: ReviewRow) throws -> [ActionRow] {
    try db.query(Self.byReview, [review.launch, review.attempt]).map(ActionRow.init)
  }

  func all() throws -> [ActionRow] { try db.query(Self.inOrder).map(ActionRow.init) }

  /// The open actions whose due date is on or before a date.
  func due(by date: LocalDate) throws -> [ActionRow] { try db.query(Self.due, [date]).map(ActionRow.init) }

  /// Adds an action with an id made of the launch's id and the next number.
  func add(to review: ReviewRow, text: String, owner: PersonID?, due: LocalDate?, point: String?) throws -> ActionRow {
    let last = try db.queryOne("SELECT MAX(number) AS last FROM actions WHERE launch = ?", [review.launch])
    let number = (try last?.optionalInt("last") ?? 0) + 1
    let action = ActionRow(
      id: "\(review.launch)-a\(number)", launch: review.launch, attempt: review.attempt, text: text, owner: owner,
      due: due,
      point: point)
    try db.execute(
      """
      INSERT INTO actions (id, launch, attempt, number, text, owner, due, point, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')
      """, [action.id, action.launch, action.attempt, number, text, owner, due, point])
    return action
  }

  func update(_ action: ActionRow) throws {
    try db.execute(
      """
      UPDATE actions SET owner = ?, due = ?, state = ?, outcome = ?, reminded_on = ?, escalated_on = ? WHERE id = ?
      """,
      [
        action.owner, action.due, action.state.rawValue, action.outcome, action.remindedOn, action.escalatedOn,
        action.id,
      ])
  }
}
