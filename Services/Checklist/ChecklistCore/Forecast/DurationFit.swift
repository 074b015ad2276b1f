import Glibc
import LaunchModel

/// One recorded duration of a kind of work: what is known of the duration, and the index of its launch.
struct DurationRecord: Sendable, Hashable, Comparable {
  var span: LogSpan
  var launch: Int

  static func < (left: Self, right: Self) -> Bool { (left.span, left.launch) < (right.span, right.launch) }
}

/// The kinds of work whose locations share a common mean.
struct WorkGroup: Sendable, Hashable {
  var function: LaunchFunction
  var part: ItemWork.Part

  init(_ function: LaunchFunction, _ part: ItemWork.Part) {
    self.function = function
    self.part = part
  }

  init(_ work: ItemWork) { self.init(work.function, work.part) }
}

/// The fit of a `DurationModel`; all values are in steps of the grid.
///
/// Each round estimates, in this order: the distribution of each item's location given everything else (empirical
/// Bayes); the distribution of the deviations, as Turnbull's estimate from censored records, smoothed in each round
/// (EMS: Silverman, Jones, Wilson and Nychka, 1990); the means of the functions and the scatter of their items; and the
/// pace of each launch.
struct DurationFit: Sendable {
  private static let rounds = 15
  /// The number of rounds before the shape of the deviations is estimated, so that the paces are found first.
  private static let roundsBefore = 3
  /// The standard deviations assumed beforehand: of a duration, of the items of a function, of paces.
  private static let (deviation, itemDeviation, paceDeviation) = (6.0, 4.0, 0.4)
  /// The weights of these assumptions, as numbers of records, items and launches.
  private static let (recordWeight, itemWeight, launchWeight) = (10.0, 4.0, 2.0)
  /// The weight, as a number of items, of the organisation's mean in a function's mean, and of the assumed median in
  /// the organisation's mean.
  private static let meanWeight = 2.0
  /// The lower limit for a record's probability, so that one record that fits no location cannot dominate the fit.
  private static let leastProbability = 1e-9

  private struct Item: Sendable {
    var work: ItemWork
    var records: [DurationRecord]
    var location: [Double] = []
    var mean = 0.0
    var variance = 0.0
  }

  private var items: [Item]
  private var means: [WorkGroup: Double] = [:]
  private var itemVariance = itemDeviation * itemDeviation
  /// The probabilities of the bins of deviations.
  private var deviations = LogGrid.normal(LogGrid.deviations, mean: -0.5, deviation: deviation)
  private var launchPaces: [Double]
  /// Starts high, because paces that start near 0 stay there, and the deviations become bimodal instead.
  private var paceVariance = 16.0

  init(_ records: [ItemWork: [DurationRecord]], launches: Int) {
    // Sorted, so that floating-point sums do not depend on the order of the records.
    items = records.map { Item(work: $0.key, records: $0.value.sorted()) }.sorted { $0.work < $1.work }
    launchPaces = Array(repeating: 0, count: launches)
    findMeans()
    for round in 0..<Self.rounds {
      let counts = findLocations()
      if round >= Self.roundsBefore { findDeviations(counts) }
      findMeans()
      findPaces()
    }
    findDeviations(findLocations())
  }

  /// Finds the location of every item and, given the locations, how the deviations of its records are distributed.
  private mutating func findLocations() -> DeviationCounts {
    let current = DurationDistribution(deviations, from: LogGrid.deviations.lowerBound)
    var counts = DeviationCounts()
    for index in items.indices {
      let spans = items[index].records.map { $0.span.moved(by: -launchPaces[$0.launch]) }
      let probabilities = spans.map { span in
        LogGrid.locations.map { location in
          max(Self.leastProbability, current.probability(of: span.moved(by: -Double(location))))
        }
      }
      let location = posterior(of: items[index].work, probabilities)
      items[index].location = location
      items[index].mean = LogGrid.mean(location, over: LogGrid.locations)
      items[index].variance = LogGrid.variance(location, over: LogGrid.locations)
      for (span, probabilities) in zip(spans, probabilities) {
        for (offset, location) in LogGrid.locations.enumerated() where items[index].location[offset] > 1e-9 {
          counts.add(
            items[index].location[offset] / probabilities[offset], to: span.moved(by: -Double(location)))
        }
      }
    }
    return counts
  }

  private mutating func findDeviations(_ counts: DeviationCounts) {
    let assumed = LogGrid.normal(LogGrid.deviations, mean: -0.5, deviation: Self.deviation)
    let sums = zip(zip(deviations, counts.factors), assumed).map { $0.0 * $0.1 + Self.recordWeight * $1 }
    let total = sums.reduce(0, +)
    deviations = Self.smoothed(sums).map { $0 / total }
  }

  private func posterior(of work: ItemWork, _ probabilities: [[Double]]) -> [Double] {
    var logs = prior(of: WorkGroup(work)).map { log($0) }
    for record in probabilities {
      for index in logs.indices { logs[index] += log(record[index]) }
    }
    return LogGrid.normalized(logs: logs)
  }

