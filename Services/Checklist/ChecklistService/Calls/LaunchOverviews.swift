import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage
import Synchronization

/// What lists over all launches show of one launch on one day.
struct LaunchOverview: Sendable {
  /// The launch and a moment of the day.
  private struct Hypercare: Sendable {
    var checklist: LaunchChecklist
    var moment: LaunchMoment
  }

  /// What its items ask for.
  let tasks: LaunchTasks
  /// What changes its forecast; see `ForecastSession.key`.
  let forecastKey: Int
  private let readiness: ReadinessView
  /// Nil unless it is one of the days of its hypercare, of which the moment decides what is shown.
  private let hypercare: Hypercare?

  /// The launch's id.
  var launch: LaunchID { readiness.launch }
  /// The planned local date.
  var date: LocalDate { readiness.date }

  init(_ state: LaunchState, at moment: LaunchMoment) {
    readiness = state.checklist.readiness(at: moment, isExposed: state.isExposed)
    hypercare = readiness.hypercare == nil ? nil : Hypercare(checklist: state.checklist, moment: moment)
    tasks = LaunchTasks(of: state.checklist, at: moment)
    forecastKey = ForecastSession.key(of: state, as: readiness, at: moment)
  }

  /// Its readiness at a moment of the day, without the forecast.
  ///
  /// - Parameter halt: the halt that stands; nil if there is none.
  func view(at now: Timestamp, halt: Halt?) -> ReadinessView {
    var view = readiness
    if let hypercare {
      var moment = hypercare.moment
      moment.now = now
      view.hypercare = hypercare.checklist.hypercareSummary(at: moment)
    }
    return view.halted(by: halt?.closes(launch) == true ? halt : nil)
  }
}

/// The overviews of running launches, in memory.
///
/// An overview holds as long as what it follows from: the launch, known by the last link of its audit chain, which
/// every change of it extends in the same transaction; the launch's day; the roster and the calendars; and the double
/// bookings that are reasons against its GO. All of this is read again for each answer, in one transaction with the
/// launches that changed, so that no answer is older than the store.
final class OverviewCache: Sendable {
  /// How many launches one transaction reads, so that others do not wait long for the store.
  private static let slice = 16
  /// In how many transactions at most all launches are read.
  private static let mostSlices = 128

  private struct Key: Hashable {
    /// The hash of the last link of the launch's chain.
    var head: String
    var today: LocalDate
    /// Counts the changes of the roster and the calendars.
    var generation: Int
    var bookings: [LaunchConflict]
  }

  private struct State {
    var roster: Roster?
    var calendars: CalendarSet?
    var generation = 0
    /// A nil overview is that of a closed launch.
    var overviews: [LaunchID: (key: Key, overview: LaunchOverview?)] = [:]
  }

  /// What a transaction reads apart from the launches.
  private struct Circumstances {
    var now: Timestamp
    var roster: Roster?
    var calendars: CalendarSet
    var bookings: [LaunchID: [LaunchConflict]]
    var generation: Int
  }

  private let state = Mutex(State())

  /// Answers from the overviews of all launches that are running and not closed, by date.
  ///
  /// What is not in memory is read first, in transactions of their own; the last one answers.
  func read<R: Sendable>(
    _ context: ChecklistContext, at now: Timestamp,
    _ body: @escaping @Sendable ([LaunchOverview], any Transaction) throws -> R
  ) async throws -> R {
    // So many more transactions; launches that change meanwhile cannot prolong it indefinitely.
    var left: Int?
    while true {
      let isLast = left.map { $0 <= 0 } ?? false
      let (answer, missing) = try await context.environment.database.read { [self] db -> (R?, Int) in
        let (found, missing) = try overviews(context, at: now, readingAll: isLast, db)
        guard missing == 0 else { return (nil, missing) }
        return (try body(found, db), 0)
      }
      if let answer { return answer }
      left = left.map { $0 - 1 } ?? missing / Self.slice + 1
    }
  }

  /// The overviews by date, and how many are missing because not all were read.
  private func overviews(
    _ context: ChecklistContext, at now: Timestamp, readingAll: Bool, _ db: any Transaction
  ) throws -> ([LaunchOverview], missing: Int) {
    let circumstances = try self.circumstances(context, at: now, db)
    let launches = try LaunchRepository(db: db).listed(at: now)
    forget(except: launches)
    let most = readingAll ? launches.count : max(Self.slice, launches.count / Self.mostSlices)
    var found: [LaunchOverview] = []
    var (read, missing) = (0, 0)
    for launch in launches {
      let key = launch.head.map { head in
        Key(
          head: head, today: launch.today, generation: circumstances.generation,
          bookings: circumstances.bookings[launch.launch] ?? [])
      }
      if let key, let overview = held(launch.launch, key) {
        if let overview { found.append(overview) }
      } else if read < most {
        read += 1
        let overview = try load(launch.launch, context, circumstances, db)
        if let key { save(overview, of: launch.launch, key) }
        if let overview { found.append(overview) }
      } else {
        missing += 1
      }
    }
    return (found.sorted { ($0.date, $0.launch) < ($1.date, $1.launch) }, missing)
  }

  private func circumstances(
    _ context: ChecklistContext, at now: Timestamp, _ db: any Transaction
  ) throws -> Circumstances {
    let (roster, calendars) = (context.environment.roster, try context.calendars.all(db))
    let generation = state.withLock { state in
      if state.calendars != calendars || state.roster != roster {
        state = State(
          roster: roster, calendars: calendars, generation: state.generation + 1,
          overviews: state.overviews.filter { $0.value.overview == nil })
      }
      return state.generation
    }
    return Circumstances(
      now: now, roster: roster, calendars: calendars, bookings: try BookingRepository(db: db).reasonsByLaunch(),
      generation: generation)
  }

  private func load(
    _ launch: LaunchID, _ context: ChecklistContext, _ circumstances: Circumstances, _ db: any Transaction
  ) throws -> LaunchOverview? {
    let launches = LaunchRepository(db: db)
    // Closed launches become many, and are not loaded with their items.
    guard try launches.record(of: launch)?.status != .closed, var state = try launches.load(launch),
      state.checklist.isRunning
    else { return nil }
    state.checklist.bookings = circumstances.bookings[launch] ?? []
    var moment = try context.moment(
      of: state.checklist.record.plan, at: circumstances.now, in: circumstances.calendars)
    moment.roster = circumstances.roster
    return LaunchOverview(state, at: moment)
  }

  /// The overview if it still holds; the outer nil if there is none. A closed launch is so on every day.
  private func held(_ launch: LaunchID, _ key: Key) -> LaunchOverview?? {
    state.withLock { state in
      guard let held = state.overviews[launch], held.key.head == key.head, held.overview == nil || held.key == key
      else { return nil }
      return .some(held.overview)
    }
  }

  private func save(_ overview: LaunchOverview?, of launch: LaunchID, _ key: Key) {
    state.withLock { $0.overviews[launch] = (key, overview) }
  }

  /// Forgets launches that are not running any more.
  private func forget(except launches: [ListedLaunch]) {
    state.withLock { state in
      guard state.overviews.count > launches.count else { return }
      let running = Set(launches.map(\.launch))
      state.overviews = state.overviews.filter { running.contains($0.key) }
    }
  }
}
