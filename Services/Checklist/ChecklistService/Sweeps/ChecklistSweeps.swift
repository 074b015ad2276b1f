import ChecklistCore
import LaunchModel
import ServiceKit
import Storage

/// What has become due without anybody doing anything.
struct ChecklistSweeps: Sendable {
  let context: ChecklistContext

  var all: [Sweep] {
    [
      Sweep("stale-decisions", every: .milliseconds(500)) { _ in try await markStale() },
      Sweep("due-decisions", every: .milliseconds(500)) { _ in try await decide() },
      Sweep("remind-of-items", every: .seconds(2)) { _ in try await remind() },
    ]
  }

  /// Looks at each standing GO once on every local day of its launch: a waiver may have ended.
  private func markStale() async throws {
    let now = context.environment.clock.now()
    let watched = try await context.environment.database.read { try LaunchTable(db: $0).watched() }
    for launch in watched where try ZoneRules(launch.timeZone).localDate(at: now) > launch.checkedOn {
      try await context.environment.change { tx in
        try context.change(tx).perform(launch.launch) { _, _ in [] }
      }
    }
  }

  /// Gives each launch of tier 3 its GO once both its items are done; asks its owner first, as for every decision.
  ///
  /// - Throws: what kept the last of those that could not be decided from it; the others are.
  private func decide() async throws {
    let due = try await context.environment.database.read { try LaunchTable(db: $0).dueDecisions() }
    var failure: Problem?
    for launch in due {
      do {
        let answer = try await OwnersAnswer.ask(launch, context, until: .now + OwnersAnswer.patience)
        try await DueDecision(context: context).make(launch, answer)
      } catch let problem as Problem {
        failure = problem
      }
    }
    if let failure { throw failure }
  }

  /// Tells the people of items what is due, overdue or waived no longer, each once.
  private func remind() async throws {
    let now = context.environment.clock.now()
    // A day ahead, because it is tomorrow already in some zone.
    let latest = ZoneRules.utc.localDate(at: now).adding(days: 1)
    let due = try await context.environment.database.read { try ReminderTable(db: $0).due(by: latest) }
    for launch in due where try launch.day.map({ $0 <= (try ZoneRules(launch.timeZone).localDate(at: now)) }) ?? true {
      try await context.environment.change { try ItemReminding(tx: $0, context: context).remind(launch.launch) }
    }
  }
}
