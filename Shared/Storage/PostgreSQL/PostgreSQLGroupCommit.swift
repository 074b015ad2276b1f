/// Commits a group of writes with one flush, each in its own savepoint so that a failed write does not affect the
/// others.
///
/// All writers of the schema hold one advisory lock for the duration of their transaction, so writes are serial, like
/// SQLite's.
struct PostgreSQLGroupCommit {
  /// The maximum number of attempts at a group that is interrupted before its commit.
  private static let maxAttempts = 5

  private enum Outcome {
    /// Every write of the group has its result.
    case completed
    /// Nothing was changed, and the group may be retried.
    case interrupted(PostgreSQLError)
    case failed(StorageError)
  }

  private typealias Report = @Sendable () -> Void

  let worker: PostgreSQLWorker
  let writes: WriteQueue

  /// Commits all queued writes, group by group, so that writes queued before `close` complete before it.
  func drain() {
    while let group = writes.nextGroup() { commit(group) }
  }

  private func commit(_ group: [PendingWrite]) {
    for number in 1...Self.maxAttempts {
      switch attempt(group) {
      case .completed: return
      case .failed(let error): return fail(group, error)
      case .interrupted(let failure):
        if failure.isLost || failure.isTransient, number < Self.maxAttempts { continue }
        return fail(
          group,
          failure.isLost
            ? PostgreSQLErrors.lost(failure, worker.address)
            : PostgreSQLErrors.storageError(failure, "nothing was changed"))
      }
    }
  }

  private func attempt(_ group: [PendingWrite]) -> Outcome {
    do {
      try writes.checkDisk()
      let transaction = PostgreSQLTransaction(try worker.connected(), begin: begin)
      var reports: [Result<Report, any Error>] = []
      for write in group {
        reports.append(Result { try perform(write, isAlone: group.count == 1, transaction) })
        if let interruption = transaction.interruption {
          rollback(transaction, interruption)
          return .interrupted(interruption)
        }
      }
      let hasChanged = reports.contains { if case .success = $0 { true } else { false } }
      let outcome = finish(transaction, hasChanged: hasChanged)
      if case .completed = outcome { complete(group, reports) }
      return outcome
    } catch {
      return .failed(error as? StorageError ?? StorageError(.unavailable, "\(error)"))
    }
  }

  private var begin: [String] {
    ["BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(\(worker.address.lockKey))"]
  }

  private func perform(
    _ write: PendingWrite, isAlone: Bool, _ transaction: PostgreSQLTransaction
  ) throws -> Report {
    guard isAlone else { return try transaction.savepoint { try write.perform(transaction) } }
    let report = try write.perform(transaction)
    try transaction.check()
    return report
  }

  private func finish(_ transaction: PostgreSQLTransaction, hasChanged: Bool) -> Outcome {
    guard hasChanged else {
      rollback(transaction, nil)
      return .completed
    }
    do {
      try transaction.commit()
      return .completed
    } catch {
      let failure = error as? PostgreSQLError ?? .lost("\(error)")
      worker.disconnect()
      if failure.isLost { return .failed(PostgreSQLErrors.outcomeUnknown(failure, worker.address)) }
      if failure.isTransient { return .interrupted(failure) }
      return .failed(PostgreSQLErrors.storageError(failure, "in: COMMIT"))
    }
  }

  /// Rolls back the transaction. Drops the session if it cannot roll back, or if its plans are stale; dropping it rolls
  /// back, too.
  private func rollback(_ transaction: PostgreSQLTransaction, _ interruption: PostgreSQLError?) {
    do {
      try transaction.rollback()
      if interruption != nil { worker.disconnect() }
    } catch {
      worker.disconnect()
    }
  }

  private func complete(_ group: [PendingWrite], _ reports: [Result<Report, any Error>]) {
    for (write, report) in zip(group, reports) {
      switch report {
      case .success(let report): report()
      case .failure(let error): write.fail(writes.recording(error))
      }
    }
  }

  private func fail(_ group: [PendingWrite], _ error: StorageError) {
    let error = writes.recording(error)
    for write in group { write.fail(error) }
  }
}
