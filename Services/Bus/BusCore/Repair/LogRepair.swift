public import Contract
public import LaunchModel
public import Storage

/// Repairs the log of a stopped bus: puts a marker at the offset of each event that is lost, records the sources and ids
/// again from the events, and takes a roster that is lost from the log. What was damaged is kept.
public enum LogRepair {
  /// What is damaged, and what a repair did about it.
  public struct Report: Sendable, Hashable {
    /// What was damaged; empty if nothing was, and nothing was changed.
    public internal(set) var damage: [LogDamage] = []
    /// Whether the record of the log's first and last offset was damaged.
    public internal(set) var hadDamagedBounds = false
    /// Tables that the log has lost. A repair creates them again, with what the events say.
    public internal(set) var lostTables: [String] = []
    /// The log's bounds afterwards.
    public internal(set) var bounds: LogBounds
    /// The number of events that are lost, once the log is repaired.
    public internal(set) var lost: Int64 = 0
    /// Tables beside the log that are damaged, and after a repair those that could not be restored in full.
    public internal(set) var incomplete: [String] = []
    /// Where what was damaged is kept: the path of a file, or the name of a table with its schema. Nil if nothing was
    /// changed.
    public internal(set) var kept: String?

    /// Whether there is nothing to repair.
    public var isIntact: Bool { damage.isEmpty && !hadDamagedBounds && lostTables.isEmpty && incomplete.isEmpty }
  }

  /// Examines a log, and repairs it unless only its damage is asked for. Blocks.
  ///
  /// - Parameters:
  ///   - file: the log's file, whose lock is taken.
  ///   - isDryRun: whether nothing is repaired. A file of an older version is still migrated.
  /// - Throws: `StorageError` with code `.locked` if the bus is running, `.cannotOpen` if there is no log, `.schema` if it
  ///   is of a newer version; `LogError.damaged` if SQLite cannot open the file at all.
  public static func run(_ file: StoreFile, at now: Timestamp, isDryRun: Bool = false) throws -> Report {
    do {
      return try SQLiteLogRepair(file: file, now: now).run(isDryRun: isDryRun)
    } catch LogError.damaged(let message) {
      throw LogError.damaged(LogError.beyondRepair(message))
    }
  }

  /// Does the same for a log on PostgreSQL, in one transaction after the record of its bounds is in order.
  ///
  /// - Parameters:
  ///   - url: the database, in the form that `DatabaseLocation` accepts.
  ///   - schema: the bus's schema in it.
  /// - Throws: `StorageError` with code `.locked` if a bus is running, `.cannotOpen` if there is no log, or that of a
  ///   server that cannot be used; `LogError`.
  public static func run(
    url: String, schema: String, at now: Timestamp, isDryRun: Bool = false
  ) throws -> Report {
    try PostgreSQLLogRepair(url: url, schema: schema, now: now).run(isDryRun: isDryRun)
  }

  /// The quarantine entries that report what is lost, one for each range.
  static func reports(of damage: [LogDamage], at now: Timestamp) throws(LogError) -> [QuarantinedEvent] {
    var reports: [QuarantinedEvent] = []
    for lost in damage where lost.isLoss {
      reports.append(
        try LostEvent.report(lost.first, "\(lost.summary); they were lost when the log was repaired", at: now))
    }
    return reports
  }
}

extension LostEvent {
  /// The maximum number of placeholders that are filled in by themselves.
  static let maximumFilled: Int64 = 1_000_000
}
