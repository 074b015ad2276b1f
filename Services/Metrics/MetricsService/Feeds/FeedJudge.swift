import Contract
import LaunchModel
import MetricsCore
import Storage
import Synchronization

/// Reports of each feed whether it delivers, and what each delivered.
///
/// Whether a feed is silent now follows from its rhythm, which is learnt from the days before that of its last event, once a day, and
/// kept in memory: it follows from the store alone, so all replicas have the same.
final class FeedJudge: Sendable {
  fileprivate struct Learnt {
    /// The hour before which events were learnt from, and the spans that were left out.
    var before: Int
    var gaps: FeedGaps
    var rhythm: FeedRhythm?
    var arrivals: FeedArrivals?
  }

  private let learnt = Mutex<[Int64: Learnt]>([:])

  /// A feed with what is known of it.
  struct Judged: Sendable {
    var feed: FeedRepository.Feed
    var status: FeedState.Status
    /// Its present silence by its own rhythm; nil if there is none.
    var silence: FeedState.Silence?
    /// How it delivers; nil before there is a day of it.
    var rhythm: FeedRhythm?

    fileprivate init(_ feed: FeedRepository.Feed, _ learnt: Learnt?, at now: Timestamp) {
      self.feed = feed
      rhythm = learnt?.rhythm
      let state = feed.state()
      let arrivals = feed.lastStored.flatMap { learnt?.arrivals?.with(last: $0) }
      status = state.status(at: now, rhythm: learnt?.rhythm, arrivals: arrivals, utcOffset: 0)
      silence = state.silence(at: now, rhythm: learnt?.rhythm, arrivals: arrivals, utcOffset: 0)
    }

    /// Its present silence, unless that was noticed already.
    var newSilence: FeedState.Silence? {
      silence.flatMap { silence in
        feed.silences.contains { $0.endedAt == nil && $0.since >= silence.since } ? nil : silence
      }
    }
  }

  /// The feeds at a moment, which is now.
  func feeds(at now: Timestamp, _ db: any Transaction) throws -> [Judged] {
    let feeds = FeedRepository(db)
    let searches = try FeedSearches(db).all()
    return try feeds.all().map { feed in
      Judged(feed, try learn(feed, feeds, isComplete: searches[feed.name.type] == nil), at: now)
    }
  }

  /// What figures can rest on, as it was known at a moment; nil while the log is still being searched.
  ///
  /// - Parameters:
  ///   - types: the types that they rest on.
  ///   - start: the beginning of their windows.
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
          // The last event of an earlier moment is only known to the hour.
          let hour = deliveries.rows.map(\.hour).filter { $0 <= Int(moment.microseconds / 3_600_000_000) }.max()
          feed.lastSeen = hour.map { Timestamp(microseconds: Int64($0) * 3_600_000_000) }
        }
        return FeedOutlook.Condition(
          name: feed.name, status: .alive, firstSeen: feed.firstSeen, lastSeen: feed.lastSeen,
          retiredAt: feed.ruling.flatMap { $0.decision == .retired ? $0.at : nil }, acceptances: feed.acceptances,
          gaps: feed.gaps, deliveries: deliveries)
      })
  }

  /// The same now, with what each feed's state is.
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

  /// Whether events of a feed are missing that it should have delivered in the last 13 weeks.
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

  /// The first hour of the day of a moment.
  private static func firstHour(ofDayOf moment: Timestamp) -> Int {
    Int(moment.microseconds / 86_400_000_000) * 24
  }
}

extension FeedRepository.Feed {
  /// What is known of it, without its hours.
  fileprivate func state() -> FeedState {
    FeedState(
      history: FeedHistory(counts: [:], firstSeen: firstSeen, lastSeen: lastSeen), gaps: gaps, silences: silences,
      ruling: ruling, acceptances: acceptances)
  }

  /// The feed with what was known of it at a moment; its last event may be later.
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
