/// Whether a statement of a transaction has failed. PostgreSQL takes no further statement then, unless a savepoint around it
/// is undone; so that bodies mean the same everywhere, no engine does.
final class StatementFailure {
  private(set) var error: StorageError?

  /// Throws the failure that stands.
  func check() throws {
    if let error {
      throw StorageError(error.code, "the transaction ended with an earlier failure: \(error.message)")
    }
  }

  /// Keeps the first failure, and passes it on.
  func noting(_ error: StorageError) -> StorageError {
    self.error = self.error ?? error
    return error
  }

  /// Forgets the failure, as what led to it was undone.
  func clear() { error = nil }
}
