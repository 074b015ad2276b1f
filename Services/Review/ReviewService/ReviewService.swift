public import LaunchModel
public import ServiceKit
public import Storage

/// The review service, which owns day-30 reviews, their actions and learnings (product.md, section 5).
public struct ReviewService: DomainService {
  public static let name = ServiceName.review
  public static let migrations: [Migration] = ReviewSchema.migrations
  public static let auditedTables: [AuditedTable] = ReviewAudit.tables

  public init(_ environment: ServiceEnvironment) async throws {}

  public func register(on calls: inout ServiceRouter) {
    ReviewHandlers.register(on: &calls)
    ClosingHandlers.register(on: &calls)
    ActionHandlers.register(on: &calls)
    LearningHandlers.register(on: &calls)
    TopicHandlers.register(on: &calls)
  }

  public func register(on events: inout EventRouter) { ReviewEventHandlers().register(on: &events) }

  public var jobs: [Job] {
    [CalendarJob.job, ReviewOpeningJob.job, ActionReminderJob.job, TextReading.job, SpikeJob.job]
  }

  public func started(_ environment: ServiceEnvironment) async throws {
    try await TextReading(environment: environment).begin()
  }
}
