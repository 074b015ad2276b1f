import GRDBSQLite

/// Moves a connection's write-ahead log into the main file after commits, and reports failures.
///
/// SQLite's own checkpoints after a commit discard every error, so that a disk that no longer accepts writes to the
/// main file would go unnoticed. Used only on the connection's thread.
public final class WALCheckpointer {
  private let connection: OpaquePointer
  private let path: String
  private let threshold: Int32
  /// The number of pages in the write-ahead log after the last commit.
  private var pages: Int32 = 0
  /// Whether the last checkpoint failed because the disk is full.
  private var isFull = false

  /// Takes over the checkpoints of the connection until `detach`.
  ///
  /// - Parameters:
  ///   - path: the main file, for messages.
  ///   - pages: the length of the write-ahead log, in pages, from which a commit is followed by a checkpoint.
  public init(_ connection: OpaquePointer, path: String, pages threshold: Int32) {
    self.connection = connection
    self.path = path
    self.threshold = threshold
    _ = sqlite3_wal_hook(
      connection,
      { context, _, _, pages in
        guard let context else { return SQLITE_OK }
        Unmanaged<WALCheckpointer>.fromOpaque(context).takeUnretainedValue().pages = pages
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Ends the checkpoints; must be called before the connection is closed.
  public func detach() { _ = sqlite3_wal_hook(connection, nil, nil) }

  /// Must be called before each transaction that writes.
  ///
  /// - Throws: `StorageError` with code `.diskFull` while the disk has no space for the pages of the write-ahead log,
  ///   so that the log does not grow without bound; `.ioFailure` if the disk fails.
  public func requireSpace() throws(StorageError) {
    if isFull { try checkpoint() }
  }

  /// Must be called after each commit. A full disk is reported only by the next `requireSpace`, because the committed
  /// changes are on disk.
  ///
  /// - Throws: `StorageError` with code `.ioFailure` if the main file cannot be written or flushed. Committed changes
  ///   are safe in the write-ahead log; the process must exit.
  public func checkpointIfDue() throws(StorageError) {
    guard pages >= threshold else { return }
    do throws(StorageError) {
      try checkpoint()
    } catch {
      guard error.code == .diskFull else { throw error }
    }
  }

  /// Moves the whole write-ahead log into the main file and empties it; call it before the connection is closed.
  public func finish() throws(StorageError) { try checkpoint(SQLITE_CHECKPOINT_TRUNCATE) }

  private func checkpoint(_ mode: Int32 = SQLITE_CHECKPOINT_PASSIVE) throws(StorageError) {
    let code = sqlite3_wal_checkpoint_v2(connection, "main", mode, nil, nil)
    switch code & 0xff {
    case SQLITE_OK:
      isFull = false
      pages = 0
    case SQLITE_BUSY, SQLITE_LOCKED: break
    case SQLITE_FULL:
      isFull = true
      throw StorageError(.diskFull, DiskSpace.fullMessage(forFile: path))
    case SQLITE_CORRUPT, SQLITE_NOTADB:
      throw StorageError(.corrupt, "\(message), moving the write-ahead log into \(path)")
    default:
      throw StorageError(.ioFailure, "\(message) (\(code)), moving the write-ahead log into \(path)")
    }
  }

  private var message: String { sqlite3_errmsg(connection).map { String(cString: $0) } ?? "no message from SQLite" }
}
