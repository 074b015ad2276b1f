import GRDB

/// Commits a group of writes with one flush, each in a savepoint of its own, so that one that fails leaves the others whole.
struct SQLiteGroupCommit {
  let db: GRDB.Database
  let writes: WriteQueue

  /// Commits all that is queued, group by group, so that what is asked for before `close` is done before it.
  func drain() {
    while let group = writes.nextGroup() { commit(group) }
  }

  private func commit(_ group: [PendingWrite]) {
    var succeeded: [(write: PendingWrite, report: @Sendable () -> Void)] = []
    var hasBegun = false
    do {
      try writes.checkDisk()
      try db.beginTransaction(.immediate)
      hasBegun = true
      let transaction = SQLiteTransaction(db)
      for (index, write) in group.enumerated() {
        do {
          succeeded.append((write, try transaction.savepoint { try write.perform(transaction) }))
        } catch {
          let error = writes.noting(error)
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
      let error = writes.noting(SQLiteErrors.storageError(error, "cannot commit"))
      // The commit's error is the one to report; a rollback that fails as well adds nothing to it.
      if db.isInsideTransaction { try? db.rollback() }
      let unanswered = hasBegun ? succeeded.map(\.write) : group
      for write in unanswered { write.fail(error) }
      return
    }
    for (_, report) in succeeded { report() }
  }
}
