import ChecklistCore
import Contract
import LaunchModel
import Testing

/// Forecasts made from durations given by hand. Today is Monday, 1 February 2027, and weekends are the only days off.
@Suite struct ForecastTests {
  private static let today = Fixture.day("2027-02-01")

  private static func work(_ key: ItemKey, _ part: ItemWork.Part = .whole) -> ItemWork {
    ItemWork(key, .engineering, part)
  }

  private static func launch(_ number: Int) -> LaunchID { LaunchID("l\(number)") ?? Fixture.launch }

  /// Items `a` to `f`, which took equally long on 20 launches; `slow` launches took three times as long.
  private static func history(days: Int, slow: Int = 0) -> [RecordedDuration] {
    (0..<20).flatMap { number in
      ["a", "b", "c", "d", "e", "f"].map { key in
        RecordedDuration(work(key), launch: launch(number), days: number < slow ? days * 3 : days)
      }
    }
  }

  private static func task(_ key: ItemKey, elapsed: Int = 0, after predecessors: [Int] = []) -> ForecastTask {
    var task = ForecastTask(ItemReference(key: key), work(key))
    task.elapsed = elapsed
    task.predecessors = predecessors
    return task
  }

  private static func forecast(
    _ tasks: ForecastTask..., from history: [RecordedDuration], own: [RecordedDuration] = [], today: LocalDate = today,
    date: String = "2027-03-02"
  ) -> ReadinessForecast {
    ReadinessForecast(
      tasks, own: own, today: today, date: Fixture.day(date), calendars: .standard, by: DurationModel(history))
  }

  private static func business(_ days: Int, from day: LocalDate = today) -> LocalDate {
    BusinessCalendar.standard.day(days, from: day)
  }

  @Test("If nothing is left to do, the launch is ready today")
  func settled() {
    let done = ForecastTask(ItemReference(key: "a"), nil)
    let forecast = Self.forecast(done, from: [])
    #expect(forecast.chance == 1 && forecast.day(0.1) == Self.today && forecast.interval == Self.today...Self.today)
    #expect(forecast.weights.isEmpty)
  }

  @Test(
    "The interval ends on the days that leave nearest to a tenth on either side",
    arguments: [1, 3, 8], [0, 8])
  func interval(days: Int, slow: Int) throws {
    let model = DurationModel(Self.history(days: days, slow: slow))
    func forecast(_ date: LocalDate) -> ReadinessForecast {
      ReadinessForecast(
        [Self.task("a"), Self.task("b")], today: Self.today, date: date, calendars: .standard, by: model)
    }
    let interval = forecast(Self.today).interval
    // The chance by each day, which is another way to the same probabilities: the draws are the same.
    let chances = (0...90).map { forecast(Self.today.adding(days: $0)).chance }
    let befores = [0.0] + chances.dropLast()
    let possible = chances.indices.filter { chances[$0] > befores[$0] }
    let low = try #require(possible.map { abs(befores[$0] - 0.1) }.min())
    let high = try #require(possible.map { abs(1 - chances[$0] - 0.1) }.min())
    let first = interval.lowerBound.ordinal - Self.today.ordinal
    let last = interval.upperBound.ordinal - Self.today.ordinal
    #expect(possible.contains(first) && possible.contains(last))
    let (before, after) = (abs(befores[first] - 0.1), abs(1 - chances[last] - 0.1))
    #expect(abs(before - low) < 1e-9)
    #expect(abs(after - high) < 1e-9)
    let median = forecast(Self.today).day(0.5)
    #expect(interval.contains(median))
  }

  @Test("Without history an item takes 3 business days in the median, and at most 9 in nine cases of ten")
  func assumed() {
    let forecast = Self.forecast(Self.task("new"), from: [])
    // A median of 3.0 days is not over after two whole ones, or just over.
    #expect((2...3).map { Self.business($0) }.contains(forecast.day(0.5)))
    // Deviations of 0.75 and 0.5: 3 × e^(1.28 × 0.90) = 9.5 days.
    #expect((8...10).map { Self.business($0) }.contains(forecast.day(0.9)))
  }

  @Test("An item takes as long as it did on past launches, in business days")
  func recorded() {
    let history = Self.history(days: 4)
    #expect(Self.forecast(Self.task("a"), from: history).day(0.5) == Fixture.day("2027-02-05"))
    let thursday = Fixture.day("2027-02-04")
    #expect(Self.forecast(Self.task("a"), from: history, today: thursday).day(0.5) == Fixture.day("2027-02-10"))
  }

  @Test("A new item of a function takes about as long as the function's others")
  func unknownItem() {
    let forecast = Self.forecast(Self.task("new"), from: Self.history(days: 12))
    #expect((8...14).map { Self.business($0) }.contains(forecast.day(0.5)))
  }

  @Test("Work in progress needs only the remaining time, and an item that depends on it starts afterwards")
  func elapsed() {
    let history = Self.history(days: 8)
    let begun = Self.forecast(Self.task("a", elapsed: 6), from: history)
    #expect((1...3).map { Self.business($0) }.contains(begun.day(0.5)))
    let chain = Self.forecast(Self.task("a", elapsed: 6), Self.task("b", after: [0]), from: history)
    #expect((9...11).map { Self.business($0) }.contains(chain.day(0.5)))
  }

