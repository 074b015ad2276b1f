import Contract
import Foundation
import GRDB
import GRDBSQLite
import LaunchModel

/// The log in SQLite: a table of events by offset, and a table of their sources and ids that detects duplicates.
final class SQLiteEventLog: EventLog {
  let database: BusDatabase
  var bounds: LogBounds { record.bounds }
  private(set) var newestStoredAt: Timestamp?
  var damage: [LogDamage] = []
  /// What the log must contain, as recorded in the file.
  var record: LogRecord
  /// The scan of the record of sources and ids; nil once all of it has been read.
  var keyScan: KeyScan?
  /// The maximum number of events for which that record is read when the log is opened.
  let keysReadAtStart: Int64
  /// The number of newest events that are verified when the log is opened.
  let verifiedAtStart: Int64
  /// Always 0: no other process can adopt a roster.
  let rosterOffset: Int64 = 0

  /// Opens the log at its end.
  ///
  /// - Parameters:
  /// - keysReadAtStart: the maximum number of events for which the record of sources and ids is read when the log is
  ///   opened.
  /// - verifiedAtStart: the number of newest events that are verified when the log is opened.
  init(
    _ database: BusDatabase, keysReadAtStart: Int64 = 500_000, verifiedAtStart: Int64 = 10_000
  ) throws(LogError) {
    self.database = database
    self.keysReadAtStart = keysReadAtStart
    self.verifiedAtStart = verifiedAtStart
    record = try database.access("cannot read the log") { try LogRecord.load($0) }
    record.bounds.head = try headOfOlderVersion(after: bounds.head)
    if record.rosterOffset == nil { try recordRoster() }
    keyScan = KeyScan(bounds)
    try verifyAtStart()
    newestStoredAt = try newestStoredAt(from: bounds.head)
  }

  /// Records whether there is a roster, if an older version did not record it.
  private func recordRoster() throws(LogError) {
    try database.transaction("cannot write to the log") { db in
      let hasRoster = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM roster)") ?? false
      record.rosterOffset = hasRoster ? LogRecord.unknownOffset : 0
      try record.save(db)
    }
  }

  /// Returns the head of a log to which a version that did not record the head has appended. Other events beyond the
  /// head are damage.
  private func headOfOlderVersion(after recorded: Int64) throws(LogError) -> Int64 {
    let events = try database.access("cannot read the log") { db in
      try Int64.fetchAll(
        db, sql: "SELECT \"offset\" FROM events WHERE \"offset\" > ? ORDER BY \"offset\"", arguments: [recorded])
    }
    var head = recorded
    for offset in events {
      guard offset == head + 1, try event(at: offset) != nil else {
        damage.add(.end, offset...(events.last ?? offset))
        break
      }
      head = offset
    }
    return head
  }

  /// Returns when the newest intact event was stored.
  private func newestStoredAt(from head: Int64) throws(LogError) -> Timestamp? {
    for offset in stride(from: head, to: max(bounds.first, head - verifiedAtStart) - 1, by: -1) {
      if let event = try event(at: offset) { return event.storedAt }
    }
    return nil
  }

  /// Returns the event at an offset; nil if it is missing or damaged.
  func event(at offset: Int64) throws(LogError) -> LoggedEvent? {
    let statements = try database.statements()
    return try database.access("cannot read the log") { _ in try statements.event(at: offset) }
  }

  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome] {
    try finishReadingKeys()
    if let damage = damage.first(where: \.preventsStoring) { throw LogError(damage) }
    let storedAt = max(time, newestStoredAt ?? time)
    var new = record
    var outcomes: [AppendOutcome] = []
    outcomes.reserveCapacity(events.count)
    let statements = try database.statements()
    try database.transaction("cannot append events") { db in
      for event in events {
        let offset = new.bounds.head + 1
        guard try statements.claim(event, offset) else {
          outcomes.append(try compare(event, batchOf: events.count, statements))
          continue
        }
        new.bounds.head = offset
        new.keySum? &+= KeyDigest.of(event, offset)
        try statements.insertRow(event, offset, storedAt)
        outcomes.append(.stored(offset))
        if event.announcesRoster {
          new.rosterOffset = offset
          try database.save(rosterEvent: event, db)
        }
      }
      if new != record { try new.save(db) }
    }
    for case .damaged(let offset) in outcomes { _ = try verify(from: .events(after: offset - 1), atMost: 1) }
    if new.bounds.head > bounds.head { newestStoredAt = storedAt }
    record = new
    return outcomes
  }

  /// Compares an event with the stored one that has the same source and id.
  ///
  /// - Parameter events: the number of events in the batch.
  private func compare(
    _ event: ScannedEvent, batchOf events: Int, _ statements: LogStatements
  ) throws -> AppendOutcome {
    guard let offset = try statements.recordedOffset(of: event) else {
      throw LogError.damaged("the record of sources and ids lost an entry while events were appended")
    }
    let select = statements.selectEvent
    select.bind(offset, at: 1)
    defer { select.reset() }
    guard (bounds.first...(bounds.head + Int64(events))).contains(offset), try select.step() else {
      return .damaged(offset)
    }
    if LogStatements.isSame(select, event) { return .duplicate(offset) }
    do {
      let stored = try statements.event(select)
      var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
      guard stored.scanned(&scanner).map({ EventKey($0) == EventKey(event) }) ?? true else { return .damaged(offset) }
      return EventContent.isSame(stored.bytes, event.bytes) ? .duplicate(offset) : .idReused(offset)
    } catch LogError.corrupt {
      return .damaged(offset)
    }
  }
}

