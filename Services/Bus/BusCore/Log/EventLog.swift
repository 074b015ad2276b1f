import Dispatch
public import Contract
public import LaunchModel
public import Storage

/// The durable log of events: what the bus acknowledges is what this has on disk.
///
/// Offsets are dense and ascending from 1, and `storedAt` never decreases, however many processes share the log. What this
/// says of it belongs to one thread.
public protocol EventLog: AnyObject {
  /// The newest and the oldest offset, as far as is known here.
  var bounds: LogBounds { get }
  /// When the newest event was stored; nil while nothing is left to say.
  var newestStoredAt: Timestamp? { get }

  /// The offset of the event that announced the roster in force, as far as is known here; 0 before there is one, or where it
  /// does not matter, because no other process adopts any.
  var rosterOffset: Int64 { get }

  /// Appends events in one transaction, in order. When it returns, what it says is stored is on disk, and a roster among it is
  /// the one that is kept.
  ///
  /// An event whose source and id are in the log already, or came earlier in the same batch, is not stored again. What is
  /// stored stands at the head, one after the other; the head may have moved by more than that, by what others appended, or by
  /// what was appended before and could not be answered.
  ///
  /// - Throws: `LogError.rosterChanged` where another process has had a roster adopted that is not known here.
  func append(_ events: [ScannedEvent], at time: Timestamp) throws(LogError) -> [AppendOutcome]

  /// Events after an offset, each verified against its checksum.
  func read(after offset: Int64, matching filter: TypeFilter, limits: ReadLimits) throws(LogError) -> LogPage

  /// The first offset stored at that time or later; the newest plus one where there is none.
  func firstOffset(storedSince time: Timestamp) throws(LogError) -> Int64

  /// Deletes the oldest events up to an offset, at most so many, in one transaction. Their ids may be used again.
  func prune(through offset: Int64, atMost count: Int) throws(LogError) -> LogBounds

  /// Looks where the log ends, and which roster is in force, where something else than this may have moved them.
  func refresh() throws(LogError)
}

/// A log and the ledger beside it, where the settings say that they are.
///
/// They belong to one thread, whichever it is.
public struct LogStore {
  /// The events.
  public let log: any EventLog
  /// Consumers, quarantine and roster.
  public let ledger: any BusMetadataStore
  /// What other processes that have the log open say; nil where there can be none.
  public let neighbours: LogPeers?
  private let closing: () throws(LogError) -> Void

  /// Opens the store on a thread that may block.
  ///
  /// - Throws: `LogError`; `StorageError` for a server that cannot be worked with.
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
      ledger = SQLiteMetadataStore(database)
      neighbours = nil
      closing = { () throws(LogError) in try database.close() }
    case .postgreSQL(let url, let schema):
      let database = try PostgreSQLBusDatabase(url: url, schema: schema)
      let notice = PeerNotification.Sender()
      log = try PostgreSQLEventLog(database, notice: notice)
      ledger = PostgreSQLMetadataStore(database)
      neighbours = LogPeers(url: url, schema: schema, notice: notice, database: database)
      closing = { () throws(LogError) in database.close() }
    }
  }

  /// Brings a file into one piece, or ends the session with the server.
  public func close() throws(LogError) { try closing() }
}

/// Why the log could not do what was asked; nothing of it has happened then, unless the case says otherwise.
public enum LogError: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no room left on the disk. Reading goes on, and so will writing once there is room.
  case diskFull
  /// An event on disk is not what was stored: its checksum does not fit.
  case corrupt(offset: Int64)
  /// The server that has the log is away, or cannot do it now. Where it went away while it was committing, it may have
  /// stored what was appended: the same events again tell.
  case unavailable(String)
  /// Another bus has had a roster adopted, and the events were judged under the one before.
  case rosterChanged
  /// The disk or the file failed. What the last write did is unknown until the log is opened again: the process must
  /// end.
  case failed(String)

  public var description: String {
    switch self {
    case .diskFull: "there is no room left on the disk"
    case .corrupt(let offset): "the event at offset \(offset) is damaged on disk: its checksum does not fit"
    case .rosterChanged: "another bus has had a roster adopted meanwhile"
    case .unavailable(let detail), .failed(let detail): detail
    }
  }
}

extension LogBounds {
  /// The first offset stored at that time or later, found by halving; the newest plus one where there is none.
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

/// Which types of events are wanted: those that begin with one of the prefixes, or all where there is none.
public struct TypeFilter: Sendable, Hashable {
  /// As they were asked for.
  public let prefixes: [String]
  private let bytes: [[UInt8]]

  /// Every type.
  public static let all = TypeFilter([])

  /// Takes prefixes as `dev.gonogo.signal.`; an empty list lets every type through.
  public init(_ prefixes: [String]) {
    self.prefixes = prefixes
    bytes = prefixes.map { Array($0.utf8) }
  }

  /// Whether the event is wanted.
  public func matches(_ event: LoggedEvent) -> Bool {
    bytes.isEmpty || event.type.withBytes(in: event.bytes, unescaped: event.unescaped, matches)
  }

  /// Whether events of that type are wanted.
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
