public import Contract
public import LaunchModel

/// What is known at a moment of the feeds that figures rest on (product.md, section 4).
public struct FeedOutlook: Sendable {
  /// The status of one feed.
  public struct Condition: Sendable {
    /// The feed.
    public var name: FeedName
    /// Whether figures can rest on it.
    public var status: FeedState.Status
    /// When its last event happened; nil if it never delivered.
    public var lastSeen: Timestamp?

    public init(name: FeedName, status: FeedState.Status, lastSeen: Timestamp? = nil) {
      self.name = name
      self.status = status
      self.lastSeen = lastSeen
    }
  }

  /// The feeds that have ever delivered, or of which a gap was reported.
  public var conditions: [Condition]

  public init(_ conditions: [Condition]) { self.conditions = conditions }

  /// What a figure can be taken for, by the feeds that it rests on.
  struct Judgement {
    /// Whether nothing of a type was ever delivered, by any source.
    var lacksType = false
    /// Whether a feed is silent.
    var isSilent = false
    /// Whether a feed's silence was accepted.
    var isAccepted = false
    var notes: [String] = []
  }

  /// Judges a figure by its feeds.
  ///
  /// - Parameters:
  ///   - types: the types that the figure rests on.
  ///   - end: the end of its window: what a feed did not deliver later is no matter.
  func judgement(of types: [String], before end: Timestamp) -> Judgement {
    var judgement = Judgement()
    for type in types {
      let feeds = conditions.filter { $0.name.type == type }
      if !feeds.contains(where: { $0.status != .neverDelivered }) {
        judgement.lacksType = true
        judgement.notes.append("no \(type) has ever been delivered, so the figure is not known")
      }
      for feed in feeds { judge(feed, before: end, &judgement) }
    }
    return judgement
  }

  /// Up to when events have been delivered: of each type by whichever source is furthest, and of several types the least.
  func watermark(of types: [String]) -> Timestamp? {
    types.compactMap { type in conditions.filter { $0.name.type == type }.compactMap(\.lastSeen).max() }.min()
  }

  private func judge(_ feed: Condition, before end: Timestamp, _ judgement: inout Judgement) {
    let name = "\(feed.name.type) from \(feed.name.source)"
    switch feed.status {
    case .silent(let silence) where silence.since < end:
      judgement.isSilent = true
      judgement.notes.append(
        "\(name) is silent since \(silence.second): the figure is not known; see gonogo metric feeds")
    case .accepted(let silence) where silence.since < end:
      judgement.isAccepted = true
      judgement.notes.append("\(name) is silent since \(silence.second), which Product Ops accepted")
    default: break
    }
  }
}

extension FeedState.Silence {
  /// The whole second since which it is silent.
  fileprivate var second: Timestamp { Timestamp(microseconds: since.microseconds - since.microseconds % 1_000_000) }
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
  /// A figure as its feeds leave it: `unknown` while one of them is silent, or if one never delivered.
  func judged(_ figure: Figure, of metric: Metric, in window: MeasurementWindow) -> Figure {
    guard let feeds = evidence.feeds else { return figure }
    let delivered = Set(feeds.conditions.filter { $0.status != .neverDelivered }.map(\.name.type))
    let types = metric.feedTypes { delivered.contains($0) }
    let judgement = feeds.judgement(of: types, before: window.effectiveEnd)
    var figure = figure
    if let watermark = feeds.watermark(of: types), watermark >= window.start {
      figure.watermark = min(watermark, window.effectiveEnd)
    }
    figure.notes += judgement.notes
    figure.isSilent = judgement.isSilent
    if judgement.isSilent || judgement.lacksType {
      figure.judgement = .unknown
    } else if judgement.isAccepted, figure.judgement != .unknown {
      figure.judgement = .inconclusive
    }
    if case .adoption = metric.measure, figure.numerator == 0, window.start <= now, !judgement.lacksType {
      figure.notes.append("events are delivered, but none is about \(plan.feature): is that the key that they use?")
    }
    return figure
  }
}
