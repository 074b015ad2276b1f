import Contract
import Documents
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
    ItemHandlers(context: context).register(on: &router)
    PreviewHandlers(context: context).register(on: &router)
    ReadinessHandlers(context: context).register(on: &router)
    DecisionHandlers(context: context).register(on: &router)
    BookingHandlers().register(on: &router)
    ExposureHandlers(context: context).register(on: &router)
    TemplateHandlers(context: context).register(on: &router)
    RosterHandlers(context: context).register(on: &router)
  }

  public var subscriptions: [String] { ChecklistEvents.subscriptions }

  public func apply(_ event: StoredEvent, _ transaction: ServiceTransaction) throws {
    try ChecklistEvents(event, transaction, context).apply()
  }

  public var jobs: [Job] { ChecklistJobs(context: context).all }

  /// Adopts, where nothing was adopted yet, the built-in template and the configured roster; and keeps what the launches book whose
  /// rows are from before that was kept.
  public func started(_ environment: ServiceEnvironment) async throws {
    try await InitialDocuments(environment: environment).adopt()
    guard try await !environment.database.read({ try BookingRepository(db: $0).missing() }).isEmpty else { return }
    try await environment.change { tx in
      for launch in try BookingRepository(db: tx.db).missing() {
        if let state = try LaunchRepository(db: tx.db).load(launch) { try BookingRepository(db: tx.db).save(state) }
      }
    }
  }
}

/// The documents that a new installation starts from.
struct InitialDocuments {
  let environment: ServiceEnvironment

  /// Adopts the built-in template and, where `people.yaml` is in the configuration, the roster, unless there are any.
  ///
  /// - Throws: `StartError` where `people.yaml` has faults, each with its line: without a roster everybody could do
  ///   everything.
  func adopt() async throws {
    let file =
      environment.roster == nil ? try await ConfiguredDocument.load("people.yaml", in: environment.settings) : nil
    let roster = try file?.read { try Roster(reading: $0.value) }
    try await environment.change { tx in
      if try TemplateRepository(db: tx.db).load() == nil {
        _ = try TemplateChanges(tx: tx).adopt(try BuiltIn.checklistTemplate(), reason: "the built-in template")
      }
      if let roster, try RosterHistory(db: tx.db).current().rosterVersion == 0 {
        _ = try RosterChange(tx: tx).adopt(roster)
      }
    }
  }
}
