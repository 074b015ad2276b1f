import ChecklistCore
import LaunchModel
import ServiceKit
import Storage

/// The GO that a launch of tier 3 gets by itself once both its items are done.
///
/// The gate makes it when it is asked, so that what was done a moment ago counts; a sweep makes it where nobody asks.
struct DueDecision {
  let context: ChecklistContext

  /// Makes the decision where it is due, with what the launch's owner answered just now.
  ///
  /// - Throws: `unavailable` where the checklist's copy is not what the owner has.
  func make(_ launch: LaunchID, _ answer: OwnersAnswer) async throws {
    guard try await context.environment.database.read({ try LaunchTable(db: $0).isDueDecision(launch) }) else { return }
    try await context.environment.change { tx in try make(launch, answer, tx) }
  }

  private func make(_ launch: LaunchID, _ answer: OwnersAnswer, _ tx: ServiceTransaction) throws {
    let table = LaunchTable(db: tx.db)
    guard let state = try table.load(launch) else { return }
    let moment = try context.moment(of: state.checklist.record.plan, at: tx.now, tx.db)
    guard state.decisions.isDueByItself(for: state.checklist, at: moment, isExposed: state.isExposed) else {
      return try table.setDueDecision(launch, false)
    }
    _ = try DecisionChange(change: context.change(tx)).make(
      DecisionRequest(launch: launch, decision: .go, reason: "its items are done, and tier 3 asks for no more"), answer,
      by: tx.actor)
  }
}
