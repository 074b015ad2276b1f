public import LaunchModel
public import Messaging
public import ServiceKit
public import Storage

/// Owns templates, items, approvals, polls, decisions, exposure and the roster.
public struct ChecklistService: DomainService {
  public static let name = ServiceName.checklist
  public static let migrations = ChecklistSchema.migrations

  private let context: ChecklistContext

  public init(_ environment: ServiceEnvironment) async throws { context = ChecklistContext(environment) }

  public func register(on router: inout ServiceRouter) {
    ItemCalls(context: context).register(on: &router)
    PreviewCalls(context: context).register(on: &router)
    ReadinessCalls(context: context).register(on: &router)
    DecisionCalls(context: context).register(on: &router)
    BookingCalls().register(on: &router)
    ExposureCalls(context: context).register(on: &router)
    TemplateCalls(context: context).register(on: &router)
    RosterCalls(context: context).register(on: &router)
  }

  public var subscriptions: [String] { ChecklistEvents.subscriptions }

  public func apply(_ event: StoredEvent, _ transaction: ServiceTransaction) throws {
    try ChecklistEvents(event, transaction, context).apply()
  }

  public var sweeps: [Sweep] { ChecklistSweeps(context: context).all }

  /// Adopts, where nothing was adopted yet, the built-in template and the configured roster; and keeps what the launches book whose
  /// rows are from before that was kept.
  public func started(_ environment: ServiceEnvironment) async throws {
    try await FirstDocuments(environment: environment).adopt()
    guard try await !environment.database.read({ try BookingTable(db: $0).missing() }).isEmpty else { return }
    try await environment.change { tx in
      for launch in try BookingTable(db: tx.db).missing() {
        if let state = try LaunchTable(db: tx.db).load(launch) { try BookingTable(db: tx.db).save(state) }
      }
    }
  }
}
