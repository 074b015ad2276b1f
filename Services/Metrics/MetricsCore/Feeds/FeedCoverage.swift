import Contract
import Glibc
import LaunchModel

/// What the sources of one event type delivered in a window so far, and what is missing (product.md, section 4).
///
/// The rhythm used for judging a window is learnt from the history before it. Missing events are measured
/// against the number expected of all sources together, so a source that replaces another one fills its gap.
/// Moments are hours since 1970-01-01 00:00 UTC.
struct FeedCoverage {
  /// One source, with its rhythm before the window.
  private struct Source {
    let condition: FeedOutlook.Condition
    let counts: [Int: Int]
    let rhythm: FeedRhythm?
    let arrivals: FeedArrivals?
    /// The last hour with events up to the moment of judging.
    var lastHour: Int? { counts.keys.max() }
  }

  /// A span in which a source left out events.
  private struct Hole {
    /// From the last event before the span to the first one after it, or to the moment of judging.
    var span: Range<Double>
    /// Whether the source has delivered nothing since.
    var isOpen: Bool
  }

  /// The share of expected events at which a span counts as delivered; it is below 1
  /// because no two weeks have the same volume.
  static let filledShare = 0.85
  /// The largest share of expected events with which a span of a stream still counts as missing.
  static let tracesShare = 0.125
  /// The share of expected events in the window below which a note on low volume is added.
  static let lowShare = 0.5
  /// The minimum number of expected events for a note on low volume.
  static let leastExpected = 20.0
  /// The longest span without events that is accepted in a feed without a rhythm: this share of the window …
  static let holeShare = 0.1
  /// … or, if longer, this many hours, but at most a quarter of the window …
  static let holeHours = 24.0
  /// … or, if longer, this many times the median quiet spell, provided there are at least `leastSpells`.
  static let holeSpells = 2.0
  static let leastSpells = 4
  /// The maximum loss that a public holiday explains, as a multiple of the busiest weekday's events; above 1, to
  /// include the hours around the holiday.
  static let holidayDays = 1.25

  private let type: String
  /// The window, up to the moment of judging.
  private let span: Range<Double>
  private let length: Double
  private let now: Double
  private let sources: [Source]
  /// The sources that count: those not retired before the window or, if all were, those that delivered in it anyway.
  private let accountable: [Source]
  /// The rhythm of the type before the window, over all accountable sources.
  private let rhythm: FeedRhythm?
  /// The improbable gaps in the deliveries of all sources together.
  private var typeGaps: [Range<Double>] = []

  /// - Parameter needsFirmRhythm: whether sources without a firm rhythm leave nothing out.
  init(
    of type: String, by conditions: [FeedOutlook.Condition], in window: Range<Timestamp>, at now: Timestamp,
    needsFirmRhythm: Bool = false
  ) {
    self.type = type
    let start = Self.hours(window.lowerBound)
    let end = max(start, min(Self.hours(window.upperBound), Self.hours(now)))
    span = start..<end
    length = Self.hours(window.upperBound) - start
    self.now = Self.hours(now)
    sources = conditions.map { condition in
      let counts = condition.deliveries.counts
      let rhythm = Self.rhythm(counts, condition.gaps.spans(utcOffset: 0), before: start)
      return Source(
        condition: condition, counts: counts, rhythm: needsFirmRhythm && rhythm?.isFirm != true ? nil : rhythm,
        arrivals: FeedArrivals(condition.deliveries))
    }
    let current = sources.filter { !$0.condition.isRetired(before: window.lowerBound) }
    // If all sources are retired, those that still deliver count.
    accountable = current.isEmpty ? sources.filter { $0.lastHour.map { start < Double($0 + 1) } ?? false } : current
    let usual = needsFirmRhythm ? accountable.filter { $0.rhythm != nil } : accountable
    let merged = usual.reduce(into: [Int: Int]()) { $0.merge($1.counts, uniquingKeysWith: +) }
    rhythm = Self.rhythm(merged, accountable.flatMap { $0.condition.gaps.spans(utcOffset: 0) }, before: start)
    let all = sources.reduce(into: [Int: Int]()) { $0.merge($1.counts, uniquingKeysWith: +) }
    typeGaps = rhythm.map { gaps(in: all, by: $0, accountable.compactMap(\.arrivals).first).map(\.span) } ?? []
  }

