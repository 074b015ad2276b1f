public import LaunchModel

/// The gaps of a feed that a bridge reported with `signal.feed.gap`. Open gaps of one reporter do not overlap.
public struct FeedGaps: Sendable, Hashable {
  /// A span whose events are or were missing.
  public struct Gap: Sendable, Hashable {
    /// The start of the span.
    public var since: Timestamp
    /// The end of the span; nil if unknown.
    public var until: Timestamp?
    /// When the gap was reported.
    public var reportedAt: Timestamp
    /// When `signal.feed.filled` reported that the events were delivered; nil until then.
    public var filledAt: Timestamp?
    /// When the people concerned were notified; nil until then.
    public var noticedAt: Timestamp?
    /// The source of the report, such as `//bridge/`; nil if it is unknown, so that any source may fill the gap.
    public var reporter: String?
    /// The last source that reported it as filled, although it is neither the reporter nor the feed.
    public var refusedFiller: String?

    public init(
      since: Timestamp, until: Timestamp?, reportedAt: Timestamp, filledAt: Timestamp? = nil,
      noticedAt: Timestamp? = nil, reporter: String? = nil, refusedFiller: String? = nil
    ) {
      self.since = since
      self.until = until
      self.reportedAt = reportedAt
      self.filledAt = filledAt
      self.noticedAt = noticedAt
      self.reporter = reporter
      self.refusedFiller = refusedFiller
    }

    /// The span of the gap; without an end if that is unknown.
    var span: Range<Timestamp> { since..<max(since, until ?? Timestamp(microseconds: .max)) }

    /// Whether a source may fill it; nil for the feed itself.
    fileprivate func isFilled(by filler: String?) -> Bool { filler == nil || reporter == nil || reporter == filler }
  }

  /// The maximum number of filled gaps to keep.
  public static let kept = 1_000

  /// All gaps, sorted by start.
  public private(set) var all: [Gap]

  public init(_ gaps: [Gap] = []) { all = gaps }

  /// The gaps that are not filled.
  public var open: [Gap] { all.filter { $0.filledAt == nil } }

  /// The spans to leave out when learning the feed's rhythm, in local hours since 1970-01-01.
  func spans(utcOffset: Int) -> [ClosedRange<Double>] {
    all.compactMap { gap in
      guard let end = gap.until ?? gap.filledAt, gap.since < end else { return nil }
      return FeedHistory.localHours(
        of: gap.since, utcOffset: utcOffset)...FeedHistory.localHours(of: end, utcOffset: utcOffset)
    }
  }

  /// The gaps as they were known at a moment.
  public func known(at moment: Timestamp) -> FeedGaps {
    FeedGaps(
      all.filter { $0.reportedAt <= moment }.map { gap in
        var gap = gap
        if let filledAt = gap.filledAt, filledAt > moment { gap.filledAt = nil }
        return gap
      })
  }

  /// Records the parts of a span that are not in an open gap of the same reporter yet.
  public mutating func report(_ span: Range<Timestamp>, at moment: Timestamp, by reporter: String? = nil) {
    let known = open.filter { $0.reporter == reporter }
    let new = known.reduce([span].filter { !$0.isEmpty }) { parts, gap in
      parts.flatMap { $0.subtracting(gap.span) }
    }
    for part in new {
      add(Gap(since: part.lowerBound, until: part.upperBound, reportedAt: moment, reporter: reporter))
    }
    drop()
  }

  /// Records that the events of a span were delivered. The rest of the gaps remains open. A gap without a known end is
  /// filled once its start is in the span.
  ///
  /// - Parameter filler: the source that reported it, whose own gaps alone are filled, or those of unknown reporters;
  ///   nil for the feed itself, which fills all.
  public mutating func fill(_ span: Range<Timestamp>, at moment: Timestamp, by filler: String? = nil) {
    for index in all.indices where all[index].filledAt == nil && all[index].span.overlaps(span) {
      if !all[index].isFilled(by: filler) { all[index].refusedFiller = filler }
    }
    for gap in open where gap.span.overlaps(span) && gap.isFilled(by: filler) {
      guard gap.until != nil else {
        guard span.contains(gap.since) else { continue }
        all.removeAll { $0 == gap }
        add(gap, filledAt: moment)
        continue
      }
      all.removeAll { $0 == gap }
      for part in gap.span.subtracting(span) { add(gap, in: part) }
      add(gap, in: gap.span.clamped(to: span), filledAt: moment)
    }
    drop()
  }

  /// Records that the people concerned were notified of the open gaps.
  public mutating func notice(at moment: Timestamp) {
    for index in all.indices where all[index].filledAt == nil && all[index].noticedAt == nil {
      all[index].noticedAt = moment
    }
  }

  private mutating func add(_ gap: Gap, in span: Range<Timestamp>? = nil, filledAt: Timestamp? = nil) {
    var part = gap
    if let span {
      part.since = span.lowerBound
      part.until = span.upperBound
    }
    part.filledAt = filledAt
    all.insert(part, at: all.firstIndex { part.since < $0.since } ?? all.endIndex)
  }

  /// Removes the earliest filled gaps beyond the maximum number.
  private mutating func drop() {
    let excess = all.count { $0.filledAt != nil } - Self.kept
    guard excess > 0 else { return }
    let dropped = Set(all.filter { $0.filledAt != nil }.prefix(excess))
    all.removeAll { dropped.contains($0) }
  }
}

extension Range<Timestamp> {
  /// The parts of the span outside another span.
  fileprivate func subtracting(_ other: Range<Timestamp>) -> [Range<Timestamp>] {
    guard overlaps(other) else { return [self] }
    return [(lowerBound, other.lowerBound), (other.upperBound, upperBound)].filter { $0.0 < $0.1 }.map { $0.0..<$0.1 }
  }
}
