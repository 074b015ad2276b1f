import JSON
public import Contract
public import LaunchModel
public import Messaging
import MetricsCore
public import ServiceKit
public import Storage

/// The metrics service, which owns plans and their seals, counts signals exactly, and announces verdicts.
public struct MetricsService: DomainService {
  public static let name = ServiceName.metrics
  public static let migrations = MetricsSchema.migrations
  public static let auditedTables = MetricsAudit.tables
  /// The pace of the consumer: each event takes microseconds, but each transaction a disk flush, so batches are large.
  public static let pace = ConsumerPace(batch: 1_024, transaction: 16_384)

  private let environment: ServiceEnvironment
  private let memory = AdoptionMemory()
  private let backfill: Backfill
  private let feeds = FeedJudge()

  public init(_ environment: ServiceEnvironment) async throws {
    self.environment = environment
    backfill = Backfill(environment: environment, memory: memory)
  }

  public func register(on calls: inout ServiceRouter) {
    let check = MeasurabilityCheck(memory: memory, feeds: feeds)
    PlanHandlers(measurability: check).register(on: &calls)
    MeasurabilityHandlers(check: check).register(on: &calls)
    VerdictHandlers(backfill: backfill, memory: memory).register(on: &calls)
    FeedHandlers(judge: feeds).register(on: &calls)
    CalibrationHandlers().register(on: &calls)
    DefaultsHandlers().register(on: &calls)
  }

  public func register(on events: inout EventRouter) { MetricsEventHandlers(memory: memory).register(on: &events) }

  public var jobs: [Job] {
    let backfill = backfill
    let verdicts = VerdictJob(environment: environment, backfill: backfill, memory: memory)
    let silences = FeedJob(environment: environment, judge: feeds)
    let tiers = TierSearch(environment: environment)
    return [
      Job("backfill", every: .milliseconds(500)) { _ in try await backfill.run() },
      Job("feeds", every: .seconds(2)) { _ in try await silences.run() },
      Job("old hours of feeds", every: .seconds(3_600)) { _ in try await silences.prune() },
      Job("tiers of earlier launches", every: .seconds(5)) { _ in try await tiers.run() },
      Job("verdicts", every: .seconds(1)) { _ in try await verdicts.run() },
      Job("discarded projections", every: .seconds(5)) { environment in
        while try await environment.database.write({ try ProjectionRepository($0).clear(10_000) }) {}
      },
    ]
  }

  public func started(_ environment: ServiceEnvironment) async throws {
    // After an update, projections may have new definitions.
    try await environment.change { try ProjectionCatalog($0.db).reconcileAll() }
  }

  public func contradiction(
    to links: [AuditLink], of launch: String, _ transaction: any Transaction
  ) throws -> BrokenLink? {
    guard let launch = LaunchID(launch) else { return nil }
    return try SealCheck(transaction).contradiction(to: links, of: launch)
  }
}
