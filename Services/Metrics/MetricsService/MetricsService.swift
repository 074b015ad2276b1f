import JSON
public import Contract
public import LaunchModel
public import Messaging
import MetricsCore
public import ServiceKit
public import Storage

/// Success metrics: plans and their seals, signals counted exactly from the bus, verdicts.
public struct MetricsService: DomainService {
  public static let name = ServiceName.metrics
  public static let migrations = MetricsSchema.migrations

  private let environment: ServiceEnvironment
  private let feed = ProjectionUpdater()
  private let backfill: Backfill

  public init(_ environment: ServiceEnvironment) async throws {
    self.environment = environment
    backfill = Backfill(environment: environment)
  }

  public func register(on router: inout ServiceRouter) {
    PlanHandlers().register(on: &router)
    VerdictHandlers(backfill: backfill).register(on: &router)
  }

  /// Everything: a custom metric may ask for any type.
  public var subscriptions: [String] { [""] }

  public func begin(_ transaction: ServiceTransaction) throws { try feed.begin(transaction) }

  public func apply(_ event: StoredEvent, _ transaction: ServiceTransaction) throws {
    feed.enter(event.offset)
    let content = try event.event()
    if Self.launchTypes.contains(content.type) {
      try keepLaunch(content, event, transaction)
    } else if Self.exposureTypes.contains(content.type) {
      try keepExposure(content, event, transaction)
    }
    if Self.isAnnouncement(content.type), !feed.readsDocument(content.type) { return }
    let observation = try MetricEvent(event, readsDocument: feed.readsDocument)
    if let evidence = LowVolumeSignal(observation) { try SignalRepository(transaction.db).keep(evidence) }
    feed.take(observation)
  }

  public func finish(_ transaction: ServiceTransaction) throws { try feed.finish(transaction) }

  public var jobs: [Job] {
    let backfill = backfill
    let verdicts = VerdictJob(environment: environment, backfill: backfill)
    return [
      Job("backfill", every: .milliseconds(500)) { _ in try await backfill.run() },
      Job("verdicts", every: .seconds(1)) { _ in try await verdicts.run() },
      Job("discarded projections", every: .seconds(5)) { environment in
        while try await environment.database.write({ try ProjectionRepository($0).clear(10_000) }) {}
      },
    ]
  }

  public func contradiction(
    to links: [AuditLink], of launch: String, _ transaction: any Transaction
  ) throws -> BrokenLink? {
    guard let launch = LaunchID(launch) else { return nil }
    return try SealCheck(transaction).contradiction(to: links, of: launch)
  }

  func refreshProjections(_ transaction: ServiceTransaction) throws { try feed.refresh(transaction) }

  /// Whether a service announced it: no signal, though a custom metric may ask for it.
  private static func isAnnouncement(_ type: String) -> Bool {
    type.hasPrefix(EventNamespace.own) && !type.hasPrefix(EventNamespace.signals)
  }
}
