import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// The dated work of the checklist: decisions that go stale, automatic GOs, and reminders of items and approvals; and
/// what is kept in memory, so that lists over all launches are fast after a start and after midnight.
struct ChecklistJobs: Sendable {
  let context: ChecklistContext

  var all: [Job] {
    [
      Job("stale-decisions", every: .milliseconds(500)) { _ in try await markStale() },
      Job("due-decisions", every: .milliseconds(500)) { _ in try await decide() },
      Job("remind-of-items", every: .seconds(2)) { _ in try await remind() },
      Job("remind-of-approvals", every: .seconds(2)) { _ in try await remindOfApprovals() },
      Job("read-launches", every: .seconds(5)) { _ in try await readLaunches() },
      Job("forecast-launches", every: .seconds(1)) { _ in try await forecast() },
    ]
  }

  /// Checks each current GO once per local day of its launch, because a waiver may have expired.
  private func markStale() async throws {
    let now = context.environment.clock.now()
    let watched = try await context.environment.database.read { try LaunchRepository(db: $0).watched() }
    for launch in watched where try ZoneRules(launch.timeZone).localDate(at: now) > launch.checkedOn {
      try await context.environment.change { tx in
        try context.change(tx).perform(launch.launch) { _, _ in [] }
      }
    }
  }

  /// Gives each tier 3 launch its GO once both its items are done; like every decision, it is based on the
  /// authoritative state.
  ///
  /// - Throws: the problem of the last launch that could not be decided, after all have been tried.
  private func decide() async throws {
    let due = try await context.environment.database.read { db in
      let halt = try HaltRepository(db: db).standing()
      return try LaunchRepository(db: db).dueDecisions().filter { halt?.closes($0) != true }
    }
    var failure: Problem?
    for launch in due {
      do {
        let authoritative = try await AuthoritativeState.ask(launch, context, until: .now + AuthoritativeState.timeout)
        try await DueDecision(context: context).make(launch, authoritative)
      } catch let problem as Problem {
        failure = problem
      }
    }
    if let failure { throw failure }
  }

  /// Sends reminders of items that are due or overdue, or whose waiver expires, each once.
  private func remind() async throws {
    let now = context.environment.clock.now()
    // Looks one day ahead, because it is already the next day in some time zones.
    let latest = ZoneRules.utc.localDate(at: now).adding(days: 1)
    let due = try await context.environment.database.read { try ReminderRepository(db: $0).due(by: latest) }
    for launch in due where try launch.day.map({ $0 <= (try ZoneRules(launch.timeZone).localDate(at: now)) }) ?? true {
      try await context.environment.change { try ItemReminderJob(tx: $0, context: context).remind(launch.launch) }
    }
  }

  /// Reads the launches that changed, or whose day did.
  private func readLaunches() async throws {
    try await context.overviews.read(context, at: context.environment.clock.now()) { _, _ in }
  }

  /// Makes forecasts that a board lacked, each in a read of its own.
  private func forecast() async throws {
    guard context.forecasts.isWanted else { return }
    let now = context.environment.clock.now()
    for _ in 0..<ForecastCache.mostPerPass {
      let isMade = try await context.overviews.read(context, at: now) { [context] overviews, db in
        var forecasts = try context.forecasts.session(db, context, at: now)
        return try forecasts.makeFirst(of: overviews)
      }
      guard isMade else {
        context.forecasts.isWanted = false
        return
      }
    }
  }

  /// Sends the notices to groups that have not responded in time, which every change of a launch does as well.
  private func remindOfApprovals() async throws {
    let now = context.environment.clock.now()
    let due = try await context.environment.database.read { try ReminderRepository(db: $0).dueApprovals(by: now) }
    for launch in due {
      try await context.environment.change { tx in try context.change(tx).perform(launch) { _, _ in [] } }
    }
  }
}

/// Announces the due reminders of a launch's items and marks them as sent.
struct ItemReminderJob {
  let tx: ServiceTransaction
  let context: ChecklistContext

  func remind(_ launch: LaunchID) throws {
    guard let checklist = try LaunchRepository(db: tx.db).load(launch)?.checklist else { return }
    let moment = try context.moment(of: checklist.record.plan, at: tx.now, tx.db)
    let reminders = ReminderRepository(db: tx.db)
    for reminder in try reminders.unsent(checklist.reminders(at: moment), of: launch) {
      // Stored before the announcement, so that the announcement's audit link covers it.
      try reminders.markSent(reminder.key(of: launch), of: launch)
      try tx.announce(
        Self.type(of: reminder.kind), launch: launch.rawValue, version: checklist.record.version,
        Notice(
          key: reminder.key(of: launch), people: reminder.people, functions: reminder.functions, text: reminder.text))
    }
    try reminders.schedule(checklist, at: moment)
  }

  private static func type(of kind: ItemReminder.Kind) -> EventType<Notice> {
    switch kind {
    case .due: Announcements.noticeDue
    case .overdue: Announcements.noticeOverdue
    case .waiverExpiring: Announcements.noticeWaiverExpiring
    }
  }
}
