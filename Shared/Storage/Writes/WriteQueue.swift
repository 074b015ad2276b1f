import Synchronization

/// Group commit: writes that queue up while others are being committed share the next transaction and its flush. The engine
/// says how a group is committed; this is who is in it.
final class WriteQueue: Sendable {
  private struct State {
    var pending: [PendingWrite] = []
    var isScheduled = false
    var refusal: StorageError?
    var isClosed = false
  }

  /// More would make the first wait too long.
  private static let largestGroup = 64

  private let onFatal: @Sendable (StorageError) -> Void
  private let schedule: @Sendable (WriteQueue) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - onFatal: called once, when the disk has failed.
  ///   - schedule: has all groups committed on the store's own thread, until there is none, and does not wait for that.
  init(
    onFatal: @escaping @Sendable (StorageError) -> Void, schedule: @escaping @Sendable (WriteQueue) -> Void
  ) {
    self.onFatal = onFatal
    self.schedule = schedule
  }

  /// Throws where the store was closed or its disk has failed.
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

  /// Refuses everything from now on, what is queued still runs; false where it was closed before.
  func close() -> Bool {
    state.withLock { state in
      defer { state.isClosed = true }
      if state.refusal == nil { state.refusal = StorageError(.closed, "the store was closed") }
      return !state.isClosed
    }
  }

  /// Passes the error on; a fatal one ends the store.
  func noting(_ error: any Error) -> any Error {
    guard let error = error as? StorageError, error.isFatal else { return error }
    let isFirst = state.withLock { state in
      defer { state.refusal = error }
      return state.refusal?.isFatal != true
    }
    if isFirst { onFatal(error) }
    return error
  }

  /// Throws where the disk has failed; a store that was closed finishes what it has.
  func checkDisk() throws {
    if let refusal = state.withLock({ $0.refusal }), refusal.isFatal { throw refusal }
  }

  /// The writes of the next transaction, in the order they were asked for; nil where there are none, and then the next one
  /// to come schedules again.
  func nextGroup() -> [PendingWrite]? {
    state.withLock { state in
      let group = Array(state.pending.prefix(Self.largestGroup))
      state.pending.removeFirst(group.count)
      if group.isEmpty { state.isScheduled = false }
      return group.isEmpty ? nil : group
    }
  }
}

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

/// Whether a statement of a transaction has failed. PostgreSQL takes no further statement then, unless a savepoint around it
/// is undone; so that bodies mean the same everywhere, no engine does.
final class StatementError {
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
