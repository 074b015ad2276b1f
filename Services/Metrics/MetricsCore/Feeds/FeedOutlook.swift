public import Contract
public import LaunchModel

/// What is known at a moment of the feeds that figures rest on (product.md, section 4).
public struct FeedOutlook: Sendable {
  /// What is known of one feed.
  public struct Condition: Sendable {
    /// The feed.
    public var name: FeedName
    /// Whether it delivers now.
    public var status: FeedState.Status
    /// When its first event happened; nil if it never delivered.
    public var firstSeen: Timestamp?
    /// When its last event happened; nil if it never delivered.
    public var lastSeen: Timestamp?
    /// When Product Ops retired it, also if it has delivered since.
    public var retiredAt: Timestamp?
    /// When Product Ops accepted what was missing.
    public var acceptances: [Timestamp]
    /// The gaps that a bridge reported.
    public var gaps: FeedGaps
    /// Its events by hour, from 13 weeks before the window that is judged.
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

    /// When it was retired, if it has not delivered since.
    var standingRetirement: Timestamp? {
      retiredAt.flatMap { retiredAt in lastSeen.map { $0 <= retiredAt } ?? true ? retiredAt : nil }
    }

    /// Whether it was retired before a window, or had delivered for the last time before it and was retired later.
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

  /// The feeds that have ever delivered, or of which a gap was reported.
  public var conditions: [Condition]

  public init(_ conditions: [Condition]) { self.conditions = conditions }

  /// The share of what was expected in a window that may be missing.
  static let quietShare = 0.1

  /// What a figure can be taken for, by what its feeds delivered in its window.
  struct Judgement {
    /// Whether nothing of a type was delivered in the window, by any source, so that the figure will not be known at its end.
    var lacksType = false
    /// Whether so much is missing that the figure is not known, whether the window is over or not.
    var isSilent = false
    /// Whether Product Ops settled what is missing.
    var isSettled = false
    var notes: [String] = []
  }

  /// The types of which anything was delivered before a moment.
  func types(deliveredBefore end: Timestamp) -> Set<String> {
    Set(conditions.filter { $0.firstSeen.map { $0 < end } ?? false }.map(\.name.type))
  }

  /// Whether figures rest on a type that they can do without: whether it delivered before a window.
  func isEstablished(_ type: String, in window: Range<Timestamp>, at now: Timestamp) -> Bool {
    FeedCoverage(of: type, by: conditions.filter { $0.name.type == type }, in: window, at: now).isEstablished
  }

  /// Whether so much of a type is missing in a window, by its rhythm, that a figure of it would not be known.
  func isMissing(_ type: String, in window: Range<Timestamp>, at now: Timestamp) -> Bool {
    var judgement = Judgement()
    FeedCoverage(of: type, by: conditions.filter { $0.name.type == type }, in: window, at: now)
      .judge(isRequired: false, &judgement)
    return judgement.isSilent
  }

  /// Judges a figure by its feeds.
  ///
  /// - Parameters:
  ///   - required: the types without which there is no figure.
  ///   - optional: those that it rests on if they delivered before the window.
  ///   - window: its window: what was not delivered before or after it is no matter.
  ///   - now: the moment that it is judged for.
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
      let coverage = FeedCoverage(of: type, by: conditions.filter { $0.name.type == type }, in: window, at: now)
      if coverage.isEstablished { coverage.judge(isRequired: false, &judgement) }
    }
    return judgement
  }

  /// Whether anything of some types happened in a span, to the hour.
  func delivered(_ types: [String], in span: Range<Timestamp>) -> Bool {
    let first = FeedHistory.localHour(of: span.lowerBound, utcOffset: 0)
    let hours = first..<max(first + 1, FeedHistory.localHour(of: span.upperBound, utcOffset: 0))
    return conditions.contains { feed in
      types.contains(feed.name.type) && feed.deliveries.rows.contains { hours.contains($0.hour) }
    }
  }

  /// Up to when events have been delivered: of each type by whichever source is furthest, and of several types the least.
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
  /// Notes that events are missing.
  mutating func add(_ note: String, isSettled: Bool) {
    notes.append(note)
    if isSettled { self.isSettled = true } else { isSilent = true }
  }
}

extension Metric {
  /// The types of the events that its figure rests on.
  ///
  /// - Parameter counts: whether a type without which there would be a figure as well counts.
  public func feedTypes(counts: (String) -> Bool) -> [String] { requiredTypes + optionalTypes.filter(counts) }

  /// The types of the events without which there is no figure. What gonogo announces itself is always delivered.
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

  /// The types of the events that change a figure and may never be delivered: activity without a use, and what says which tickets
  /// and scores are about the feature.
  var optionalTypes: [String] {
    switch measure {
    case .adoption: [SignalType.accountActive.rawValue]
    case .tickets: [SignalType.ticketUpdated.rawValue]
    case .csat: [SignalType.ticketOpened.rawValue, SignalType.ticketUpdated.rawValue]
    case .articles, .custom: []
    }
  }
}

extension Evaluation {
  /// A figure as its feeds leave it: `unknown` if too much of its window was not delivered.
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
    let judgement = feeds.judgement(
      of: metric.requiredTypes, and: metric.optionalTypes, in: window.start..<window.effectiveEnd, at: now)
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
    if case .adoption = metric.measure, window.start <= now, !judgement.lacksType {
      figure.notes += adoptionNotes(figure)
    }
    return figure
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
