/// A write that waits for its turn.
struct PendingWrite: Sendable {
  /// Runs the body; what it returns tells the caller of the success, once the commit is on disk. May be run again where the
  /// transaction is.
  let perform: @Sendable (any Transaction) throws -> @Sendable () -> Void
  /// Tells the caller of the failure.
  let fail: @Sendable (any Error) -> Void
}

extension WriteQueue {
  /// Adds the body to the queue and waits until it is committed or has failed.
  func write<R: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      add(
        PendingWrite(
          perform: { transaction in
            let result = try body(transaction)
            return { continuation.resume(returning: result) }
          },
          fail: { continuation.resume(throwing: $0) }))
    }
  }
}