extension SQLiteEventLog {
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage {
    var page = LogPage(events: [], searched: max(offset, bounds.first - 1))
    let last = min(bounds.head, page.searched + Int64(limits.examined))
    var bytes = 0
    guard last > page.searched else { return page }
    let statements = try database.statements()
    try readingRows(after: { page.searched }) { _ in
      let statement = statements.selectRange
      statement.bind(page.searched, at: 1)
      statement.bind(last, at: 2)
      defer { statement.reset() }
      while page.searched < last {
        guard try statement.step(), statement.integer(0) == page.searched + 1 else {
          throw LogError.corrupt(offset: page.searched + 1)
        }
        let event = try statements.event(statement)
        if filter.matches(event) {
          bytes += event.bytes.count
          guard page.events.count < limits.events, bytes <= limits.bytes || page.events.isEmpty else { return }
          page.events.append(event)
        }
        page.searched = event.offset
      }
    }
    return page
  }

  /// Runs the body. If SQLite reports that the file is damaged, throws that the next event cannot be read.
  private func readingRows(
    after searched: () -> Int64, _ body: (Database) throws -> Void
  ) throws(LogError) {
    do throws(LogError) {
      try database.access("cannot read the log", body)
    } catch {
      guard case .damaged = error else { throw error }
      throw .corrupt(offset: searched() + 1)
    }
  }

  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64 {
    try bounds.firstOffset(storedSince: time) { (offset) throws(LogError) in try event(at: offset)?.storedAt }
  }

  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds {
    let first = min(offset, bounds.head, bounds.first - 1 + Int64(count)) + 1
    guard first > bounds.first else { return bounds }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    let statements = try database.statements()
    var new = record
    new.bounds.first = first
    try database.transaction("cannot prune the log") { db in
      for offset in bounds.first..<first { new.keySum? &-= try release(offset, &scanner, statements, db) }
      try db.execute(sql: "DELETE FROM events WHERE \"offset\" < ?", arguments: [first])
      try new.save(db)
    }
    record = new
    // The scan so far does not match the changed record, so it starts again.
    if keyScan != nil { keyScan = KeyScan(bounds) }
    damage.removeAll { $0.isLoss && $0.last < first }
    return bounds
  }

  /// Frees an event's source and id. A damaged event's source and id cannot be read, so its key is found by the offset,
  /// which is slow.
  ///
  /// - Returns: the sum of the digests of the removed keys.
  private func release(
    _ offset: Int64, _ scanner: inout EventScanner, _ statements: LogStatements, _ db: Database
  ) throws -> Int64 {
    let select = statements.selectEvent
    select.bind(offset, at: 1)
    let bytes = try select.step() ? Array(select.bytes(LogStatements.bytesColumn)) : []
    select.reset()
    // A damaged event cannot be read, so its key is found by its offset.
    guard let event = try? scanner.scan(bytes) else { return try statements.removeKeys(of: offset) }
    return try statements.removeKey(of: event).map { KeyDigest.of(event, $0) } ?? 0
  }

  /// Does nothing: no other process has the file open.
  func refresh() {}
}

