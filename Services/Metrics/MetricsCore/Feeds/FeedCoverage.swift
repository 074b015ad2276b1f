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
  struct Source {
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
    /// Whether it may begin before the window or end after it: a span with hardly any events is found only in it.
    var isCut = false
  }

  /// The share of expected events at which a span counts as delivered; it is below 1
  /// because no two weeks have the same volume.
  static let filledShare = 0.85
  /// The largest share of expected events with which a span of a stream still counts as missing.
  static let tracesShare = 0.125
  /// The share of expected events in the window below which the volume is too low …
  static let lowShare = 0.5
  /// … if at least this many are expected …
  static let leastExpected = 20.0
  /// … and chance does not explain it: this many standard deviations.
  static let lowDeviations = 2.0
  /// The longest hole that a public holiday explains, in working days; above 1, to include the hours around it.
  static let holidayDays = 1.25
  /// The largest share of the window's events that a public holiday explains.
  static let holidayShare = 0.3
  /// The smallest number of weekdays on which a feed works that has public holidays.
  static let workingDays = 4
  /// The share of the busiest weekday's events from which on a weekday is a working day.
  static let workingShare = 0.25

  let type: String
  /// The window, up to the moment of judging.
  let span: Range<Double>
  let length: Double
  let now: Double
  private let sources: [Source]
  /// The sources that count: those not retired before the window or, if all were, those that delivered in it anyway.
  let accountable: [Source]
  /// The rhythm of the type before the window, over all accountable sources.
  let rhythm: FeedRhythm?
  /// The improbable gaps in the deliveries of all sources together.
  private var typeGaps: [Range<Double>] = []
  /// Whether the type comes in bursts, so that a low volume is only noted.
  private let isBursty: Bool

  /// - Parameter needsFirmRhythm: whether sources without a firm rhythm leave nothing out.
  init(
    of type: String, by conditions: [FeedOutlook.Condition], in window: Range<Timestamp>, at now: Timestamp,
    needsFirmRhythm: Bool = false
  ) {
    self.type = type
    isBursty = needsFirmRhythm
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
    guard isRequired else { return }
    if !isFirm, !judgement.isSilent { judgeCover(&judgement) }
    if !judgement.isSilent { judgeSources(&judgement) }
  }

  private func judgeGaps(_ judgement: inout FeedOutlook.Judgement) {
    for source in accountable {
      for gap in source.condition.gaps.open where overlaps(gap) {
        let absence = FeedAbsence(.gap, since: gap.since, until: gap.until)
        if let filler = gap.refusedFiller, let reporter = gap.reporter {
          judgement.notes.append(
            "\(source.condition.title): \(filler) reported the gap from \(gap.since) as filled, which is ignored: only "
              + "\(reporter), which reported it, and the feed itself can say so")
        }
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
    var holes: [Hole] = []
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
      holes += missing.map(\.hole)
      notes.append(
        note(on: missing, of: source, share: events / expected, isSettled: accepted.count == missing.count))
    }
    // Holes of several sources at the same time count once.
    let union = Self.union(holes.map { $0.span.clamped(to: span) }).reduce(0.0) { sum, hole in
      sum + max(0, (rhythm?.expected(from: hole.lowerBound, to: hole.upperBound) ?? 0) - delivered(in: hole))
    }
    let scale = lost > 0 ? min(1, union / lost) : 0
    judgement.notes += notes
    if lost * scale > FeedOutlook.quietShare * expected {
      if isHoliday(lost * scale, holes) {
        judgement.notes.append("it counts as a day without work, like a public holiday")
      } else if (lost - settled) * scale > FeedOutlook.quietShare * expected {
        judgement.isSilent = true
        judgement.notes.append("too much of \(type) is missing, so the figure is not known; see gonogo metric feeds")
      } else {
        judgement.isSettled = true
      }
    } else {
      judgeVolume(&judgement)
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
    let all = gaps + late + traces(of: source, rhythm)
    return Self.union(all.map(\.span)).map { span in
      Hole(
        span: span, isOpen: gaps.contains { $0.isOpen && $0.span.upperBound == span.upperBound },
        isCut: all.contains { $0.isCut && $0.span.overlaps(span) })
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
  private func traces(of source: Source, _ rhythm: FeedRhythm) -> [Hole] {
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
    let isCut = found.lowerBound == hours.lowerBound || found.upperBound == hours.upperBound
    return [Hole(span: trace, isOpen: false, isCut: isCut)]
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
    // Between two batches that are two intervals apart, one is missing.
    let due = max(0, expected - (self.rhythm ?? rhythm).eventsPerBatch)
    let shortfall = due - delivered
    if delivered < Self.filledShare * due, shortfall > 2 * sqrt(due) { return min(own, shortfall) }
    // Most of the expected events were delivered, or few were expected. Only those in gaps of all sources are missing.
    let shared = typeGaps.reduce(0.0) { sum, gap in
      let gap = gap.clamped(to: part)
      return sum + (self.rhythm?.expected(from: gap.lowerBound, to: gap.upperBound) ?? 0)
    }
    return shared > 0 ? min(own, shared) : nil
  }

  /// The number of events of all sources in a span. An hour counts at most what is usual, so that an import fills no
  /// more than its hour.
  func delivered(in part: Range<Double>) -> Double {
    let most = rhythm?.mostPerHour ?? .infinity
    return sources.reduce(0) { sum, source in
      sum
        + source.counts.reduce(0) { events, entry in
          let hour = (Double(entry.key)..<Double(entry.key + 1)).clamped(to: part)
          return events + min(most, Double(entry.value)) * (hour.upperBound - hour.lowerBound)
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

  /// Whether a public holiday explains what is missing: one hole of at most one working day, after which the feed
  /// delivered again, in a window of a week or more, of a type that works on most weekdays and rests on another.
  private func isHoliday(_ lost: Double, _ holes: [Hole]) -> Bool {
    let spans = Self.union(holes.map(\.span))
    guard let rhythm, spans.count == 1, let hole = spans.first, length >= 168,
      !holes.contains(where: { $0.isOpen || $0.isCut }), let most = rhythm.weekdays.max(), most > 0
    else { return false }
    let isWorking = rhythm.weekdays.map { $0 >= Self.workingShare * most }
    let count = isWorking.count { $0 }
    guard count >= Self.workingDays, count < isWorking.count else { return false }
    let whole = rhythm.expected(from: span.lowerBound, to: span.lowerBound + length)
    return lost <= Self.holidayShare * whole && rhythm.days(in: hole) { isWorking[$0] } <= Self.holidayDays
  }

  /// Judges the number of events in the window.
  private func judgeVolume(_ judgement: inout FeedOutlook.Judgement) {
    guard let rhythm, rhythm.isFirm else { return }
    // What may still be on its way is not expected yet, nor is the rest of the current hour.
    let lag = accountable.compactMap { $0.arrivals?.lag }.max() ?? 0
    let known = (now - Double(max(1, 2 * lag))).rounded(.down)
    let part = span.lowerBound..<max(span.lowerBound, min(span.upperBound, known))
    let expected = rhythm.expected(from: part.lowerBound, to: part.upperBound) - rhythm.eventsPerBatch
    let delivered = delivered(in: part)
    guard expected >= Self.leastExpected, delivered < Self.lowShare * expected else { return }
    let percent = Int((delivered / expected * 100).rounded())
    let note = "only \(percent) % of the usual volume of \(type) was delivered: is every part of its source running?"
    guard !isBursty, expected - delivered > Self.lowDeviations * sqrt(expected * rhythm.dispersion) else {
      judgement.notes.append(note)
      return
    }
    let isAccepted = accountable.contains { source in
      source.condition.acceptances.contains { span.upperBound <= Self.hours($0) }
    }
    judgement.add(
      note + (isAccepted ? " Product Ops accepted it" : " The figure is not known"), isSettled: isAccepted)
  }

  // MARK: Time

  static func hours(_ moment: Timestamp) -> Double { FeedHistory.localHours(of: moment, utcOffset: 0) }

  static func moment(_ hours: Double) -> Timestamp {
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
