import Contract
import LaunchModel
import Logging
import ReviewCore
import ServiceKit
import Storage

/// Opens all reviews that are due, no matter how long ago they became due.
enum ReviewOpeningJob {
  static let job = Job("open-reviews", every: .milliseconds(500)) { try await openDue($0) }

  static func openDue(_ environment: ServiceEnvironment) async throws {
    let now = environment.clock.now()
    let due = try await environment.database.read { try ReviewRepository(db: $0).due(at: now) }
    for review in due { try await environment.change { try open(review.launch, review.attempt, $0) } }
  }

  /// Opens a review if it is still due; a corrected exposure may have moved it since the query.
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
        text: "the review of \(record.plan.name) is open: look at the results and explain the gaps"))
  }
}

/// Fetches the calendars that scheduled reviews depend on from tiering, which owns them.
enum CalendarJob {
  /// The maximum age of a fetched calendar, in days by the service's clock.
  static let maximumAge = 1

  static let job = Job("ask-for-calendars", every: .seconds(5)) { try await refresh($0) }

  static func refresh(_ environment: ServiceEnvironment) async throws {
    let oldest = environment.clock.now().adding(days: -maximumAge)
    let keys = try await environment.database.read { try KnownCalendarRepository(db: $0).outdatedKeys(since: oldest) }
    for key in keys.sorted() {
      let calendar = try await calendar(key, environment)
      try await environment.change { try save(calendar, key: key, $0) }
    }
  }

  /// Fetches a calendar from tiering; returns Monday to Friday if tiering does not know it.
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

  private static func save(_ calendar: BusinessCalendar, key: String, _ tx: ServiceTransaction) throws {
    try KnownCalendarRepository(db: tx.db).save(calendar, key: key, at: tx.now)
    for launch in Set(try ReviewRepository(db: tx.db).all().filter { $0.state == .scheduled }.map(\.launch)) {
      try ReviewRepository(db: tx.db).schedule(launch)
    }
  }
}
