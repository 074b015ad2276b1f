import Glibc

/// Whether a metric of a plan can be measured, judged by the events of the last 30 days (product.md, section 4).
public struct Measurability: Sendable, Hashable {
  /// The minimum probability with which a target should be distinguished from the baseline.
  public static let wantedPower = 0.8
  /// The minimum share of a feed's events in which a field should be usable.
  public static let wantedFit = 0.95

  /// A reason why a metric cannot be measured.
  public enum Problem: Sendable, Hashable {
    /// The log was pruned and contains only this number of the last 30 days.
    case pruned(days: Int)
    /// No source has ever delivered this type of event.
    case neverDelivered(feed: String)
    /// The feed is silent.
    case silent(feed: String)
    /// Too small a share of the feed's events, `fit`, has a usable value in the field.
    case missingField(feed: String, field: String, fit: Double)
    /// Too large a share of the feed's events is in quarantine, because their data do not fit their type.
    case malformed(feed: String, share: Double)
    /// No event of the last 30 days matches the conditions of a custom metric.
    case noMatch
    /// Nothing was counted in the last 30 days.
    case noData
    /// There is no baseline to compare the target with.
    case noBaseline
    /// The baseline meets the target already.
    case alreadyMet
    /// The probability that the target is distinguished from the baseline is only `power`. `needed` is the number of
    /// accounts, interactions or votes that would be enough; nil if it exceeds a billion or does not apply.
    case indistinguishable(power: Double, needed: Int?)
    /// Fewer interactions or votes are expected than a verdict requires.
    case tooFew(expected: Int, needed: Int)
    /// The probability that twice the forecast raises the alarm within the window is only `power`.
    case spikeMissed(power: Double)
  }

  /// The 95% interval of a figure that is exactly at the target; nil without data.
  public var interval: ConfidenceInterval?
  /// The probability that a figure at the target is distinguished from the baseline. Nil without data or a baseline.
  /// For tickets, the probability that twice the forecast raises the alarm.
  public var power: Double?
  /// The reasons why the metric cannot be measured.
  public var problems: [Problem]

  /// Whether the metric can be measured.
  public var isMeasurable: Bool { problems.isEmpty }

  public init(interval: ConfidenceInterval? = nil, power: Double? = nil, problems: [Problem] = []) {
    self.interval = interval
    self.power = power
    self.problems = problems
  }

  /// A feed that the metric depends on, with the quality of its events.
  public struct Feed: Sendable, Hashable {
    /// The event type and the source, as shown to users.
    public var name: String
    /// Whether the feed delivers.
    public var status: FeedState.Status
    /// The number of events in the last 30 days.
    public var events: Int
    /// The number of events in quarantine, because their data do not fit their type.
    public var malformed: Int
    /// The number of events that match the conditions of a custom metric; nil for other kinds.
    public var matching: Int?
    /// The number of events with a usable value, by field. For a custom metric, only matching events count.
    public var fitting: [String: Int]

    public init(
      name: String, status: FeedState.Status, events: Int, malformed: Int = 0, matching: Int? = nil,
      fitting: [String: Int] = [:]
    ) {
      self.name = name
      self.status = status
      self.events = events
      self.malformed = malformed
      self.matching = matching
      self.fitting = fitting
    }

    /// The share of usable events, for the field with the lowest share; nil without events.
    public var fit: Double? {
      guard events > 0 else { return nil }
      let wellFormed = Double(events - malformed) / Double(events)
      return fits.map(\.share).reduce(wellFormed, min)
    }

    /// The share of events with a usable value, sorted by field; empty without events to examine.
    var fits: [(field: String, share: Double)] {
      let read = matching ?? events
      guard read > 0 else { return [] }
      return fitting.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value) / Double(read)) }
    }
  }

  /// Adds the problems of the metric's feeds before its own.
  ///
  /// Problems of feeds explain why nothing was counted, so they replace `noData`.
  public func adding(_ feeds: [Feed]) -> Measurability {
    var result = self
    let found = feeds.flatMap(Self.problems) + Self.mismatch(feeds)
    result.problems = found + problems.filter { found.isEmpty || $0 != .noData }
    return result
  }

  private static func mismatch(_ feeds: [Feed]) -> [Problem] {
    let read = feeds.filter { $0.events > 0 }
    return !read.isEmpty && read.allSatisfy { $0.matching == 0 } ? [.noMatch] : []
  }

  private static func problems(of feed: Feed) -> [Problem] {
    switch feed.status {
    case .neverDelivered: return [.neverDelivered(feed: feed.name)]
    case .silent, .accepted, .retired: return [.silent(feed: feed.name)]
    case .alive: break
    }
    var problems: [Problem] = []
    let malformed = feed.events == 0 ? 0 : Double(feed.malformed) / Double(feed.events)
    if malformed > 1 - wantedFit { problems.append(.malformed(feed: feed.name, share: malformed)) }
    for (field, share) in feed.fits where share < wantedFit {
      problems.append(.missingField(feed: feed.name, field: field, fit: share))
    }
    return problems
  }
}

