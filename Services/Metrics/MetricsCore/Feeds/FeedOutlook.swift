public import Contract
public import LaunchModel

/// What is known, at a moment, about the feeds that figures depend on (product.md, section 4).
public struct FeedOutlook: Sendable {
  /// What is known about one feed.
  public struct Condition: Sendable {
    /// The feed.
    public var name: FeedName
    /// Whether the feed delivers now.
    public var status: FeedState.Status
    /// When its first event happened; nil if it never delivered.
    public var firstSeen: Timestamp?
    /// When its last event happened; nil if it never delivered.
    public var lastSeen: Timestamp?
    /// When Product Ops last retired it, even if it has delivered since.
    public var retiredAt: Timestamp?
    /// When Product Ops accepted missing events.
    public var acceptances: [Timestamp]
    /// The gaps reported by a bridge.
    public var gaps: FeedGaps
    /// The number of its events by hour, from 13 weeks before the judged window.
    public var deliveries: FeedDeliveries

    public init(
      name: FeedName, status: FeedState.Status, firstSeen: Timestamp? = nil, lastSeen: Timestamp? = nil,
      retiredAt: Timestamp? = nil, acceptances: [Timestamp] = [], gaps: FeedGaps = FeedGaps(),
      deliveries: FeedDeliveries = FeedDeliveries()
    ) {
      self.name = name
      self.status = status
      self.firstSeen = firstSeen
      self.lastSeen = lastSeen
      self.retiredAt = retiredAt
      self.acceptances = acceptances
      self.gaps = gaps
      self.deliveries = deliveries
    }

    var title: String { "\(name.type) from \(name.source)" }

    /// When it was retired; nil if it was not, or has delivered since.
    var standingRetirement: Timestamp? {
      retiredAt.flatMap { retiredAt in lastSeen.map { $0 <= retiredAt } ?? true ? retiredAt : nil }
    }

    /// Whether it had stopped before a window: it was retired before and delivered nothing until the window's start, or
    /// its last event was before the window and it was retired since.
    func isRetired(before start: Timestamp) -> Bool {
      guard let retiredAt else { return false }
      if standingRetirement != nil, lastSeen.map({ $0 < start }) ?? true { return true }
      guard retiredAt <= start else { return false }
      let hours =
        FeedHistory.localHour(of: retiredAt, utcOffset: 0)
        + 1..<max(
          FeedHistory.localHour(of: retiredAt, utcOffset: 0) + 1, FeedHistory.localHour(of: start, utcOffset: 0))
      return !deliveries.rows.contains { hours.contains($0.hour) }
    }
  }

  /// The feeds that have ever delivered or had a reported gap.
  public var conditions: [Condition]

  /// The types of which a source is not followed, because there are too many, each with the span of its events.
  public var incomplete: [String: ClosedRange<Timestamp>]

  public init(_ conditions: [Condition], incomplete: [String: ClosedRange<Timestamp>] = [:]) {
    self.conditions = conditions
    self.incomplete = incomplete
  }

  /// Whether a source of a type that is not followed may have left out events in a window.
  private func isIncomplete(_ type: String, in window: Range<Timestamp>) -> Bool {
    guard let span = incomplete[type] else { return false }
    return span.lowerBound < window.upperBound && window.lowerBound <= span.upperBound
  }

  /// The share of a window's expected events that may be missing without making the figure unknown.
  static let quietShare = 0.1

  /// How far a figure can be trusted, given what its feeds delivered in its window.
  struct Judgement {
    /// Whether no source delivered any event of a type in the window, so the
    /// figure will be unknown at the window's end.
    var lacksType = false
    /// Whether so many events are missing that the figure is unknown, even while the window is open.
    var isSilent = false
    /// Whether Product Ops settled the missing events.
    var isSettled = false
    var notes: [String] = []
  }

  /// The event types with any delivery before a moment.
  func types(deliveredBefore end: Timestamp) -> Set<String> {
    Set(conditions.filter { $0.firstSeen.map { $0 < end } ?? false }.map(\.name.type))
  }

  /// Whether figures depend on a type that they do not require, because it had a rhythm
  /// before the window or has an open gap there.
  func isEstablished(_ type: String, in window: Range<Timestamp>, at now: Timestamp) -> Bool {
    coverage(ofOptional: type, in: window, at: now).isEstablished
  }

