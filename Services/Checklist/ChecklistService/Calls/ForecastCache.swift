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
  /// How many forecasts one board makes at most; later boards make the rest.
  static let mostPerBoard = 10

  private struct State {
    var model: (key: ModelKey, model: DurationModel)?
    var forecasts: [LaunchID: (key: Int, forecast: ForecastView?)] = [:]
  }

  private struct ModelKey: Hashable {
    var day: LocalDate
    /// The number of past launches, capped at `DurationModel.enough`, because further launches do not change the model
    /// until the next day.
    var launches: Int
  }

  private let state = Mutex(State())

  /// The forecasts to be made in one read of the store.
  func session(_ db: any Transaction, _ context: ChecklistContext, at now: Timestamp) throws -> ForecastSession {
    let courses = CourseRepository(db: db, context: context)
    let key = ModelKey(
      day: ZoneRules.utc.localDate(at: now), launches: min(DurationModel.enough, try courses.count()))
    let kept = state.withLock { $0.model }
    let model =
      if let kept, kept.key == key { kept.model } else { try learn(courses.courses(at: now), key) }
    return ForecastSession(
      cache: self, courses: courses, calendars: try context.calendars.all(db), model: model, now: now)
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
  fileprivate let courses: CourseRepository
  fileprivate let calendars: CalendarSet
  fileprivate let model: DurationModel
  fileprivate let now: Timestamp
  /// How many were made, and not found in the cache.
  private(set) var made = 0

  fileprivate init(
    cache: ForecastCache, courses: CourseRepository, calendars: CalendarSet, model: DurationModel, now: Timestamp
  ) {
    self.cache = cache
    self.courses = courses
    self.calendars = calendars
    self.model = model
    self.now = now
  }

  /// The launch's forecast; nil if it has none, or if it would have to be made and `most` were made already.
  ///
  /// - Parameter view: the launch's readiness, whose functions with its versions decide whether an earlier forecast still holds. Its
  ///   reasons do not: of one launch they say more than on the board.
  mutating func forecast(
    of state: LaunchState, as view: ReadinessView, at moment: LaunchMoment, most: Int = .max
  ) throws -> ForecastView? {
    // Versions instead of the items themselves, so that a board of many launches stays fast.
    var hasher = Hasher()
    hasher.combine(state.checklist.record.version)
    hasher.combine(state.checklist.record.status)
    hasher.combine(state.checklist.exposedSince)
    hasher.combine(state.checklist.templateVersion)
    hasher.combine(state.checklist.items.map(\.version))
    hasher.combine(view.functions)
    hasher.combine(moment.today)
    let key = hasher.finalize()
    if let kept = cache.forecast(of: view.launch, key: key) { return kept }
    guard made < most else { return nil }
    made += 1
    let course = try courses.course(of: state, at: now, in: calendars)
    let forecast = state.checklist.forecast(at: moment, course: course, by: model)
    cache.save(forecast, of: view.launch, key: key)
    return forecast
  }
}
