import Documents
import JSON
public import LaunchModel
public import ServiceKit
public import Storage
import TieringCore

/// The tiering service, which owns launches with their facts, tier, date and status, the policy
/// and the calendars (product.md, section 1).
public struct TieringService: DomainService {
  public static let name = ServiceName.tiering
  public static let migrations: [Migration] = TieringSchema.migrations
  public static let auditedTables: [AuditedTable] = TieringAudit.tables

  private let documents: TieringDocuments

  public init(_ environment: ServiceEnvironment) async throws { documents = try TieringDocuments() }

  public func register(on calls: inout ServiceRouter) {
    LaunchHandlers(documents: documents).register(on: &calls)
    LaunchChangeHandlers(documents: documents).register(on: &calls)
    PreviewHandlers(documents: documents).register(on: &calls)
    CalendarHandlers(documents: documents).register(on: &calls)
    ConflictHandlers().register(on: &calls)
    BlackoutHandlers().register(on: &calls)
    PolicyHandlers().register(on: &calls)
  }

  public func register(on events: inout EventRouter) {
    TieringEventHandlers(documents: documents).register(on: &events)
  }

  public var jobs: [Job] { [StatusJob.sweep, ReconfirmationJob.sweep] }

  /// Adopts the initial policy and calendars, and confirms the dates of launches stored before confirmations existed.
  public func started(_ environment: ServiceEnvironment) async throws {
    try await InitialDocuments(environment: environment, documents: documents).adopt()
    try await ReconfirmationUpgrade(environment: environment, documents: documents).confirm()
  }
}

/// The documents that assessments use: the adopted policy and template, or the built-in ones, and the calendars.
struct TieringDocuments: Sendable {
  private let builtInPolicy: TierPolicy
  private let builtInTemplate: ChecklistTemplate

  init() throws {
    builtInPolicy = try TierPolicy(reading: try BuiltIn.policyDocument())
    builtInTemplate = try BuiltIn.checklistTemplate()
  }
  /// The calendars that launches can refer to.
  let calendars = CalendarRepository()

  /// Creates an assessor with the adopted policy.
  ///
  /// - Parameter templateVersion: the version of the template that lead times come from; nil for the adopted one.
  func assessor(_ db: any Transaction, templateVersion: Int? = nil) throws -> LaunchAssessor {
    let repository = DocumentRepository(db: db)
    let calendarSet = try calendars.all(db)
    return LaunchAssessor(
      policy: try repository.currentPolicy() ?? builtInPolicy,
      template: try repository.template(version: templateVersion) ?? builtInTemplate,
      blackouts: try BlackoutRepository(db: db).all(), calendar: { calendarSet.calendar($0) ?? .standard })
  }
}

/// Updates launches whose status has changed by time alone, for example from live to measuring.
enum StatusJob {
  static let sweep = Job("launch-status", every: .seconds(1)) { environment in
    let now = environment.clock.now()
    let due = try await environment.database.read { try LaunchRepository(db: $0).due(until: now) }
    for launch in due {
      try await environment.change { tx in
        guard let row = try LaunchRepository(db: tx.db).find(launch) else { return }
        try LaunchWriter(tx).progress(row)
      }
    }
  }
}
