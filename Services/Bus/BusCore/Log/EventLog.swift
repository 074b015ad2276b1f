public import Contract
import Crypto
import Dispatch
public import LaunchModel
public import Storage

/// The durable event log: everything that the bus has acknowledged is on disk.
///
/// Offsets are dense and ascending from 1, and `storedAt` never decreases, even if several processes share the log. An
/// instance is used by one thread only. Its properties are cached; `refresh` updates them.
public protocol EventLog: AnyObject {
  /// The newest and the oldest offset, as far as this process knows.
  var bounds: LogBounds { get }
  /// When the newest event was stored; nil if the log is empty, or if pruning left no record of the time.
  var newestStoredAt: Timestamp? { get }

  /// The offset of the event that announced the current roster, as far as this process knows; 0 if there is none.
  /// Always 0 if no other process can adopt a roster.
  var rosterOffset: Int64 { get }

  /// Appends events in one transaction, in order. On return, the events reported as stored are on disk, and the last
  /// roster among them has become the current roster.
  ///
  /// An event whose source and id are already in the log, or occurred earlier in the batch, is not stored again. The
  /// stored events have consecutive offsets that end at the head. The head may have advanced by more than their number,
  /// because other processes appended events, or because an earlier append had an unknown outcome.
  ///
  /// - Throws: `LogError.rosterChanged` if another process has adopted a roster that this one does not know.
  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome]

  /// Returns the events after an offset, each verified against its checksum.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage

  /// Returns the offset of the first event stored at or after a time; the newest offset plus one if there is none.
  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64

  /// Deletes the oldest events up to an offset, at most `count` of them, in one transaction. Their ids can then be
  /// reused.
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds

  /// Reads the log's bounds and the current roster's offset again, because other processes may have changed them.
  func refresh() throws(LogError)

  /// The damage found so far: by `verify`, by `readKeys`, and when the log was opened, which verifies the newest events
  /// and, unless the log is long, reads the record of sources and ids. If damage prevents storing, `append` throws
  /// `LogError.damaged`.
  var damage: [LogDamage] { get }

  /// Reads the next part of the record of sources and ids. Until all of it has been read, damage in it could make a
  /// repeated event look new, so `append` first reads the rest.
  ///
  /// - Returns: whether all of it has now been read.
  func readKeys() throws(LogError) -> Bool

  /// Verifies part of the log: each event exists and matches its checksum, no event lies beyond the end, and each event
  /// has exactly one key.
  ///
  /// - Parameter count: the maximum number of events or keys to verify.
  func verify(from cursor: VerificationCursor, atMost count: Int) throws(LogError) -> VerificationPage
}

/// A log and its metadata store, opened from one location.
///
/// Both are confined to one thread, which may be any thread.
public struct LogStore {
  /// The events.
  public let log: any EventLog
  /// The metadata: consumers, quarantine and roster.
  public let metadataStore: any BusMetadataStore
  /// Notifications between the processes that share the log; nil if the log cannot be shared.
  public let peers: LogPeers?
  private let onClose: () throws(LogError) -> Void

  /// Opens the store on a thread that may block.
  ///
  /// - Throws: `LogError`, or `StorageError` if the server cannot be used.
  public static func open(_ location: DatabaseLocation) async throws -> sending LogStore {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue(label: "gonogo.bus.opening").async {
        do { continuation.resume(returning: try LogStore(location)) } catch { continuation.resume(throwing: error) }
      }
    }
  }

  private init(_ location: DatabaseLocation) throws {
    switch location {
    case .sqlite(let path):
      try BusSchema.requireNotNewer(path)
      try BusSchema.requireTables(path)
      let database = try BusDatabase(path: path)
      log = try SQLiteEventLog(database)
      metadataStore = SQLiteMetadataStore(database)
      peers = nil
      onClose = { () throws(LogError) in try database.close() }
    case .postgreSQL(let url, let schema):
      let database = try PostgreSQLBusDatabase(url: url, schema: schema)
      let sender = PeerNotification.Sender()
      log = try PostgreSQLEventLog(database, sender: sender)
      metadataStore = PostgreSQLMetadataStore(database)
      let peers = LogPeers(url: url, schema: schema, sender: sender, database: database)
      self.peers = peers
      onClose = { [watch = peers.watch] () throws(LogError) in
        watch.stop()
        database.close()
      }
    }
  }

  /// Checkpoints and closes the SQLite file, or ends the session with the server.
  public func close() throws(LogError) { try onClose() }
}

extension LogError {
  /// Creates the error for damage that prevents storing.
  init(_ damage: LogDamage) {
    self = .damaged("\(damage.summary), so nothing can be stored; \(Self.repairAdvice)")
  }

  /// The advice at the end of a message about damage.
  static let repairAdvice = "repair the log with gonogo-bus repair"

