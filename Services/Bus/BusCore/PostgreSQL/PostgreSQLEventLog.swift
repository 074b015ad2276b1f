import LaunchModel
import Storage

/// The log on a PostgreSQL server. A group of events is one transaction, which locks the row of the log's ends first:
/// offsets are dense, and in the order of the commits.
///
/// What was lost before its commit is appended again here. Where the connection was lost during the commit, the ends are
/// read again and the same events are appended once more: those that are there are duplicates, at their offsets.
final class PostgreSQLEventLog: EventLog {
  /// How often is tried what a lost connection has interrupted.
  private static let mostTries = 3

  let database: PostgreSQLBusDatabase
  private(set) var bounds = LogBounds(head: 0, first: 1)
  private(set) var newestStoredAt: Timestamp?
  /// The session that the ends were read in; 0 where they must be read anew.
  private var session = 0

  /// Takes up the log where it ended.
  init(_ database: PostgreSQLBusDatabase) throws(LogFault) {
    self.database = database
    try refresh()
  }

  func refresh() throws(LogFault) {
    try database.connect()
    let current = database.sessions
    guard current != session else { return }
    let purpose = "cannot read the log's ends"
    let rows = try database.query(purpose, "SELECT head, first, newest_at FROM log_bounds")
    do {
      guard let row = rows.first else { throw LogFault.failed("\(purpose): log_bounds is empty") }
      let found = LogBounds(head: try row.integer("head"), first: try row.integer("first"))
      guard found.head >= bounds.head, found.first >= bounds.first else { throw Self.isOlder(found, than: bounds) }
      newestStoredAt = try row.optionalTimestamp("newest_at")
      bounds = found
      session = current
    } catch {
      throw LogFault(storage: error, purpose)
    }
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogFault) -> [AppendOutcome] {
    try again { () throws(LogFault) in
      let storedAt = max(time, newestStoredAt ?? time)
      let (outcomes, stored) = try appendGroup(events, storedAt: storedAt)
      if stored > 0 {
        bounds.head += Int64(stored)
        newestStoredAt = storedAt
      }
      return outcomes
    }
  }

  func prune(through offset: Int64, atMost count: Int) throws(LogFault) -> LogBounds {
    try again { () throws(LogFault) in
      let first = min(offset, bounds.head, bounds.first - 1 + Int64(count)) + 1
      guard first > bounds.first else { return bounds }
      try delete(before: first)
      bounds.first = first
      return bounds
    }
  }

  /// The row of the ends is not what was read of it.
  func forgetBounds() { session = 0 }

  /// Runs the body on ends that are right, and again where the connection was lost.
  private func again<R>(_ body: () throws(LogFault) -> R) throws(LogFault) -> R {
    var tries = 0
    while true {
      tries += 1
      do throws(LogFault) {
        try refresh()
        return try body()
      } catch {
        guard case .unavailable = error, tries < Self.mostTries else { throw error }
      }
    }
  }

  private static func isOlder(_ found: LogBounds, than known: LogBounds) -> LogFault {
    .failed(
      "the database has lost what was acknowledged: its log goes from \(found.first) to \(found.head), and was known to go "
        + "from \(known.first) to \(known.head); was an older backup restored, or a standby promoted that was behind?")
  }
}
