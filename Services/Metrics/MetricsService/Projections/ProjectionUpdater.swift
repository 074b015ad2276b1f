import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage
import Synchronization

/// Updates projections with the consumer's events: gathers what a batch adds and writes it once.
///
/// Its memory of earlier batches is a cache, which is dropped if the last batch may not have been committed: it was not finished,
/// or the stored offset is before its last event.
final class ProjectionUpdater: Sendable {
  fileprivate struct State {
    var projections: [KnownProjection] = []
    /// The catalog's generation that `projections` were read from.
    var generation: Int64?
    var documentTypes: Set<String> = []
    /// The additions of the batch, by projection.
    var gathered: [Int64: Projection] = [:]
    /// A lower bound of what each account's row holds, so that a repeated event costs a look-up and no write.
    var remembered: [Int64: [String: AccountActivity]] = [:]
    var rememberedCount = 0
    var isInBatch = false
    var lastOffset: Int64 = 0
  }

  /// The most accounts in memory; about 200 MB.
  private static let mostRemembered = 2_000_000

  private let state = Mutex(State())

  /// Begins a batch; reads the projections again if they have changed.
  func begin(_ tx: ServiceTransaction) throws {
    let generation = try ProjectionCatalog(tx.db).lock()
    let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, tx.db)
    try state.withLock { state in
      if state.isInBatch || state.lastOffset > processed { state = State() }
      state.isInBatch = true
      try state.refresh(generation, tx.db)
    }
  }

  /// Reads the projections again after an event of the batch changed them.
  func refresh(_ tx: ServiceTransaction) throws {
    let generation = try ProjectionCatalog(tx.db).lock()
    try state.withLock { try $0.refresh(generation, tx.db) }
  }

  /// Whether a metric needs whole events of that type.
  func readsDocument(_ type: String) -> Bool { state.withLock { $0.documentTypes.contains(type) } }

  /// Records that an event is in the batch, even if it adds nothing.
  func enter(_ offset: Int64) { state.withLock { $0.lastOffset = max($0.lastOffset, offset) } }

  /// Adds one event of the batch to the projections that count it.
  func take(_ event: MetricEvent) {
    state.withLock { state in
      for projection in state.projections where event.offset > projection.row.until {
        state.take(event, projection)
      }
    }
  }

  /// Writes the additions of the batch.
  func finish(_ tx: ServiceTransaction) throws {
    try state.withLock { state in
      let store = ProjectionRepository(tx.db)
      let known = Set(state.projections.map(\.row.id))
      for (id, projection) in state.gathered where known.contains(id) {
        try store.add(projection, to: id)
        state.remember(projection, of: id)
      }
      state.gathered = [:]
      state.isInBatch = false
      if state.rememberedCount > Self.mostRemembered {
        state.remembered = [:]
        state.rememberedCount = 0
      }
    }
  }
}

extension ProjectionUpdater.State {
  fileprivate mutating func refresh(_ generation: Int64, _ db: any Transaction) throws {
    guard generation != self.generation else { return }
    projections = try ProjectionCatalog(db).all()
    documentTypes = Set(projections.filter(\.spec.readsDocuments).flatMap(\.spec.types))
    let ids = Set(projections.map(\.row.id))
    remembered = remembered.filter { ids.contains($0.key) }
    rememberedCount = remembered.values.reduce(0) { $0 + $1.count }
    self.generation = generation
  }

  fileprivate mutating func take(_ event: MetricEvent, _ projection: KnownProjection) {
    guard let contribution = projection.spec.contribution(of: event) else { return }
    let id = projection.row.id
    if case .activity(let account, let activity) = contribution, let known = remembered[id]?[account],
      known.merged(with: activity) == known
    {
      gathered[id, default: Projection()].note(event.at)
    } else {
      gathered[id, default: Projection()].add(contribution, at: event.at)
    }
  }

  fileprivate mutating func remember(_ projection: Projection, of id: Int64) {
    for (account, activity) in projection.activities {
      let known = remembered[id]?[account]
      if known == nil { rememberedCount += 1 }
      remembered[id, default: [:]][account] = known.map { $0.merged(with: activity) } ?? activity
    }
  }
}