  /// Returns the message for damage that a repair itself cannot handle, without the advice to repair.
  static func beyondRepair(_ message: String) -> String {
    let backup = "it cannot be repaired: restore a backup"
    return message.replacing("\(repairAdvice), or restore a backup", with: backup)
      .replacing(repairAdvice, with: backup)
  }
}

/// An error of the log. Unless the case says otherwise, the failed operation had no effect.
public enum LogError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The disk is full; the message names it. Reads still work, and writes will work again once there is space.
  case diskFull(String)
  /// An event on disk is missing, or its checksum does not match.
  case corrupt(offset: Int64)
  /// The log is damaged other than in its events, so that nothing can be stored or the log cannot be opened. The
  /// message says what contradicts what.
  case damaged(String)
  /// The database server is unreachable or cannot serve the request now. If the connection was lost during a commit,
  /// the appended events may be stored; appending them again shows which are.
  case unavailable(String)
  /// Another bus has adopted a new roster; the events were validated under the previous one.
  case rosterChanged
  /// The disk or the file failed, and the process must exit: whether the last write took effect is unknown until the
  /// log is opened again.
  case failed(String)

  public var description: String {
    switch self {
    case .corrupt(let offset):
      "the event at offset \(offset) is damaged on disk: it is missing, or its checksum does not match"
    case .rosterChanged: "another bus has adopted a new roster meanwhile"
    case .diskFull(let detail), .damaged(let detail), .unavailable(let detail), .failed(let detail): detail
    }
  }
}

