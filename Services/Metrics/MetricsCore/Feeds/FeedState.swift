public import LaunchModel

/// What is known of one feed, a type of event from one source, and whether figures can rest on it (product.md, section 4).
public struct FeedState: Sendable, Hashable {
  /// Its events by hour.
  public var history: FeedHistory
  /// The gaps that a bridge reported, by their beginning; the end is nil until the gap is filled.
  public private(set) var reportedGaps: [ReportedGap]
  /// The latest decision of Product Ops; nil if there is none.
  public private(set) var ruling: Ruling?

  /// A gap that a bridge reported by `signal.feed.gap`.
  public struct ReportedGap: Sendable, Hashable {
    /// Since when events are missing.
    public var since: Timestamp
    /// When `signal.feed.filled` said that they were delivered; nil until then.
    public var filledAt: Timestamp?

    public init(since: Timestamp, filledAt: Timestamp? = nil) {
      self.since = since
      self.filledAt = filledAt
    }
  }

  /// A decision of Product Ops about a silent feed.
  public struct Ruling: Sendable, Hashable {
    /// What was decided.
    public enum Decision: Sendable, Hashable {
      /// The feed will not deliver again: figures no longer rest on it. Its next event takes it back.
      case retired
      /// The gap stands and its events are lost: figures that rest on it are `inconclusive`.
      case accepted
    }
    /// What was decided.
    public var decision: Decision
    /// When.
    public var at: Timestamp

    public init(_ decision: Decision, at moment: Timestamp) {
      self.decision = decision
      at = moment
    }
  }

  /// Whether figures can rest on the feed.
  public enum Status: Sendable, Hashable {
    case neverDelivered, alive, retired
    /// It is silent: figures that rest on it are `unknown`.
    case silent(Silence)
    /// It is silent, which Product Ops accepted: figures that rest on it are `inconclusive`.
    case accepted(Silence)
  }

  /// Why a feed is silent.
  public struct Silence: Sendable, Hashable {
    /// Since when: the last event, or the reported beginning.
    public var since: Timestamp
    /// The probability of the gap by the feed's own rhythm; nil for a reported gap.
    public var probability: Double?

    public init(since: Timestamp, probability: Double?) {
      self.since = since
      self.probability = probability
    }
  }

  /// The number of filled gaps that are kept.
  public static let keptGaps = 32

  public init(history: FeedHistory = FeedHistory(), reportedGaps: [ReportedGap] = [], ruling: Ruling? = nil) {
    self.history = history
    self.reportedGaps = reportedGaps
    self.ruling = ruling
  }

  /// Records a reported gap; one that is open already only begins earlier.
  public mutating func reportGap(since moment: Timestamp) {
    if let open = reportedGaps.firstIndex(where: { $0.filledAt == nil }) {
      reportedGaps[open].since = min(reportedGaps[open].since, moment)
    } else {
      reportedGaps.append(ReportedGap(since: moment))
      if reportedGaps.count > Self.keptGaps { reportedGaps.removeFirst() }
    }
  }

  /// Ends the reported gap; does nothing if none is open.
  public mutating func fillGap(at moment: Timestamp) {
    guard let open = reportedGaps.firstIndex(where: { $0.filledAt == nil }) else { return }
    reportedGaps[open].filledAt = moment
  }

  /// Applies a decision of Product Ops.
  public mutating func rule(_ decision: Ruling.Decision, at moment: Timestamp) { ruling = Ruling(decision, at: moment) }

  /// The feed's rhythm; nil before its first event. Learn it once for several questions.
  ///
  /// - Parameter utcOffset: the organisation's offset from UTC, in seconds.
  public func rhythm(utcOffset: Int) -> FeedRhythm? {
    FeedRhythm(
      history,
      outages: reportedGaps.compactMap { gap in
        guard let end = gap.filledAt, end > gap.since else { return nil }
        return FeedHistory.localHours(
          of: gap.since, utcOffset: utcOffset)...FeedHistory.localHours(of: end, utcOffset: utcOffset)
      })
  }

  /// The status at a moment, which is not before the last event.
  ///
  /// A learnt silence ends with the next event, a reported gap when it is filled.
  public func status(at now: Timestamp, rhythm: FeedRhythm?, utcOffset: Int) -> Status {
    guard let lastSeen = history.lastSeen, let rhythm else { return .neverDelivered }
    if let ruling, ruling.decision == .retired, ruling.at >= lastSeen { return .retired }
    if let gap = reportedGaps.first(where: { $0.filledAt == nil }) {
      return judged(Silence(since: gap.since, probability: nil), acceptedFrom: gap.since)
    }
    let start = FeedHistory.localHours(of: lastSeen, utcOffset: utcOffset)
    let end = FeedHistory.localHours(of: now, utcOffset: utcOffset)
    guard rhythm.isSilence(from: start, to: end) else { return .alive }
    let probability = rhythm.probability(ofGapFrom: start, to: end)
    return judged(Silence(since: lastSeen, probability: probability), acceptedFrom: lastSeen)
  }

  private func judged(_ silence: Silence, acceptedFrom moment: Timestamp) -> Status {
    guard let ruling, ruling.decision == .accepted, ruling.at >= moment else { return .silent(silence) }
    return .accepted(silence)
  }
}
