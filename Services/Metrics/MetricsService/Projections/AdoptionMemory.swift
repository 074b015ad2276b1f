import LaunchModel
import MetricsCore
import ServiceKit
import Storage
import Synchronization

/// The stored adoption data, cached in memory. It only reads the store and is never ahead of it.
///
/// Each user updates it from the store within its own transaction: the consumer before a batch, the backfill before a
/// page, a query before its answer. So one replica can apply events while others answer, a restart reads the same rows,
/// and data of a rolled-back transaction is discarded.
final class AdoptionMemory: Sendable {
  /// The cached tickets and scores, with the same guarantees.
  let signals = SignalMemory()
  private let state = Mutex(AdoptionState())

  /// Runs the body with the state as of a transaction's snapshot.
  ///
  /// - Returns: nil if the cached state is newer than the snapshot; the caller must then take another one.
  func current<R>(_ db: any Transaction, _ body: (inout AdoptionState) throws -> sending R) throws -> sending R? {
    try state.withLock { state in
      guard try state.follow(db) else { return nil }
      return try body(&state)
    }
  }

  /// Runs the body with the state as of a write transaction, which always sees the latest data.
  func latest<R>(_ db: any Transaction, _ body: (inout AdoptionState) throws -> sending R) throws -> sending R {
    try state.withLock { state in
      if try !state.follow(db) {
        // The cache contained data of a transaction that was not committed.
        state = AdoptionState()
        _ = try state.follow(db)
      }
      return try body(&state)
    }
  }
}

/// The cached state: the accounts' numbers, states and merges, and the pairs of columns that still receive events.
struct AdoptionState {
  /// The accounts' numbers, and the columns of each projection. While a projection is being backfilled, its columns
  /// contain only the consumer's events.
  private(set) var known = AdoptionBatch.Known()
  /// The columns with the older events of projections that are being backfilled.
  private(set) var filling: [Int64: AdoptionColumns] = [:]
  /// Every projection that still receives events.
  private(set) var projections: [KnownProjection] = []
  private(set) var tails: [Int64: AdoptionTail] = [:]
  private(set) var position = AdoptionRepository.Position()
  /// Determines which accounts count, and as which account.
  private(set) var accounts = AccountDirectory()
  /// The number in the columns of each account in `accounts`; -1 if it has none.
  private(set) var accountNumbers: [Int32] = []

  /// Updates the state with everything stored since the last update.
  ///
  /// - Returns: false if the transaction's snapshot is older than the state.
  mutating func follow(_ db: any Transaction) throws -> Bool {
    let store = AdoptionRepository(db)
    let now = try store.position()
    guard !now.precedes(position) else { return false }
    do {
      try followAccounts(now, store)
      try followProjections(now, store)
      position = now
    } catch {
      self = AdoptionState()
      throw error
    }
    return true
  }

  private mutating func followAccounts(_ now: AdoptionRepository.Position, _ store: AdoptionRepository) throws {
    let numbered = known.keys.count
    if now.accounts > numbered { try store.addKeys(to: &known.keys) }
    if now.accountGeneration != position.accountGeneration {
      accounts = AccountDirectory()
      accountNumbers = []
    }
    let counted = accounts.count
    if now.accountOffset > position.accountOffset || counted == 0 && now.accountOffset > 0 {
      let after = counted == 0 ? 0 : position.accountOffset
      for change in try SignalRepository(store.db).accountChanges(after: after) { accounts.insert(change) }
    }
    for account in counted..<accounts.count {
      accountNumbers.append(known.keys.number(of: accounts.key(account)).map(Int32.init) ?? -1)
    }
    guard counted > 0 else { return }
    for number in numbered..<known.keys.count {
      if let account = accounts.number(of: known.keys[number]) { accountNumbers[account] = Int32(number) }
    }
  }

  private mutating func followProjections(_ now: AdoptionRepository.Position, _ store: AdoptionRepository) throws {
    var loaded: Set<Int64> = []
    if now.generation != position.generation { loaded = try reload(store) }
    if now.sequence > position.sequence, projections.contains(where: { !loaded.contains($0.row.id) }) {
      for changes in try store.changes(after: position.sequence) where !loaded.contains(changes.projection) {
        try apply(changes)
      }
    }
    try completeFilled(store)
  }

