public import Contract
public import LaunchModel
public import Storage

/// Repairs the log of a stopped bus: puts a placeholder at the offset of each lost event, rebuilds the record of
/// sources and ids from the events, and restores a lost roster from the log. Damaged data is kept.
public enum LogRepair {
  /// The damage that a repair found, and what it did about it.
  public struct Report: Sendable, Hashable {
    /// The damage found; empty if there was none and nothing was changed.
    public internal(set) var damage: [LogDamage] = []
    /// Whether the record of the log's first and last offset was damaged.
    public internal(set) var hadDamagedBounds = false
    /// The tables that the log has lost. A repair creates them again, and fills them from the events as far as
    /// possible.
    public internal(set) var lostTables: [String] = []
    /// The log's bounds after the repair.
    public internal(set) var bounds: LogBounds
    /// The number of events that are lost after the repair.
    public internal(set) var lost: Int64 = 0
    /// The damaged tables that are not part of the log itself; after a repair, only those that could not be fully
    /// restored.
    public internal(set) var incomplete: [String] = []
    /// Where the damaged data is kept: a file's path, or a table's name with its schema. Nil if nothing was changed.
    public internal(set) var kept: String?

    /// Whether there is nothing to repair.
    public var isIntact: Bool { damage.isEmpty && !hadDamagedBounds && lostTables.isEmpty && incomplete.isEmpty }
  }

  /// Examines a log and, unless `isDryRun` is set, repairs it. Blocks.
  ///
  /// - Parameters:
  /// - file: the log's file, which is locked for the repair.
  /// - isDryRun: whether the log is only examined. A file of an older version is migrated even then.
  /// - Throws: `StorageError` with code `.locked` if the bus is running, `.cannotOpen` if there is no log, or `.schema`
  ///   if the log is of a newer version; `LogError.damaged` if SQLite cannot open the file at all.
  public static func run(_ file: StoreFile, at now: Timestamp, isDryRun: Bool = false) throws -> Report {
    do {
      return try SQLiteLogRepair(file: file, now: now).run(isDryRun: isDryRun)
    } catch LogError.damaged(let message) {
      throw LogError.damaged(LogError.beyondRepair(message))
    }
  }

  /// Does the same for a log on PostgreSQL. Repairs the record of its bounds first, and the rest in one transaction.
  ///
  /// - Parameters:
  ///   - url: the database, in the form that `DatabaseLocation` accepts.
  ///   - schema: the bus's schema in it.
  /// - Throws: `StorageError` with code `.locked` if a bus is running, `.cannotOpen` if there is no log, or the
  ///   server's code if the server cannot be used; `LogError`.
  public static func run(
    url: String, schema: String, at now: Timestamp, isDryRun: Bool = false
  ) throws -> Report {
    try PostgreSQLLogRepair(url: url, schema: schema, now: now).run(isDryRun: isDryRun)
  }

  /// Returns the quarantine entries that report lost events, one for each range.
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
  /// The maximum number of lost events that are replaced by placeholders automatically.
  static let maximumFilled: Int64 = 1_000_000
}
