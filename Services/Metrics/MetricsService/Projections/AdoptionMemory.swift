import LaunchModel
import MetricsCore
import ServiceKit
import Storage
import Synchronization

/// What is stored about adoption, in memory: a reader of the store, and never ahead of it.
///
/// Whoever uses it first brings it up to date from the store, in the same transaction: the consumer before a batch, a backfill before
/// a page, a question before it is answered. So one replica applies events and any answers, a restart reads the same rows, and a
/// transaction that was rolled back was never seen.
final class AdoptionMemory: Sendable {
  /// Likewise what is stored of tickets and scores.
  let signals = SignalMemory()
  private let state = Mutex(AdoptionState())

  /// Runs the body with the state of a transaction's snapshot.
  ///
  /// - Returns: nil if the memory is already further than the snapshot, which then has to be taken again.
  func current<R>(_ db: any Transaction, _ body: (inout AdoptionState) throws -> sending R) throws -> sending R? {
    try state.withLock { state in
      guard try state.follow(db) else { return nil }
      return try body(&state)
    }
  }

  /// Runs the body with the state of a write transaction, which is always the latest.
  func latest<R>(_ db: any Transaction, _ body: (inout AdoptionState) throws -> sending R) throws -> sending R {
    try state.withLock { state in
      if try !state.follow(db) {
        // It had read what was not committed in the end.
        state = AdoptionState()
        _ = try state.follow(db)
      }
      return try body(&state)
    }
  }
}

/// The accounts' numbers, states and merges, and the pairs of columns that events are still added to.
struct AdoptionState {
  /// The numbers of accounts, and the columns by projection: of a projection that is still being filled, those of the consumer's
  /// events alone.
  private(set) var known = AdoptionBatch.Known()
  /// The columns of the older events of projections that are still being filled.
  private(set) var filling: [Int64: AdoptionColumns] = [:]
  /// Every projection that is kept up to date.
  private(set) var projections: [KnownProjection] = []
  private(set) var tails: [Int64: AdoptionTail] = [:]
  private(set) var position = AdoptionRepository.Position()
  /// Which accounts count, and as which.
  private(set) var accounts = AccountDirectory()
  /// For each account of `accounts` its number in the columns; -1 if it has none.
  private(set) var accountNumbers: [Int32] = []

  /// Reads what was stored since it was last read.
  ///
  /// - Returns: false if the transaction's snapshot is older than what was read already.
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

  /// Reads the set of projections again, and the columns of new ones.
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

  /// Adds the older events of projections that were filled meanwhile to their columns.
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
  /// The figures of a launch's adoption projection; nil while it is still being filled, or if there is none.
  ///
  /// - Parameters:
  ///   - windows: the windows that metrics ask for, by their length in days.
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

  /// What the projections know that are still being filled, for the older events.
  func knownWhileFilling() -> AdoptionBatch.Known {
    var known = AdoptionBatch.Known()
    known.keys = self.known.keys
    for (id, columns) in filling { known.set(id, columns) }
    return known
  }
}
