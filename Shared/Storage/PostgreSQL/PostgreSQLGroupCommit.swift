/// Commits a group of writes with one flush, each in a savepoint of its own, so that one that fails leaves the others whole.
///
/// All writers of the schema take one advisory lock for the length of their transaction: writes are serial, as SQLite's are.
struct PostgreSQLGroupCommit {
  /// How often a group is run that is interrupted before its commit.
  private static let mostTries = 5

  private enum Outcome {
    case answered
    /// Nothing was changed, and the group may be run again.
    case interrupted(PostgreSQLError)
    case failed(StorageError)
  }

  private typealias Report = @Sendable () -> Void

  let lane: PostgreSQLLane
  let writes: WriteQueue

  /// Commits all that is queued, group by group, so that what is asked for before `close` is done before it.
  func drain() {
    while let group = writes.nextGroup() { commit(group) }
  }

  private func commit(_ group: [PendingWrite]) {
    for tries in 1...Self.mostTries {
      switch attempt(group) {
      case .answered: return
      case .failed(let error): return fail(group, error)
      case .interrupted(let failure):
        if failure.isLost || failure.isPassing, tries < Self.mostTries { continue }
        return fail(
          group,
          failure.isLost
            ? PostgreSQLErrors.lost(failure, lane.address)
            : PostgreSQLErrors.storageError(failure, "and nothing was changed"))
      }
    }
  }

  private func attempt(_ group: [PendingWrite]) -> Outcome {
    do {
      try writes.checkDisk()
      let transaction = PostgreSQLTransaction(try lane.connected(), begin: begin)
      var reports: [Result<Report, any Error>] = []
      for write in group {
        reports.append(Result { try perform(write, isAlone: group.count == 1, transaction) })
        if let interruption = transaction.interruption {
          abandon(transaction, interruption)
          return .interrupted(interruption)
        }
      }
      let hasChanged = reports.contains { if case .success = $0 { true } else { false } }
      let outcome = finish(transaction, hasChanged: hasChanged)
      if case .answered = outcome { answer(group, reports) }
      return outcome
    } catch {
      return .failed(error as? StorageError ?? StorageError(.unavailable, "\(error)"))
    }
  }

  private var begin: [String] {
    ["BEGIN ISOLATION LEVEL READ COMMITTED", "SELECT pg_advisory_xact_lock(\(lane.address.lockKey))"]
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
      abandon(transaction, nil)
      return .answered
    }
    do {
      try transaction.commit()
      return .answered
    } catch {
      let failure = error as? PostgreSQLError ?? .lost("\(error)")
      lane.disconnect()
      if failure.isLost { return .failed(PostgreSQLErrors.outcomeUnknown(failure, lane.address)) }
      if failure.isPassing { return .interrupted(failure) }
      return .failed(PostgreSQLErrors.storageError(failure, "in: COMMIT"))
    }
  }

  /// Undoes the transaction; a session that cannot, or whose plans are stale, is given up, which undoes it as well.
  private func abandon(_ transaction: PostgreSQLTransaction, _ interruption: PostgreSQLError?) {
    do {
      try transaction.rollback()
      if interruption != nil { lane.disconnect() }
    } catch {
      lane.disconnect()
    }
  }

  private func answer(_ group: [PendingWrite], _ reports: [Result<Report, any Error>]) {
    for (write, report) in zip(group, reports) {
      switch report {
      case .success(let report): report()
      case .failure(let error): write.fail(writes.noting(error))
      }
    }
  }

  private func fail(_ group: [PendingWrite], _ error: StorageError) {
    let error = writes.noting(error)
    for write in group { write.fail(error) }
  }
}
