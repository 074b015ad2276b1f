import Documents
import JSON
public import LaunchModel
public import Messaging
public import ServiceKit
public import Storage

/// Launches: their record, facts, tier, date and status; the policy; calendars (product.md, section 1).
public struct TieringService: DomainService {
  public static let name = ServiceName.tiering
  public static let migrations: [Migration] = TieringSchema.migrations

  private let documents: TieringDocuments

  public init(_ environment: ServiceEnvironment) async throws { documents = try TieringDocuments() }

  public func register(on router: inout ServiceRouter) {
    LaunchCalls(documents: documents).register(on: &router)
    LaunchChangeCalls(documents: documents).register(on: &router)
    PreviewCalls(documents: documents).register(on: &router)
    CalendarCalls(documents: documents).register(on: &router)
    ConflictCalls().register(on: &router)
    BlackoutCalls().register(on: &router)
    PolicyCalls().register(on: &router)
  }

  public var subscriptions: [String] { TieringEffects.subscriptions }

  public func apply(_ event: StoredEvent, _ transaction: ServiceTransaction) throws {
    try TieringEffects(event, transaction, documents).apply()
  }

  public var sweeps: [Sweep] { [StatusSweep.sweep] }

  /// Adopts the policy and the calendars of the configuration, or the policy that ships, where there are none yet.
  public func started(_ environment: ServiceEnvironment) async throws {
    try await FirstDocuments(environment: environment, documents: documents).adopt()
  }
}
