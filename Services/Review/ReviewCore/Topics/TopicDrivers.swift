public import Contract
public import LaunchModel

/// Finds the topics that drive a rise in tickets: those whose share has grown, and new ones.
///
/// Compares the last 24 hours with the time from exposure until then. A topic drives the rise if its share is at least
/// `minimumGrowth` times its earlier share, and if the growth is significant at `level` by Fisher's exact test
/// (one-sided): chance alone would give so many recent tickets with at most that probability. A topic without earlier
/// tickets is new, and drives the rise if it has at least `minimumNew` tickets.
public enum TopicDrivers {
  /// The length of the recent period in hours.
  public static let hours = 24
  /// The significance level of the test.
  static let level = 0.05
  /// The minimum ratio of the recent share to the earlier share.
  static let minimumGrowth = 1.5
  /// The minimum number of recent tickets of a new topic.
  static let minimumNew = 3
  /// The maximum number of topics in a finding.
  static let maximum = 5
  /// The maximum number of topics in a finding if there are no earlier tickets to compare with.
  static let maximumWithoutComparison = 3

  /// The topics that drive a rise in tickets, with the numbers compared.
  public struct Finding: Sendable, Hashable {
    /// The number of tickets in the recent period.
    public var count: Int
    /// The number of tickets from exposure until the recent period.
    public var countBefore: Int
    /// The topics that drive the rise. Those that most exceed the number expected from their earlier share come first.
    public var drivers: [TopicDriver]
  }

  /// Finds the topics that drive the rise in the 24 hours before a moment.
  public static func drivers(of topics: AttemptTopics, at moment: Timestamp) -> Finding {
    let start = moment.adding(seconds: -Int64(hours) * 3_600)
    let isRecent = topics.tickets.map { $0.at > start && $0.at <= moment }
    let isEarlier = topics.tickets.map { $0.at <= start }
    let count = isRecent.count { $0 }
    let countBefore = isEarlier.count { $0 }
    let drivers = topics.topics.map { topic in
      TopicDriver(
        topic, recent: topic.members.count { isRecent[$0] }, of: count, before: topic.members.count { isEarlier[$0] },
        of: countBefore)
    }.filter { $0.count > 0 }
    guard countBefore > 0 else {
      let largest = drivers.sorted { ($1.count, $0.id) < ($0.count, $1.id) }.prefix(maximumWithoutComparison)
      return Finding(count: count, countBefore: 0, drivers: Array(largest))
    }
    let driving = drivers.filter(\.isDriving).sorted {
      ($1.excess(over: count), $0.id) < ($0.excess(over: count), $1.id)
    }
    return Finding(count: count, countBefore: countBefore, drivers: Array(driving.prefix(maximum)))
  }

  /// The upper tail of the hypergeometric distribution: the probability that at least `marked` of `drawn` items are
  /// marked if they are drawn at random from `total` items, `allMarked` of which are marked.
  static func tail(atLeast marked: Int, ofDrawn drawn: Int, marked allMarked: Int, ofAll total: Int) -> Double {
    let lowest = max(0, drawn + allMarked - total)
    let highest = min(drawn, allMarked)
    guard lowest < highest else { return marked <= lowest ? 1 : 0 }
    // Weights are relative to the mode's weight, so nothing overflows. Weights that underflow are negligible.
    let mode = min(highest, max(lowest, (drawn + 1) * (allMarked + 1) / (total + 2)))
    func ratio(_ k: Int) -> Double {
      Double(allMarked - k) * Double(drawn - k) / (Double(k + 1) * Double(total - allMarked - drawn + k + 1))
    }
    var (sum, tail) = (0.0, 0.0)
    func add(_ k: Int, _ weight: Double) {
      sum += weight
      if k >= marked { tail += weight }
    }
    var weight = 1.0
    add(mode, weight)
    for k in stride(from: mode, to: highest, by: 1) {
      weight *= ratio(k)
      add(k + 1, weight)
    }
    weight = 1
    for k in stride(from: mode, to: lowest, by: -1) {
      weight /= ratio(k - 1)
      add(k - 1, weight)
    }
    return tail / sum
  }
}

extension TopicDrivers.Finding {
  /// The announcement of the topics that drive a spike, for the people whom the spike's notice is for.
  ///
  /// - Parameter notes: the limits of the finding, such as texts that have not been read.
  public func announcement(of notice: Notice, launch: LaunchID, attempt: Int, notes: [String]) -> TopicsAnnounced {
    let named = drivers.map(text).joined(separator: "; ")
    let source = drivers.isEmpty ? "no topic stands out" : named
    let comparison =
      countBefore == 0 ? ["there are no earlier tickets to compare with: these are the largest topics"] : []
    return TopicsAnnounced(
      key: notice.key, attempt: attempt, people: notice.people, functions: notice.functions,
      text: "\(launch), the last \(TopicDrivers.hours) hours: \(source); see gonogo review topics \(launch)",
      count: count, countBefore: countBefore, drivers: drivers, notes: comparison + notes)
  }

  private func text(_ driver: TopicDriver) -> String {
    let before =
      countBefore == 0 ? "" : driver.countBefore == 0 ? ", new" : ", before \(driver.countBefore) of \(countBefore)"
    return "\"\(driver.label)\" (\(driver.count) of \(count) tickets\(before))"
  }
}

extension TopicDriver {
  fileprivate init(_ topic: AttemptTopics.Topic, recent: Int, of all: Int, before: Int, of allBefore: Int) {
    self.init(
      id: topic.id, label: topic.label, count: recent, countBefore: before, share: Double(recent) / Double(max(1, all)),
      shareBefore: allBefore > 0 ? Double(before) / Double(allBefore) : nil,
      probability: allBefore > 0
        ? TopicDrivers.tail(atLeast: recent, ofDrawn: all, marked: recent + before, ofAll: all + allBefore) : nil,
      examples: topic.examples)
  }

  /// Whether the topic's share has grown significantly, or the topic is new.
  fileprivate var isDriving: Bool {
    guard let shareBefore, let probability else { return false }
    if countBefore == 0 { return count >= TopicDrivers.minimumNew }
    return probability <= TopicDrivers.level && share >= TopicDrivers.minimumGrowth * shareBefore
  }

  /// The number of recent tickets above the number expected from the topic's earlier share.
  fileprivate func excess(over all: Int) -> Double { Double(count) - (shareBefore ?? 0) * Double(all) }
}