  @Test("A strict item must be done before its deadline, and one with a shelf life not too early")
  func margins() {
    let history = Self.history(days: 4)
    var strict = Self.task("a")
    strict.margin = 7
    // Done on Friday, 5 February, a week before the launch.
    #expect(Self.forecast(strict, from: history).day(0.5) == Fixture.day("2027-02-12"))
    var perishable = Self.task("a")
    perishable.earliest = 20
    #expect(Self.forecast(perishable, from: history).day(0.5) == Self.today.adding(days: 20))
  }

  @Test("Items that only other items depend on delay those, and not the launch itself")
  func advisory() {
    var advisory = Self.task("a")
    advisory.isNeeded = false
    let history = Self.history(days: 4)
    #expect(Self.forecast(advisory, from: history).day(0.9) == Self.today)
    let dependent = Self.forecast(advisory, Self.task("b", after: [0]), from: history)
    #expect((8...9).map { Self.business($0) }.contains(dependent.day(0.5)))
  }

  @Test("An item's weight is the gain in the chance if the item were done today")
  func weights() {
    let history = Self.history(days: 8)
    // Ten business days: `a` is usually done by then, `b` after it is not, `c` is begun.
    let forecast = Self.forecast(
      Self.task("a"), Self.task("b", after: [0]), Self.task("c", elapsed: 6), from: history, date: "2027-02-15")
    let weights = Dictionary(uniqueKeysWithValues: forecast.weights.map { ($0.item.key, $0) })
    #expect(forecast.weights.count == 3 && forecast.chance < 0.1)
    // With either done, the other is usually in time.
    #expect((weights["a"]?.gain ?? 0) > 0.6 && (weights["b"]?.gain ?? 0) > 0.6 && (weights["c"]?.gain ?? 1) < 0.1)
    #expect((weights["a"]?.chance ?? 0) > 0.7 && (weights["b"]?.chance ?? 1) < 0.1)
    let done = ForecastTask(ItemReference(key: "b"), nil)
    let without = Self.forecast(Self.task("a"), done, Self.task("c", elapsed: 6), from: history, date: "2027-02-15")
    #expect(abs(without.chance - forecast.chance - (weights["b"]?.gain ?? 0)) < 1e-12)
  }

  @Test("A launch whose items have been slow so far stays slow")
  func pace() {
    let history = Self.history(days: 4, slow: 10)
    func own(_ days: Int) -> [RecordedDuration] {
      ["a", "b", "c", "d", "e"].map { RecordedDuration(Self.work($0), launch: Self.launch(99), days: days) }
    }
    let fast = Self.forecast(Self.task("f"), from: history, own: own(4))
    let slow = Self.forecast(Self.task("f"), from: history, own: own(12))
    #expect((3...5).map { Self.business($0) }.contains(fast.day(0.5)))
    #expect((10...14).map { Self.business($0) }.contains(slow.day(0.5)))
  }

  @Test("Equal facts give equal forecasts in any order of records; changing one item moves no other")
  func determinism() {
    let history = Self.history(days: 5, slow: 7)
    let one = Self.forecast(Self.task("a"), Self.task("b"), from: history)
    let other = Self.forecast(Self.task("a"), Self.task("b"), from: history.reversed())
    #expect(one.weights == other.weights && one.chance == other.chance)
    let weight = { (forecast: ReadinessForecast) in forecast.weights.first { $0.item.key == "a" }?.chance }
    #expect(weight(one) == weight(Self.forecast(Self.task("b", elapsed: 9), Self.task("a"), from: history)))
  }

  @Test("Items that form a dependency cycle do not hang the simulation")
  func circle() {
    let forecast = Self.forecast(Self.task("a", after: [1]), Self.task("b", after: [0]), from: [])
    #expect(forecast.chance == 1)
  }

  @Test("The forecast for a single item is close to the Kaplan–Meier estimate", arguments: DurationOracle.cases)
  func oracle(_ oracle: DurationOracle) {
    let records = oracle.done.map { ($0, $1, false) } + oracle.censored.map { ($0, $1, true) }
    // Ten launches with as many instances each, so that no launch differs from the others in pace.
    var history: [RecordedDuration] = []
    for (days, count, isCensored) in records.sorted(by: { ($0.0, $0.2 ? 1 : 0) < ($1.0, $1.2 ? 1 : 0) }) {
      for _ in 0..<count {
        history.append(
          RecordedDuration(Self.work("a"), launch: Self.launch(history.count % 10), days: days, isCensored: isCensored))
      }
    }
    let model = DurationModel(history)
    for (days, share) in oracle.shares {
      let forecast = ReadinessForecast(
        [Self.task("a")], today: Self.today, date: Self.business(days), calendars: .standard, by: model)
      #expect(abs(forecast.chance - share) < 0.05, "\(days) days: \(forecast.chance), not \(share)")
    }
  }
}
