import CSpecialFunctions
import Glibc

/// The rhythm of a feed, learnt from its own history: how probable a gap of a given length is.
///
/// A feed with events in more than three hours of its active days is modelled as a stream, with a negative binomial
/// count for each hour of the week. Any other feed is modelled as batches: runs of hours with events, separated by
/// gamma-distributed gaps that are measured on the weekdays it uses. With less than four weeks of history, quiet spells
/// between runs are modelled in the same way, but every hour has the same weight. Whether a gap is silence depends only
/// on its probability: a single long gap in the history, perhaps an unnoticed outage, does not make shorter gaps usual.
public struct FeedRhythm: Sendable, Hashable {
  /// The limit for silence: a gap is silence if its probability, times the number of gaps in a quarter, is below it.
  public static let threshold = 0.1
  /// The number of days of history needed to learn weekdays and hours.
  public static let learningDays = 28.0
  /// The number of days of history below which only gaps of at least four days are
  /// judged, because no weekend has been seen twice.
  public static let firstDays = 14.0
  /// The number of active hours per active day above which a feed is a stream.
  public static let streamHours = 3.0

  /// The minimum number of gaps assumed for a feed with events in most hours.
  static let denseGaps = 5

  /// The number of quiet spells needed to learn a rhythm …
  public static let leastSpells = 2
  /// … or, alternatively, the number of hours with events.
  public static let leastHours = 12

  /// How the feed delivers.
  public enum Kind: Sendable, Hashable {
    case stream, batches
    /// Too little history to learn weekdays and hours.
    case learning
  }

  /// How the feed delivers.
  public let kind: Kind
  /// The expected number of gaps in a quarter of 91 days.
  public let gapsPerQuarter: Double
  /// The weight of each hour of the week when gaps are measured.
  private let clock: WeekProfile
  /// The rate per hour of the clock: expected clusters of events for a stream, otherwise 1 / the mean gap.
  private let rate: Double
  /// The shape of the gamma distribution of gaps; 1 for a stream.
  private let shape: Double
  /// The number of gaps on which `rate` is based; at least an assumed minimum.
  private let gaps: Double
  /// The mean number of events per hour of the clock.
  private let perHour: Double
  /// The number of quiet spells from which the rhythm was learnt.
  private let spells: Int
  /// The length of a gap that a stream has in most weeks, such as a weekend, in hours of the clock; 0 without one.
  private let usual: Double
  /// The variance of a stream's hourly counts divided by their mean; 1 for other feeds.
  let dispersion: Double
  /// The minimum length in hours of a gap that is judged.
  private let least: Double
  /// The longest gap from which it was learnt, in hours of the clock.
  private let longest: Double
  /// The most events that one hour counts; nil if there are too few hours to say what is usual.
  let mostPerHour: Double?

  /// The maximum number of silences in a history that are taken as outages; if
  /// there are more, they belong to the rhythm.
  static let outages = 3
  /// The share of weeks in which a stream must have a gap for it to be usual.
  static let usualShare = 0.6
  /// The number of quiet spells from which a rhythm of batches can decide whether a window was delivered.
  static let firmSpells = 8
  /// A present gap of batches that are firm is silence from this many times their longest one on.
  static let longestMultiple = 2.0
  /// The number of hours with events from which on an hour counts no more than `importMultiple` times the 99th
  /// percentile, because an import says nothing about the rhythm.
  static let percentileHours = 20
  static let importMultiple = 10

  /// Learns the rhythm from a history that may contain unnoticed outages; returns nil if the history is too short.
  ///
  /// Silences by the learnt rhythm are left out, and the rhythm is learnt again from the rest.
  ///
  /// - Parameter outages: spans of local hours to leave out, because the feed was known to be down.
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

  /// Learns the rhythm; returns nil if the history is too short.
  ///
  /// - Parameter outages: spans of local hours to leave out, because the feed was down; quiet
  ///   spells that touch one are left out, too.
  public init?(_ whole: FeedHistory, outages: [ClosedRange<Double>] = []) {
    let active = whole.activeHours
    let most = Self.most(of: active.map { whole.counts[$0] ?? 0 })
    mostPerHour = most.map { Double($0) }
    let history = most.map { whole.capped(at: $0) } ?? whole
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
    // A single short run of events has no rhythm.
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
    let descending = spells.sorted(by: >)
    usual = kind == .stream && rank < descending.count ? descending[rank] : 0
    longest = descending.first ?? 0
    gaps = Double(max(isDense ? Self.denseGaps : 1, spells.count))
  }

  /// The probability of a gap at least as long as the one between two moments, in local hours since 1970-01-01.
  public func probability(ofGapFrom start: Double, to end: Double) -> Double {
    guard end > start else { return 1 }
    let length = rate * Self.length(on: clock, from: start, to: end)
    guard kind != .stream else { return exp(-length) }
    // The ratio of a gamma variable to the mean of n others follows an F distribution.
    return gonogo_beta_i(shape * gaps, shape, gaps / (gaps + length))
  }

