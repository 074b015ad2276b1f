import Contract
import LaunchModel
import Messaging
import ServiceKit
import Storage
import Synchronization

/// Reads missing tiers from the bus's log: those of launches announced before tiers were stored.
final class TierSearch: Sendable {
  /// The maximum number of events in one fetch.
  private static let page = 1_024

  private let environment: ServiceEnvironment
  private let isDone = Mutex(false)

  init(environment: ServiceEnvironment) { self.environment = environment }

  /// Stores the tiers found in the log; runs once. Launches that are no longer in the log
  /// have no tier until they are announced again.
  func run() async throws {
    guard !isDone.withLock({ $0 }) else { return }
    try await search()
    isDone.withLock { $0 = true }
  }

  private func search() async throws {
    guard let offsets = try await environment.database.read({ try LaunchRepository($0).offsetsWithoutTier() }) else {
      return
    }
    var after = offsets.lowerBound - 1
    while after < offsets.upperBound {
      let fetched = try await environment.bus.fetch(
        after: after, types: Announcements.launchRecords.map(\.name), max: Self.page)
      let announced = fetched.events.filter { $0.offset <= offsets.upperBound }.compactMap(Self.announced)
      if !announced.isEmpty { try await store(announced) }
      let head = max(fetched.head, fetched.events.last?.offset ?? 0)
      guard head > after else { return }
      after = head
    }
  }

  private static func announced(_ stored: StoredEvent) -> LaunchRecord? {
    do throws(EventError) {
      let event = try stored.event()
      guard let type = Announcements.launchRecords.first(where: { $0.name == event.type }) else { return nil }
      return try event.announced(type).payload.record
    } catch {
      // The event is in quarantine and was never stored here.
      return nil
    }
  }

  private func store(_ records: [LaunchRecord]) async throws {
    try await environment.change { tx in
      for record in records where try LaunchRepository(tx.db).setMissingTier(of: record) {
        try tx.record(
          launch: record.plan.launch.rawValue, action: "launch.tier",
          detail: ["version": record.version, "tier": record.tier.rawValue])
        // Causes another evaluation, which stores a completed window's curve with the tier.
        try tx.db.execute("DELETE FROM evaluations WHERE launch = ?", [record.plan.launch])
      }
    }
  }
}
