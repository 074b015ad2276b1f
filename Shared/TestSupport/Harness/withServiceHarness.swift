public import LaunchModel
import Logging
public import ServiceKit
import Storage

/// Runs the body with a new service in its own folder, and stops the service afterwards.
///
/// - Parameters:
///   - engine: the store's engine.
///   - start: the clock's initial time.
///   - folder: the store's folder; nil for a new one. If reused, the service starts with the existing data.
///   - configuration: the folder with the initial documents of a new installation; nil for none.
///   - bus: the bus; nil for an empty one.
///   - peers: the stubs of the other services.
///   - isTampered: whether the body changes the store without the service; otherwise its chains are verified at the
/// end.
///   - announcementWait: how long a change waits until its events are on the bus; choose a short time if the bus is
/// unreachable.
@discardableResult
public func withServiceHarness<Service: DomainService, R: Sendable>(
  _ service: Service.Type, on engine: StorageEngine = .standard,
  at start: Timestamp = Timestamp(microseconds: 1_798_794_000_000_000), in folder: String? = nil,
  configuration: String? = nil, bus: MemoryBus? = nil, peers: StubPeers = StubPeers(),
  announcementWait: Duration = .testTimeout, isTampered: Bool = false,
  _ body: @Sendable (ServiceHarness<Service>) async throws -> R
) async throws -> R {
  guard let folder else {
    return try await engine.withFolder {
      try await withServiceHarness(
        service, on: engine, at: start, in: $0, configuration: configuration, bus: bus, peers: peers,
        announcementWait: announcementWait, isTampered: isTampered, body)
    }
  }
  let clock = ManualClock(start)
  let bus = bus ?? MemoryBus(clock: clock)
  let database = try await engine.open(in: folder)
  do {
    let environment = ServiceEnvironment(
      service: Service.name, database: database, clock: clock,
      settings: ServiceSettings(runFolder: folder, dataFolder: folder, configFolder: configuration), bus: bus,
      peers: peers,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let runtime = try await ServiceRuntime<Service>(environment: environment, announcementWait: announcementWait)
    let harness = ServiceHarness(runtime: runtime, clock: clock, bus: bus, peers: peers)
    let result = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await runtime.relayAnnouncements() }
      defer { group.cancelAll() }
      return try await body(harness)
    }
    if !isTampered { try await harness.requireIntactChains() }
    try await database.close()
    return result
  } catch {
    try await database.close()
    throw error
  }
}
