import Foundation
import GRDBSQLite

/// Reads a SQLite file without changing a byte of it, or of the files beside it.
///
/// A connection that is opened for writing changes the file at once, and even a read-only one creates or changes files
/// beside a file that was not closed cleanly. The caller must hold the store's lock, because nothing is locked here.
public enum SQLiteInspection {
  /// Returns the texts in a column of a table; nil if the file or the table does not exist or cannot be read, in which
  /// case opening the file reports the reason.
  public static func texts(in column: String, of table: String, at path: String) -> [String]? {
    guard size(of: path) > 0, let uri = uri(path) else { return nil }
    var handle: OpaquePointer?
    defer { sqlite3_close(handle) }
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    guard sqlite3_open_v2(uri, &handle, flags, nil) == SQLITE_OK else { return nil }
    // With this mode, SQLite keeps the index of the write-ahead log in memory instead of in a file.
    guard sqlite3_exec(handle, "PRAGMA locking_mode = EXCLUSIVE", nil, nil, nil) == SQLITE_OK else { return nil }
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(handle, "SELECT \(column) FROM \(table)", -1, &statement, nil) == SQLITE_OK else {
      return nil
    }
    var texts: [String] = []
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: texts.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "")
      case SQLITE_DONE: return texts
      default: return nil
      }
    }
  }

  /// Returns the URI with which SQLite reads the file without locks, together with the write-ahead log if there is one.
  private static func uri(_ path: String) -> String? {
    var allowed = CharacterSet.urlPathAllowed
    allowed.remove(charactersIn: "?#%;")
    guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else { return nil }
    let hasLog = size(of: path + "-wal") > 0
    return "file:\(escaped)?mode=ro&" + (hasLog ? "vfs=unix-none" : "immutable=1")
  }

  private static func size(of path: String) -> Int64 {
    var status = stat()
    return stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }
}
