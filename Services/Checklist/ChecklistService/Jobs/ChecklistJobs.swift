import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage

/// What has become due without anybody doing anything.
struct ChecklistJobs: Sendable {
  let context: ChecklistContext

  var all: [Job] {
    [
      Job("stale-decisions", every: .milliseconds(500)) { _ in try await markStale() },
      Job("due-decisions", every: .milliseconds(500)) { _ in try await decide() },
      Job("remind-of-items", every: .seconds(2)) { _ in try await remind() },
    ]
  }

  /// Looks at each standing GO once on every local day of its launch: a waiver may have ended.
  private func markStale() async throws {
    let now = context.environment.clock.now()
    let watched = try await context.environment.database.read { try LaunchRepository(db: $0).watched() }
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
    let due = try await context.environment.database.read { try LaunchRepository(db: $0).dueDecisions() }
    var failure: Problem?
    for launch in due {
      do {
        let answer = try await AuthoritativeState.ask(launch, context, until: .now + AuthoritativeState.patience)
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
    let due = try await context.environment.database.read { try ReminderRepository(db: $0).due(by: latest) }
    for launch in due where try launch.day.map({ $0 <= (try ZoneRules(launch.timeZone).localDate(at: now)) }) ?? true {
      try await context.environment.change { try ItemReminderJob(tx: $0, context: context).remind(launch.launch) }
    }
  }
}

/// Announces what there is to tell of a launch's items, and notes that it was told.
struct ItemReminderJob {
  let tx: ServiceTransaction
  let context: ChecklistContext

  func remind(_ launch: LaunchID) throws {
    guard let checklist = try LaunchRepository(db: tx.db).load(launch)?.checklist else { return }
    let moment = try context.moment(of: checklist.record.plan, at: tx.now, tx.db)
    let table = ReminderRepository(db: tx.db)
    for reminder in try table.unsent(checklist.reminders(at: moment), of: launch) {
      try tx.announce(
        Self.type(of: reminder.kind), launch: launch.rawValue, version: checklist.record.version,
        Notice(
          key: reminder.key(of: launch), people: reminder.people, functions: reminder.functions, text: reminder.text))
      try table.markSent(reminder, of: launch)
    }
    try table.schedule(checklist, at: moment)
  }

  private static func type(of kind: ItemReminder.Kind) -> EventType<Notice> {
    switch kind {
    case .due: Announcements.noticeDue
    case .overdue: Announcements.noticeOverdue
    case .waiverExpiring: Announcements.noticeWaiverExpiring
    }
  }
}

/// Which reminders of items were sent, and when launches are to be looked at for more.
struct ReminderRepository {
  let db: any Transaction

  /// A launch that there may be something to tell of.
  struct Due: Sendable {
    var launch: LaunchID
    var timeZone: String
    /// The local day from which on it is to be looked at.
    var day: LocalDate?
  }

  /// The launches that are to be looked at by a day, wherever they are; those from before reminders were kept among them.
  func due(by day: LocalDate) throws -> [Due] {
    try db.query(
      "SELECT launch, time_zone, remind_on FROM launches WHERE remind_on <= ? ORDER BY launch", [day]
    ).compactMap { row in
      guard let launch = LaunchID(try row.text("launch")) else { return nil }
      return Due(launch: launch, timeZone: try row.text("time_zone"), day: LocalDate(try row.text("remind_on")))
    }
  }

  /// Those that were not sent yet.
  func unsent(_ reminders: [ItemReminder], of launch: LaunchID) throws -> [ItemReminder] {
    guard !reminders.isEmpty else { return [] }
    let rows = try db.query("SELECT notice FROM reminders_sent WHERE launch = ?", [launch])
    let sent = Set(try rows.map { try $0.text("notice") })
    return reminders.filter { !sent.contains($0.key(of: launch)) }
  }

  func markSent(_ reminder: ItemReminder, of launch: LaunchID) throws {
    try db.execute(
      "INSERT INTO reminders_sent (launch, notice) VALUES (?, ?) ON CONFLICT (launch, notice) DO NOTHING",
      [launch, reminder.key(of: launch)])
  }

  /// Sets when the launch is to be looked at next: today where there is something to tell, else on the next day with more.
  func schedule(_ checklist: LaunchChecklist, at moment: LaunchMoment) throws {
    let isOwed = try !unsent(checklist.reminders(at: moment), of: checklist.launch).isEmpty
    let day: LocalDate? = isOwed ? moment.today : checklist.nextReminderDay(after: moment)
    let value: SQLValue = day.map { .text($0.description) } ?? .null
    try db.execute("UPDATE launches SET remind_on = ? WHERE launch = ?", [value, checklist.launch])
  }
}
