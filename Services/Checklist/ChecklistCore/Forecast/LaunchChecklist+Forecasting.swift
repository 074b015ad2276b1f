public import Contract
import LaunchModel

extension LaunchChecklist {
  /// The number of items that a forecast names.
  private static let drivers = 3

  /// Returns the probability that all blocking items are satisfied by the launch date; nil if that is no longer open,
  /// because customers have the launch or it is not running.
  ///
  /// - Parameters:
  ///   - course: the launch's own course so far.
  /// - model: the durations learned from past launches.
  public func forecast(at moment: LaunchMoment, course: LaunchCourse, by model: DurationModel) -> ForecastView? {
    guard isRunning, exposedSince == nil, record.status != .closed else { return nil }
    let tasks = forecastTasks(at: moment, course)
    let forecast = ReadinessForecast(
      tasks, own: course.durations, today: moment.today, date: record.plan.date,
      calendars: moment.calendars, by: model)
    let drivers = forecast.weights.filter { $0.chance < 1 }.prefix(Self.drivers).compactMap { weight in
      items.first { $0.reference == weight.item }.map { item in
        ForecastDriver(
          item: item.definition.key, instance: item.instance, function: item.definition.function,
          gain: weight.gain.roundedShare, chance: weight.chance.roundedShare)
      }
    }
    let (launches, interval) = (model.launches, forecast.interval)
    let note =
      launches >= DurationModel.enough || tasks.allSatisfy { $0.work == nil || !$0.isNeeded }
      ? nil
      : "too little history: \(launches) of the \(DurationModel.enough) launches needed; most durations are assumed"
    return ForecastView(
      chance: forecast.chance.roundedShare, low: interval.lowerBound, median: forecast.day(0.5),
      high: interval.upperBound, drivers: Array(drivers), launches: launches, note: note)
  }

  /// The items that the launch waits for, and the items that these depend on.
  private func forecastTasks(at moment: LaunchMoment, _ course: LaunchCourse) -> [ForecastTask] {
    let candidates = items.filter { $0.state != .voided && $0.definition.phase != .after }
    let courses = Dictionary(
      course.items.map { (ItemReference(key: $0.definition.key, instance: $0.instance), $0) },
      uniquingKeysWith: { _, last in last })
    // Satisfied means satisfied now and still on the launch date if nothing changes: within the shelf life, with the
    // waiver in force.
    var ahead = moment
    ahead.today = max(moment.today, record.plan.date)
    let satisfied = candidates.map { standing(of: $0, at: ahead).level == .satisfied }
    return zip(candidates, satisfied).map { item, isSatisfied in
      var task = ForecastTask(item.reference, nil)
      task.isNeeded = item.blocksGo
      guard !isSatisfied else { return task }
      let definition = item.definition
      task.work = ItemWork(definition.key, definition.function)
      task.predecessors = candidates.indices.filter { definition.dependencies.contains(candidates[$0].definition.key) }
      let isWaiting = task.predecessors.contains { !satisfied[$0] }
      if let own = courses[item.reference], let current = own.partUnderWay {
        task.work?.part = current.part
        let start = current.part == .whole ? course.workStart(of: own, openSince: current.since) : current.since
        let calendar = moment.calendars.calendar(of: definition.function)
        if let start, !isWaiting { task.elapsed = max(0, calendar.businessDays(from: start, to: moment.today)) }
      }
      if let days = definition.shelfLifeDays {
        task.earliest = max(0, record.plan.date.ordinal - days - moment.today.ordinal)
      }
      if definition.strict { task.margin = max(0, record.plan.date.ordinal - item.due.ordinal) }
      return task
    }
  }
}

extension Double {
  /// The share rounded to three decimals; the simulation is not more precise than that.
  fileprivate var roundedShare: Double { (self * 1_000).rounded() / 1_000 }
}
