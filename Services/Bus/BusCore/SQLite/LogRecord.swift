import Contract
import GRDB

/// The row of `log_bounds`: what the log must contain, by which rows that are lost or exchanged are noticed. SQLite's
/// pages carry no checksums.
struct LogRecord: Hashable {
  /// The roster was adopted at an offset that is not known.
  static let unknownOffset: Int64 = -1

  /// The newest offset ever stored, and the oldest left.
  var bounds: LogBounds
  /// The sum of `KeyDigest` over all rows of `event_keys`, modulo 2^64; nil if it is not known.
  var keySum: Int64?
  /// The offset of the event that adopted the current roster; 0 if there is none, `unknownOffset` if it is not known
  /// which; nil if it is not known whether there is one.
  var rosterOffset: Int64?

  init(_ bounds: LogBounds, keySum: Int64? = nil, rosterOffset: Int64? = nil) {
    self.bounds = bounds
    self.keySum = keySum
    self.rosterOffset = rosterOffset
  }

  /// Reads the record and verifies it against its checksum. A version that knows only the bounds wrote its own checksum;
  /// the rest is not known then.
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

  /// Differs for any other record, except by a rare coincidence.
  var checksum: Int64 {
    var mixed = bounds.checksum
    if let keySum { mixed = Mixer.mixed(mixed ^ Mixer.mixed(keySum)) }
    if let rosterOffset { mixed = Mixer.mixed(~mixed ^ Mixer.mixed(rosterOffset)) }
    return mixed
  }
}

extension LogBounds {
  /// The checksum of the bounds alone, as versions before the sum of keys wrote it.
  var checksum: Int64 { Mixer.mixed(first ^ Mixer.mixed(head)) }
}

/// A digest of a row of `event_keys`. The sum of all digests does not depend on the order of the rows, so that it is
/// carried on with each row that is added or removed.
enum KeyDigest {
  static func of(_ event: ScannedEvent, _ offset: Int64) -> Int64 {
    event.withBytes(of: event.source) { source in event.withBytes(of: event.id) { id in of(source, id, offset) } }
  }

  static func of(_ source: UnsafeRawBufferPointer, _ id: UnsafeRawBufferPointer, _ offset: Int64) -> Int64 {
    Mixer.mixed(absorbing(id, into: absorbing(source, into: 0)) ^ offset)
  }

  /// Mixes in the bytes, eight at a time, and their number.
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
