import Contract
import LaunchModel
import Messaging
import MetricsCore
import ServiceKit
import Storage

/// Collects what the events of one transaction add to projections, and writes it once.
struct ProjectionBatch {
  /// The projections to add events to.
  private(set) var projections: [KnownProjection]
  /// The event types whose whole documents a metric needs.
  private(set) var documentTypes: Set<String> = []
  private var adoption: AdoptionBatch
  /// The additions to tallies, by projection.
  private var tallies: [Int64: Projection] = [:]
  /// The consumer's offset before the batch.
  private let processed: Int64
  private var last: Int64 = 0

  init(_ state: borrowing AdoptionState, processed: Int64) {
    self.processed = processed
    projections = state.projections
    adoption = AdoptionBatch(Self.targets(projections))
    documentTypes = Self.documentTypes(projections)
  }

  /// Reloads the projections after an event of the batch has changed them.
  mutating func refresh(_ db: any Transaction) throws {
    projections = try ProjectionCatalog(db).all(knowing: projections)
    adoption.retarget(Self.targets(projections))
    documentTypes = Self.documentTypes(projections)
  }

  private static func targets(_ projections: [KnownProjection]) -> [AdoptionBatch.Target] {
    projections.compactMap { projection in
      guard case .adoption(let feature, let span) = projection.spec else { return nil }
      let first = min(projection.row.until, .max - 1) + 1
      return AdoptionBatch.Target(id: projection.row.id, feature: feature, span: span, offsets: first...(.max))
    }
  }

  private static func documentTypes(_ projections: [KnownProjection]) -> Set<String> {
    Set(projections.filter(\.spec.readsDocuments).flatMap(\.spec.types))
  }

  /// Adds a use or activity.
  mutating func add(_ usage: PlainUsage, of stored: StoredEvent, to state: borrowing AdoptionState) {
    last = max(last, stored.offset)
    adoption.add(usage, of: stored, isOutOfOrder: stored.offset <= processed, to: state.known)
  }

  /// Adds an event of any type.
  mutating func add(_ event: MetricEvent, to state: borrowing AdoptionState) {
    last = max(last, event.offset)
    adoption.add(event, isOutOfOrder: event.offset <= processed, to: state.known)
    for projection in projections where event.offset > projection.row.until {
      guard projection.spec.contribution(of: event) != nil else { continue }
      tallies[projection.row.id, default: Projection()].apply(event, of: projection.spec)
    }
  }

  /// Writes the collected additions.
  func write(_ db: any Transaction, _ state: borrowing AdoptionState) throws {
    try AdoptionRepository(db).save(
      adoption, addedTo: state.known, after: state.position, tails: state.tails,
      consumedUpTo: last > processed ? last : nil)
    let known = Set(projections.map(\.row.id))
    for (id, projection) in tallies where known.contains(id) { try ProjectionRepository(db).add(projection, to: id) }
  }
}

extension AdoptionBatch {
  /// Adds a use or activity in its plain form.
  mutating func add(_ usage: PlainUsage, of stored: StoredEvent, isOutOfOrder: Bool, to known: borrowing Known) {
    stored.bytes.withUnsafeBytes { bytes in
      add(
        account: UnsafeRawBufferPointer(rebasing: bytes[usage.account]),
        feature: usage.feature.map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }, at: usage.time ?? stored.storedAt,
        storedAt: stored.storedAt, offset: stored.offset, isOutOfOrder: isOutOfOrder, to: known)
    }
  }

  /// Adds an event if it is a use or activity.
  mutating func add(_ event: MetricEvent, isOutOfOrder: Bool, to known: borrowing Known) {
    var (account, feature): (String, String?)
    switch event.signal {
    case .featureUsed(let use)?: (account, feature) = (use.account, use.feature)
    case .accountActive(let active)?: (account, feature) = (active.account, nil)
    default: return
    }
    account.withUTF8 { account in
      if var used = feature {
        used.withUTF8 {
          add(
            account: UnsafeRawBufferPointer(account), feature: UnsafeRawBufferPointer($0), at: event.at,
            storedAt: event.storedAt, offset: event.offset, isOutOfOrder: isOutOfOrder, to: known)
        }
      } else {
        add(
          account: UnsafeRawBufferPointer(account), feature: nil, at: event.at, storedAt: event.storedAt,
          offset: event.offset, isOutOfOrder: isOutOfOrder, to: known)
      }
    }
  }
}