  private static func rhythm(_ counts: [Int: Int], _ gaps: [ClosedRange<Double>], before start: Double) -> FeedRhythm? {
    let history = FeedHistory(counts: counts.filter { Double($0.key) < start - 0.5 }, firstSeen: nil, lastSeen: nil)
    return FeedRhythm.learnt(from: history, outages: gaps)
  }

  /// Whether figures depend on a type that they do not require: if it had a rhythm
  /// before the window, or has an open gap there.
  var isEstablished: Bool {
    accountable.contains { source in
      source.rhythm != nil || source.condition.gaps.open.contains { !$0.span.isEmpty && overlaps($0) }
    }
  }

  private func overlaps(_ gap: FeedGaps.Gap) -> Bool {
    Self.hours(gap.since) < span.lowerBound + length && gap.until.map { span.lowerBound < Self.hours($0) } ?? true
  }

  /// Judges the window.
  ///
  /// - Parameter isRequired: whether there is no figure without events of the type.
  func judge(isRequired: Bool, _ judgement: inout FeedOutlook.Judgement) {
    judgeGaps(&judgement)
    guard !span.isEmpty else { return }
    judgeHoles(&judgement)
    let isFirm = accountable.contains { $0.rhythm?.isFirm ?? false }
    if isRequired, !isFirm, !judgement.isSilent { judgeCover(&judgement) }
  }

  private func judgeGaps(_ judgement: inout FeedOutlook.Judgement) {
    for source in accountable {
      for gap in source.condition.gaps.open where overlaps(gap) {
        let absence = FeedAbsence(.gap, since: gap.since, until: gap.until)
        let isAccepted = source.condition.acceptances.contains { gap.reportedAt <= $0 }
        judgement.add(
          isAccepted
            ? "\(source.condition.title) \(absence.summary), which Product Ops accepted"
            : "\(source.condition.title) \(absence.summary): the figure is not known; see gonogo metric feeds",
          isSettled: isAccepted)
      }
    }
  }

  // MARK: Holes

  private func judgeHoles(_ judgement: inout FeedOutlook.Judgement) {
    let expected = rhythm?.expected(from: span.lowerBound, to: span.upperBound) ?? 0
    guard expected > 0 else { return }
    var (lost, settled) = (0.0, 0.0)
    var notes: [String] = []
    var holes: [Range<Double>] = []
    for source in accountable {
      guard let rhythm = source.rhythm else { continue }
      let missing = self.holes(of: source, rhythm).compactMap { hole -> (hole: Hole, events: Double)? in
        missingEvents(hole, of: rhythm).map { (hole, $0) }
      }
      guard !missing.isEmpty else { continue }
      let events = missing.reduce(0) { $0 + $1.events }
      let accepted = missing.filter { isSettled($0.hole, of: source, rhythm) }
      lost += events
      settled += accepted.reduce(0) { $0 + $1.events }
      holes += missing.map { $0.hole.span.clamped(to: span) }
      notes.append(
        note(on: missing, of: source, share: events / expected, isSettled: accepted.count == missing.count))
    }
    // Holes of several sources at the same time count once.
    let union = Self.union(holes).reduce(0.0) { sum, hole in
      sum + max(0, (rhythm?.expected(from: hole.lowerBound, to: hole.upperBound) ?? 0) - delivered(in: hole))
    }
    let scale = lost > 0 ? min(1, union / lost) : 0
    judgement.notes += notes
    if lost * scale > FeedOutlook.quietShare * expected {
      if isHoliday(lost * scale, Self.union(holes)) {
        judgement.notes.append("it counts as a day without work, like a public holiday")
      } else if (lost - settled) * scale > FeedOutlook.quietShare * expected {
        judgement.isSilent = true
        judgement.notes.append("too much of \(type) is missing, so the figure is not known; see gonogo metric feeds")
      } else {
        judgement.isSettled = true
      }
    } else {
      noteVolume(expected, &judgement)
    }
  }

