public import Contract
public import LaunchModel

/// The facts about one item that a forecast needs.
public struct ForecastTask: Sendable, Hashable {
  /// The item.
  public var item: ItemReference
  /// What remains to be done; nil if nothing does.
  public var work: ItemWork?
  /// The business days for which this work has been in progress; 0 while the item waits for a predecessor.
  public var elapsed = 0
  /// The indices of the items that must be done before it.
  public var predecessors: [Int] = []
  /// The first day, counted from today, on which completing it counts: if completed earlier, its shelf life would end
  /// before the launch.
  public var earliest = 0
  /// By how many calendar days before the launch it must be done; 0 unless it is strict.
  public var margin = 0
  /// Whether the launch itself waits for it; false for items that are listed only because others depend on them.
  public var isNeeded = true

  public init(_ item: ItemReference, _ work: ItemWork?) {
    self.item = item
    self.work = work
  }
}

/// The day on which a launch will be ready, found by simulating its items (product.md, section 2, "Forecast").
///
/// A fixed number of draws is made, each with a pace for the launch and a duration for every item. An item starts today
/// or, if it depends on others, when the last of these ends. If it is in progress, its duration is drawn from those
/// that are at least as long as it has taken so far. An item's random numbers depend only on its name, so that equal
/// facts give equal figures and a change of one item does not affect another's draws.
public struct ReadinessForecast: Sendable {
  /// The number of draws: at a probability of one half, the standard error is 1.1 percentage points.
  public static let draws = 2_048

  /// The days from today until the launch is ready, one for each draw, ascending.
  private let readyAfter: [Int32]
  private let today: LocalDate
  private let date: LocalDate
  /// The items that are not done, sorted by how much completing them would gain, largest first.
  public let weights: [Weight]

  /// How much one item affects the forecast.
  public struct Weight: Sendable, Hashable {
    /// The item.
    public var item: ItemReference
    /// How much the probability would rise if the item were done today.
    public var gain: Double
    /// The probability that the item itself is done in time.
    public var chance: Double
  }

  /// Runs the simulation.
  ///
  /// - Parameters:
  /// - tasks: the items; items whose predecessors form a cycle are never started, and count as done.
  /// - own: the durations of the launch's own items so far, which reveal its pace.
  ///   - date: the date of the launch.
  public init(
    _ tasks: [ForecastTask], own: [RecordedDuration] = [], today: LocalDate, date: LocalDate,
    calendars: LaunchCalendars, by model: DurationModel
  ) {
    var simulation = Simulation(tasks, today: today, calendars: calendars)
    simulation.drawPaces(model, own)
    simulation.run(model)
    let limit = Int32(clamping: date.ordinal - today.ordinal)
    readyAfter = simulation.readyAfter
    self.today = today
    self.date = date
    weights = simulation.weights(limit: limit)
  }

  /// The probability that the launch is ready on its date.
  public var chance: Double {
    let limit = Int32(clamping: date.ordinal - today.ordinal)
    return Double(readyAfter.count { $0 <= limit }) / Double(readyAfter.count)
  }

  /// Returns the first day by which the launch is ready with at least that probability.
  public func day(_ probability: Double) -> LocalDate {
    let rank = Int((probability * Double(readyAfter.count)).rounded(.up)) - 1
    return today.adding(days: Int(readyAfter[min(max(rank, 0), readyAfter.count - 1)]))
  }

  /// The probability on either side of the 80% interval.
  private static let tail = 0.1

  /// The 80% interval: from the day before which the launch is ready with a probability nearest to 10%, to the day
  /// after which it is.
  ///
  /// Only days on which it may be ready count. Ends rounded outward, to at most 10% on either side, would hold 81 to
  /// 83%, because a day is not divided.
  public var interval: ClosedRange<LocalDate> {
    let draws = readyAfter.count
    var (low, high) = (readyAfter[0], readyAfter[0])
    var (lowDistance, highDistance) = (Double.infinity, Double.infinity)
    var start = 0
    while start < draws {
      let day = readyAfter[start]
      let end = readyAfter[start...].firstIndex { $0 != day } ?? draws
      let before = abs(Double(start) / Double(draws) - Self.tail)
      let after = abs(Double(draws - end) / Double(draws) - Self.tail)
      if before < lowDistance { (low, lowDistance) = (day, before) }
      if after < highDistance { (high, highDistance) = (day, after) }
      start = end
    }
    return today.adding(days: Int(low))...today.adding(days: Int(high))
  }
}