  private func prior(of group: WorkGroup) -> [Double] {
    LogGrid.normal(LogGrid.locations, mean: means[group] ?? 0, deviation: itemVariance.squareRoot())
  }

  /// Smooths the bins: moves a quarter of each bin to either neighbour.
  private static func smoothed(_ bins: [Double]) -> [Double] {
    bins.indices.map { index in
      let left = bins[max(0, index - 1)]
      let right = bins[min(bins.count - 1, index + 1)]
      return bins[index] / 2 + (left + right) / 4
    }
  }

  /// Finds the means of functions and the scatter of items around them.
  private mutating func findMeans() {
    for part in ItemWork.Part.allCases {
      let ofPart = items.filter { $0.work.part == part && !$0.location.isEmpty }
      let assumed = log(part.assumedDays) / LogGrid.step
      let overall = Self.mean(of: ofPart.map(\.mean), towards: assumed)
      for function in LaunchFunction.allCases {
        let own = ofPart.filter { $0.work.function == function }
        means[WorkGroup(function, part)] = Self.mean(of: own.map(\.mean), towards: overall)
      }
    }
    var sum = Self.itemWeight * Self.itemDeviation * Self.itemDeviation
    var count = Self.itemWeight
    for item in items where !item.location.isEmpty {
      let distance = item.mean - (means[WorkGroup(item.work)] ?? 0)
      sum += distance * distance + item.variance
      count += 1
    }
    itemVariance = sum / count
  }

  private static func mean(of values: [Double], towards assumed: Double) -> Double {
    (values.reduce(0, +) + meanWeight * assumed) / (Double(values.count) + meanWeight)
  }

  /// Finds the pace of each launch, and the scatter of the paces.
  private mutating func findPaces() {
    let current = DurationDistribution(deviations, from: LogGrid.deviations.lowerBound)
    let prior = paces.map { log($0) }
    var logs = Array(repeating: prior, count: launchPaces.count)
    for item in items {
      for record in item.records {
        let deviation = record.span.moved(by: -item.mean)
        for (index, pace) in LogGrid.paces.enumerated() {
          let probability = current.probability(of: deviation.moved(by: -Double(pace)))
          logs[record.launch][index] += log(max(Self.leastProbability, probability))
        }
      }
    }
    // MacKay's update (1992): a launch counts to the extent that its records determine its pace. EM would need many
    // more rounds to find that paces do not differ.
    var (sum, count) = (Self.launchWeight * Self.paceDeviation * Self.paceDeviation, Self.launchWeight)
    for launch in launchPaces.indices {
      let posterior = LogGrid.normalized(logs: logs[launch])
      launchPaces[launch] = LogGrid.mean(posterior, over: LogGrid.paces)
      sum += launchPaces[launch] * launchPaces[launch]
      count += max(0, 1 - LogGrid.variance(posterior, over: LogGrid.paces) / paceVariance)
    }
    paceVariance = sum / count
  }
}

extension DurationFit {
  /// The prior probabilities of a launch's pace.
  var paces: [Double] { LogGrid.normal(LogGrid.paces, mean: 0, deviation: paceVariance.squareRoot()) }

  /// The distribution of durations of each kind of work that has records.
  var distributions: [ItemWork: DurationDistribution] {
    Dictionary(uniqueKeysWithValues: items.map { ($0.work, distribution($0.location)) })
  }

  /// Returns the distribution of durations of a kind of work without records.
  func distribution(ofOther group: WorkGroup) -> DurationDistribution { distribution(prior(of: group)) }

  /// Returns the distribution of durations for an uncertain location, given by its probabilities.
  private func distribution(_ location: [Double]) -> DurationDistribution {
    let bins = LogGrid.durations
    var weights = Array(repeating: 0.0, count: bins.count)
    for (place, share) in zip(LogGrid.locations, location) where share > 1e-12 {
      for (deviation, probability) in zip(LogGrid.deviations, deviations) {
        let bin = min(max(place + deviation, bins.lowerBound), bins.upperBound - 1)
        weights[bin - bins.lowerBound] += share * probability
      }
    }
    return DurationDistribution(weights, from: bins.lowerBound)
  }
}

/// The factor by which each bin of deviations is to be multiplied, accumulated from records that cover ranges of bins.
private struct DeviationCounts {
  /// The differences between the factors of adjacent bins.
  private var differences = Array(repeating: 0.0, count: LogGrid.deviations.count + 2)

  /// Adds to the bins of a span, proportionally to the bins that it covers only in part.
  mutating func add(_ amount: Double, to span: LogSpan) {
    step(amount, at: span.low)
    step(-amount, at: span.high)
  }

  private mutating func step(_ amount: Double, at place: Double) {
    let offset = min(max(place - Double(LogGrid.deviations.lowerBound), 0), Double(LogGrid.deviations.count))
    let bin = Int(offset)
    differences[bin] += amount * (Double(bin + 1) - offset)
    differences[bin + 1] += amount * (offset - Double(bin))
  }

  /// The factor of each bin.
  var factors: [Double] {
    var sum = 0.0
    return differences.prefix(LogGrid.deviations.count).map { difference in
      sum += difference
      return sum
    }
  }
}
