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
    /// When Product Ops retired it; nil unless it is retired.
    public var retiredAt: Timestamp?
    /// The spans in which events are missing.
    public var absences: [FeedAbsence]

    public init(
      name: FeedName, status: FeedState.Status, firstSeen: Timestamp? = nil, lastSeen: Timestamp? = nil,
      retiredAt: Timestamp? = nil, absences: [FeedAbsence] = []
    ) {
      self.name = name
      self.status = status
      self.firstSeen = firstSeen
      self.lastSeen = lastSeen
      self.retiredAt = retiredAt
      self.absences = absences
    }

    fileprivate func delivered(before end: Timestamp) -> Bool { firstSeen.map { $0 < end } ?? false }
  }

  /// The feeds that have ever delivered, or of which a gap was reported.
  public var conditions: [Condition]

  public init(_ conditions: [Condition]) { self.conditions = conditions }

  /// The part of a window that feeds may have been silent for, in silences that are over.
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
    Set(conditions.filter { $0.delivered(before: end) }.map(\.name.type))
  }

  /// Judges a figure by its feeds.
  ///
  /// - Parameters:
  ///   - types: the types that the figure rests on.
  ///   - window: its window: what was not delivered before or after it is no matter.
  ///   - now: the moment that it is judged for.
  func judgement(of types: [String], in window: Range<Timestamp>, at now: Timestamp) -> Judgement {
    var judgement = Judgement()
    for type in types {
      let feeds = conditions.filter { $0.name.type == type }
      judge(type, feeds.filter { $0.delivered(before: window.upperBound) }, feeds, in: window, at: now, &judgement)
      for feed in feeds {
        judge(feed, isAlone: !feeds.contains { $0.name != feed.name && $0.status == .alive }, in: window, &judgement)
      }
    }
    return judgement
  }

  /// Up to when events have been delivered: of each type by whichever source is furthest, and of several types the least.
  func watermark(of types: [String]) -> Timestamp? {
    types.compactMap { type in conditions.filter { $0.name.type == type }.compactMap(\.lastSeen).max() }.min()
  }

  /// Judges a type over all its sources: it must have been delivered since the first day of the window.
  private func judge(
    _ type: String, _ delivering: [Condition], _ feeds: [Condition], in window: Range<Timestamp>, at now: Timestamp,
    _ judgement: inout Judgement
  ) {
    guard let first = delivering.compactMap(\.firstSeen).min(), let last = delivering.compactMap(\.lastSeen).max()
    else {
      judgement.lacksType = true
      judgement.notes.append(
        feeds.contains { $0.firstSeen != nil }
          ? "no \(type) was delivered before the end of the window, so the figure is not known"
          : "no \(type) has ever been delivered, so the figure is not known")
      return
    }
    if first > window.lowerBound.adding(days: 1) {
      judgement.isSilent = true
      judgement.notes.append("the first \(type) is of \(first); what came before it is not known")
    }
    if window.upperBound <= now, last < window.lowerBound {
      judgement.lacksType = true
      judgement.notes.append("nothing of \(type) was delivered in the window, so the figure is not known")
    }
  }

  private func judge(
    _ feed: Condition, isAlone: Bool, in window: Range<Timestamp>, _ judgement: inout Judgement
  ) {
    let name = "\(feed.name.type) from \(feed.name.source)"
    if feed.status == .retired {
      guard let retiredAt = feed.retiredAt, window.lowerBound <= retiredAt, let lastSeen = feed.lastSeen else { return }
      if lastSeen < window.upperBound {
        let note = "\(name) delivered last at \(lastSeen) and is retired since \(retiredAt)"
        judgement.add(
          isAlone ? "\(note), and nothing else delivers it: the figure is not known" : note, isSettled: !isAlone)
      }
    }
    var quiet: Int64 = 0
    for absence in feed.absences {
      guard let part = absence.part(in: window) else { continue }
      if absence.isAccepted {
        judgement.add("\(name) \(absence.summary), which Product Ops accepted", isSettled: true)
      } else if absence.kind == .silence, absence.until != nil {
        quiet += part.upperBound.microseconds - part.lowerBound.microseconds
      } else {
        judgement.add(
          "\(name) \(absence.summary): the figure is not known; see gonogo metric feeds", isSettled: false)
      }
    }
    guard quiet > 0 else { return }
    let length = window.upperBound.microseconds - window.lowerBound.microseconds
    let note = "\(name) was silent for \(max(1, (quiet + 1_800_000_000) / 3_600_000_000)) h of the window"
    if Double(quiet) > Self.quietShare * Double(length) {
      judgement.add("\(note): the figure is not known; see gonogo metric feeds", isSettled: false)
    } else {
      judgement.notes.append(note)
    }
  }
}

extension FeedOutlook.Judgement {
  /// Notes that events are missing.
  fileprivate mutating func add(_ note: String, isSettled: Bool) {
    notes.append(note)
    if isSettled { self.isSettled = true } else { isSilent = true }
  }
}

extension Metric {
  /// The types of the events that its figure rests on.
  ///
  /// - Parameter delivered: whether a type has ever been delivered: activity without a use counts once it is.
  public func feedTypes(delivered: (String) -> Bool) -> [String] {
    switch measure {
    case .adoption:
      let activity = SignalType.accountActive.rawValue
      return [SignalType.featureUsed.rawValue] + (delivered(activity) ? [activity] : [])
    case .tickets: return [SignalType.ticketOpened.rawValue]
    case .csat: return [SignalType.csatScored.rawValue]
    case .articles(let articles):
      return [(articles.target.unit == .views ? SignalType.articleViewed : .articleRated).rawValue]
    case .custom(let custom): return [custom.type]
    }
  }
}

extension Evaluation {
  /// A figure as its feeds leave it: `unknown` if too much of its window was not delivered.
  func judged(_ figure: Figure, of metric: Metric, in window: MeasurementWindow) -> Figure {
    guard let feeds = evidence.feeds else { return figure }
    let delivered = feeds.types(deliveredBefore: window.effectiveEnd)
    let types = metric.feedTypes { delivered.contains($0) }
    let judgement = feeds.judgement(of: types, in: window.start..<window.effectiveEnd, at: now)
    var figure = figure
    if let watermark = feeds.watermark(of: types), watermark >= window.start {
      figure.watermark = min(watermark, window.effectiveEnd)
    }
    figure.notes += judgement.notes
    figure.isSilent = judgement.isSilent
    if judgement.isSilent || judgement.lacksType {
      figure.judgement = .unknown
    } else if judgement.isSettled, figure.judgement != .unknown {
      figure.judgement = .inconclusive
    }
    if case .adoption = metric.measure, figure.numerator == 0, window.start <= now, !judgement.lacksType {
      figure.notes.append("events are delivered, but none is about \(plan.feature): is that the key that they use?")
    }
    return figure
  }
}