  /// Whether so much of a type is missing in a window, by its rhythm, that a figure of it would not be known.
  ///
  /// - Parameter isOptional: whether the figure can do without the type.
  func isMissing(_ type: String, isOptional: Bool, in window: Range<Timestamp>, at now: Timestamp) -> Bool {
    var judgement = Judgement()
    let coverage =
      isOptional
      ? coverage(ofOptional: type, in: window, at: now)
      : FeedCoverage(of: type, by: conditions.filter { $0.name.type == type }, in: window, at: now)
    coverage.judge(isRequired: false, &judgement)
    return judgement.isSilent || isIncomplete(type, in: window)
  }

  /// The coverage of a type that figures can do without. Accounts change in bursts, such as an import, so only what has
  /// shown a firm rhythm says that changes are missing.
  private func coverage(ofOptional type: String, in window: Range<Timestamp>, at now: Timestamp) -> FeedCoverage {
    FeedCoverage(
      of: type, by: conditions.filter { $0.name.type == type }, in: window, at: now,
      needsFirmRhythm: type == SignalType.accountChanged.rawValue)
  }

  /// Judges a figure by its feeds.
  ///
  /// - Parameters:
  ///   - required: the types without which there is no figure.
  ///   - optional: the types that the figure depends on only if they delivered before the window.
  ///   - window: the figure's window; deliveries for other times do not matter.
  ///   - now: the moment of judging.
  func judgement(
    of required: [String], and optional: [String], in window: Range<Timestamp>, at now: Timestamp
  ) -> Judgement {
    var judgement = Judgement()
    for type in required {
      let feeds = conditions.filter { $0.name.type == type }
      judge(type, feeds, in: window, at: now, &judgement)
      FeedCoverage(of: type, by: feeds, in: window, at: now).judge(isRequired: !judgement.lacksType, &judgement)
    }
    for type in optional {
      let coverage = coverage(ofOptional: type, in: window, at: now)
      if coverage.isEstablished { coverage.judge(isRequired: false, &judgement) }
    }
    for type in required + optional where isIncomplete(type, in: window) {
      judgement.add(
        "more sources deliver \(type) than are followed, so the figure is not known; see gonogo metric feeds",
        isSettled: false)
    }
    return judgement
  }

  /// Whether any event of some types happened in a span, to the hour.
  func delivered(_ types: [String], in span: Range<Timestamp>) -> Bool {
    let first = FeedHistory.localHour(of: span.lowerBound, utcOffset: 0)
    let hours = first..<max(first + 1, FeedHistory.localHour(of: span.upperBound, utcOffset: 0))
    return conditions.contains { feed in
      types.contains(feed.name.type) && feed.deliveries.rows.contains { hours.contains($0.hour) }
    }
  }

  /// Whether anything of some types certainly happened in a span: the last event did, or those of an hour that is
  /// wholly within it.
  func certainlyDelivered(_ types: [String], in span: Range<Timestamp>) -> Bool {
    let first = FeedHistory.localHours(of: span.lowerBound, utcOffset: 0).rounded(.up)
    let end = FeedHistory.localHours(of: span.upperBound, utcOffset: 0).rounded(.down)
    return conditions.contains { feed in
      guard types.contains(feed.name.type) else { return false }
      if let lastSeen = feed.lastSeen, span.contains(lastSeen) { return true }
      return feed.deliveries.rows.contains { first <= Double($0.hour) && Double($0.hour + 1) <= end }
    }
  }

  /// Up to when events have been delivered: of each type by whichever source is furthest, and of several types the
  /// least.
  func watermark(of types: [String]) -> Timestamp? {
    types.compactMap { type in conditions.filter { $0.name.type == type }.compactMap(\.lastSeen).max() }.min()
  }

  /// Judges whether a type was delivered at all.
  private func judge(
    _ type: String, _ feeds: [Condition], in window: Range<Timestamp>, at now: Timestamp, _ judgement: inout Judgement
  ) {
    let delivering = feeds.filter { $0.firstSeen.map { $0 < window.upperBound } ?? false }
    guard let last = delivering.compactMap(\.lastSeen).max() else {
      judgement.lacksType = true
      judgement.notes.append(
        feeds.contains { $0.firstSeen != nil }
          ? "no \(type) was delivered before the end of the window, so the figure is not known"
          : "no \(type) has ever been delivered, so the figure is not known")
      return
    }
    if window.upperBound <= now, last < window.lowerBound {
      judgement.lacksType = true
      judgement.notes.append("no \(type) was delivered in the window, so the figure is not known")
    }
  }
}

