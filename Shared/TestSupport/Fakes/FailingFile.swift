import GRDBSQLite

/// The main file of an open SQLite connection, which can be made to fail. The write-ahead log is another file.
///
/// Must be used on the connection's thread.
// Safe to send: only the connection's thread uses it.
public final class FailingFile: @unchecked Sendable {
  /// The operations that fail.
  public enum Fault: String, Sendable, CaseIterable, CustomStringConvertible {
    /// Writes fail, as on a disk with an error.
    case write
    /// Flushes fail, as on a disk with an error.
    case flush
    /// Writes fail because the disk is full.
    case space

    public var description: String { rawValue }
  }

  private let file: UnsafeMutablePointer<sqlite3_file>
  private let original: UnsafePointer<sqlite3_io_methods>

  /// Makes the file fail from now on.
  ///
  /// - Returns: nil if the connection has no main file.
  public init?(_ connection: OpaquePointer, _ fault: Fault) {
    var file: UnsafeMutablePointer<sqlite3_file>?
    guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK, let file,
      let original = file.pointee.pMethods
    else { return nil }
    self.file = file
    self.original = original
    // Never deallocated, because the file uses it until it is closed.
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    methods.initialize(to: original.pointee)
    switch fault {
    case .write: methods.pointee.xWrite = { _, _, _, _ in SQLITE_IOERR | (3 << 8) }
    case .flush: methods.pointee.xSync = { _, _ in SQLITE_IOERR | (4 << 8) }
    case .space: methods.pointee.xWrite = { _, _, _, _ in SQLITE_FULL }
    }
    file.pointee.pMethods = UnsafePointer(methods)
  }

  /// Makes the file work again.
  public func heal() { file.pointee.pMethods = original }
}
