public import LaunchModel

/// What is known about one feed (a type of event from one source), and whether it delivers now (product.md, section 4).
public struct FeedState: Sendable, Hashable {
  /// The number of its events by hour.
  public var history: FeedHistory
  /// The gaps reported by a bridge.
  public var gaps: FeedGaps
  /// The noticed silences, sorted by start.
  public var silences: [NoticedSilence]
  /// The latest decision of Product Ops; nil if there is none.
  public private(set) var ruling: Ruling?
  /// When Product Ops accepted what was missing until then, ascending. A later retirement does not change them.
  public private(set) var acceptances: [Timestamp]

  /// A silence that the service noticed.
  public struct NoticedSilence: Sendable, Hashable {
    /// The last event before the silence.
    public var since: Timestamp
    /// When the silence was noticed.
    public var noticedAt: Timestamp
    /// When the service noticed that the feed had delivered again; nil until then.
    public var endedAt: Timestamp?

    public init(since: Timestamp, noticedAt: Timestamp, endedAt: Timestamp? = nil) {
      self.since = since
      self.noticedAt = noticedAt
      self.endedAt = endedAt
    }
  }

  /// A decision of Product Ops about a silent feed.
  public struct Ruling: Sendable, Hashable {
    /// What was decided.
    public enum Decision: Sendable, Hashable {
      /// The feed will not deliver again, so figures with later windows do not depend on
      /// it. Its next event revokes the decision.
      case retired
      /// The missing events are lost; figures whose windows overlap the absence are `inconclusive`.
      case accepted
    }
    /// What was decided.
    public var decision: Decision
    /// When it was decided.
    public var at: Timestamp

    public init(_ decision: Decision, at moment: Timestamp) {
      self.decision = decision
      at = moment
    }
  }

  /// Whether the feed delivers.
  public enum Status: Sendable, Hashable {
    case neverDelivered, alive, retired
    /// The feed is silent, or a reported gap is open; figures whose windows overlap the absence are `unknown`.
    case silent(Silence)
    /// An absence as for `silent`, but accepted by Product Ops; figures whose windows overlap it are `inconclusive`.
    case accepted(Silence)
  }

  /// Why a feed is silent.
  public struct Silence: Sendable, Hashable {
    /// The start of the silence: the last event, or the reported start of the gap.
    public var since: Timestamp
    /// The probability of the gap by the feed's own rhythm; nil for a reported gap, or without a rhythm.
    public var probability: Double?

    public init(since: Timestamp, probability: Double?) {
      self.since = since
      self.probability = probability
    }
  }

  /// The number of hours without events after which a feed without a rhythm is silent …
  static let firstHours = 96.0
  /// … or, if longer, this many times as long as it has delivered, but at most two weeks.
  static let firstMultiple = 2.0
  static let firstLimit = 14 * 24.0

  public init(
    history: FeedHistory = FeedHistory(), gaps: FeedGaps = FeedGaps(), silences: [NoticedSilence] = [],
    ruling: Ruling? = nil, acceptances: [Timestamp] = []
  ) {
    self.history = history
    self.gaps = gaps
    self.silences = silences
    self.ruling = ruling
    self.acceptances = acceptances
  }

  /// Applies a decision of Product Ops.
  public mutating func rule(_ decision: Ruling.Decision, at moment: Timestamp) {
    ruling = Ruling(decision, at: moment)
    if decision == .accepted { acceptances.append(moment) }
  }

  /// Whether Product Ops accepted an absence noticed or reported at a moment.
  public func isAccepted(noticedAt moment: Timestamp) -> Bool { acceptances.contains { moment <= $0 } }

  /// The feed's rhythm; nil before its first event, or if the history is too short. Reuse it for several questions,
  /// because learning is expensive.
  ///
  /// - Parameter utcOffset: the organisation's offset from UTC, in seconds.
  public func rhythm(utcOffset: Int) -> FeedRhythm? {
    FeedRhythm.learnt(from: history, outages: gaps.spans(utcOffset: utcOffset))
  }

  /// The current silence by the feed's own rhythm; nil if there is none. A noticed silence lasts until the next event.
  ///
  /// - Parameter arrivals: how its events arrive; nil if it delivers them immediately.
  public func silence(
    at now: Timestamp, rhythm: FeedRhythm?, arrivals: FeedArrivals? = nil, utcOffset: Int
  ) -> Silence? {
    guard let lastSeen = history.lastSeen, lastSeen < now else { return nil }
    let start = FeedHistory.localHours(of: lastSeen, utcOffset: utcOffset)
    let end = FeedHistory.localHours(of: now, utcOffset: utcOffset)
    let isNoticed = noticed(since: lastSeen) != nil
    guard let rhythm else {
      let age = start - FeedHistory.localHours(of: history.firstSeen ?? lastSeen, utcOffset: utcOffset)
      let isLong = end - start > min(Self.firstLimit, max(Self.firstHours, Self.firstMultiple * age))
      return isNoticed || isLong ? Silence(since: lastSeen, probability: nil) : nil
    }
    let isSilent = arrivals?.isSilence(from: start, to: end, by: rhythm) ?? rhythm.isSilence(from: start, to: end)
    guard isNoticed || isSilent else { return nil }
    return Silence(since: lastSeen, probability: rhythm.probability(ofGapFrom: start, to: end))
  }

  /// Whether Product Ops accepted the current silence. A silence that was not noticed cannot have been accepted.
  public func isAccepted(_ silence: Silence) -> Bool {
    noticed(since: silence.since).map { isAccepted(noticedAt: $0.noticedAt) } ?? false
  }

  private func noticed(since moment: Timestamp) -> NoticedSilence? {
    silences.first { $0.endedAt == nil && $0.since >= moment }
  }

  /// The status at a moment that is not before the last event.
  ///
  /// A silence by the feed's rhythm ends with the next event, a reported gap when it is filled.
  public func status(
    at now: Timestamp, rhythm: FeedRhythm?, arrivals: FeedArrivals? = nil, utcOffset: Int
  ) -> Status {
    if let ruling, ruling.decision == .retired, history.lastSeen.map({ $0 <= ruling.at }) ?? true { return .retired }
    var missing = gaps.open.map { gap in
      (silence: Silence(since: gap.since, probability: nil), isAccepted: isAccepted(noticedAt: gap.reportedAt))
    }
    if let silence = silence(at: now, rhythm: rhythm, arrivals: arrivals, utcOffset: utcOffset) {
      missing.insert((silence, isAccepted(silence)), at: 0)
    }
    if let open = missing.first(where: { !$0.isAccepted }) { return .silent(open.silence) }
    if let accepted = missing.first { return .accepted(accepted.silence) }
    return history.lastSeen == nil ? .neverDelivered : .alive
  }
}
