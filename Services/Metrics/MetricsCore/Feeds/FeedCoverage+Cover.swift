import Contract
import LaunchModel

/// The judgement of what has no firm rhythm: its events must cover the window without long holes.
extension FeedCoverage {
  /// The longest span without events that is accepted in a feed without a rhythm: this share of the window …
  static let holeShare = 0.1
  /// … or, if longer, this many hours, but at most a quarter of the window …
  static let holeHours = 24.0
  /// … or, if longer, this many times the median quiet spell before the window, if there are at least `leastSpells`.
  static let holeSpells = 2.0
  static let leastSpells = 4
  /// The share of the window's events from which on a source without a firm rhythm has to cover the window itself.
  static let sourceShare = 0.1

  /// Judges a type without a firm rhythm: all sources together have to cover the window.
  func judgeCover(_ judgement: inout FeedOutlook.Judgement) {
    let counts = accountable.reduce(into: [Int: Int]()) { $0.merge($1.counts, uniquingKeysWith: +) }
    let hours = counts.keys.filter { Double($0) <= span.upperBound }.sorted()
    let limit = limit(hours)
    let holes = holes(hours, of: accountable, from: span.lowerBound, longerThan: limit)
    guard let hole = holes.first else { return }
    let acceptances = accountable.flatMap(\.condition.acceptances).map(Self.hours)
    let isSettled = holes.allSatisfy { hole in acceptances.contains { hole.lowerBound + limit < $0 } }
    let isFirst = hole.lowerBound == span.lowerBound && !hours.contains { Double($0) < hole.lowerBound }
    let hasEvents = hours.contains { Double($0 + 1) > span.lowerBound }
    let note =
      isFirst && hasEvents
      ? "the first \(type) is from \(Self.moment(hole.upperBound)); whether any came before it is not known"
      : "no \(type) was delivered from \(Self.moment(hole.lowerBound)) to \(Self.moment(hole.upperBound)), and how "
        + "often it usually comes is not known"
    judgement.add(
      note + (isSettled ? ", which Product Ops accepted" : ": the figure is not known"), isSettled: isSettled)
  }

  /// Judges each source without a firm rhythm that delivered a part of the window's events: it may begin late, but has
  /// to go on then, however well others deliver.
  func judgeSources(_ judgement: inout FeedOutlook.Judgement) {
    let delivered = accountable.map { source in
      let hours = source.counts.filter { span.lowerBound < Double($0.key + 1) && Double($0.key) < span.upperBound }
      return hours.values.reduce(0, +)
    }
    let all = Double(delivered.reduce(0, +))
    for (source, events) in zip(accountable, delivered) where Double(events) > Self.sourceShare * all {
      if !(source.rhythm?.isFirm ?? false) { judge(source, &judgement) }
    }
  }

  private func judge(_ source: Source, _ judgement: inout FeedOutlook.Judgement) {
    let hours = source.counts.keys.filter { Double($0) <= span.upperBound }.sorted()
    guard let first = hours.first else { return }
    let limit = limit(hours)
    let start = max(span.lowerBound, Double(first))
    // In hours in which a stream of the type rests, nothing is missing.
    let clock = rhythm?.kind == .stream ? rhythm : nil
    let holes = holes(hours, of: [source], from: start, longerThan: limit).filter { hole in
      clock.map { limit < $0.clockHours(in: hole) } ?? true
    }
    guard let hole = holes.first else { return }
    let acceptances = source.condition.acceptances.map(Self.hours)
    let isRetired = source.condition.standingRetirement != nil
    let isSettled = holes.allSatisfy { hole in
      if acceptances.contains(where: { hole.lowerBound + limit < $0 }) { return true }
      let isLast = !hours.contains { hole.upperBound <= Double($0) }
      return isRetired && isLast && delivered(in: hole) > 0
    }
    judgement.add(
      "\(source.condition.title) delivered nothing from \(Self.moment(hole.lowerBound)) to "
        + "\(Self.moment(hole.upperBound)), and how often it usually does is not known"
        + (isSettled ? ", which Product Ops settled" : ": the figure is not known"), isSettled: isSettled)
  }

  /// The longest hole that is accepted, by the hours with events before the window.
  private func limit(_ hours: [Int]) -> Double {
    let before = hours.filter { Double($0 + 1) <= span.lowerBound }
    let spells = zip(before, before.dropFirst()).map { $1 - $0 }.filter { $0 > 1 }.sorted()
    let limit = max(Self.holeShare * length, min(Self.holeHours, length / 4))
    return spells.count >= Self.leastSpells ? max(limit, Self.holeSpells * Double(spells[spells.count / 2])) : limit
  }

  /// The spans without events that are too long.
  private func holes(
    _ hours: [Int], of sources: [Source], from start: Double, longerThan limit: Double
  ) -> [Range<Double>] {
    let lag = Double(sources.compactMap { $0.arrivals?.lag }.max() ?? 0)
    let end = min(span.upperBound, max(start, now - lag))
    let edges = hours.filter { Double($0 + 1) > start }
    let starts = [start] + edges.map { Double($0 + 1) }
    let ends = edges.map { Double($0) } + [end]
    let rest = restDays(hours.filter { Double($0 + 1) <= span.lowerBound })
    return zip(starts, ends).compactMap { start, end in
      start < end && worked(start..<end, but: rest) > limit ? start..<end : nil
    }
  }

  /// The weekdays, 0 for Thursday, without any event in two weeks or more before the window; empty if there are events
  /// on fewer than four weekdays.
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
}
