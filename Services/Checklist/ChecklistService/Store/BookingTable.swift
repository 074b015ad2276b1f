import ChecklistCore
import LaunchModel
import Storage

/// What bookings are found by, read from columns alone, and which of them were accepted.
struct BookingTable {
  let db: any Transaction

  /// How an item is booked, as the column says it.
  private enum Booked: Int {
    case not, advisory, blocking
    /// Blocking, of a launch of tiers 0 or 1 that lies ahead, which books its function.
    case function
  }

  /// The columns of an item by which it is booked.
  static func columns(of item: ChecklistItem, in state: LaunchState) -> [any SQLValueConvertible] {
    let owner: SQLValue = item.owner.map { .text($0) } ?? .null
    return [item.definition.function.rawValue, owner, item.due.monday, booked(item, in: state).rawValue]
  }

  private static func booked(_ item: ChecklistItem, in state: LaunchState) -> Booked {
    let isOpen = [.open, .inProgress, .blocked, .inReview].contains(item.state) && item.definition.phase != .after
    guard isOpen else { return .not }
    guard item.blocksGo else { return .advisory }
    return state.booksFunctions ? .function : .blocking
  }

  /// Books the items of a launch anew that has begun, or ceased, to book functions.
  func rebook(_ state: LaunchState) throws {
    for item in state.checklist.items {
      try db.execute(
        "UPDATE items SET booked = ? WHERE launch = ? AND item = ? AND instance = ?",
        [
          Self.booked(item, in: state).rawValue, state.checklist.launch, item.definition.key, item.instance ?? "",
        ])
    }
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
  ///
  /// - Parameter launch: whose people and weeks are asked about; nil for all.
  func workOfPersons(with launch: LaunchID? = nil) throws -> [BookedWork] {
    try work(
      "SELECT owner AS who, week, launch, COUNT(*) AS items FROM items WHERE booked > 0 AND owner IS NOT NULL",
      " AND (owner, week) IN (SELECT owner, week FROM items WHERE launch = ?)",
      " GROUP BY owner, week, launch ORDER BY owner, week, launch", launch)
  }

  /// The open blocking items of launches of tiers 0 and 1 that lie ahead, by function, week and launch.
  ///
  /// - Parameter launch: whose functions and weeks are asked about; nil for all.
  func workOfFunctions(with launch: LaunchID? = nil) throws -> [BookedWork] {
    try work(
      "SELECT function AS who, week, launch, COUNT(*) AS items FROM items WHERE booked = 3",
      " AND (function, week) IN (SELECT function, week FROM items WHERE launch = ?)",
      " GROUP BY function, week, launch ORDER BY function, week, launch", launch
    ).map { work in
      var work = work
      work.who = LaunchFunction(rawValue: work.who)?.title ?? work.who
      return work
    }
  }

  /// Ordered just as grouped, so that an index gives the groups and nothing is sorted.
  private func work(
    _ selection: String, _ shared: String, _ grouping: String, _ launch: LaunchID?
  ) throws -> [BookedWork] {
    let rows =
      try launch.map { try db.query(selection + shared + grouping, [$0]) } ?? db.query(selection + grouping)
    return try rows.compactMap { row in
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
