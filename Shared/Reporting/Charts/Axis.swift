import LaunchModel

/// One axis of a chart: the range of its values, its position in the image, and the round numbers that label it.
struct Axis: Sendable {
  /// The values at both ends.
  var range: ClosedRange<Double>
  /// The positions of both ends, in units of the image; the first may be greater than the second.
  var start: Double
  var end: Double
  /// The labelled values, ascending.
  var ticks: [Double]

  /// Creates an axis whose ends are the nearest round numbers that leave room for all values.
  ///
  /// - Parameter count: the approximate maximum number of ticks.
  init(_ values: ClosedRange<Double>, from start: Double, to end: Double, ticks count: Int) {
    let step = Self.roundStep(values, count)
    let first = (values.lowerBound / step).rounded(.down)
    let last = max(first + 1, (values.upperBound / step - 1e-9).rounded(.up))
    range = (first * step)...(last * step)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    self.start = start
    self.end = end
  }

  /// Creates an axis that ends exactly at the first and last value, with the given ticks.
  init(exactly values: ClosedRange<Double>, from start: Double, to end: Double, ticks: [Double]) {
    range = values
    self.start = start
    self.end = end
    self.ticks = ticks
  }

  /// Returns the position of a value; a value outside the range has the position of the nearer end.
  func position(of value: Double) -> Double {
    let width = range.upperBound - range.lowerBound
    guard width > 0 else { return start }
    let share = (min(max(value, range.lowerBound), range.upperBound) - range.lowerBound) / width
    return start + share * (end - start)
  }

  /// Returns the smallest of 1, 2 and 5 times a power of ten that splits the values into at most `count` steps.
  static func roundStep(_ values: ClosedRange<Double>, _ count: Int) -> Double {
    let width = values.upperBound - values.lowerBound
    guard width > 0, width.isFinite, count > 0 else { return 1 }
    let raw = width / Double(count)
    var power = 1.0
    while power > raw { power /= 10 }
    while power * 10 <= raw { power *= 10 }
    return ([1, 2, 5, 10].map { $0 * power }.first { $0 >= raw * (1 - 1e-9) }) ?? power * 10
  }
}

extension Axis {
  /// Creates an axis of dates, labelled on Mondays or on first days of months, with at most `count` labels.
  init(_ dates: ClosedRange<LocalDate>, from start: Double, to end: Double, ticks count: Int) {
    let values = Double(dates.lowerBound.ordinal)...Double(max(dates.upperBound.ordinal, dates.lowerBound.ordinal + 1))
    let weeks = [1, 2, 4].lazy.map { step in Self.mondays(dates, every: step) }.first { $0.count <= count }
    let ticks = weeks ?? Self.firstDays(dates, atMost: count)
    self.init(exactly: values, from: start, to: end, ticks: ticks.map { Double($0.ordinal) })
  }

  private static func mondays(_ dates: ClosedRange<LocalDate>, every weeks: Int) -> [LocalDate] {
    var first = dates.lowerBound.monday
    if first < dates.lowerBound { first = first.adding(days: 7) }
    return Array(stride(from: first.ordinal, through: dates.upperBound.ordinal, by: 7 * weeks))
      .map { LocalDate(ordinal: $0) }
  }

  /// Returns the first days of every n-th month, with the smallest n that gives at most `count` of them.
  private static func firstDays(_ dates: ClosedRange<LocalDate>, atMost count: Int) -> [LocalDate] {
    let (first, last) = (dates.lowerBound.components, dates.upperBound.components)
    // Counted in months since year 0. The month in which the dates begin is left out, because its first day is before
    // them or at the edge.
    let (next, final) = (first.year * 12 + first.month, last.year * 12 + last.month - 1)
    guard next <= final else { return [] }
    let step = max(1, (final - next + count) / max(1, count))
    return stride(from: next, through: final, by: step).compactMap { month in
      LocalDate(year: month / 12, month: month % 12 + 1, day: 1)
    }
  }
}

/// Moves labels apart that would overlap.
enum LabelLayout {
  /// The positions within the range that are at least `gap` apart and nearest to the wanted ones, by the sum of the
  /// squared distances; in the order of the wanted positions. If so many do not fit, they are as far apart as the range
  /// allows.
  static func spread(_ wanted: [Double], gap: Double, in range: ClosedRange<Double>) -> [Double] {
    guard wanted.count > 1 else { return wanted.map { min(max($0, range.lowerBound), range.upperBound) } }
    let gap = min(gap, (range.upperBound - range.lowerBound) / Double(wanted.count - 1))
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    // Without their gaps, positions need only ascend: neighbours that do not are pooled at their mean (isotonic
    // regression).
    var pools: [(sum: Double, count: Int)] = []
    for (place, index) in order.enumerated() {
      pools.append((sum: wanted[index] - gap * Double(place), count: 1))
      while pools.count > 1, mean(pools[pools.count - 2]) > mean(pools[pools.count - 1]) {
        let last = pools.removeLast()
        pools[pools.count - 1].sum += last.sum
        pools[pools.count - 1].count += last.count
      }
    }
    let highest = max(range.lowerBound, range.upperBound - gap * Double(wanted.count - 1))
    let bases = pools.flatMap { pool in
      repeatElement(min(max(mean(pool), range.lowerBound), highest), count: pool.count)
    }
    var result = wanted
    for (place, index) in order.enumerated() { result[index] = bases[place] + gap * Double(place) }
    return result
  }

  private static func mean(_ pool: (sum: Double, count: Int)) -> Double { pool.sum / Double(pool.count) }
}
