import Contract
import LaunchModel
import Logging
import ReviewCore
import ServiceKit
import Storage

/// Opens the reviews whose time has come, however late it looks.
enum ReviewOpeningJob {
  static let sweep = Job("open-reviews", every: .milliseconds(500)) { try await openDue($0) }

  static func openDue(_ environment: ServiceEnvironment) async throws {
    let now = environment.clock.now()
    let due = try await environment.database.read { try ReviewRepository(db: $0).due(at: now) }
    for review in due { try await environment.change { try open(review.launch, review.attempt, $0) } }
  }

  /// Looks again in the transaction: an exposure may have been restated meanwhile.
  private static func open(_ launch: LaunchID, _ attempt: Int, _ tx: ServiceTransaction) throws {
    let reviews = ReviewRepository(db: tx.db)
    guard let review = try reviews.review(launch, attempt), review.state == .scheduled, review.opensAt <= tx.now,
      let record = try LaunchRepository(db: tx.db).launch(launch), record.tier.isMeasured
    else { return }
    try reviews.open(review, at: tx.now)
    try tx.announce(
      Announcements.reviewOpened, launch: launch.rawValue, version: review.version + 1,
      ReviewAnnounced(attempt: attempt))
    try tx.announce(
      Announcements.noticeReviewOpen, launch: launch.rawValue, version: review.version + 1,
      Notice(
        key: "reviewopen/\(launch)/\(attempt)", people: [record.plan.owner], functions: ReviewSchedule.invited,
        text: "the review of \(record.plan.name) is open: see what came of it, and say what explains it"))
  }
}

/// Reminds owners of actions that are due, for as long as they are open.
enum ActionReminderJob {
  static let sweep = Job("remind-of-actions", every: .seconds(2)) { try await remind($0) }

  static func remind(_ environment: ServiceEnvironment) async throws {
    // A day ahead, because it is tomorrow already in some zone.
    let latest = ZoneRules.utc.localDate(at: environment.clock.now()).adding(days: 1)
    let due = try await environment.database.read { try ActionRepository(db: $0).due(by: latest) }
    for action in due { try await environment.change { try remind(of: action.id, $0) } }
  }

  private static func remind(of id: String, _ tx: ServiceTransaction) throws {
    let actions = ActionRepository(db: tx.db)
    var action = try actions.required(id)
    guard action.state == .open, let due = action.due,
      let launch = try LaunchRepository(db: tx.db).launch(action.launch)
    else { return }
    let today = try ZoneRules(launch.plan.timeZone).localDate(at: tx.now)
    guard let date = ActionReminder.date(due: due, today: today, last: action.remindedOn) else { return }
    action.remindedOn = date
    try actions.update(action)
    let review = try ReviewRepository(db: tx.db).review(action.launch, action.attempt)
    try tx.announce(
      Announcements.noticeActionDue, launch: action.launch.rawValue, version: review?.version ?? 1,
      Notice(
        key: "actiondue/\(id)/\(date)", people: action.owner.map { [$0] } ?? [],
        functions: action.owner == nil ? [.productOps] : [],
        text: "\(id) is \(due < today ? "overdue since" : "due on") \(due): \(action.text)"))
  }
}

/// Asks tiering for the calendars that scheduled reviews open by: it owns them, and they change.
enum CalendarJob {
  /// How old an answer may be, by the service's clock, in days.
  static let maximumAge = 1

  static let sweep = Job("ask-for-calendars", every: .seconds(5)) { try await refresh($0) }

  static func refresh(_ environment: ServiceEnvironment) async throws {
    let oldest = environment.clock.now().adding(days: -maximumAge)
    let keys = try await environment.database.read { try KnownCalendarRepository(db: $0).keysToAsk(since: oldest) }
    for key in keys.sorted() {
      let calendar = try await calendar(key, environment)
      try await environment.change { try keep(calendar, key: key, $0) }
    }
  }

  /// Monday to Friday stands in for a calendar that nobody knows.
  private static func calendar(_ key: String, _ environment: ServiceEnvironment) async throws -> BusinessCalendar {
    do {
      let view = try await environment.clients(for: .tiering).call(
        TieringRoutes.showCalendar, CalendarReference(calendar: key))
      return BusinessCalendar(
        weekend: Set(view.weekend.compactMap(Weekday.init(rawValue:))),
        holidays: Set(view.holidays.keys.compactMap { LocalDate($0) }))
    } catch let problem as Problem where problem.kind == .notFound {
      return .standard
    }
  }

  private static func keep(_ calendar: BusinessCalendar, key: String, _ tx: ServiceTransaction) throws {
    try KnownCalendarRepository(db: tx.db).keep(calendar, key: key, at: tx.now)
    for launch in Set(try ReviewRepository(db: tx.db).all().filter { $0.state == .scheduled }.map(\.launch)) {
      try ReviewRepository(db: tx.db).schedule(launch)
    }
  }
}