  /// Whether a gap is silence: so improbable that fewer than one in ten quarters has one as long, and longer than the
  /// nights and weekends that are usual for a stream, in which its clock still expects a few events. A gap of firm
  /// batches is silence as well if it is twice as long as any before, which a few of them make hardly improbable.
  public func isSilence(from start: Double, to end: Double) -> Bool {
    let length = Self.length(on: clock, from: start, to: end)
    guard end - start >= least, length > usual else { return false }
    if kind == .batches, isFirm, length >= Self.longestMultiple * longest { return true }
    return probability(ofGapFrom: start, to: end) * gapsPerQuarter < Self.threshold
  }

  /// Whether it has been seen for long enough to say by itself whether a window was delivered.
  public var isFirm: Bool { kind == .stream || (kind == .batches && spells >= Self.firmSpells) }

  /// The expected number of events between two moments, in local hours since 1970-01-01.
  public func expected(from start: Double, to end: Double) -> Double {
    end > start ? perHour * Self.length(on: clock, from: start, to: end) : 0
  }

  /// The mean number of events of a batch; 0 for other feeds.
  var eventsPerBatch: Double { kind == .batches ? perHour / rate : 0 }

  /// The length of a span in hours of the clock; a week has 168.
  func clockHours(in span: Range<Double>) -> Double {
    Self.length(on: clock, from: span.lowerBound, to: span.upperBound)
  }

  /// The length of a span in days: each hour is the share of its weekday's events that is expected in it.
  ///
  /// - Parameter counts: whether to count the hours of a weekday, 0 for Monday.
  func days(in span: Range<Double>, counts: (Int) -> Bool) -> Double {
    let weekdays = weekdays
    var days = 0.0
    for hour in Int(span.lowerBound.rounded(.down))..<Int(span.upperBound.rounded(.up)) {
      let weekday = Self.remainder(hour + 72, WeekProfile.hours) / 24
      guard counts(weekday), weekdays[weekday] > 0 else { continue }
      let start = max(span.lowerBound, Double(hour))
      days += expected(from: start, to: min(span.upperBound, Double(hour + 1))) / weekdays[weekday]
    }
    return days
  }

  /// The expected number of events on each weekday, from Monday.
  var weekdays: [Double] {
    // 1970-01-05 was a Monday.
    (0..<7).map { expected(from: Double(96 + $0 * 24), to: Double(120 + $0 * 24)) }
  }

  /// The length of a span in hours of the clock; a week has 168.
  private static func length(on clock: WeekProfile, from start: Double, to end: Double) -> Double {
    // 1970-01-01 was a Thursday, three days after a Monday.
    clock.share(from: start + 72, hours: end - start) * Double(WeekProfile.hours)
  }

  /// The most events that an hour counts when a rhythm is learnt; nil if there are too few hours.
  private static func most(of counts: [Int]) -> Int? {
    guard counts.count >= percentileHours else { return nil }
    // At least one hour is above it.
    return importMultiple * counts.sorted()[(counts.count - 1) * 99 / 100]
  }

  private static func remainder(_ value: Int, _ divisor: Int) -> Int {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
  }

  private static func clock(for kind: Kind, history: FeedHistory, active: [Int]) -> WeekProfile {
    var weights = [Int](repeating: 0, count: WeekProfile.hours)
    // Counts only whole weeks, so that every hour of the week occurs equally often.
    let whole = ((active.last ?? 0) - (active.first ?? 0) + 1) / WeekProfile.hours * WeekProfile.hours
    let active = whole > 0 ? active.filter { $0 > (active.last ?? 0) - whole } : active
    for hour in active {
      weights[remainder(hour + 72, WeekProfile.hours)] += kind == .stream ? history.counts[hour] ?? 0 : 1
    }
    switch kind {
    case .learning: return .even
    case .stream: return WeekProfile(counts: weights)
    case .batches:
      // Each hour has the weight of its weekday, with a minimum for weekdays without batches.
      let total = Double(active.count)
      return WeekProfile(
        weights: (0..<WeekProfile.hours).map { hour in
          let day = weights[(hour / 24 * 24)..<(hour / 24 * 24 + 24)].reduce(0, +)
          return max(0.05 / 7, Double(day) / total)
        })
    }
  }

  /// The variance of hourly counts around their expectation for the hour of the
  /// week, divided by their mean; at least 1.
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

  /// The spans with overlapping ones merged, ascending.
  private static func merged(_ spans: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
    spans.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, span in
      if let last = merged.last, span.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, span.upperBound)
      } else {
        merged.append(span)
      }
    }
  }

  /// The shape of the gaps' gamma distribution: 1 / CV², drawn towards 1 (an exponential
  /// distribution) with the weight of two gaps.
  private static func shape(of spells: [Double], mean: Double) -> Double {
    let square = spells.reduce(0) { $0 + ($1 / mean - 1) * ($1 / mean - 1) }
    return (Double(spells.count) + 2) / (square + 2)
  }
}