  /// Reloads the set of projections, and loads the columns of new ones.
  private mutating func reload(_ store: AdoptionRepository) throws -> Set<Int64> {
    let earlier = Set(projections.map(\.row.id))
    projections = try ProjectionCatalog(store.db).all(knowing: projections)
    let ids = Set(projections.map(\.row.id))
    for id in earlier.subtracting(ids) {
      known.remove(id)
      filling[id] = nil
      tails[id] = nil
    }
    var loaded: Set<Int64> = []
    for projection in projections where !earlier.contains(projection.row.id) {
      guard case .adoption(_, let span) = projection.spec else { continue }
      known.set(projection.row.id, AdoptionColumns(span))
      if !projection.row.isComplete { filling[projection.row.id] = AdoptionColumns(span) }
      for changes in try store.changes(of: projection.row.id) { try apply(changes) }
      loaded.insert(projection.row.id)
    }
    return loaded
  }

  private mutating func apply(_ changes: AdoptionRepository.Changes) throws {
    let id = changes.projection
    guard let projection = projections.first(where: { $0.row.id == id }), known[id] != nil else { return }
    if var older = filling.removeValue(forKey: id) {
      let until = projection.row.until
      try changes.forEach { if $0.offset <= until { older.apply($0) } }
      known.update(id) { pair in
        _ = AdoptionChangeLog.read(changes.entries) { if $0.offset > until { pair.apply($0) } }
      }
      filling[id] = older
    } else {
      var fault: (any Error)?
      known.update(id) { pair in
        do { try changes.forEach { pair.apply($0) } } catch { fault = error }
      }
      if let fault { throw fault }
    }
    tails[id] =
      changes.entries.count < AdoptionRepository.fullRow
      ? AdoptionChangeLog(changes.entries).map { AdoptionTail(sequence: changes.sequence, log: $0) } : nil
  }

  /// Merges the older events of projections whose backfill is complete into their columns.
  private mutating func completeFilled(_ store: AdoptionRepository) throws {
    guard !filling.isEmpty else { return }
    let catalog = ProjectionCatalog(store.db)
    let filled = Set(filling.keys).subtracting(try catalog.pendingIDs())
    for row in try catalog.rows(filled.sorted()) {
      guard let older = filling.removeValue(forKey: row.id) else { continue }
      let accounts = known.keys.count
      known.update(row.id) { $0.merge(older, accounts: accounts) }
      if let index = projections.firstIndex(where: { $0.row.id == row.id }) { projections[index].row = row }
    }
  }
}

extension AdoptionState {
  /// The figures of a launch's adoption projection; nil while it is being backfilled, or if there is none.
  ///
  /// - Parameters:
  ///   - windows: the windows of the metrics, keyed by their length in days.
  ///   - bySegment: whether to count each segment as well.
  func projection(
    _ projection: KnownProjection, for windows: [Int: MeasurementWindow], asOf now: Timestamp, bySegment: Bool
  ) -> Projection? {
    guard filling[projection.row.id] == nil, let columns = known[projection.row.id] else { return nil }
    return figures(columns, for: windows, accounts, latest: position.latestUsage, asOf: now, bySegment: bySegment)
  }

  /// The figures of a pair of columns.
  func figures(
    _ columns: AdoptionColumns, for windows: [Int: MeasurementWindow], _ accounts: AccountDirectory, latest: Timestamp?,
    asOf now: Timestamp, bySegment: Bool
  ) -> Projection {
    Projection(
      adoption: windows.mapValues {
        AdoptionFigures(
          columns: columns, window: $0, accounts: accounts, numbers: accountNumbers, asOf: now, bySegment: bySegment)
      },
      watermark: columns.span.watermark(latest))
  }

  /// The state that backfilled events are compared with: the accounts' numbers and the columns being backfilled.
  func knownWhileFilling() -> AdoptionBatch.Known {
    var known = AdoptionBatch.Known()
    known.keys = self.known.keys
    for (id, columns) in filling { known.set(id, columns) }
    return known
  }
}
