import ChecklistCore
import LaunchModel
import ServiceKit
import Storage

/// What every call, event and sweep of the checklist has around it: the calendars and the roster.
struct ChecklistContext: Sendable {
  let environment: ServiceEnvironment
  let calendars = CalendarShelf()

  init(_ environment: ServiceEnvironment) { self.environment = environment }

  /// A moment as a launch of that plan sees it.
  func moment(of plan: LaunchPlan, at now: Timestamp, _ db: any Transaction) throws -> LaunchMoment {
    try moment(of: plan, at: now, in: try calendars.book(db))
  }

  /// A moment as a launch of that plan sees it, where the calendars are at hand.
  func moment(of plan: LaunchPlan, at now: Timestamp, in book: CalendarBook) throws(Problem) -> LaunchMoment {
    LaunchMoment(
      now: now, zone: try ZoneRules(plan.timeZone), calendars: LaunchCalendars(of: plan, from: book),
      roster: environment.roster)
  }

  /// A change of one launch in a transaction.
  func change(_ tx: ServiceTransaction) -> LaunchChange { LaunchChange(tx: tx, context: self) }

  /// Reads a launch as it is, or as it was at a moment, and what that moment is to it.
  func read<R: Sendable>(
    _ launch: LaunchID, asOf: Timestamp? = nil,
    _ body: @escaping @Sendable (LaunchState, LaunchMoment, LaunchTable) throws -> R
  ) async throws -> R {
    let now = environment.clock.now()
    return try await environment.database.read { db in
      let table = LaunchTable(db: db)
      let found = if let asOf { try table.load(launch, asOf: asOf) } else { try table.load(launch) }
      guard let state = found else { throw Problem.noLaunch(launch) }
      return try body(state, try moment(of: state.checklist.record.plan, at: asOf ?? now, db), table)
    }
  }
}
