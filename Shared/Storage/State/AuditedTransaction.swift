public import Contract

/// A transaction that computes the digest of every audited row that its statements change, for the audit links.
///
/// It also compares each row with its chain before the row is changed. If the row was changed without gonogo,
/// overwriting it does not hide this, because the link records what was found.
public final class AuditedTransaction: Transaction {
  private struct Changes {
    /// The changes that are not in a link yet, by subject.
    var unsealed: [String: LinkState] = [:]
    /// The digest of each key changed by this transaction, by subject.
    var digests: [String: [String: String]] = [:]
    /// The state according to each chain when this transaction first changed one of its rows; nil for a broken chain.
    var folds: [String: StateDigests?] = [:]
  }

  private let base: any Transaction
  private let ledger: StateLedger
  private var changes = Changes()

  public init(_ base: any Transaction, _ ledger: StateLedger) {
    self.base = base
    self.ledger = ledger
  }

  public func execute(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> Int {
    guard let statement = try ledger.statement(sql) else { return try base.execute(sql, arguments) }
    let before = try statement.before.map { try base.query($0, try statement.arguments(arguments)) } ?? []
    let after = try base.query(statement.sql, arguments)
    for table in statement.tables {
      for row in before { try check(row, table) }
      for row in after { try note(row, table, isDeleted: statement.deletes) }
    }
    return after.count
  }

  public func execute(_ sql: String, each rows: [[any SQLValueConvertible]]) throws -> Int {
    guard try ledger.statement(sql) != nil else { return try base.execute(sql, each: rows) }
    return try rows.reduce(0) { $0 + (try execute(sql, $1)) }
  }

  public func query(_ sql: String, _ arguments: [any SQLValueConvertible]) throws -> [Row] {
    guard try ledger.statement(sql) == nil else {
      throw AuditedStatement.unsupported(sql, "it must be run by execute")
    }
    return try base.query(sql, arguments)
  }

  public func savepoint<R>(_ body: () throws -> R) throws -> R {
    let saved = changes
    do {
      return try base.savepoint(body)
    } catch {
      changes = saved
      throw error
    }
  }

  /// Returns the state for the subject's next link, which has the changes since its last one, and marks these as
  /// recorded.
  public func takeState(of subject: String) -> LinkState {
    var state = changes.unsealed.removeValue(forKey: subject) ?? LinkState()
    state.covers = ledger.covers
    return state
  }

  /// The subjects with changes that are not in a link yet, ascending.
  public var unsealedSubjects: [String] { changes.unsealed.keys.sorted() }

  /// Compares a row, as it was before this transaction changed it, with its chain.
  private func check(_ row: Row, _ table: AuditedTable) throws {
    let subject = try table.subject(of: row)
    // A row that this transaction has already changed or compared is known to be in order.
    guard try changes.digests[subject]?[table.key(of: row)] == nil else { return }
    for entry in try table.entries(of: row, isDescribed: true) {
      guard changes.digests[subject]?[entry.key] == nil, let said = try said(subject, entry.key) else { continue }
      if entry.digest != said {
        found(entry.value, subject, entry.key)
        changes.unsealed[subject]?.set[entry.key] = entry.value
      }
      changes.digests[subject, default: [:]][entry.key] = entry.digest
    }
  }

  private func note(_ row: Row, _ table: AuditedTable, isDeleted: Bool) throws {
    let subject = try table.subject(of: row)
    for entry in try table.entries(of: row, isDescribed: true) {
      let digest = isDeleted ? LinkState.absent : entry.digest
      let before: String
      if let known = changes.digests[subject]?[entry.key] {
        before = known
      } else {
        // There was no such row: if the chain has one, it was deleted without gonogo.
        before = LinkState.absent
        if let said = try said(subject, entry.key), said != LinkState.absent {
          found(LinkState.absent, subject, entry.key)
        }
      }
      changes.digests[subject, default: [:]][entry.key] = digest
      guard digest != before else { continue }
      changes.unsealed[subject, default: LinkState()].set[entry.key] =
        isDeleted ? LinkState.absent : entry.value
    }
  }

  private func found(_ value: String, _ subject: String, _ key: String) {
    changes.unsealed[subject, default: LinkState()].found =
      (changes.unsealed[subject]?.found ?? [:]).merging([key: value]) { first, _ in first }
  }

  /// Returns the last digest in the chain for a key; nil if the chain is broken, which a verification reports.
  private func said(_ subject: String, _ key: String) throws -> String? {
    if changes.folds[subject] == nil {
      let (digests, broken) = try ledger.digests(of: subject, base)
      changes.folds[subject] = .some(broken == nil ? digests : nil)
    }
    return changes.folds[subject]??.digest(key)
  }
}
