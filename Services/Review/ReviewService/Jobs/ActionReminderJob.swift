import Contract
import LaunchModel
import ReviewCore
import ServiceKit
import Storage

/// Reminds owners of due actions and escalates overdue ones, as long as these are open, even if their
/// review is closed or their launch cancelled.
enum ActionReminderJob {
  static let job = Job("remind-of-actions", every: .seconds(2)) { try await remind($0) }

  static func remind(_ environment: ServiceEnvironment) async throws {
    let (now, roster) = (environment.clock.now(), environment.roster)
    // Selects one day ahead, because some time zones are already on the next day.
    let latest = ZoneRules.utc.localDate(at: now).adding(days: 1)
    let due = try await environment.database.read { db in
      try ActionRepository(db: db).due(by: latest).filter { try DueNotices($0, at: now, roster, db) != nil }
    }
    for action in due { try await environment.change { try remind(of: action.id, roster, $0) } }
  }

  private static func remind(of id: String, _ roster: Roster?, _ tx: ServiceTransaction) throws {
    let actions = ActionRepository(db: tx.db)
    var action = try actions.required(id)
    guard let notices = try DueNotices(action, at: tx.now, roster, tx.db) else { return }
    action.remindedOn = notices.reminder ?? action.remindedOn
    action.escalatedOn = notices.escalation?.date ?? action.escalatedOn
    try actions.update(action)
    let version = try ReviewRepository(db: tx.db).review(action.launch, action.attempt)?.version ?? 1
    let launch = action.launch.rawValue
    if let date = notices.reminder {
      let notice = notices.reminder(of: action, on: date, roster)
      try tx.announce(Announcements.noticeActionDue, launch: launch, version: version, notice)
    }
    if let (date, audience) = notices.escalation {
      let notice = notices.escalation(of: action, on: date, to: audience)
      try tx.announce(Announcements.noticeActionOverdue, launch: launch, version: version, notice)
    }
  }
}

/// The notices that are due for an open action.
private struct DueNotices {
  let due: LocalDate
  let today: LocalDate
  /// The date of the reminder; nil if none is due.
  let reminder: LocalDate?
  /// The date and audience of the escalation; nil if none is due.
  let escalation: (date: LocalDate, audience: ActionAudience)?

  /// Returns nil if no notice is due.
  init?(_ action: ActionRow, at now: Timestamp, _ roster: Roster?, _ db: any Transaction) throws {
    guard action.state == .open, let due = action.due, let launch = try LaunchRepository(db: db).launch(action.launch)
    else { return nil }
    self.due = due
    today = try ZoneRules(launch.plan.timeZone).localDate(at: now)
    reminder = ActionReminder.date(due: due, today: today, last: action.remindedOn)
    let calendar = try KnownCalendarRepository(db: db).calendar(launch.plan.calendar) ?? .standard
    let date = ActionEscalation.date(due: due, today: today, last: action.escalatedOn, calendar: calendar)
    if let date, let audience = ActionAudience.escalation(owner: action.owner, roster: roster) {
      escalation = (date, audience)
    } else {
      escalation = nil
    }
    guard reminder != nil || escalation != nil else { return nil }
  }

  func reminder(of action: ActionRow, on date: LocalDate, _ roster: Roster?) -> Notice {
    let audience = ActionAudience.reminder(owner: action.owner, roster: roster)
    return Notice(
      key: "actiondue/\(action.id)/\(date)", people: audience.people, functions: audience.functions,
      text: "\(action.id) \(due < today ? "has been overdue since" : "is due on") \(due): \(action.text)")
  }

  func escalation(of action: ActionRow, on date: LocalDate, to audience: ActionAudience) -> Notice {
    Notice(
      key: "actionoverdue/\(action.id)/\(date)", people: audience.people, functions: audience.functions,
      text: "\(action.id) of \(action.owner ?? "nobody") has been overdue since \(due): \(action.text)")
  }
}
