import Dispatch
public import Contract
public import LaunchModel
public import Storage

/// The durable log of events: whatever the bus acknowledges is on its disk.
///
/// Offsets are dense and ascending from 1, and `storedAt` never decreases, however many processes share the log. One
/// instance is used on one thread only, and its properties are cached: `refresh` updates them.
public protocol EventLog: AnyObject {
  /// The newest and the oldest offset, as far as this process knows.
  var bounds: LogBounds { get }
  /// When the newest event was stored; nil if the log is empty, or if its pruning left no record of it.
  var newestStoredAt: Timestamp? { get }

  /// The offset of the event that announced the current roster, as far as this process knows. 0 if there is none, or if
  /// no other process can adopt a roster.
  var rosterOffset: Int64 { get }

  /// Appends events in one transaction, in order. On return, the events reported as stored are on disk, and the last
  /// roster among them is the current roster.
  ///
  /// An event whose source and id are already in the log, or occur earlier in the same batch, is not stored again. The
  /// stored events are consecutive and end at the head. The head may have moved by more than their number, because of
  /// appends by other processes, or of an earlier append whose outcome was unknown.
  ///
  /// - Throws: `LogError.rosterChanged` if another process has adopted a roster that this one does not know.
  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome]

  /// Returns the events after an offset, each verified against its checksum.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage

  /// Returns the first offset stored at or after a time, or the newest offset plus one if there is none.
  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64

  /// Deletes the oldest events up to an offset, at most `count` of them, in one transaction. Their ids become free for
  /// reuse.
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds

  /// Reads the bounds of the log and the current roster offset again, which other processes may have changed.
  func refresh() throws(LogError)
}

/// A log and its metadata store, opened from one location.
///
/// Both are confined to one thread, which may be any.
public struct LogStore {
  /// The events.
  public let log: any EventLog
  /// Consumers, quarantine and roster.
  public let metadataStore: any BusMetadataStore
  /// Notifications between the processes that share the log; nil if it cannot be shared.
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

/// An error of the log. Unless the case says otherwise, the failed operation had no effect.
public enum LogError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The disk is full. Reads still work, and writes will once there is space.
  case diskFull
  /// An event on disk is damaged: its checksum does not match.
  case corrupt(offset: Int64)
  /// The database server is unreachable or cannot serve the request now. If the connection was lost during a commit,
  /// the appended events may be stored; appending them again shows which are.
  case unavailable(String)
  /// Another bus has adopted a new roster; the events were validated under the previous one.
  case rosterChanged
  /// The disk or the file failed. Whether the last write took effect is unknown until the log is opened again: the
  /// process must exit.
  case failed(String)

  public var description: String {
    switch self {
    case .diskFull: "the disk is full"
    case .corrupt(let offset): "the event at offset \(offset) is damaged on disk: its checksum does not match"
    case .rosterChanged: "another bus has adopted a new roster meanwhile"
    case .unavailable(let detail), .failed(let detail): detail
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

/// A filter for event types: those that begin with any of the prefixes, or all types if there are no prefixes.
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

  /// Whether the type of the event matches.
  public func matches(_ event: LoggedEvent) -> Bool {
    bytes.isEmpty || event.type.withBytes(in: event.bytes, unescaped: event.unescaped, matches)
  }

  /// Whether the type matches.
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
