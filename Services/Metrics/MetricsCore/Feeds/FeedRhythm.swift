import CSpecialFunctions
import Glibc

/// The rhythm of a feed, learnt from its own history: how probable a gap of a given length is.
///
/// A feed with events in more than three hours of its days is taken as a stream: a negative binomial count for each hour of
/// the week. Any other is taken as batches, each a run of hours with events, with gamma distributed time between them,
/// measured on the weekdays that it uses. Before there is a month of history, the quiet spells between runs are judged alike,
/// on a clock on which every hour counts the same. A gap is silence by its probability alone: one long gap in the history, which
/// nobody may have noticed, does not make every shorter one usual.
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
  /// The mean number of events in an hour of the clock.
  private let perHour: Double
  /// The number of quiet spells that it was learnt from.
  private let spells: Int
  /// The gap of a stream that it shows in more than half of its weeks, such as a weekend, in the clock's unit.
  private let usual: Double
  /// The variance of a stream's hourly counts divided by their mean; 1 for others.
  let dispersion: Double
  /// The gap in hours below which nothing is judged.
  private let least: Double

  /// The silences in a history up to which each is taken as an outage; more are how the feed delivers.
  static let outages = 3
  /// The share of its weeks in which a stream's gap is usual.
  static let usualShare = 0.6
  /// The quiet spells from which on a rhythm that is not a stream shows whether a window was delivered.
  static let firmSpells = 8

  /// Learns the rhythm of a history, in which the feed may have been down without anybody noticing; nil with too little history.
  ///
  /// What is silence by the rhythm itself is left out, and the rest is learnt from again.
  ///
  /// - Parameter outages: spans of local hours that say nothing of the rhythm, because the feed was known to be down.
  public static func learnt(from history: FeedHistory, outages: [ClosedRange<Double>] = []) -> FeedRhythm? {
    var rhythm = FeedRhythm(history, outages: outages)
    let active = history.activeHours
    for _ in 0..<2 {
      guard let learnt = rhythm else { return nil }
      let silences = zip(active, active.dropFirst()).compactMap { before, after -> ClosedRange<Double>? in
        let (start, end) = (Double(before + 1), Double(after))
        return start < end && learnt.isSilence(from: start, to: end) ? start...end : nil
      }
      guard (1...Self.outages).contains(silences.count),
        let better = FeedRhythm(history, outages: outages + silences)
      else { break }
      rhythm = better
    }
    return rhythm
  }

  /// Learns the rhythm; nil with too little history.
  ///
  /// - Parameter outages: spans of local hours that say nothing of the rhythm, because the feed was down; quiet spells that
  ///   touch one are left out.
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
    let span = Double(first)...Double(last + 1)
    let down = Self.merged(outages.filter { $0.overlaps(span) }.map { $0.clamped(to: span) })
    let watched = down.reduce(Self.length(on: clock, from: span.lowerBound, to: span.upperBound)) {
      $0 - Self.length(on: clock, from: $1.lowerBound, to: $1.upperBound)
    }
    let total = active.reduce(0.0) { $0 + Double(history.counts[$1] ?? 0) }
    perHour = total / max(1, watched)
    self.spells = spells.count
    if kind == .stream {
      dispersion = Self.dispersion(history, in: first...last, but: down, clock: clock, perHour: perHour)
      let clusters = dispersion < 1.001 ? 1 : log(dispersion) / (dispersion - 1)
      rate = perHour * clusters
      shape = 1
      gapsPerQuarter = perHour * clusters * 24 * 91
    } else {
      dispersion = 1
      let mean = spells.isEmpty ? 2 : spells.reduce(0, +) / Double(spells.count)
      rate = 1 / (spells.count < 5 ? max(2, mean) : mean)
      shape = Self.shape(of: spells, mean: mean)
      gapsPerQuarter = Double(spells.count + 1) / max(1, days) * 91
    }
    let rank = Int(Self.usualShare * days / 7)
    let longest = spells.sorted(by: >)
    usual = kind == .stream && rank < longest.count ? longest[rank] : 0
    gaps = Double(max(isDense ? Self.denseGaps : 1, spells.count))
  }

  /// The probability that a gap is at least as long as one between two moments, given in local hours since 1970.
  public func probability(ofGapFrom start: Double, to end: Double) -> Double {
    guard end > start else { return 1 }
    let length = rate * Self.length(on: clock, from: start, to: end)
    guard kind != .stream else { return exp(-length) }
    // The ratio of a gamma variable to the mean of n others, which is an F distribution.
    return gonogo_beta_i(shape * gaps, shape, gaps / (gaps + length))
  }

  /// Whether a gap is silence: so improbable that not one in ten quarters has one as long, and longer than a stream's usual nights
  /// and weekends, in which its clock expects a little of everything.
  public func isSilence(from start: Double, to end: Double) -> Bool {
    end - start >= least && Self.length(on: clock, from: start, to: end) > usual
      && probability(ofGapFrom: start, to: end) * gapsPerQuarter < Self.threshold
  }

  /// Whether it has been seen for long enough to say by itself whether a window was delivered.
  public var isFirm: Bool { kind == .stream || (kind == .batches && spells >= Self.firmSpells) }

  /// The expected number of events between two moments, given in local hours since 1970.
  public func expected(from start: Double, to end: Double) -> Double {
    end > start ? perHour * Self.length(on: clock, from: start, to: end) : 0
  }

  /// The events expected on each weekday, from Monday.
  var weekdays: [Double] {
    // 1970-01-05 was a Monday.
    (0..<7).map { expected(from: Double(96 + $0 * 24), to: Double(120 + $0 * 24)) }
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
    // Only whole weeks, so that no hour of the week is counted once more than others.
    let whole = ((active.last ?? 0) - (active.first ?? 0) + 1) / WeekProfile.hours * WeekProfile.hours
    let active = whole > 0 ? active.filter { $0 > (active.last ?? 0) - whole } : active
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
    _ history: FeedHistory, in hours: ClosedRange<Int>, but outages: [ClosedRange<Double>], clock: WeekProfile,
    perHour: Double
  ) -> Double {
    guard perHour > 0 else { return 1 }
    var (square, total) = (0.0, 0.0)
    for hour in hours where !outages.contains(where: { $0.contains(Double(hour) + 0.5) }) {
      let expected = perHour * length(on: clock, from: Double(hour), to: Double(hour + 1))
      let difference = Double(history.counts[hour] ?? 0) - expected
      square += difference * difference
      total += expected
    }
    return total > 0 ? max(1, square / total) : 1
  }

  /// Spans without overlaps, ascending.
  private static func merged(_ spans: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
    spans.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, span in
      if let last = merged.last, span.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
      } else {
        merged.append(span)
      }
    }
  }

  /// 1 / CV² of the gaps, drawn towards 1, that of an exponential distribution, as two gaps would.
  private static func shape(of spells: [Double], mean: Double) -> Double {
    let square = spells.reduce(0) { $0 + ($1 / mean - 1) * ($1 / mean - 1) }
    return (Double(spells.count) + 2) / (square + 2)
  }
}
