public import LaunchModel
public import Messaging
public import ServiceKit
public import Storage

/// The review service, which owns day-30 reviews, their actions and learnings (product.md, section 5).
public struct ReviewService: DomainService {
  public static let name = ServiceName.review
  public static let migrations: [Migration] = ReviewSchema.migrations

  public init(_ environment: ServiceEnvironment) async throws {}

  public func register(on router: inout ServiceRouter) {
    ReviewHandlers.register(on: &router)
    ClosingHandlers.register(on: &router)
    ActionHandlers.register(on: &router)
    LearningHandlers.register(on: &router)
  }

  public var subscriptions: [String] { ReviewEffects.subscriptions }

  public func apply(_ event: StoredEvent, _ transaction: ServiceTransaction) throws {
    try ReviewEffects(event, transaction).apply()
  }

  public var jobs: [Job] { [CalendarJob.job, ReviewOpeningJob.job, ActionReminderJob.job] }
}
