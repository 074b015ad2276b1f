import LaunchModel
import Storage

/// A launch whose standing GO has to be looked at when its local day changes.
struct WatchedLaunch: Sendable {
  var launch: LaunchID
  var timeZone: String
  /// The local day on which it was last looked at.
  var checkedOn: LocalDate
}

extension LaunchTable {
  /// The launches with a standing GO that is not stale.
  func watched() throws -> [WatchedLaunch] {
    try db.query("SELECT launch, time_zone, checked_on FROM launches WHERE watched = 1 ORDER BY launch").compactMap {
      row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return WatchedLaunch(
        launch: launch, timeZone: try row.text("time_zone"), checkedOn: try row.date("checked_on"))
    }
  }

  /// The launches that are to get their GO by themselves.
  func dueDecisions() throws -> [LaunchID] {
    try db.query("SELECT launch FROM due_decisions ORDER BY launch").compactMap { LaunchID(try $0.text("launch")) }
  }

  /// Whether the launch is to get its GO by itself.
  func isDueDecision(_ launch: LaunchID) throws -> Bool {
    try db.queryOne("SELECT launch FROM due_decisions WHERE launch = ?", [launch]) != nil
  }

  /// Notes, or no longer, that the launch is to get its GO by itself.
  func setDueDecision(_ launch: LaunchID, _ isDue: Bool) throws {
    if isDue {
      try db.execute("INSERT INTO due_decisions (launch) VALUES (?) ON CONFLICT (launch) DO NOTHING", [launch])
    } else {
      try db.execute("DELETE FROM due_decisions WHERE launch = ?", [launch])
    }
  }
}
