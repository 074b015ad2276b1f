import LaunchModel
import MetricsCore
import Storage

/// The stored adoption data: the accounts' numbers, and the change log of each pair of columns.
///
/// Rows are appended in the order of `projection_state.sequence`, so that a cache can be updated from them.
/// Only the last row of each pair grows until it is full, getting a new sequence each time. So there are few
/// rows, even if every transaction adds little.
struct AdoptionRepository {
  /// The number of bytes from which a row of changes is full.
  static let fullRow = 4_096
  /// The number of bytes from which a row of account keys is full.
  private static let fullKeys = 8_192
  /// The minimum number of offsets between two marks of the latest usage.
  private static let markEvery: Int64 = 10_000

  let db: any Transaction

  init(_ db: any Transaction) { self.db = db }

  /// The position of the stored data, by which a cache is compared with the store.
  struct Position: Sendable, Hashable {
    /// A counter that changes with the set of projections.
    var generation: Int64 = 0
    /// The sequence of the last row of changes.
    var sequence: Int64 = 0
    /// The number of accounts with a number.
    var accounts = 0
    /// The offset of the last change of an account.
    var accountOffset: Int64 = 0
    /// A counter that changes when an account change is stored after one with a higher offset.
    var accountGeneration: Int64 = 0
    /// The latest occurrence time of any use or activity; nil if there is none.
    var latestUsage: Timestamp?

    /// Whether this position belongs to an earlier state of the store than the other one.
    func precedes(_ other: Position) -> Bool {
      generation < other.generation || sequence < other.sequence || accounts < other.accounts
        || accountOffset < other.accountOffset || accountGeneration < other.accountGeneration
    }
  }

  func position() throws -> Position {
    let row = try db.queryOne(
      """
      SELECT generation, sequence, accounts, latest_usage, account_offset, account_generation
      FROM projection_state WHERE one = 1
      """)
    guard let row else { throw StorageError(.schema, "the table projection_state is empty; it must have one row") }
    return Position(
      generation: try row.integer("generation"), sequence: try row.integer("sequence"),
      accounts: try row.int("accounts"), accountOffset: try row.integer("account_offset"),
      accountGeneration: try row.integer("account_generation"),
      latestUsage: try row.optionalTimestamp("latest_usage"))
  }

  /// A row of a pair's change log.
  struct Changes: Sendable {
    var projection: Int64
    var sequence: Int64
    var entries: [UInt8]

    init(_ row: Row) throws {
      projection = try row.integer("projection")
      sequence = try row.integer("sequence")
      entries = try row.blob("entries")
    }

    /// Decodes the entries one by one.
    ///
    /// - Throws: `StorageError` if the row is damaged.
    func forEach(_ body: (AdoptionChange) -> Void) throws {
      guard AdoptionChangeLog.read(entries, body) else {
        throw AdoptionRepository.unreadable("adoption_changes", "\(sequence)")
      }
    }
  }

  /// The changes of all pairs with a higher sequence.
  func changes(after sequence: Int64) throws -> [Changes] {
    try db.query(
      "SELECT projection, sequence, entries FROM adoption_changes WHERE sequence > ? ORDER BY sequence", [sequence]
    ).map { try Changes($0) }
  }

  /// The changes of one pair, in rows that contain entries up to an offset.
  func changes(of projection: Int64, upTo offset: Int64 = .max) throws -> [Changes] {
    try db.query(
      """
      SELECT projection, sequence, entries FROM adoption_changes
      WHERE projection = ? AND first_offset <= ? ORDER BY sequence
      """, [projection, offset]
    ).map { try Changes($0) }
  }

  /// Adds the keys of the accounts that `keys` lacks.
  func addKeys(to keys: inout KeyNumbers) throws {
    let first = keys.count
    let rows = try db.query(
      "SELECT first_number, account_keys FROM adoption_accounts WHERE next_number > ? ORDER BY first_number", [first])
    for row in rows {
      let start = try row.int("first_number")
      guard start <= keys.count,
        keys.append(encoded: try row.blob("account_keys"), skipping: keys.count - start)
      else { throw Self.unreadable("adoption_accounts", "first_number \(start)") }
    }
  }

