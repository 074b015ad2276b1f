import LaunchModel
import Storage

/// The log on a PostgreSQL server, which several buses may share. A group of events is one transaction, which moves the row of the
/// log's ends first and so holds it: offsets are dense, and in the order of the commits, whoever commits.
///
/// What was lost before its commit is appended again here. Where the connection was lost during the commit, the same events are
/// appended once more: those that are there are duplicates, at their offsets.
final class PostgreSQLEventLog: EventLog {
  /// How often is tried what a lost connection has interrupted.
  private static let mostTries = 3

  let database: PostgreSQLBusDatabase
  /// Tells the other buses.
  let notice: LogNotice.Sender
  /// Offsets of one partition.
  let partitionSize: Int64
  /// The last offset that has a partition, as far as is known here.
  var partitionedThrough: Int64 = 0
  private(set) var bounds = LogBounds(head: 0, first: 1)
  private(set) var newestStoredAt: Timestamp?
  private(set) var rosterOffset: Int64 = 0

  /// Takes up the log where it ends.
  ///
  /// - Parameter partitionSize: how many offsets are pruned together; about 300 MB of small events by default.
  init(
    _ database: PostgreSQLBusDatabase, notice: LogNotice.Sender = LogNotice.Sender(), partitionSize: Int64 = 1 << 20
  ) throws(LogFault) {
    self.database = database
    self.notice = notice
    self.partitionSize = partitionSize
    try refresh()
  }

  func refresh() throws(LogFault) {
    try database.connect()
    let purpose = "cannot read the log's ends"
    let rows = try database.query(purpose, LogEnds.select)
    do {
      let ends = try LogEnds(rows.first)
      try ends.check(after: bounds)
      note(ends)
    } catch {
      throw LogFault(storage: error, purpose)
    }
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogFault) -> [AppendOutcome] {
    guard !events.isEmpty else { return [] }
    return try again { () throws(LogFault) in
      let (outcomes, ends) = try appendGroup(events, at: time)
      note(ends)
      return outcomes
    }
  }

  func prune(through offset: Int64, atMost count: Int) throws(LogFault) -> LogBounds {
    try again { () throws(LogFault) in
      note(try deleteOldest(through: offset, atMost: Int64(count)))
      return bounds
    }
  }

  private func note(_ ends: LogEnds) {
    (bounds, newestStoredAt, rosterOffset) = (ends.bounds, ends.newestAt, ends.rosterOffset)
  }

  /// Runs the body, and again where the connection was lost.
  private func again<R>(_ body: () throws(LogFault) -> R) throws(LogFault) -> R {
    var tries = 0
    while true {
      tries += 1
      do throws(LogFault) {
        try database.connect()
        return try body()
      } catch {
        guard case .unavailable = error, tries < Self.mostTries else { throw error }
      }
    }
  }
}