extension FeedOutlook.Judgement {
  /// Adds a note about missing events.
  mutating func add(_ note: String, isSettled: Bool) {
    notes.append(note)
    if isSettled { self.isSettled = true } else { isSilent = true }
  }
}

extension Metric {
  /// The types of the events that the metric's figure depends on.
  ///
  /// - Parameter counts: whether to include a type that the figure does not require.
  public func feedTypes(counts: (String) -> Bool) -> [String] { requiredTypes + optionalTypes.filter(counts) }

  /// The types of the events that the figure requires. gonogo's own announcements are not
  /// included, because they are always delivered.
  var requiredTypes: [String] {
    switch measure {
    case .adoption: return [SignalType.featureUsed.rawValue]
    case .tickets: return [SignalType.ticketOpened.rawValue]
    case .csat: return [SignalType.csatScored.rawValue]
    case .articles(let articles):
      return [(articles.target.unit == .views ? SignalType.articleViewed : .articleRated).rawValue]
    case .custom(let custom): return EventNamespace.isAnnouncement(custom.type) ? [] : [custom.type]
    }
  }

  /// The types of the events that change a figure and may never be delivered: activity without a use, what says which
  /// tickets and scores are about the feature, and which accounts count.
  var optionalTypes: [String] {
    let accounts = SignalType.accountChanged.rawValue
    switch measure {
    case .adoption: return [SignalType.accountActive.rawValue, accounts]
    case .tickets: return [SignalType.ticketUpdated.rawValue, accounts]
    case .csat: return [SignalType.ticketOpened.rawValue, SignalType.ticketUpdated.rawValue, accounts]
    // Voters are not accounts.
    case .articles(let articles): return articles.target.unit == .views ? [accounts] : []
    case .custom(let custom): return custom.type == accounts ? [] : [accounts]
    }
  }
}

extension Evaluation {
  /// The figure as judged by its feeds: `unknown` if too much of its window was not delivered.
  func judged(_ figure: Figure, of metric: Metric, in window: MeasurementWindow) -> Figure {
    if evidence.isSearchingFeeds {
      var figure = figure
      figure.isSilent = true
      figure.judgement = .unknown
      figure.notes.append(
        "the log is still being searched for earlier events of the feeds, so the figure is not known yet")
      return figure
    }
    guard let feeds = evidence.feeds else { return figure }
    let optional = metric.optionalTypes.filter { $0 != SignalType.accountChanged.rawValue || countsAccounts(metric) }
    let judgement = feeds.judgement(
      of: metric.requiredTypes, and: optional, in: window.start..<window.effectiveEnd, at: now)
    var figure = figure
    if let watermark = feeds.watermark(of: metric.requiredTypes), watermark >= window.start {
      figure.watermark = min(watermark, window.effectiveEnd)
    }
    figure.notes += judgement.notes
    figure.isSilent = judgement.isSilent
    if judgement.isSilent || judgement.lacksType {
      figure.judgement = .unknown
    } else if judgement.isSettled, figure.judgement != .unknown {
      figure.judgement = .inconclusive
    }
    if case .adoption = metric.measure, window.start <= now, !judgement.lacksType,
      feeds.certainlyDelivered(metric.requiredTypes, in: window.start..<window.effectiveEnd)
    {
      figure.notes += adoptionNotes(figure)
    }
    return figure
  }

  /// Whether states and merges of accounts can change a metric's figure: not if none of its events names an account.
  private func countsAccounts(_ metric: Metric) -> Bool {
    switch metric.measure {
    case .adoption, .tickets, .csat: return true
    case .custom(let measure) where measure.countsAccounts: return true
    case .articles, .custom: return projection(of: metric).tallies.keys.contains { !$0.account.isEmpty }
    }
  }

  private func adoptionNotes(_ figure: Figure) -> [String] {
    guard let active = figure.denominator, active > 0 else { return [] }
    if figure.numerator == 0 {
      return ["events are delivered, but none is about \(plan.feature): do they use another key?"]
    }
    guard figure.numerator == active else { return [] }
    return ["every active account used \(plan.feature): are events of other features delivered, too?"]
  }
}
