import ChecklistCore
import LaunchModel
import Storage

/// What bookings are found by, read from columns alone, and which of them were accepted.
struct BookingTable {
  let db: any Transaction

  /// The columns of an item by which it is booked.
  static func columns(of item: ChecklistItem) -> [any SQLValueConvertible] {
    let isOpen = [.open, .inProgress, .blocked, .inReview].contains(item.state) && item.definition.phase != .after
    let owner: SQLValue = item.owner.map { .text($0) } ?? .null
    return [
      item.definition.function.rawValue, owner, item.due.monday, isOpen ? (item.blocksGo ? 2 : 1) : 0,
    ]
  }

  /// The launches that lie ahead.
  func launches() throws -> [BookedLaunch] {
    try db.query("SELECT launch, tier, date, placed_at FROM launches WHERE ahead = 1").map { row in
      guard let launch = LaunchID(try row.text("launch")), let tier = Tier(rawValue: try row.int("tier")) else {
        throw Problem.internalError("a launch is stored with an id or tier that there is not")
      }
      return BookedLaunch(
        launch: launch, tier: tier, date: try row.date("date"), placedAt: try row.timestamp("placed_at"))
    }
  }

  /// The open items of all launches by week, function and person.
  func work() throws -> [BookedWork] {
    try db.query(
      """
      SELECT week, launch, function, owner, booked, COUNT(*) AS items FROM items WHERE booked > 0
      GROUP BY week, launch, function, owner, booked
      """
    ).compactMap { row in
      guard let launch = LaunchID(try row.text("launch")),
        let function = LaunchFunction(rawValue: try row.text("function"))
      else { return nil }
      return BookedWork(
        week: try row.date("week"), launch: launch, function: function, owner: try row.optionalText("owner"),
        isBlocking: try row.int("booked") == 2, items: try row.int("items"))
    }
  }

  /// What was accepted, by launch, kind and other.
  func accepted() throws -> [[String]: Acceptance] {
    let rows = try db.query("SELECT launch, kind, other, document FROM booking_acceptances")
    let pairs = try rows.map { row in
      (
        [try row.text("launch"), try row.text("kind"), try row.text("other")],
        try row.json("document", as: Acceptance.self)
      )
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  func accept(_ conflict: AcceptConflict, _ acceptance: Acceptance) throws {
    try db.execute(
      """
      INSERT INTO booking_acceptances (launch, kind, other, document) VALUES (?, ?, ?, ?)
      ON CONFLICT (launch, kind, other) DO UPDATE SET document = excluded.document
      """, [conflict.launch, conflict.kind.rawValue, conflict.other, try SQLValue.json(acceptance)])
  }
}
