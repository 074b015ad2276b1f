import Contract
import LaunchModel
import MetricsCore
import Storage
import Synchronization

/// Determines which feeds deliver now, and what each has delivered.
///
/// A feed's rhythm decides whether it is silent. It is learnt once a day from the days before that of the feed's last
/// event, and cached in memory. It depends only on the store, so all replicas have the same rhythms.
final class FeedJudge: Sendable {
  fileprivate struct Learnt {
    /// The hour up to which events were used for learning; `gaps` are the spans left out.
    var before: Int
    var gaps: FeedGaps
    var rhythm: FeedRhythm?
    var arrivals: FeedArrivals?
  }

  private let learnt = Mutex<[Int64: Learnt]>([:])

  /// A feed with its current status.
  struct Judged: Sendable {
    var feed: FeedRepository.Feed
    var status: FeedState.Status
    /// The current silence by the feed's own rhythm; nil if there is none.
    var silence: FeedState.Silence?
    /// The feed's rhythm; nil if there is too little history before the day of its last event.
    var rhythm: FeedRhythm?

    fileprivate init(_ feed: FeedRepository.Feed, _ learnt: Learnt?, at now: Timestamp) {
      self.feed = feed
      rhythm = learnt?.rhythm
      let state = feed.state()
      let arrivals = feed.lastStored.flatMap { learnt?.arrivals?.with(last: $0) }
      status = state.status(at: now, rhythm: learnt?.rhythm, arrivals: arrivals, utcOffset: 0)
      silence = state.silence(at: now, rhythm: learnt?.rhythm, arrivals: arrivals, utcOffset: 0)
    }

    /// The current silence, if it has not been noticed yet.
    var newSilence: FeedState.Silence? {
      silence.flatMap { silence in
        feed.silences.contains { $0.endedAt == nil && $0.since >= silence.since } ? nil : silence
      }
    }
  }

  /// All feeds, judged as of now.
  func feeds(at now: Timestamp, _ db: any Transaction) throws -> [Judged] {
    let feeds = FeedRepository(db)
    let searches = try FeedSearches(db).all()
    return try feeds.all().map { feed in
      Judged(feed, try learn(feed, feeds, isComplete: searches[feed.name.type] == nil), at: now)
    }
  }

  /// What is known of feeds at a moment; nil while the log is still being searched for earlier deliveries.
  ///
  /// - Parameters:
  ///   - types: the event types to include.
  ///   - start: the start of the earliest window to be judged.
  static func outlook(
    of types: Set<String>, from start: Timestamp, at moment: Timestamp, _ db: any Transaction
  ) throws -> FeedOutlook? {
    let feeds = FeedRepository(db)
    guard try feeds.unsearched() == nil, try types.isDisjoint(with: FeedSearches(db).all().keys) else { return nil }
    let first = Int(start.microseconds / 3_600_000_000) - FeedHistory.hours - 24
    return FeedOutlook(
      try feeds.all().filter { types.contains($0.name.type) }.map { feed in
        var feed = feed.known(at: moment)
        let deliveries = try feeds.deliveries(of: feed.id, since: first).known(at: moment)
        if let lastSeen = feed.lastSeen, lastSeen > moment {
          // At an earlier moment, the time of the last event is known only to the hour.
          let hour = deliveries.rows.map(\.hour).filter { $0 <= Int(moment.microseconds / 3_600_000_000) }.max()
          feed.lastSeen = hour.map { Timestamp(microseconds: Int64($0) * 3_600_000_000) }
        }
        return FeedOutlook.Condition(
          name: feed.name, status: .alive, firstSeen: feed.firstSeen, lastSeen: feed.lastSeen,
          retiredAt: feed.ruling.flatMap { $0.decision == .retired ? $0.at : nil }, acceptances: feed.acceptances,
          gaps: feed.gaps, deliveries: deliveries)
      }, incomplete: try IncompleteFeeds(db).all(knownAt: moment))
  }

  /// What is known of feeds now, with the current status of each.
  func outlook(
    withStatusOf types: Set<String>, from start: Timestamp, at now: Timestamp, _ db: any Transaction
  ) throws -> FeedOutlook? {
    guard var outlook = try Self.outlook(of: types, from: start, at: now, db) else { return nil }
    let judged = try feeds(at: now, db).map { ($0.feed.name, $0.status) }
    let status = Dictionary(judged, uniquingKeysWith: { first, _ in first })
    for index in outlook.conditions.indices {
      outlook.conditions[index].status = status[outlook.conditions[index].name] ?? .alive
    }
    return outlook
  }

  /// Whether a feed left out events in the last 13 weeks.
  func hasHoles(_ feed: FeedRepository.Feed, at now: Timestamp, _ db: any Transaction) throws -> Bool {
    let deliveries = try FeedRepository(db).deliveries(
      of: feed.id, since: Int(now.microseconds / 3_600_000_000) - FeedHistory.hours)
    return deliveries.hasHoles(at: now)
  }

  // MARK: Rhythms

  /// - Parameter isComplete: whether the log has been searched for all of its events; until then nothing is kept in
  ///   memory.
  private func learn(_ feed: FeedRepository.Feed, _ feeds: FeedRepository, isComplete: Bool) throws -> Learnt? {
    guard let lastSeen = feed.lastSeen else { return nil }
    let before = Self.firstHour(ofDayOf: lastSeen)
    if let known = learnt.withLock({ $0[feed.id] }), known.before == before, known.gaps == feed.gaps { return known }
    let deliveries = try feeds.deliveries(of: feed.id, since: before - FeedHistory.hours - 24)
    var state = feed.state()
    state.history = FeedHistory(
      counts: deliveries.counts(before: before), firstSeen: feed.firstSeen, lastSeen: feed.lastSeen)
    let found = Learnt(
      before: before, gaps: feed.gaps, rhythm: state.rhythm(utcOffset: 0), arrivals: FeedArrivals(deliveries))
    if isComplete { learnt.withLock { $0[feed.id] = found } }
    return found
  }

  /// The first hour of the UTC day that contains a moment.
  private static func firstHour(ofDayOf moment: Timestamp) -> Int {
    Int(moment.microseconds / 86_400_000_000) * 24
  }
}

extension FeedRepository.Feed {
  /// The feed's state, without its events by hour.
  fileprivate func state() -> FeedState {
    FeedState(
      history: FeedHistory(counts: [:], firstSeen: firstSeen, lastSeen: lastSeen), gaps: gaps, silences: silences,
      ruling: ruling, acceptances: acceptances)
  }

  /// The feed as known at a moment. Its `lastSeen` may still be later than that.
  fileprivate func known(at moment: Timestamp) -> FeedRepository.Feed {
    var feed = self
    if firstStored.map({ $0 > moment }) ?? true { (feed.firstSeen, feed.lastSeen) = (nil, nil) }
    feed.gaps = gaps.known(at: moment)
    feed.silences = silences.filter { $0.noticedAt <= moment }.map { silence in
      var silence = silence
      if let endedAt = silence.endedAt, endedAt > moment { silence.endedAt = nil }
      return silence
    }
    if let ruling, ruling.at > moment { feed.ruling = nil }
    feed.acceptances = acceptances.filter { $0 <= moment }
    return feed
  }
}