  /// The holes of a source that overlap the window: improbable gaps, gaps that only late events filled, and spans of a
  /// stream with hardly any events.
  private func holes(of source: Source, _ rhythm: FeedRhythm) -> [Hole] {
    let gaps = gaps(in: source.counts, of: source, rhythm)
    let onTime = source.condition.deliveries.counts(storedWithin: max(1, source.arrivals?.lag ?? 0))
    let late =
      onTime.count == source.counts.count
      ? [] : self.gaps(in: onTime, of: source, rhythm).filter { missingEvents($0, of: rhythm) != nil }
    let all = gaps + late + traces(of: source, rhythm).map { Hole(span: $0, isOpen: false) }
    return Self.union(all.map(\.span)).map { span in
      Hole(span: span, isOpen: gaps.contains { $0.isOpen && $0.span.upperBound == span.upperBound })
    }
  }

  /// The improbable gaps between hours with events, and since the last one.
  private func gaps(in counts: [Int: Int], of source: Source, _ rhythm: FeedRhythm) -> [Hole] {
    gaps(in: counts, by: rhythm, source.arrivals)
  }

  private func gaps(in counts: [Int: Int], by rhythm: FeedRhythm, _ arrivals: FeedArrivals?) -> [Hole] {
    let hours = counts.keys.filter { Double($0) <= now }.sorted()
    guard let last = hours.last else { return [] }
    var holes = zip(hours, hours.dropFirst()).compactMap { before, after -> Hole? in
      let hole = Double(before + 1)..<Double(max(after, before + 1))
      guard hole.overlaps(span), rhythm.isSilence(from: Double(before) + 0.5, to: Double(after) + 0.5) else {
        return nil
      }
      return Hole(span: hole, isOpen: false)
    }
    let since = Double(last) + 0.5
    let isSilent =
      arrivals?.isSilence(from: since, to: now, by: rhythm) ?? rhythm.isSilence(from: since, to: now)
    if isSilent, Double(last + 1) < now, (Double(last + 1)..<now).overlaps(span) {
      holes.append(Hole(span: Double(last + 1)..<now, isOpen: true))
    }
    return holes
  }

  /// The least probable span of a stream with hardly any events: the one with the greatest increase in the likelihood
  /// ratio of a tenth of the usual volume; empty if it is not improbable enough.
  private func traces(of source: Source, _ rhythm: FeedRhythm) -> [Range<Double>] {
    guard rhythm.kind == .stream else { return [] }
    var (sum, best) = (0.0, 0.0)
    let hours =
      Int(
        span.lowerBound.rounded(.up))..<max(
        Int(span.lowerBound.rounded(.up)), Int(span.upperBound.rounded(.down)))
    var (start, found) = (hours.lowerBound, hours.lowerBound..<hours.lowerBound)
    for hour in hours {
      let expected = rhythm.expected(from: Double(hour), to: Double(hour + 1))
      sum += (0.9 * expected - log(10) * Double(source.counts[hour] ?? 0)) / rhythm.dispersion
      if sum <= 0 {
        (sum, start) = (0, hour + 1)
      } else if sum > best {
        (best, found) = (sum, start..<hour + 1)
      }
    }
    let trace = Double(found.lowerBound)..<Double(found.upperBound)
    let events = found.reduce(0) { $0 + (source.counts[$1] ?? 0) }
    let expected = rhythm.expected(from: trace.lowerBound, to: trace.upperBound)
    guard exp(-best) * rhythm.gapsPerQuarter < FeedRhythm.threshold, Double(events) <= Self.tracesShare * expected
    else {
      return []
    }
    return [trace]
  }