/// The row of `log_bounds`, which says what the log must contain, so that lost or swapped rows are detected: SQLite's
/// pages have no checksums.
struct LogRecord: Hashable {
  /// The value of `rosterOffset` if the roster was adopted at an unknown offset.
  static let unknownOffset: Int64 = -1

  /// The newest offset ever stored, and the oldest remaining one.
  var bounds: LogBounds
  /// The sum of `KeyDigest` over all rows of `event_keys`, modulo 2^64; nil if it is not known.
  var keySum: Int64?
  /// The offset of the event that adopted the current roster; 0 if there is no roster, `unknownOffset` if the offset is
  /// not known, nil if it is not known whether there is a roster.
  var rosterOffset: Int64?

  init(_ bounds: LogBounds, keySum: Int64? = nil, rosterOffset: Int64? = nil) {
    self.bounds = bounds
    self.keySum = keySum
    self.rosterOffset = rosterOffset
  }

  /// Reads the record and verifies it against its checksum. If an older version wrote it, the checksum covers only the
  /// bounds, and the other values count as unknown.
  ///
  /// - Throws: `LogError.damaged`.
  static func load(_ db: GRDB.Database) throws -> LogRecord {
    let row = try GRDB.Row.fetchOne(
      db, sql: "SELECT first, head, checksum, key_sum, roster_at FROM log_bounds WHERE id = 1")
    let values = row.map { $0.databaseValues.map { Int64.fromDatabaseValue($0) } } ?? []
    guard values.count == 5, let first = values[0], let head = values[1], let checksum = values[2], first >= 1,
      head >= first - 1
    else { throw LogError.damagedBounds }
    let bounds = LogBounds(head: head, first: first)
    let known = [LogRecord(bounds, keySum: values[3], rosterOffset: values[4]), LogRecord(bounds)]
    guard let record = known.first(where: { $0.checksum == checksum }) else { throw LogError.damagedBounds }
    return record
  }

  /// Saves the record with its checksum.
  func save(_ db: GRDB.Database) throws {
    try db.execute(
      sql: "UPDATE log_bounds SET first = ?, head = ?, key_sum = ?, roster_at = ?, checksum = ? WHERE id = 1",
      arguments: [bounds.first, bounds.head, keySum, rosterOffset, checksum])
    guard db.changesCount == 1 else { throw LogError.damagedBounds }
  }

  /// The record's checksum; two different records have the same only by a rare coincidence.
  var checksum: Int64 {
    var mixed = bounds.checksum
    if let keySum { mixed = Mixer.mixed(mixed ^ Mixer.mixed(keySum)) }
    if let rosterOffset { mixed = Mixer.mixed(~mixed ^ Mixer.mixed(rosterOffset)) }
    return mixed
  }
}

extension LogBounds {
  /// The checksum of the bounds alone, as written by versions without the sum of keys.
  var checksum: Int64 { Mixer.mixed(first ^ Mixer.mixed(head)) }
}

/// A digest of a row of `event_keys`. The sum of all digests does not depend on the order of the rows, so it can be
/// updated with each row that is added or removed.
enum KeyDigest {
  static func of(_ event: ScannedEvent, _ offset: Int64) -> Int64 {
    event.withBytes(of: event.source) { source in event.withBytes(of: event.id) { id in of(source, id, offset) } }
  }

  static func of(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, _ offset: Int64) -> Int64 {
    Mixer.mixed(absorbing(id, into: absorbing(source, into: 0)) ^ offset)
  }

  /// Mixes the bytes, eight at a time, and their number into the digest.
  private static func absorbing(_ bytes: UnsafeRawBufferPointer, into digest: Int64) -> Int64 {
    var digest = digest
    var index = 0
    while index + 8 <= bytes.count {
      digest = Mixer.mixed(digest ^ Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: Int64.self)))
      index += 8
    }
    var rest: Int64 = 0
    while index < bytes.count {
      rest = rest << 8 | Int64(bytes[index])
      index += 1
    }
    return Mixer.mixed(digest ^ rest ^ Int64(bytes.count) << 56)
  }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
private enum Mixer {
  @inline(__always)
  static func mixed(_ value: Int64) -> Int64 {
    var mixed = UInt64(bitPattern: value) &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int64(bitPattern: mixed ^ (mixed >> 31))
  }
}

extension LogError {
  static let damagedBounds = LogError.damaged(
    "the record of the log's first and last offset is damaged; \(repairAdvice)")
}
