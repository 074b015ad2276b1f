import GRDB

/// SQLite's result codes (https://sqlite.org/rescode.html) in the interface's words.
enum SQLiteErrors {
  /// Leaves what is a `StorageError` already; anything that is not the engine's is a refused statement.
  static func storageError(_ error: any Error, _ context: String) -> StorageError {
    if let error = error as? StorageError { return error }
    guard let engine = error as? DatabaseError else { return StorageError(.statement, context, underlying: error) }
    let message = "\(engine.message ?? "no message from SQLite"), \(context)"
    return StorageError(code(engine.resultCode), message, underlying: nil)
  }

  private static func code(_ code: ResultCode) -> StorageError.Code {
    switch code {
    case .SQLITE_CONSTRAINT: .constraint
    case .SQLITE_FULL: .diskFull
    case .SQLITE_IOERR: .ioFailure
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
    case .SQLITE_BUSY, .SQLITE_LOCKED: .locked
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH: .cannotOpen
    default: .statement
    }
  }
}
