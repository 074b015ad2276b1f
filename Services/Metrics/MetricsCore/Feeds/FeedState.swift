public import LaunchModel

/// What is known of one feed, a type of event from one source, and whether it delivers now (product.md, section 4).
public struct FeedState: Sendable, Hashable {
  /// Its events by hour.
  public var history: FeedHistory
  /// The gaps that a bridge reported.
  public var gaps: FeedGaps
  /// The silences that were noticed, by their beginning.
  public var silences: [NoticedSilence]
  /// The latest decision of Product Ops; nil if there is none.
  public private(set) var ruling: Ruling?
  /// When Product Ops accepted what was missing until then, ascending; a later retirement does not change it.
  public private(set) var acceptances: [Timestamp]

  /// A silence that was noticed.
  public struct NoticedSilence: Sendable, Hashable {
    /// The last event before it.
    public var since: Timestamp
    /// When it was noticed.
    public var noticedAt: Timestamp
    /// When it was seen that the feed had delivered again; nil until then.
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
      /// The feed will not deliver again: figures whose window begins later no longer rest on it. Its next event takes it back.
      case retired
      /// What is missing stays so: windows that it overlaps are `inconclusive`.
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

  /// Whether the feed delivers.
  public enum Status: Sendable, Hashable {
    case neverDelivered, alive, retired
    /// It is silent, or a reported gap is open: windows that this overlaps are `unknown`.
    case silent(Silence)
    /// The same, which Product Ops accepted: windows that this overlaps are `inconclusive`.
    case accepted(Silence)
  }

  /// Why a feed is silent.
  public struct Silence: Sendable, Hashable {
    /// Since when: the last event, or the reported beginning.
    public var since: Timestamp
    /// The probability of the gap by the feed's own rhythm; nil for a reported gap, and without a rhythm.
    public var probability: Double?

    public init(since: Timestamp, probability: Double?) {
      self.since = since
      self.probability = probability
    }
  }

  /// The hours without events after which a feed that has no rhythm yet may be silent …
  static let firstHours = 96.0
  /// … if they are also that many times as many as it has delivered for, up to two weeks.
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

  /// Whether Product Ops accepted what was noticed or reported at a moment.
  public func isAccepted(noticedAt moment: Timestamp) -> Bool { acceptances.contains { moment <= $0 } }

  /// The feed's rhythm; nil before its first event, and with too little history. Learn it once for several questions.
  ///
  /// - Parameter utcOffset: the organisation's offset from UTC, in seconds.
  public func rhythm(utcOffset: Int) -> FeedRhythm? {
    FeedRhythm.learnt(from: history, outages: gaps.spans(utcOffset: utcOffset))
  }

  /// The present silence, by the feed's own rhythm; nil if there is none. One that was noticed ends with the next event.
  ///
  /// - Parameter arrivals: how its events arrive, if they do not as soon as they happen.
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

  /// Whether Product Ops accepted the present silence; one that has not been noticed cannot have been.
  public func isAccepted(_ silence: Silence) -> Bool {
    noticed(since: silence.since).map { isAccepted(noticedAt: $0.noticedAt) } ?? false
  }

  private func noticed(since moment: Timestamp) -> NoticedSilence? {
    silences.first { $0.endedAt == nil && $0.since >= moment }
  }

  /// The status at a moment, which is not before the last event.
  ///
  /// A learnt silence ends with the next event, a reported gap when it is filled.
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
