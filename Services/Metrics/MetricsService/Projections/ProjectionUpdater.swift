import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage
import Synchronization

/// Brings the consumer's events to the projections: it gathers what a batch adds and writes it once.
///
/// What it remembers between batches is a cache. It is dropped whenever a batch may not have been committed: one that
/// was left before its end, or one whose events the store says are not processed.
final class ProjectionUpdater: Sendable {
  fileprivate struct State {
    var projections: [KnownProjection] = []
    /// The register's number that `projections` stand for.
    var generation: Int64?
    var documentTypes: Set<String> = []
    /// What the batch adds, by projection.
    var gathered: [Int64: Projection] = [:]
    /// What each account's row is known to hold at least, so that repeats cost a look-up.
    var remembered: [Int64: [String: AccountActivity]] = [:]
    var rememberedCount = 0
    var isInBatch = false
    var lastOffset: Int64 = 0
  }

  /// About 200 MB.
  private static let mostRemembered = 2_000_000

  private let state = Mutex(State())

  /// Begins a batch: reads the projections again where they have changed.
  func begin(_ tx: ServiceTransaction) throws {
    let generation = try ProjectionCatalog(tx.db).lock()
    let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, tx.db)
    try state.withLock { state in
      if state.isInBatch || state.lastOffset > processed { state = State() }
      state.isInBatch = true
      try state.refresh(generation, tx.db)
    }
  }

  /// Reads the projections again, as an event of the batch may have changed them.
  func refresh(_ tx: ServiceTransaction) throws {
    let generation = try ProjectionCatalog(tx.db).lock()
    try state.withLock { try $0.refresh(generation, tx.db) }
  }

  /// Whether a metric asks for the whole of an event of that type.
  func readsDocument(_ type: String) -> Bool { state.withLock { $0.documentTypes.contains(type) } }

  /// Notes that an event is in the batch, whether it adds anything or not: the batch is not committed as long as the store
  /// says that it is not processed.
  func enter(_ offset: Int64) { state.withLock { $0.lastOffset = max($0.lastOffset, offset) } }

  /// Takes one event of the batch.
  func take(_ event: MetricEvent) {
    state.withLock { state in
      for projection in state.projections where event.offset > projection.row.until {
        state.take(event, projection)
      }
    }
  }

  /// Writes what the batch adds.
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
