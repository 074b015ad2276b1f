import Contract
import Documents
public import LaunchModel
public import ServiceKit
public import Storage

/// The checklist service, which owns templates, items, approvals, polls, decisions, exposure and the roster.
public struct ChecklistService: DomainService {
  public static let name = ServiceName.checklist
  public static let migrations = ChecklistSchema.migrations
  public static let auditedTables = ChecklistAudit.tables

  private let context: ChecklistContext

  public init(_ environment: ServiceEnvironment) async throws { context = ChecklistContext(environment) }

  public func register(on calls: inout ServiceRouter) {
    ItemHandlers(context: context).register(on: &calls)
    MyItemHandlers(context: context).register(on: &calls)
    HoldingHandlers(context: context).register(on: &calls)
    PreviewHandlers(context: context).register(on: &calls)
    UpgradeHandlers(context: context).register(on: &calls)
    ReadinessHandlers(context: context).register(on: &calls)
    DecisionHandlers(context: context).register(on: &calls)
    GateHandlers(context: context).register(on: &calls)
    HaltHandlers().register(on: &calls)
    StatementHandlers(context: context).register(on: &calls)
    BookingHandlers().register(on: &calls)
    ExposureHandlers(context: context).register(on: &calls)
    HypercareHandlers(context: context).register(on: &calls)
    TemplateHandlers(context: context).register(on: &calls)
    TemplateRecordHandlers(context: context).register(on: &calls)
    RosterHandlers(context: context).register(on: &calls)
  }

  public func register(on events: inout EventRouter) {
    ChecklistEventHandlers(context: context).register(on: &events)
  }

  public var jobs: [Job] { ChecklistJobs(context: context).all }

  /// Adopts the built-in template and the configured roster if none was adopted yet, creates the signing key for
  /// statements, and stores the bookings of launches that are older than stored bookings.
  public func started(_ environment: ServiceEnvironment) async throws {
    try await InitialDocuments(environment: environment).adopt()
    try await environment.change { tx in try SigningKeyChange(tx: tx).makeFirst() }
    guard try await !environment.database.read({ try BookingRepository(db: $0).missing() }).isEmpty else { return }
    try await environment.change { tx in
      for launch in try BookingRepository(db: tx.db).missing() {
        if let state = try LaunchRepository(db: tx.db).load(launch) { try BookingRepository(db: tx.db).save(state) }
      }
    }
  }
}

/// The template and roster that a new installation starts with.
struct InitialDocuments {
  let environment: ServiceEnvironment

  /// Adopts the built-in template and, if the configuration has a `people.yaml`, the roster, unless already adopted.
  ///
  /// - Throws: `StartError` with the line of each error if `people.yaml` is invalid, because without a roster everybody
  ///   would have every right.
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
