import CSpecialFunctions
import Glibc

/// The rhythm of a feed, learnt from its own history: how probable a gap of a given length is.
///
/// A feed with events in more than three hours of its days is taken as a stream: a negative binomial count for each hour of
/// the week. Any other is taken as batches, each a run of hours with events, with gamma distributed time between them,
/// measured on the weekdays that it uses. Before there is a month of history, the quiet spells between runs are judged alike,
/// on a clock on which every hour counts the same.
public struct FeedRhythm: Sendable, Hashable {
  /// A gap is silence if its probability, times the gaps in a quarter, is below this.
  public static let threshold = 0.1
  /// The days of history from which weekdays and hours are learnt.
  public static let learningDays = 28.0
  /// The days of history up to which no gap of less than four days is judged, because no weekend has been seen twice.
  public static let firstDays = 14.0
  /// The number of active hours a day above which a feed is a stream.
  public static let streamHours = 3.0

  /// The number of short gaps that a feed with events in most hours is taken to have shown.
  static let denseGaps = 5

  /// The quiet spells that it takes to learn a rhythm …
  public static let leastSpells = 2
  /// … or else the hours with events.
  public static let leastHours = 12

  /// How the feed delivers.
  public enum Kind: Sendable, Hashable {
    case stream, batches
    /// There is less than a month of history.
    case learning
  }

  /// How it delivers.
  public let kind: Kind
  /// The expected number of gaps in a quarter of 91 days.
  public let gapsPerQuarter: Double
  /// The hour weights of the clock that gaps are measured on.
  private let clock: WeekProfile
  /// What an hour of the clock is worth: expected clusters of a stream, else mean gaps.
  private let rate: Double
  /// The shape of the gamma distribution of gaps; 1 for a stream.
  private let shape: Double
  /// The number of gaps whose mean is `1 / rate`.
  private let gaps: Double
  /// The longest gap in the history, in the clock's unit.
  private let longest: Double
  /// The gap in hours below which nothing is judged.
  private let least: Double

  /// Learns the rhythm; nil with too little history.
  ///
  /// - Parameter outages: spans of local hours that say nothing of the rhythm, because the feed was known to be down; quiet
  ///   spells that touch one are left out.
  public init?(_ history: FeedHistory, outages: [ClosedRange<Double>] = []) {
    let active = history.activeHours
    guard let first = active.first, let last = active.last else { return nil }
    let days = Double(last - first + 1) / 24
    let activeDays = Set(active.map { ($0 - Self.remainder($0, 24)) / 24 }).count
    let isDense = Double(active.count) / Double(activeDays) > Self.streamHours
    kind = days < Self.learningDays ? .learning : isDense ? .stream : .batches
    least = days < Self.firstDays ? 96 : 0
    let clock = Self.clock(for: kind, history: history, active: active)
    self.clock = clock
    let spells = zip(active, active.dropFirst()).filter { before, after in
      after - before > 1 && !outages.contains { $0.overlaps(Double(before)...Double(after + 1)) }
    }.map { before, after in Self.length(on: clock, from: Double(before) + 0.5, to: Double(after) + 0.5) }
    // One short run of events has no rhythm.
    guard spells.count >= Self.leastSpells || active.count >= Self.leastHours else { return nil }
    if kind == .stream {
      let counts = active.map { Double(history.counts[$0] ?? 0) }
      let total = counts.reduce(0, +)
      let perHour = total / (days * 24)
      let dispersion = Self.dispersion(history, active: active, clock: clock, perHour: perHour)
      let clusters = dispersion < 1.001 ? 1 : log(dispersion) / (dispersion - 1)
      rate = perHour * clusters
      shape = 1
      gapsPerQuarter = perHour * clusters * 24 * 91
    } else {
      let mean = spells.isEmpty ? 2 : spells.reduce(0, +) / Double(spells.count)
      rate = 1 / (spells.count < 5 ? max(2, mean) : mean)
      shape = Self.shape(of: spells, mean: mean)
      gapsPerQuarter = Double(spells.count + 1) / max(1, days) * 91
    }
    gaps = Double(max(isDense ? Self.denseGaps : 1, spells.count))
    longest = spells.max() ?? 0
  }

  /// The probability that a gap is at least as long as one between two moments, given in local hours since 1970.
  public func probability(ofGapFrom start: Double, to end: Double) -> Double {
    guard end > start else { return 1 }
    let length = rate * Self.length(on: clock, from: start, to: end)
    guard kind != .stream else { return exp(-length) }
    // The ratio of a gamma variable to the mean of n others, which is an F distribution.
    return gonogo_beta_i(shape * gaps, shape, gaps / (gaps + length))
  }

  /// Whether a gap is silence: improbable, and longer than any in the history.
  public func isSilence(from start: Double, to end: Double) -> Bool {
    end - start >= least && Self.length(on: clock, from: start, to: end) > longest
      && probability(ofGapFrom: start, to: end) * gapsPerQuarter < Self.threshold
  }

  /// The hours of a span as the clock counts them: a week has 168.
  private static func length(on clock: WeekProfile, from start: Double, to end: Double) -> Double {
    // 1970-01-01 was a Thursday: three days after a Monday.
    clock.share(from: start + 72, hours: end - start) * Double(WeekProfile.hours)
  }

  private static func remainder(_ value: Int, _ divisor: Int) -> Int {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
  }

  private static func clock(for kind: Kind, history: FeedHistory, active: [Int]) -> WeekProfile {
    var weights = [Int](repeating: 0, count: WeekProfile.hours)
    for hour in active {
      weights[remainder(hour + 72, WeekProfile.hours)] += kind == .stream ? history.counts[hour] ?? 0 : 1
    }
    switch kind {
    case .learning: return .even
    case .stream: return WeekProfile(counts: weights)
    case .batches:
      // An hour weighs as its weekday does, with a floor for weekdays that have no batch.
      let total = Double(active.count)
      return WeekProfile(
        weights: (0..<WeekProfile.hours).map { hour in
          let day = weights[(hour / 24 * 24)..<(hour / 24 * 24 + 24)].reduce(0, +)
          return max(0.05 / 7, Double(day) / total)
        })
    }
  }

  /// The variance of hourly counts divided by their mean, given the hour of the week; at least 1.
  private static func dispersion(
    _ history: FeedHistory, active: [Int], clock: WeekProfile, perHour: Double
  ) -> Double {
    guard let first = active.first, let last = active.last, perHour > 0 else { return 1 }
    var (square, total) = (0.0, 0.0)
    for hour in first...last {
      let expected = perHour * length(on: clock, from: Double(hour), to: Double(hour + 1))
      let difference = Double(history.counts[hour] ?? 0) - expected
      square += difference * difference
      total += expected
    }
    return max(1, square / total)
  }

  /// 1 / CV² of the gaps, drawn towards 1, that of an exponential distribution, as two gaps would.
  private static func shape(of spells: [Double], mean: Double) -> Double {
    let square = spells.reduce(0) { $0 + ($1 / mean - 1) * ($1 / mean - 1) }
    return (Double(spells.count) + 2) / (square + 2)
  }
}
