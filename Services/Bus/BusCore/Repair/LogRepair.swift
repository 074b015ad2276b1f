public import Contract
import Foundation
import GRDB
public import LaunchModel
public import Storage

/// Repairs a stopped bus's SQLite log: copies what is intact into a new file, puts a placeholder at the offset of each
/// event that is lost, and records the sources and ids again from the events. The damaged file is kept.
public enum LogRepair {
  /// What a repair did.
  public struct Report: Sendable, Hashable {
    /// What was damaged; empty if nothing was, and nothing was changed.
    public internal(set) var damage: [LogDamage] = []
    /// Whether the record of the log's first and last offset was damaged.
    public internal(set) var hadDamagedBounds = false
    /// The log's bounds afterwards.
    public internal(set) var bounds: LogBounds
    /// The number of events that are lost.
    public internal(set) var lost: Int64 = 0
    /// Tables beside the log that could not be copied in full.
    public internal(set) var incomplete: [String] = []
    /// The path under which the damaged file is kept; nil if nothing was changed.
    public internal(set) var kept: String?
  }

  private static let batch: Int64 = 5_000
  private static let verifiedAtOnce = 10_000

  /// Repairs the log. Blocks.
  ///
  /// - Throws: `StorageError` with code `.locked` if the bus is running, `.cannotOpen` if there is no log, `.schema` if it
  ///   is of a newer version; `LogError.damaged` if SQLite cannot open the file at all.
  public static func run(_ file: StoreFile, at now: Timestamp) throws -> Report {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw StorageError(.cannotOpen, "nothing to repair: the log \(file.path) does not exist; check GONOGO_DATA")
    }
    let lock = try FileLock(path: file.lockPath, purpose: file.purpose)
    defer { lock.release() }
    try BusSchema.requireNotNewer(file.path)
    let source = try BusDatabase(path: file.path)
    var report = try examine(source)
    guard !report.damage.isEmpty || report.hadDamagedBounds || !report.incomplete.isEmpty else {
      try source.close()
      return report
    }
    let new = "\(file.path).repaired"
    for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: new + suffix) {
      try FileManager.default.removeItem(atPath: new + suffix)
    }
    let target = try BusDatabase(path: new)
    try copyEvents(source, target, at: now, &report)
    try copyMetadata(source, target, &report)
    try restoreRoster(target, &report)
    try reportLoss(target, at: now, report)
    try target.close()
    try source.close()
    report.kept = try exchange(file.path, for: new, at: now)
    return report
  }

  /// Verifies the whole log.
  private static func examine(_ source: BusDatabase) throws -> Report {
    let log: SQLiteEventLog
    do {
      log = try SQLiteEventLog(source)
    } catch LogError.damaged {
      // The record of the bounds itself is damaged; they are those of the events that are intact.
      let bounds = try boundsOfEvents(source)
      return Report(hadDamagedBounds: true, bounds: bounds)
    }
    var cursor: VerificationCursor? = .start
    while let from = cursor { cursor = try log.verify(from: from, atMost: verifiedAtOnce).next }
    return Report(damage: log.damage, bounds: log.bounds, incomplete: isRosterIntact(source) ? [] : ["roster"])
  }

  private static func boundsOfEvents(_ source: BusDatabase) throws -> LogBounds {
    let statements = try source.statements()
    return try source.access("cannot read the log") { db in
      let offsets = try Int64.fetchAll(db, sql: "SELECT \"offset\" FROM events ORDER BY \"offset\"")
      let first = try offsets.first { try statements.event(at: $0) != nil }
      let last = try offsets.last { try statements.event(at: $0) != nil }
      guard let first, let last, last - first < Int64(offsets.count) + LostEvent.maximumFilled else {
        throw LogError.damaged("the log has no event that is intact; restore a backup")
      }
      return LogBounds(head: last, first: first)
    }
  }

  private static func copyEvents(
    _ source: BusDatabase, _ target: BusDatabase, at now: Timestamp, _ report: inout Report
  ) throws {
    let bounds = report.bounds
    let (from, into) = (try source.statements(), try target.statements())
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var storedAt: Timestamp?
    for start in stride(from: bounds.first, through: bounds.head, by: Int(batch)) {
      let offsets = start...min(bounds.head, start + batch - 1)
      try target.transaction("cannot write the repaired log") { db in
        for offset in offsets {
          let stored = try source.access("cannot read the log") { _ in try from.event(at: offset) }
          if let stored, let event = stored.scanned(&scanner) {
            storedAt = stored.storedAt
            try into.insert(event, offset, stored.storedAt)
          } else {
            report.lost += 1
            if !report.damage.contains(where: { !$0.preventsStoring && $0.offsets.contains(offset) }) {
              report.damage.add(.missing, offset)
            }
            let time = try storedAt ?? nextTime(after: offset, source, bounds) ?? now
            try into.insert(try LostEvent.placeholder(offset), offset, time)
          }
        }
        try LogBounds(head: offsets.upperBound, first: bounds.first).save(db)
      }
    }
    try target.transaction("cannot write the repaired log") { try bounds.save($0) }
  }

  /// Returns when the first intact event after an offset was stored; nil if there is none.
  private static func nextTime(
    after offset: Int64, _ source: BusDatabase, _ bounds: LogBounds
  ) throws -> Timestamp? {
    let statements = try source.statements()
    return try source.access("cannot read the log") { _ in
      for other in stride(from: offset + 1, through: bounds.head, by: 1) {
        if let event = try statements.event(at: other) { return event.storedAt }
      }
      return nil
    }
  }

  /// The tables beside the log, with the statements that copy them.
  private static let tables = [
    (
      name: "consumers", select: "SELECT name, \"offset\" FROM consumers",
      insert: "INSERT INTO consumers (name, \"offset\") VALUES (?, ?)"
    ),
    (
      name: "quarantine",
      select: "SELECT id, consumer, \"offset\", code, detail, attempts, at, status, bytes FROM quarantine",
      insert: """
      INSERT INTO quarantine (id, consumer, "offset", code, detail, attempts, at, status, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """
    ),
    (
      name: "roster", select: "SELECT id, event, checksum FROM roster",
      insert: "INSERT INTO roster (id, event, checksum) VALUES (?, ?, ?)"
    ),
  ]

  /// Copies the tables beside the log, as far as they can be read.
  private static func copyMetadata(
    _ source: BusDatabase, _ target: BusDatabase, _ report: inout Report
  ) throws {
    report.incomplete = []
    for table in tables {
      do {
        let rows = try source.access("cannot read \(table.name)") { try GRDB.Row.fetchAll($0, sql: table.select) }
        try target.transaction("cannot write \(table.name)") { db in
          for row in rows {
            try db.execute(sql: table.insert, arguments: StatementArguments(Array(row.databaseValues)))
          }
        }
      } catch LogError.damaged {
        report.incomplete.append(table.name)
      }
    }
  }

  private static func isRosterIntact(_ database: BusDatabase) -> Bool {
    do throws(LogError) {
      _ = try SQLiteMetadataStore(database).rosterEvent()
      return true
    } catch {
      return false
    }
  }

  /// Takes a roster that is damaged from the newest event of the log that announces one. Without one, the bus still
  /// refuses to start, because anyone may do anything without a roster.
  private static func restoreRoster(_ target: BusDatabase, _ report: inout Report) throws {
    guard !isRosterIntact(target) else { return }
    let statements = try target.statements()
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    for offset in stride(from: report.bounds.head, through: report.bounds.first, by: -1) {
      let stored = try target.access("cannot read the log") { _ in try statements.event(at: offset) }
      guard let event = stored?.scanned(&scanner), event.announcesRoster else { continue }
      return try target.transaction("cannot write the roster") { try target.save(rosterEvent: event, $0) }
    }
    report.incomplete.append("roster")
  }

  /// Puts the lost events into quarantine, one entry for each range.
  private static func reportLoss(_ target: BusDatabase, at now: Timestamp, _ report: Report) throws {
    let store = SQLiteMetadataStore(target)
    let lost = report.damage.filter { $0.kind == .missing || $0.kind == .changed }
    _ = try store.quarantine(
      try lost.map { damage in
        try LostEvent.report(damage.first, "\(damage.summary); the log was repaired, and they are lost", at: now)
      })
  }

  /// Puts the new file in the place of the old one, which is kept under another name.
  private static func exchange(_ path: String, for new: String, at now: Timestamp) throws -> String {
    let kept = "\(path).damaged-\(now.microseconds)"
    try FileManager.default.moveItem(atPath: path, toPath: kept)
    try FileManager.default.moveItem(atPath: new, toPath: path)
    let folder = open(URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { return kept }
    defer { _ = close(folder) }
    guard fsync(folder) == 0 else { throw LogError.failed("cannot flush the folder of \(path)") }
    return kept
  }
}

extension LostEvent {
  /// The maximum number of placeholders that are filled in by themselves.
  static let maximumFilled: Int64 = 1_000_000
}

extension LogStatements {
  /// Inserts an event with its key. An event that is in the log twice has one key.
  fileprivate func insert(_ event: ScannedEvent, _ offset: Int64, _ storedAt: Timestamp) throws {
    _ = try claim(event, offset)
    try insertRow(event, offset, storedAt)
  }
}
