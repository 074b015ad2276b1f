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

  /// The launches that lie ahead, without those of tier 3, which have no process.
  func launches() throws -> [BookedLaunch] {
    try db.query("SELECT launch, tier, date, placed_at FROM launches WHERE ahead = 1 AND tier < 3").map { row in
      guard let launch = LaunchID(try row.text("launch")), let tier = Tier(rawValue: try row.int("tier")) else {
        throw Problem.internalError("a launch is stored with an id or tier that there is not")
      }
      return BookedLaunch(
        launch: launch, tier: tier, date: try row.date("date"), placedAt: try row.timestamp("placed_at"))
    }
  }

  /// The open items that somebody owns, by person, week and launch.
  func workOfPersons() throws -> [BookedWork] {
    try work(
      """
      SELECT owner AS who, week, launch, COUNT(*) AS items FROM items WHERE booked > 0 AND owner IS NOT NULL
      GROUP BY owner, week, launch ORDER BY owner, week
      """)
  }

  /// The open blocking items of launches of tiers 0 and 1, by function, week and launch.
  func workOfFunctions() throws -> [BookedWork] {
    try work(
      """
      SELECT function AS who, week, launch, COUNT(*) AS items FROM items
      WHERE booked = 2 AND launch IN (SELECT launch FROM launches WHERE ahead = 1 AND tier < 2)
      GROUP BY function, week, launch ORDER BY function, week
      """
    ).map { work in
      var work = work
      work.who = LaunchFunction(rawValue: work.who)?.title ?? work.who
      return work
    }
  }

  private func work(_ sql: String) throws -> [BookedWork] {
    try db.query(sql).compactMap { row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return BookedWork(
        who: try row.text("who"), week: try row.date("week"), launch: launch, items: try row.int("items"))
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