  /// The number of events missing in the part of a hole inside the window, given the source's rhythm. Nil if all
  /// sources together delivered what was expected of the type.
  private func missingEvents(_ hole: Hole, of rhythm: FeedRhythm) -> Double? {
    let part = hole.span.clamped(to: span)
    guard !part.isEmpty else { return nil }
    let own = rhythm.expected(from: part.lowerBound, to: part.upperBound)
    let expected = self.rhythm?.expected(from: part.lowerBound, to: part.upperBound) ?? own
    let delivered = delivered(in: part)
    guard delivered > 0 else { return min(own, expected) }
    let shortfall = expected - delivered
    if delivered < Self.filledShare * expected, shortfall > 2 * sqrt(expected) { return min(own, shortfall) }
    // Most of the expected events were delivered, or few were expected. Only those in gaps of all sources are missing.
    let shared = typeGaps.reduce(0.0) { sum, gap in
      let gap = gap.clamped(to: part)
      return sum + (self.rhythm?.expected(from: gap.lowerBound, to: gap.upperBound) ?? 0)
    }
    return shared > 0 ? min(own, shared) : nil
  }

  private func delivered(in part: Range<Double>) -> Double {
    sources.reduce(0) { sum, source in
      sum
        + source.counts.reduce(0) { events, entry in
          let hour = (Double(entry.key)..<Double(entry.key + 1)).clamped(to: part)
          return events + Double(entry.value) * (hour.upperBound - hour.lowerBound)
        }
    }
  }

  /// Whether Product Ops settled a hole: by accepting it once it was known, or by retiring
  /// the source while others deliver its type.
  private func isSettled(_ hole: Hole, of source: Source, _ rhythm: FeedRhythm) -> Bool {
    let isAccepted = source.condition.acceptances.contains { moment in
      let moment = Self.hours(moment)
      return hole.span.upperBound <= moment
        || (hole.span.lowerBound < moment && rhythm.isSilence(from: hole.span.lowerBound - 0.5, to: moment))
    }
    guard !isAccepted, hole.isOpen, source.condition.standingRetirement != nil else { return isAccepted }
    return delivered(in: hole.span.clamped(to: span)) > 0
  }

  private func note(
    on missing: [(hole: Hole, events: Double)], of source: Source, share: Double, isSettled: Bool
  ) -> String {
    let holes = missing.map(\.hole)
    // If late events filled a part of a hole, its hours are reduced in proportion.
    let hours = Int(
      missing.reduce(0.0) { sum, entry in
        let part = entry.hole.span.clamped(to: span)
        let expected = source.rhythm?.expected(from: part.lowerBound, to: part.upperBound) ?? 0
        return sum + (part.upperBound - part.lowerBound) * (expected > 0 ? min(1, entry.events / expected) : 1)
      }.rounded())
    let percent = max(1, Int((share * 100).rounded()))
    let silence =
      holes.count == 1 && holes[0].isOpen
      ? "is silent since \(Self.moment(holes[0].span.lowerBound))" : "was silent for \(max(1, hours)) h of the window"
    let ruling =
      source.condition.standingRetirement.map { ", and it has been retired since \($0)" }
      ?? (isSettled ? ", which Product Ops accepted" : "")
    return "\(source.condition.title) \(silence): about \(percent) % of \(type) is missing\(ruling)"
  }

  /// Whether a public holiday explains what is missing: a single hole with at most one working day's events, in a
  /// window of a week or more and a type that is rare on some weekday.
  private func isHoliday(_ lost: Double, _ holes: [Range<Double>]) -> Bool {
    guard holes.count == 1, length >= 168, let days = rhythm?.weekdays, let most = days.max(), let least = days.min()
    else { return false }
    return least < 0.25 * most && lost <= Self.holidayDays * most
  }

