import Contract
import Foundation
import GRDB
import LaunchModel
import Storage

/// Repairs a log in SQLite by copying everything intact into a new file. Rows are not repaired in place, because in a
/// damaged file SQLite may be using the same page for two purposes.
struct SQLiteLogRepair {
  let file: StoreFile
  let now: Timestamp

  private static let batch: Int64 = 5_000
  private static let verifiedAtOnce = 10_000

  func run(isDryRun: Bool) throws -> LogRepair.Report {
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw StorageError(.cannotOpen, "nothing to repair: the log \(file.path) does not exist; check GONOGO_DATA")
    }
    let lock = try FileLock(path: file.lockPath, purpose: file.purpose)
    defer { lock.release() }
    try BusSchema.requireNotNewer(file.path)
    let lost = BusSchema.lostTables(file.path)
    guard !lost.contains("events") else {
      throw LogError.damaged("the log has lost its table of events; restore a backup")
    }
    if isDryRun, !lost.isEmpty { return LogRepair.Report(lostTables: lost, bounds: LogBounds(head: 0, first: 1)) }
    let source = try BusDatabase(path: file.path, restoresTables: !lost.isEmpty)
    var report = try examine(source)
    report.lostTables = lost
    guard !isDryRun, !report.isIntact else {
      try source.close()
      return report
    }
    let new = "\(file.path).repaired"
    for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: new + suffix) {
      try FileManager.default.removeItem(atPath: new + suffix)
    }
    let target = try BusDatabase(path: new)
    try copyEvents(source, target, &report)
    try copyMetadata(source, target, &report)
    try restoreRoster(source, target, &report)
    try reportLoss(target, report)
    try target.close()
    try source.close()
    report.kept = try exchange(file.path, for: new)
    return report
  }

  /// Verifies the whole log.
  private func examine(_ source: BusDatabase) throws -> LogRepair.Report {
    let log: SQLiteEventLog
    do {
      log = try SQLiteEventLog(source)
    } catch LogError.damaged {
      // The record of the bounds is itself damaged, so the bounds are taken from the intact events.
      let bounds = try boundsOfEvents(source)
      return LogRepair.Report(hadDamagedBounds: true, bounds: bounds)
    }
    try log.finishReadingKeys()
    var cursor: VerificationCursor? = .start
    while let from = cursor { cursor = try log.verify(from: from, atMost: Self.verifiedAtOnce).next }
    return LogRepair.Report(
      damage: log.damage, bounds: log.bounds, incomplete: try source.rosterCopy().damage == nil ? [] : ["roster"])
  }

  private func boundsOfEvents(_ source: BusDatabase) throws -> LogBounds {
    let statements = try source.statements()
    return try source.access("cannot read the log") { db in
      let offsets = try Int64.fetchAll(db, sql: "SELECT \"offset\" FROM events ORDER BY \"offset\"")
      let first = try offsets.first { try statements.event(at: $0) != nil }
      let last = try offsets.last { try statements.event(at: $0) != nil }
      guard let first, let last, last - first < Int64(offsets.count) + LostEvent.maximumFilled else {
        throw LogError.damaged("the log has no intact event; restore a backup")
      }
      return LogBounds(head: last, first: first)
    }
  }

  private func copyEvents(
    _ source: BusDatabase, _ target: BusDatabase, _ report: inout LogRepair.Report
  ) throws {
    let bounds = report.bounds
    let (from, into) = (try source.statements(), try target.statements())
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    var storedAt: Timestamp?
    for start in stride(from: bounds.first, through: bounds.head, by: Int(Self.batch)) {
      let offsets = start...min(bounds.head, start + Self.batch - 1)
      try target.transaction("cannot write the repaired log") { db in
        for offset in offsets {
          let stored = try source.access("cannot read the log") { _ in try from.event(at: offset) }
          if let stored, let event = stored.scanned(&scanner) {
            storedAt = stored.storedAt
            try into.insert(event, offset, stored.storedAt)
          } else {
            report.lost += 1
            if !report.damage.contains(where: { $0.isLoss && $0.offsets.contains(offset) }) {
              report.damage.add(.missing, offset)
            }
            let time = try storedAt ?? nextTime(after: offset, source, bounds) ?? now
            try into.insert(try LostEvent.placeholder(offset), offset, time)
          }
        }
        try LogRecord(LogBounds(head: offsets.upperBound, first: bounds.first)).save(db)
      }
    }
    // The sum of the keys is computed and recorded when the log is opened.
    try target.transaction("cannot write the repaired log") { try LogRecord(bounds).save($0) }
  }

  /// Returns when the first intact event after an offset was stored; nil if there is none.
  private func nextTime(
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

  /// The tables that are not part of the log itself, with the statements that copy them.
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

  /// Copies the tables that are not part of the log itself, as far as they can be read.
  private func copyMetadata(
    _ source: BusDatabase, _ target: BusDatabase, _ report: inout LogRepair.Report
  ) throws {
    report.incomplete = []
    for table in Self.tables {
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

  /// Restores a damaged roster from the newest event in the log that announces one. If there is none, the bus still
  /// refuses to start, because without a roster anyone may do anything.
  private func restoreRoster(_ source: BusDatabase, _ target: BusDatabase, _ report: inout LogRepair.Report) throws {
    var copy = try target.rosterCopy()
    copy.adoptedAt = try adoptedAt(source, copy)
    let newest = copy.damage == nil && copy.adoptedAt != 0 ? nil : try newestRoster(target, report.bounds)
    try target.transaction("cannot write the roster") { db in
      if let newest { try target.save(rosterEvent: newest.event, db) }
      try LogRecord(report.bounds, rosterOffset: newest?.offset ?? copy.adoptedAt).save(db)
    }
    if newest == nil, copy.damage != nil { report.incomplete.append("roster") }
  }

  /// Returns the offset at which the roster was adopted, as in `RosterCopy`.
  private func adoptedAt(_ source: BusDatabase, _ copy: RosterCopy) throws -> Int64 {
    do throws(LogError) {
      return try source.rosterCopy().adoptedAt
    } catch {
      // The offset is part of the record of the bounds, which is damaged.
      guard case .damaged = error else { throw error }
      return copy.copy == nil ? 0 : LogRecord.unknownOffset
    }
  }

  private func newestRoster(
    _ target: BusDatabase, _ bounds: LogBounds
  ) throws -> (event: ScannedEvent, offset: Int64)? {
    let statements = try target.statements()
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    for offset in stride(from: bounds.head, through: bounds.first, by: -1) {
      let stored = try target.access("cannot read the log") { _ in try statements.event(at: offset) }
      if let event = stored?.scanned(&scanner), event.announcesRoster { return (event, offset) }
    }
    return nil
  }

  /// Puts entries for the lost events into quarantine, one for each range.
  private func reportLoss(_ target: BusDatabase, _ report: LogRepair.Report) throws {
    let store = SQLiteMetadataStore(target)
    _ = try store.quarantine(try LogRepair.reports(of: report.damage, at: now))
  }

  /// Replaces the old file with the new one; the old one is kept under another name.
  private func exchange(_ path: String, for new: String) throws -> String {
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

extension LogStatements {
  /// Inserts an event with its key. An event that is in the log twice has one key.
  fileprivate func insert(_ event: ScannedEvent, _ offset: Int64, _ storedAt: Timestamp) throws {
    _ = try claim(event, offset)
    try insertRow(event, offset, storedAt)
  }
}