/// All draws of one forecast. Days are counted from today.
private struct Simulation {
  private let tasks: [ForecastTask]
  /// The indices of the tasks, each after its predecessors.
  private let order: [Int]
  private let dependents: [[Int]]
  private let days: [LaunchFunction: BusinessDays]
  /// The ranges of draws that share a pace.
  private var paces: [(pace: Int, draws: Range<Int>)] = []
  /// For each task, its duration in business days in every draw; `ends` has the day on which it ends.
  private var durations: [[Int32]]
  private var ends: [[Int32]]

  init(_ tasks: [ForecastTask], today: LocalDate, calendars: LaunchCalendars) {
    self.tasks = tasks
    order = Self.order(of: tasks)
    var dependents: [[Int]] = Array(repeating: [], count: tasks.count)
    for (index, task) in tasks.enumerated() {
      for predecessor in task.predecessors { dependents[predecessor].append(index) }
    }
    self.dependents = dependents
    let functions = Set(tasks.compactMap { $0.work?.function })
    days = Dictionary(
      uniqueKeysWithValues: functions.map { ($0, BusinessDays(from: today, in: calendars.calendar(of: $0))) })
    durations = Array(repeating: [], count: tasks.count)
    ends = Array(repeating: Array(repeating: 0, count: ReadinessForecast.draws), count: tasks.count)
  }

  /// Returns the indices of the tasks, each after its predecessors.
  private static func order(of tasks: [ForecastTask]) -> [Int] {
    var order: [Int] = []
    var isPlaced = Array(repeating: false, count: tasks.count)
    while true {
      let next = tasks.indices.filter { index in
        !isPlaced[index] && tasks[index].predecessors.allSatisfy { isPlaced[$0] }
      }
      guard !next.isEmpty else { return order }
      for index in next { isPlaced[index] = true }
      order += next
    }
  }

  /// Distributes the draws over the paces by the probability of each pace, given how long the launch's items have taken
  /// so far.
  mutating func drawPaces(_ model: DurationModel, _ own: [RecordedDuration]) {
    var weights = model.paces
    for record in own {
      let distribution = model.distribution(of: record.work)
      let span = LogSpan(record.days, isCensored: record.isCensored)
      for (index, pace) in LogGrid.paces.enumerated() {
        weights[index] *= max(1e-6, distribution.probability(of: span.moved(by: -Double(pace))))
      }
      let greatest = weights.max() ?? 1
      for index in weights.indices { weights[index] /= greatest }
    }
    let total = weights.reduce(0, +)
    var (sum, start) = (0.0, 0)
    for (pace, weight) in zip(LogGrid.paces, weights) {
      sum += weight / total
      let end = min(ReadinessForecast.draws, Int((sum * Double(ReadinessForecast.draws)).rounded()))
      if end > start { paces.append((pace, start..<end)) }
      start = max(start, end)
    }
  }

  mutating func run(_ model: DurationModel) {
    for index in order {
      guard let work = tasks[index].work else { continue }
      durations[index] = draw(work, tasks[index], model)
      ends[index] = finish(index, ends)
    }
  }

  /// Draws durations that are at least as long as the work has taken so far.
  private func draw(_ work: ItemWork, _ task: ForecastTask, _ model: DurationModel) -> [Int32] {
    let distribution = model.distribution(of: work)
    let elapsed = LogGrid.place(of: task.elapsed)
    var generator = SplitMix64(seed: task.item.seed)
    var durations = Array(repeating: Int32(0), count: ReadinessForecast.draws)
    for (pace, draws) in paces {
      let passed = distribution.probability(below: elapsed - Double(pace))
      for draw in draws {
        let share = min(passed + (1 - passed) * generator.uniform(), 1 - 0x1p-53)
        let days = LogGrid.days(at: distribution.place(share) + Double(pace))
        durations[draw] = Int32(max(days, task.elapsed))
      }
    }
    return durations
  }

