import Synchronization

/// The queue for group commit: writes that arrive while others are being committed share the next transaction and its
/// flush.
///
/// The queue forms the groups; the engine commits them.
final class WriteQueue: Sendable {
  private struct State {
    var pending: [PendingWrite] = []
    var isScheduled = false
    var refusal: StorageError?
    var isClosed = false
  }

  /// The maximum number of writes in a group; with more, the first would wait too long.
  private static let maxGroupSize = 64

  private let onFatal: @Sendable (StorageError) -> Void
  private let schedule: @Sendable (WriteQueue) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - onFatal: called once, after a disk failure.
  ///   - schedule: starts committing groups on the store's own thread until none is left. Must return immediately.
  init(
    onFatal: @escaping @Sendable (StorageError) -> Void, schedule: @escaping @Sendable (WriteQueue) -> Void
  ) {
    self.onFatal = onFatal
    self.schedule = schedule
  }

  /// Throws if the store has been closed or its disk has failed.
  func check() throws {
    if let refusal = state.withLock({ $0.refusal }) { throw refusal }
  }

  func add(_ write: PendingWrite) {
    let (refusal, isFirst) = state.withLock { state -> (StorageError?, Bool) in
      if let refusal = state.refusal { return (refusal, false) }
      state.pending.append(write)
      defer { state.isScheduled = true }
      return (nil, !state.isScheduled)
    }
    if let refusal { write.fail(refusal) }
    if isFirst { schedule(self) }
  }

  /// Rejects new writes from now on; queued ones still run. Returns false if it was already closed.
  func close() -> Bool {
    state.withLock { state in
      defer { state.isClosed = true }
      if state.refusal == nil { state.refusal = StorageError(.closed, "the store has been closed") }
      return !state.isClosed
    }
  }

  /// Returns the error unchanged. If it is fatal, rejects all later calls with it and calls `onFatal` the first time.
  func recording(_ error: any Error) -> any Error {
    guard let error = error as? StorageError, error.isFatal else { return error }
    let isFirst = state.withLock { state in
      defer { state.refusal = error }
      return state.refusal?.isFatal != true
    }
    if isFirst { onFatal(error) }
    return error
  }

  /// Throws if the disk has failed. Unlike `check`, does not throw after `close`, so that queued writes can finish.
  func checkDisk() throws {
    if let refusal = state.withLock({ $0.refusal }), refusal.isFatal { throw refusal }
  }

  /// Whether the disk has failed.
  var hasFailed: Bool { state.withLock { $0.refusal?.isFatal == true } }

  /// Returns the writes of the next transaction, in order of arrival; nil if none are queued, in which case the next
  /// write calls `schedule` again.
  func nextGroup() -> [PendingWrite]? {
    state.withLock { state in
      let group = Array(state.pending.prefix(Self.maxGroupSize))
      state.pending.removeFirst(group.count)
      if group.isEmpty { state.isScheduled = false }
      return group.isEmpty ? nil : group
    }
  }
}

/// A queued write.
struct PendingWrite: Sendable {
  /// Runs the body, and returns a closure that reports success to the caller, to be called once the commit is on disk.
  /// Called again if the transaction is retried.
  let perform: @Sendable (any Transaction) throws -> @Sendable () -> Void
  /// Reports a failure to the caller.
  let fail: @Sendable (any Error) -> Void
}

extension WriteQueue {
  /// Queues the body and suspends until it has been committed or has failed.
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

/// The first statement error of a transaction, which makes all later statements fail.
///
/// After an error, PostgreSQL rejects further statements until a savepoint before it is rolled back. SQLite does not,
/// so that this type does, and bodies behave the same on both engines.
final class FirstStatementError {
  private(set) var error: StorageError?

  /// Throws if a statement has failed.
  func check() throws {
    if let error {
      throw StorageError(error.code, "an earlier statement of this transaction failed: \(error.message)")
    }
  }

  /// Records the error if it is the first, and returns it.
  func recording(_ error: StorageError) -> StorageError {
    self.error = self.error ?? error
    return error
  }

  /// Clears the error after the statements that led to it were rolled back.
  func clear() { error = nil }
}