extension LogBounds {
  /// Returns the first offset stored at or after a time, found by binary search, or the newest offset plus one if there
  /// is none.
  func firstOffset(
    storedSince time: Timestamp, _ storedAt: (Int64) throws(LogError) -> Timestamp?
  ) throws(LogError) -> Int64 {
    var (low, high) = (first, head + 1)
    while low < high {
      let middle = low + (high - low) / 2
      guard let found = try storedAt(middle) else { throw .corrupt(offset: middle) }
      if found < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

#if canImport(Glibc)
  import Glibc
#endif

/// A filter for event types: matches types that begin with any of the prefixes, or all types if there are no prefixes.
public struct TypeFilter: Sendable, Hashable {
  /// The prefixes as given.
  public let prefixes: [String]
  private let bytes: [[UInt8]]

  /// Matches every type.
  public static let all = TypeFilter([])

  /// Creates a filter from prefixes such as `dev.gonogo.signal.`; an empty list matches every type.
  public init(_ prefixes: [String]) {
    self.prefixes = prefixes
    bytes = prefixes.map { Array($0.utf8) }
  }

  /// Whether the filter matches the event's type.
  public func matches(_ event: LoggedEvent) -> Bool {
    bytes.isEmpty || event.type.withBytes(in: event.bytes, unescaped: event.unescaped, matches)
  }

  /// Whether the filter matches the type.
  public func matches(_ type: UnsafeRawBufferPointer) -> Bool {
    bytes.isEmpty
      || bytes.contains { prefix in
        prefix.withUnsafeBytes { prefix in
          guard type.count >= prefix.count, let start = type.baseAddress, let wanted = prefix.baseAddress else {
            return prefix.isEmpty
          }
          return memcmp(start, wanted, prefix.count) == 0
        }
      }
  }
}

/// An event in the log.
public struct LoggedEvent: Sendable {
  /// Its offset in the log, dense and ascending from 1.
  public let offset: Int64
  /// When the bus stored it; never earlier than the previous event's `storedAt`.
  public let storedAt: Timestamp
  /// The event as the producer wrote it.
  public let bytes: [UInt8]
  /// The location of the event's type in `bytes` or `unescaped`.
  public let type: AttributeText
  /// The unescaped texts of attributes that were written with escapes in the JSON.
  public let unescaped: [UInt8]

  public init(offset: Int64, storedAt: Timestamp, bytes: [UInt8], type: AttributeText, unescaped: [UInt8] = []) {
    self.offset = offset
    self.storedAt = storedAt
    self.bytes = bytes
    self.type = type
    self.unescaped = unescaped
  }

  /// Creates the logged form of an event that has just been stored.
  public init(_ event: ScannedEvent, offset: Int64, storedAt: Timestamp) {
    self.init(offset: offset, storedAt: storedAt, bytes: event.bytes, type: event.type, unescaped: event.unescaped)
  }
}

/// The outcome of appending one event.
public enum AppendOutcome: Sendable, Hashable {
  /// The event is in the log and on disk, at this offset.
  case stored(Int64)
  /// The same event (`EventContent`) was already in the log, at this offset.
  case duplicate(Int64)
  /// A different event with the same source and id is in the log, at this offset.
  case idReused(Int64)
  /// An event with the same source and id was stored at this offset, but it is damaged and cannot be compared with this
  /// one.
  case damaged(Int64)
}

/// The events that a read found, and the offset up to which it searched.
public struct LogPage: Sendable {
  /// The events, by ascending offset.
  public var events: [LoggedEvent]
  /// The offset up to which no other event matches.
  public var searched: Int64

  public init(events: [LoggedEvent], searched: Int64) {
    self.events = events
    self.searched = searched
  }
}

/// Limits for one read of the log.
public struct ReadLimits: Sendable, Hashable {
  /// Maximum number of events. Default 1,024.
  public var events: Int
  /// Maximum bytes of all events together. A larger first event is returned anyway. Default 3 MiB.
  public var bytes: Int
  /// Maximum number of offsets to examine, so that a search for a rare type does not hold up other work. Default 8,192.
  public var examined: Int

  public init(events: Int = 1_024, bytes: Int = 3 << 20, examined: Int = 8_192) {
    self.events = events
    self.bytes = bytes
    self.examined = examined
  }
}

extension LoggedEvent {
  /// Restores an event from a stored row and verifies its checksum.
  ///
  /// - Parameter typeLength: 0 if the type was written with escapes and is therefore not a range of the bytes.
  /// - Throws: `LogError.corrupt` if the event does not match what was stored.
  init(
    verifying bytes: [UInt8], offset: Int64, storedAt: Timestamp, checksum: Int64, typeStart: Int, typeLength: Int
  ) throws {
    let content = bytes.withUnsafeBytes { EventChecksum.content(of: $0) }
    guard checksum == EventChecksum.of(content: content, offset: offset, storedAt: storedAt) else {
      throw LogError.corrupt(offset: offset)
    }
    if typeLength != 0 {
      guard typeStart >= 0, typeLength > 0, typeLength <= bytes.count, typeStart <= bytes.count - typeLength else {
        throw LogError.corrupt(offset: offset)
      }
      if Self.isType(bytes, typeStart, typeLength) {
        self.init(
          offset: offset, storedAt: storedAt, bytes: bytes, type: AttributeText(start: typeStart, count: typeLength))
        return
      }
    }
    var scanner = EventScanner(maximumBytes: EventScanner.highestMaximumBytes)
    let event: LoggedEvent
    do throws(EventRejection) {
      event = LoggedEvent(try scanner.scan(bytes), offset: offset, storedAt: storedAt)
    } catch {
      // The checksum matches, so the bytes are as stored, and events were validated before they were stored.
      throw LogError.corrupt(offset: offset)
    }
    // The checksum does not cover the location of the type.
    guard typeLength == 0 || event.type.range == typeStart..<(typeStart + typeLength) else {
      throw LogError.corrupt(offset: offset)
    }
    self = event
  }

  /// Whether the range is the entire string value after a member's name `"type"`. False does not prove the opposite,
  /// because the name may be written with escapes.
  private static func isType(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Bool {
    let quote = UInt8(ascii: "\"")
    guard start > 0, start + length < bytes.count, bytes[start - 1] == quote, bytes[start + length] == quote else {
      return false
    }
    var index = start - 2
    func skipSpace() { while index >= 0, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[index]) { index -= 1 } }
    skipSpace()
    guard index >= 0, bytes[index] == UInt8(ascii: ":") else { return false }
    index -= 1
    skipSpace()
    let name = Array("\"type\"".utf8)
    return index + 1 >= name.count && bytes[(index + 1 - name.count)...index].elementsEqual(name)
  }
}

/// The checksum that is stored with each event and verified when it is read.
///
/// It is the first eight bytes of the SHA-256 (FIPS 180-4) of the event's bytes, as a little-endian integer, XORed with
/// the offset and the storage time. An event that was damaged, swapped or moved therefore does not match.
enum EventChecksum {
  /// Returns the part that depends only on the bytes and is known before the event has an offset.
  static func content(of bytes: UnsafeRawBufferPointer) -> Int64 {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    return hash.finalize().withUnsafeBytes { Int64(littleEndian: $0.load(as: Int64.self)) }
  }

  static func of(content: Int64, offset: Int64, storedAt: Timestamp) -> Int64 {
    content ^ offset ^ storedAt.microseconds
  }
}

extension ScannedEvent {
  /// Returns the columns that the log stores in addition to the event's bytes, given its offset and storage time.
  ///
  /// `typeLength` is 0 if the type was written with escapes.
  func storedColumns(
    offset: Int64, storedAt: Timestamp
  ) -> (checksum: Int64, typeStart: Int64, typeLength: Int64) {
    let range = type.range ?? 0..<0
    return (
      EventChecksum.of(content: contentChecksum, offset: offset, storedAt: storedAt), Int64(range.lowerBound),
      Int64(range.count)
    )
  }
}
