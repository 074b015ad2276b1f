import GRDB
import Synchronization

/// A write that waits for its turn.
struct PendingWrite: Sendable {
  /// Runs the body; what it returns tells the caller of the success, once the commit is on disk.
  let perform: @Sendable (any Transaction) throws -> @Sendable () -> Void
  /// Tells the caller of the failure.
  let fail: @Sendable (any Error) -> Void
}

/// Group commit: writes that queue up while another is being flushed share the next transaction and its flush, each in a
/// savepoint of its own, so that one that fails leaves the others whole.
final class WriteQueue: Sendable {
  private struct State {
    var pending: [PendingWrite] = []
    var isScheduled = false
    var refusal: StorageError?
    var isClosed = false
  }

  /// More would make the first wait too long.
  private static let largestGroup = 64

  private let queue: DatabaseQueue
  private let onFatal: @Sendable (StorageError) -> Void
  private let state = Mutex(State())

  init(queue: DatabaseQueue, onFatal: @escaping @Sendable (StorageError) -> Void) {
    self.queue = queue
    self.onFatal = onFatal
  }

  /// Throws where the store was closed or its disk has failed.
  func check() throws {
    if let refusal = state.withLock({ $0.refusal }) { throw refusal }
  }

  func add(_ write: PendingWrite) {
    let (refusal, schedule) = state.withLock { state -> (StorageError?, Bool) in
      if let refusal = state.refusal { return (refusal, false) }
      state.pending.append(write)
      defer { state.isScheduled = true }
      return (nil, !state.isScheduled)
    }
    if let refusal { write.fail(refusal) }
    if schedule { queue.asyncWriteWithoutTransaction { [self] in drain($0) } }
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

  /// Commits all that is queued, group by group, so that what is asked for before `close` is done before it.
  private func drain(_ db: GRDB.Database) {
    while true {
      let group = state.withLock { state in
        let group = Array(state.pending.prefix(Self.largestGroup))
        state.pending.removeFirst(group.count)
        if group.isEmpty { state.isScheduled = false }
        return group
      }
      if group.isEmpty { return }
      commit(group, db)
    }
  }

  private func commit(_ group: [PendingWrite], _ db: GRDB.Database) {
    var succeeded: [(write: PendingWrite, report: @Sendable () -> Void)] = []
    var hasBegun = false
    do {
      if let refusal = state.withLock({ $0.refusal }), refusal.isFatal { throw refusal }
      try db.beginTransaction(.immediate)
      hasBegun = true
      let transaction = SQLiteTransaction(db)
      for (index, write) in group.enumerated() {
        do {
          succeeded.append((write, try transaction.savepoint { try write.perform(transaction) }))
        } catch {
          let error = noting(error)
          write.fail(error)
          // A full or failing disk makes SQLite undo the whole transaction, the others' part with it.
          if !db.isInsideTransaction {
            for (other, _) in succeeded { other.fail(error) }
            for other in group[(index + 1)...] { other.fail(error) }
            return
          }
        }
      }
      try db.commit()
    } catch {
      let error = noting(SQLiteErrors.storageError(error, "cannot commit"))
      // The commit's error is the one to report; a rollback that fails as well adds nothing to it.
      if db.isInsideTransaction { try? db.rollback() }
      let unanswered = hasBegun ? succeeded.map(\.write) : group
      for write in unanswered { write.fail(error) }
      return
    }
    for (_, report) in succeeded { report() }
  }
}