extension Measurability {
  /// Judges a share, such as adoption, a helpful rate or a ratio.
  ///
  /// The target is distinguished from the baseline if the 95% Wilson interval of the observed share excludes the
  /// baseline. The probability of that is computed exactly for a true share at the target.
  ///
  /// - Parameters:
  ///   - trials: the expected denominator in the window: accounts, votes or events.
  ///   - baseline: the share before the launch; nil if unknown.
  public static func share(trials: Int, baseline: Double?, target: Target) -> Measurability {
    guard trials > 0 else { return Measurability(problems: [.noData]) }
    let share = min(1, max(0, target.value))
    let interval = ConfidenceInterval.wilson(successes: Int((share * Double(trials)).rounded()), trials: trials)
    return judged(interval, baseline: baseline, target: target) { baseline in
      power(trials: trials, baseline: baseline, share: share)
    } needed: { baseline in
      leastTrials { power(trials: $0, baseline: baseline, share: share) }
    }
  }

  /// Judges a count, such as views or events.
  ///
  /// The target is distinguished from the baseline if the count is outside the central 95% of the distribution at the
  /// baseline. Both distributions are modelled as normal, with a variance of `dispersion` times the mean.
  ///
  /// - Parameter baseline: the count in a window of the same length before the launch; nil if unknown.
  public static func count(baseline: Double?, target: Target, dispersion: Double) -> Measurability {
    let value = max(0, target.value)
    let margin = ConfidenceInterval.standardNormal975 * sqrt(value * dispersion)
    let interval = ConfidenceInterval(low: max(0, value - margin), high: value + margin)
    return judged(interval, baseline: baseline, target: target) { baseline in
      let limit = ConfidenceInterval.standardNormal975 * sqrt(baseline * dispersion)
      let truth = NormalDistribution(mean: value, deviation: sqrt(value * dispersion))
      return value > baseline
        ? 1 - truth.probability(below: baseline + limit) : truth.probability(below: baseline - limit)
    } needed: { _ in
      nil
    }
  }

  /// Judges a mean of values.
  ///
  /// The target is distinguished from the baseline if the 95% interval of the observed mean excludes the
  /// baseline. The mean is modelled as normal.
  ///
  /// - Parameters:
  ///   - count: the number of values expected in the window.
  ///   - deviation: the standard deviation of a value.
  ///   - baseline: the mean before the launch; nil if unknown.
  public static func mean(count: Int, deviation: Double, baseline: Double?, target: Target) -> Measurability {
    guard count > 0 else { return Measurability(problems: [.noData]) }
    let value = target.value
    let margin = ConfidenceInterval.standardNormal975 * deviation / sqrt(Double(count))
    let interval = ConfidenceInterval(low: value - margin, high: value + margin)
    return judged(interval, baseline: baseline, target: target) { baseline in
      power(count: count, deviation: deviation, difference: abs(value - baseline))
    } needed: { baseline in
      leastTrials { power(count: $0, deviation: deviation, difference: abs(value - baseline)) }
    }
  }

  /// The power: the probability that a mean's confidence interval lies entirely on the true mean's side of the
  /// baseline, if the two differ by `difference`.
  private static func power(count: Int, deviation: Double, difference: Double) -> Double {
    let error = deviation / sqrt(Double(count))
    guard error > 0 else { return difference > 0 ? 1 : 0 }
    return NormalDistribution().probability(below: difference / error - ConfidenceInterval.standardNormal975)
  }

  private static func judged(
    _ interval: ConfidenceInterval?, baseline: Double?, target: Target, power: (Double) -> Double,
    needed: (Double) -> Int?
  ) -> Measurability {
    guard let baseline else { return Measurability(interval: interval, problems: [.noBaseline]) }
    guard !target.isMet(by: baseline) else {
      return Measurability(interval: interval, power: 0, problems: [.alreadyMet])
    }
    let found = power(baseline)
    return Measurability(
      interval: interval, power: found,
      problems: found >= wantedPower ? [] : [.indistinguishable(power: found, needed: needed(baseline))])
  }

  /// The power: the probability that the Wilson interval lies entirely on the true share's side of the baseline.
  private static func power(trials: Int, baseline: Double, share: Double) -> Double {
    if share < baseline { return power(trials: trials, baseline: 1 - baseline, share: 1 - share) }
    guard let least = firstIndex(0...trials, where: { isAbove(baseline, successes: $0, trials: trials) }) else {
      return 0
    }
    // P(X >= x) of a binomial variable is the beta distribution function I_p(x, n - x + 1).
    return least == 0
      ? 1 : BetaDistribution(alpha: Double(least), beta: Double(trials - least + 1)).probability(below: share)
  }

  private static func isAbove(_ baseline: Double, successes: Int, trials: Int) -> Bool {
    ConfidenceInterval.wilson(successes: successes, trials: trials).map { $0.low > baseline } ?? false
  }

  /// The smallest number of trials with the wanted power, to within 0.1 %; nil if it exceeds a billion.
  private static func leastTrials(_ power: (Int) -> Double) -> Int? {
    var high = 1
    while power(high) < wantedPower {
      guard high < 1_000_000_000 else { return nil }
      high *= 2
    }
    var low = high / 2
    while high - low > max(1, high / 1_000) {
      let middle = (low + high) / 2
      if power(middle) < wantedPower { low = middle } else { high = middle }
    }
    return high
  }

  /// The first number from which a condition holds throughout the range, found by bisection; nil if it holds nowhere.
  private static func firstIndex(_ range: ClosedRange<Int>, where holds: (Int) -> Bool) -> Int? {
    guard holds(range.upperBound) else { return nil }
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
