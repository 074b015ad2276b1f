import ChecklistCore
import Contract
import LaunchModel
import ServiceKit
import Storage
import Synchronization

/// An in-memory cache of the forecasts of running launches and of the duration model that they use.
///
/// The model is learned from past launches once a day (UTC) and, while there are few past launches, whenever there is
/// another one. A forecast is made again if the launch, its local date or the model has changed. Nothing is stored:
/// after a restart everything is computed again.
final class ForecastCache: Sendable {
  /// How long one board may make forecasts, apart from the first one; a job makes the rest.
  static let timePerBoard = Duration.milliseconds(40)
  /// How many forecasts the job makes in one pass.
  static let mostPerPass = 10

  private struct State {
    var model: (key: ModelKey, model: DurationModel)?
    var forecasts: [LaunchID: (key: Int, forecast: ForecastView?)] = [:]
    /// Whether a board lacked some.
    var isWanted = false
  }

  private struct ModelKey: Hashable {
    var day: LocalDate
    /// The number of past launches, capped at `DurationModel.enough`, because further launches do not change the model
    /// until the next day.
    var launches: Int
  }

  private let state = Mutex(State())

  /// Whether a board lacked forecasts that were not made since.
  var isWanted: Bool {
    get { state.withLock { $0.isWanted } }
    set { state.withLock { $0.isWanted = newValue } }
  }

  /// The forecasts to be made in one read of the store.
  func session(_ db: any Transaction, _ context: ChecklistContext, at now: Timestamp) throws -> ForecastSession {
    let courses = CourseRepository(db: db, context: context)
    let key = ModelKey(
      day: ZoneRules.utc.localDate(at: now), launches: min(DurationModel.enough, try courses.count()))
    let kept = state.withLock { $0.model }
    let model =
      if let kept, kept.key == key { kept.model } else { try learn(courses.courses(at: now), key) }
    return ForecastSession(
      cache: self, context: context, courses: courses, calendars: try context.calendars.all(db), model: model, now: now)
  }

  private func learn(_ experience: TemplateExperience, _ key: ModelKey) -> DurationModel {
    let model = DurationModel(experience.launches.flatMap(\.durations))
    state.withLock { state in
      state.model = (key, model)
      state.forecasts = [:]
    }
    return model
  }

  /// Returns the cached forecast of a launch if it was made from the same facts; the outer optional is nil if it was
  /// not.
  fileprivate func forecast(of launch: LaunchID, key: Int) -> ForecastView?? {
    state.withLock { state in
      guard let kept = state.forecasts[launch], kept.key == key else { return nil }
      return .some(kept.forecast)
    }
  }

  fileprivate func save(_ forecast: ForecastView?, of launch: LaunchID, key: Int) {
    state.withLock { $0.forecasts[launch] = (key, forecast) }
  }
}

/// Makes forecasts within one read of the store.
struct ForecastSession {
  fileprivate let cache: ForecastCache
  fileprivate let context: ChecklistContext
  fileprivate let courses: CourseRepository
  fileprivate let calendars: CalendarSet
  fileprivate let model: DurationModel
  fileprivate let now: Timestamp
  private let began = ContinuousClock.now
  /// How many were made, and not found in the cache.
  private var made = 0

  fileprivate init(
    cache: ForecastCache, context: ChecklistContext, courses: CourseRepository, calendars: CalendarSet,
    model: DurationModel, now: Timestamp
  ) {
    self.cache = cache
    self.context = context
    self.courses = courses
    self.calendars = calendars
    self.model = model
    self.now = now
  }

  /// What changes the forecast of a launch: the launch, its day, and its functions as readiness shows them.
  ///
  /// - Parameter view: the launch's readiness. Its reasons do not count: of one launch they say more than on the board.
  static func key(of state: LaunchState, as view: ReadinessView, at moment: LaunchMoment) -> Int {
    // Versions instead of the items themselves, so that it is fast.
    var hasher = Hasher()
    hasher.combine(state.checklist.record.version)
    hasher.combine(state.checklist.record.status)
    hasher.combine(state.checklist.exposedSince)
    hasher.combine(state.checklist.templateVersion)
    hasher.combine(state.checklist.items.map(\.version))
    hasher.combine(view.functions)
    hasher.combine(moment.today)
    return hasher.finalize()
  }

  /// The launch's forecast; nil if it has none.
  mutating func forecast(
    of state: LaunchState, as view: ReadinessView, at moment: LaunchMoment
  ) throws -> ForecastView? {
    let key = Self.key(of: state, as: view, at: moment)
    if let kept = cache.forecast(of: view.launch, key: key) { return kept }
    return try make(state, at: moment, key)
  }

  /// A listed launch's forecast; nil if it has none, or if it would have to be made and the time for that is over.
  mutating func forecast(of overview: LaunchOverview) throws -> ForecastView? {
    if let kept = cache.forecast(of: overview.launch, key: overview.forecastKey) { return kept }
    guard made == 0 || ContinuousClock.now - began < ForecastCache.timePerBoard else {
      cache.isWanted = true
      return nil
    }
    return try make(overview)
  }

  /// Makes the first forecast that is missing.
  ///
  /// - Returns: false if none is.
  mutating func makeFirst(of overviews: [LaunchOverview]) throws -> Bool {
    let missing = overviews.first { cache.forecast(of: $0.launch, key: $0.forecastKey) == nil }
    guard let missing else { return false }
    _ = try make(missing)
    return true
  }

  private mutating func make(_ overview: LaunchOverview) throws -> ForecastView? {
    guard let state = try LaunchRepository(db: courses.db).load(overview.launch) else { return nil }
    let moment = try context.moment(of: state.checklist.record.plan, at: now, in: calendars)
    return try make(state, at: moment, overview.forecastKey)
  }

  private mutating func make(_ state: LaunchState, at moment: LaunchMoment, _ key: Int) throws -> ForecastView? {
    made += 1
    let course = try courses.course(of: state, at: now, in: calendars)
    let forecast = state.checklist.forecast(at: moment, course: course, by: model)
    cache.save(forecast, of: state.checklist.launch, key: key)
    return forecast
  }
}