  /// Returns the day on which a task ends in each draw, given when its predecessors end.
  private func finish(_ index: Int, _ ends: [[Int32]]) -> [Int32] {
    let task = tasks[index]
    guard let function = task.work?.function, let days = days[function] else { return ends[index] }
    let elapsed = Int32(task.elapsed)
    guard task.predecessors.contains(where: { tasks[$0].work != nil }) else {
      return durations[index].map { days.day($0 - elapsed, from: 0) }
    }
    return durations[index].indices.map { draw in
      let start = task.predecessors.reduce(0) { max($0, ends[$1][draw]) }
      return days.day(durations[index][draw], from: start)
    }
  }

  /// Returns the first day on which the launch can be ready as far as this task is concerned, given when the task ends.
  private func ready(_ index: Int, _ end: Int32) -> Int32 {
    max(end, Int32(clamping: tasks[index].earliest)) + Int32(clamping: tasks[index].margin)
  }

  /// The tasks that the launch waits for.
  private var needed: [Int] { tasks.indices.filter { tasks[$0].isNeeded && tasks[$0].work != nil } }

  var readyAfter: [Int32] {
    var latest = Array(repeating: Int32(0), count: ReadinessForecast.draws)
    for index in needed {
      for draw in latest.indices { latest[draw] = max(latest[draw], ready(index, ends[index][draw])) }
    }
    return latest.sorted()
  }

  /// Returns what each open task would gain if it were done today: the share of draws in which only it, and tasks that
  /// depend on it, are late.
  func weights(limit: Int32) -> [ReadinessForecast.Weight] {
    var late = Array(repeating: Int32(0), count: ReadinessForecast.draws)
    for index in needed {
      for draw in late.indices where ready(index, ends[index][draw]) > limit { late[draw] += 1 }
    }
    let all = tasks.indices.filter { tasks[$0].work != nil }.map { index in
      let affected = [index] + descendants(of: index)
      var changed = ends
      changed[index] = Array(repeating: 0, count: ReadinessForecast.draws)
      for descendant in affected.dropFirst() { changed[descendant] = finish(descendant, changed) }
      var (gained, inTime) = (0, 0)
      for draw in late.indices {
        if ready(index, ends[index][draw]) <= limit { inTime += 1 }
        guard late[draw] > 0 else { continue }
        var rest = late[draw]
        for place in affected where tasks[place].isNeeded {
          if ready(place, ends[place][draw]) > limit { rest -= 1 }
          if place != index, ready(place, changed[place][draw]) > limit { rest += 1 }
        }
        if rest == 0 { gained += 1 }
      }
      let draws = Double(ReadinessForecast.draws)
      return ReadinessForecast.Weight(
        item: tasks[index].item, gain: Double(gained) / draws, chance: Double(inTime) / draws)
    }
    return all.enumerated()
      .sorted { ($1.element.gain, $0.element.chance, $0.offset) < ($0.element.gain, $1.element.chance, $1.offset) }
      .map(\.element)
  }

  /// Returns the open tasks that depend on a task, directly or indirectly, each after its predecessors.
  private func descendants(of index: Int) -> [Int] {
    guard !dependents[index].isEmpty else { return [] }
    var reached: Set<Int> = [index]
    var waiting = [index]
    while let next = waiting.popLast() {
      for dependent in dependents[next] where reached.insert(dependent).inserted { waiting.append(dependent) }
    }
    return order.filter { $0 != index && reached.contains($0) && tasks[$0].work != nil }
  }
}

/// The business days of a calendar from a start day on, indexed by number of business days and by calendar day.
private struct BusinessDays {
  /// The number of calendar days that it covers.
  private static let horizon = 1_500

  /// For each number of business days, the calendar days from the start to the last of them.
  private var offsets: [Int32] = [0]
  /// For each number of calendar days from the start, the number of business days among them.
  private var counts: [Int32] = [0]

  init(from today: LocalDate, in calendar: BusinessCalendar) {
    for offset in 1...Self.horizon {
      if calendar.isBusinessDay(today.adding(days: offset)) { offsets.append(Int32(offset)) }
      counts.append(Int32(offsets.count - 1))
    }
  }

  /// Returns the day that is a number of business days after another day; that day itself for 0.
  func day(_ businessDays: Int32, from start: Int32) -> Int32 {
    guard businessDays > 0 else { return start }
    let number = counts[min(Int(start), counts.count - 1)] + businessDays
    return offsets[min(Int(number), offsets.count - 1)]
  }
}

extension ItemReference {
  /// The seed of the item's random numbers: the FNV-1a hash of its name.
  fileprivate var seed: UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}