  private func noteVolume(_ expected: Double, _ judgement: inout FeedOutlook.Judgement) {
    let delivered = delivered(in: span)
    guard rhythm?.isFirm ?? false, expected >= Self.leastExpected, delivered < Self.lowShare * expected,
      expected - delivered > 4 * sqrt(expected * (rhythm?.dispersion ?? 1))
    else { return }
    let percent = Int((delivered / expected * 100).rounded())
    judgement.notes.append(
      "only \(percent) % of the usual volume of \(type) was delivered: is every part of its source running?")
  }

  // MARK: Without a rhythm

  /// Judges a type without a firm rhythm: its events must cover the window without long gaps.
  private func judgeCover(_ judgement: inout FeedOutlook.Judgement) {
    let counts = accountable.reduce(into: [Int: Int]()) { $0.merge($1.counts, uniquingKeysWith: +) }
    let hours = counts.keys.filter { Double($0) <= span.upperBound }.sorted()
    let spells = zip(hours, hours.dropFirst()).map { $1 - $0 }.filter { $0 > 1 }.sorted()
    var limit = max(Self.holeShare * length, min(Self.holeHours, length / 4))
    if spells.count >= Self.leastSpells { limit = max(limit, Self.holeSpells * Double(spells[spells.count / 2])) }
    let lag = Double(accountable.compactMap { $0.arrivals?.lag }.max() ?? 0)
    let end = min(span.upperBound, max(span.lowerBound, now - lag))
    let edges = hours.filter { Double($0 + 1) > span.lowerBound }
    let starts = [span.lowerBound] + edges.map { Double($0 + 1) }
    let ends = edges.map { Double($0) } + [end]
    let rest = restDays(hours)
    let holes = zip(starts, ends).filter { $0 < $1 && worked($0..<$1, but: rest) > limit }
    guard let hole = holes.first else { return }
    let acceptances = accountable.flatMap(\.condition.acceptances).map(Self.hours)
    let isSettled = holes.allSatisfy { hole in acceptances.contains { hole.0 + limit < $0 } }
    let isFirst = hole.0 == span.lowerBound && !hours.contains { Double($0) < hole.0 }
    let note =
      isFirst && !edges.isEmpty
      ? "the first \(type) is from \(Self.moment(hole.1)); whether any came before it is not known"
      : "no \(type) was delivered from \(Self.moment(hole.0)) to \(Self.moment(hole.1)), and how often it usually "
        + "comes is not known"
    judgement.add(
      note + (isSettled ? ", which Product Ops accepted" : ": the figure is not known"), isSettled: isSettled)
  }

  /// The weekdays, 0 for Thursday, without any event in two weeks or more; empty if
  /// there are events on fewer than four weekdays.
  private func restDays(_ hours: [Int]) -> Set<Int> {
    guard let first = hours.first, let last = hours.last, last - first >= 336 else { return [] }
    let used = Set(hours.map { Self.weekday(Double($0)) })
    return used.count >= 4 ? Set(0..<7).subtracting(used) : []
  }

  private func worked(_ hole: Range<Double>, but rest: Set<Int>) -> Double {
    guard !rest.isEmpty else { return hole.upperBound - hole.lowerBound }
    return stride(from: hole.lowerBound, to: hole.upperBound, by: 1).reduce(0) { hours, hour in
      rest.contains(Self.weekday(hour)) ? hours : hours + min(1, hole.upperBound - hour)
    }
  }

  private static func weekday(_ hour: Double) -> Int { Int((hour / 24).rounded(.down)) % 7 }

  // MARK: Time

  private static func hours(_ moment: Timestamp) -> Double { FeedHistory.localHours(of: moment, utcOffset: 0) }

  private static func moment(_ hours: Double) -> Timestamp {
    Timestamp(microseconds: Int64(hours * 3_600) * 1_000_000)
  }

  /// The spans with overlapping ones merged, ascending.
  private static func union(_ spans: [Range<Double>]) -> [Range<Double>] {
    spans.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, span in
      if let last = merged.last, span.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
      } else {
        merged.append(span)
      }
    }
  }
}