  /// The last mark at or before an offset: its offset, and the latest occurrence time of any use or activity up to
  /// there. Offset 0 and nil if there is no mark.
  func mark(upTo offset: Int64) throws -> (offset: Int64, latest: Timestamp?) {
    let row = try db.queryOne(
      "SELECT log_offset, latest FROM usage_marks WHERE log_offset <= ? ORDER BY log_offset DESC LIMIT 1", [offset])
    guard let row else { return (0, nil) }
    return (try row.integer("log_offset"), try row.timestamp("latest"))
  }

  static func unreadable(_ table: String, _ row: String) -> StorageError {
    StorageError(
      .unreadable, "the row \(row) of the table \(table) is damaged; restore a backup, or rebuild the launch's figures")
  }
}

extension AdoptionRepository {
  /// Stores the changes made by a batch of events.
  ///
  /// - Parameters:
  ///   - known: the stored state that was passed with the batch's events.
  ///   - position: the position of that state.
  ///   - tails: the last row of each pair, if it is not full.
  ///   - offset: the offset of the consumer's last event; nil for backfilled events.
  func save(
    _ batch: AdoptionBatch, addedTo known: borrowing AdoptionBatch.Known, after position: Position,
    tails: [Int64: AdoptionTail], consumedUpTo offset: Int64?
  ) throws {
    var position = position
    if batch.newKeys.count > 0 {
      try add(batch.newKeys, after: position.accounts)
      position.accounts += batch.newKeys.count
    }
    for (target, log) in zip(batch.targets, batch.changes(to: known)) where log.count > 0 {
      position.sequence += 1
      try add(log, to: target.id, tails[target.id], position.sequence)
    }
    if let latest = batch.latest { position.latestUsage = max(position.latestUsage ?? latest, latest) }
    try db.execute(
      "UPDATE projection_state SET sequence = ?, accounts = ?, latest_usage = ? WHERE one = 1",
      [position.sequence, position.accounts, position.latestUsage])
    if let offset, let latest = position.latestUsage { try mark(latest, at: offset) }
  }

  private func add(_ keys: KeyNumbers, after count: Int) throws {
    let last = try db.queryOne(
      "SELECT first_number, account_keys FROM adoption_accounts WHERE next_number = ?", [count])
    let next = count + keys.count
    if let last, case let stored = try last.blob("account_keys"), stored.count < Self.fullKeys {
      try db.execute(
        "UPDATE adoption_accounts SET next_number = ?, account_keys = ? WHERE first_number = ?",
        [next, stored + keys.encoded(), try last.integer("first_number")])
    } else {
      try db.execute(
        "INSERT INTO adoption_accounts (first_number, next_number, account_keys) VALUES (?, ?, ?)",
        [count, next, keys.encoded()])
    }
  }

  private func add(_ log: AdoptionChangeLog, to projection: Int64, _ tail: AdoptionTail?, _ sequence: Int64) throws {
    guard let tail else {
      try db.execute(
        "INSERT INTO adoption_changes (sequence, projection, first_offset, entries) VALUES (?, ?, ?, ?)",
        [sequence, projection, log.firstOffset, log.bytes])
      return
    }
    var whole = tail.log
    whole.append(log)
    try db.execute(
      "UPDATE adoption_changes SET sequence = ?, first_offset = ?, entries = ? WHERE sequence = ?",
      [sequence, whole.firstOffset, whole.bytes, tail.sequence])
  }

  private func mark(_ latest: Timestamp, at offset: Int64) throws {
    let last = try db.queryOne("SELECT max(log_offset) AS last FROM usage_marks")?.optionalInteger("last") ?? 0
    guard offset >= last + Self.markEvery else { return }
    try db.execute("INSERT INTO usage_marks (log_offset, latest) VALUES (?, ?)", [offset, latest])
  }
}

/// The last row of a pair's change log, as long as it is not full.
struct AdoptionTail: Sendable {
  var sequence: Int64
  var log: AdoptionChangeLog
}
