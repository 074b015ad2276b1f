import Contract
import Foundation
import GRDB
import LaunchModel

/// Reads the rows that a verification needs from the file. SQLite's pages have no checksums, so rows may be missing,
/// changed or swapped without an error.
extension SQLiteEventLog: VerifiedLog {
  /// The number of records of sources and ids to read at once.
  private static let keysAtOnce = 10_000

  /// Verifies the newest events and, unless the log is long, reads the record of sources and ids.
  func verifyAtStart() throws(LogError) {
    var cursor: VerificationCursor? = .events(after: max(bounds.first - 1, bounds.head - verifiedAtStart))
    while let from = cursor, case .events = from { cursor = try verify(from: from, atMost: 1_000).next }
    if isShort { try finishReadingKeys() }
  }

  /// Whether the log is short enough to be read completely before it is used.
  private var isShort: Bool { bounds.head - bounds.first < keysReadAtStart }

  /// Looks up each offset individually: if pages were swapped, a range read may return rows that a look-up does not
  /// find.
  func storedEvents(
    after offset: Int64, through last: Int64
  ) throws(LogError) -> (rows: [StoredRow], searched: Int64) {
    let statements = try database.statements()
    let last = min(last, offset + 512)
    let rows = try database.access("cannot read the log") { _ in
      var rows: [StoredRow] = []
      for offset in stride(from: offset + 1, through: last, by: 1) {
        if let row = try statements.row(at: offset) { rows.append(row) }
      }
      return rows
    }
    return (rows, last)
  }

  func eventsBeyondEnd() throws(LogError) -> ClosedRange<Int64>? {
    let offsets = try database.access("cannot read the log") { db -> GRDB.Row? in
      do {
        return try GRDB.Row.fetchOne(
          db, sql: "SELECT min(\"offset\"), max(\"offset\") FROM events WHERE \"offset\" > ?",
          arguments: [bounds.head])
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
        // A row that cannot be read counts as missing.
        return nil
      }
    }
    guard let values = offsets.map({ Array($0.databaseValues) }), let first = Int64.fromDatabaseValue(values[0]),
      let last = Int64.fromDatabaseValue(values[1])
    else { return nil }
    return first...last
  }

  func intactEvents(at offsets: [Int64]) throws(LogError) -> [Int64: LoggedEvent] {
    var events: [Int64: LoggedEvent] = [:]
    for offset in offsets { events[offset] = try event(at: offset) }
    return events
  }

  func recordedOffsets(of events: [ScannedEvent]) throws(LogError) -> [Int64?] {
    let statements = try database.statements()
    return try database.access("cannot read the log") { _ in
      try events.map { event in
        do {
          return try statements.recordedOffset(of: event)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
          return nil
        }
      }
    }
  }

  func recordedForm(of event: ScannedEvent) -> EventKey { EventKey(event) }

  func recordedKeys(after key: EventKey, atMost count: Int) throws(LogError) -> [RecordedKey] {
    let select = try database.statements().selectKeys
    return try database.access("cannot read the log") { _ in
      try key.source.withUnsafeBytes { source in
        try key.id.withUnsafeBytes { id in
          select.bind(text: source, at: 1)
          select.bind(text: id, at: 2)
          select.bind(Int64(count), at: 3)
          defer { select.reset() }
          var found: [RecordedKey] = []
          var previous = key
          while try select.step() {
            let next = EventKey(source: Array(select.bytes(0)), id: Array(select.bytes(1)))
            found.append(RecordedKey(key: next, offset: select.integer(2), isInOrder: previous < next))
            previous = next
          }
          return found
        }
      }
    }
  }

  func rosterCopy() throws(LogError) -> RosterCopy { try database.rosterCopy() }
}

/// Reads the record of sources and ids before anything relies on it.
extension SQLiteEventLog {
  func readKeys() throws(LogError) -> Bool {
    guard var scan = keyScan else { return true }
    // Set to nil while `scan` is modified, so that its storage is not copied.
    keyScan = nil
    do throws(LogError) {
      let rows = try recordedKeys(after: scan.last, atMost: Self.keysAtOnce)
      scan.add(rows)
      if rows.count == Self.keysAtOnce {
        keyScan = scan
        return false
      }
      try judge(scan)
    } catch {
      guard case .damaged = error else {
        keyScan = scan
        throw error
      }
      damage.add(.keys, bounds.first...max(bounds.first, bounds.head))
    }
    return true
  }

  func finishReadingKeys() throws(LogError) { while try !readKeys() {} }

  /// Compares the record, once it has been read, with what it must contain.
  private func judge(_ scan: KeyScan) throws(LogError) {
    for found in scan.damage { damage.add(found.kind, found.offsets) }
    var isComplete = scan.damage.isEmpty
    for offset in scan.unrecorded {
      // A damaged event's key cannot be checked, and an event that was stored twice has only one key.
      guard let stored = try event(at: offset), try !offsetsWithoutKey([stored]).isEmpty else { continue }
      damage.add(.keys, offset)
      isComplete = false
    }
    guard let recorded = record.keySum else {
      if isComplete { record.keySum = scan.sum }
      return
    }
    guard recorded != scan.sum, !damage.contains(where: { $0.kind == .keys }) else { return }
    try nameChangedKeys()
  }

  /// Adds damage for records whose change shows only in their sum. In a long log, finding the changed records is left
  /// to a full verification.
  private func nameChangedKeys() throws(LogError) {
    var cursor: VerificationCursor? = isShort ? .start : nil
    while let from = cursor, case .events = from { cursor = try verify(from: from, atMost: 1_000).next }
    guard !damage.contains(where: { $0.kind == .keys }) else { return }
    damage.add(.keys, bounds.first...max(bounds.first, bounds.head))
  }
}

extension BusDatabase {
  /// Returns the copy of the roster, with what the log records about it.
  func rosterCopy() throws(LogError) -> RosterCopy {
    let statements = try statements()
    return try access("cannot read the roster") { db in
      let row = try GRDB.Row.fetchOne(db, sql: "SELECT event, checksum FROM roster")
      var copy = RosterCopy(
        adoptedAt: try LogRecord.load(db).rosterOffset ?? (row == nil ? 0 : LogRecord.unknownOffset))
      if let row {
        let values = Array(row.databaseValues)
        copy.copy = (Array(Data.fromDatabaseValue(values[0]) ?? Data()), Int64.fromDatabaseValue(values[1]))
      }
      if copy.adoptedAt > 0 { copy.adopted = try statements.event(at: copy.adoptedAt) }
      return copy
    }
  }
}
