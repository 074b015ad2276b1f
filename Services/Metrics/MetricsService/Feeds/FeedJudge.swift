import Contract
import LaunchModel
import MetricsCore
import Storage
import Synchronization

/// Says of each feed whether it delivers, and in which spans it did not.
///
/// A rhythm is learnt from the days before that of the feed's last event, once a day, and kept in memory: it follows from the store
/// alone, so all replicas have the same.
final class FeedJudge: Sendable {
  private struct Learnt {
    /// The hour before which events were learnt from, and the spans that were left out.
    var before: Int
    var gaps: FeedGaps
    var silences: [FeedState.NoticedSilence]
    var rhythm: FeedRhythm?
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

    init(_ feed: FeedRepository.Feed, _ state: FeedState, _ rhythm: FeedRhythm?, at now: Timestamp) {
      self.feed = feed
      self.rhythm = rhythm
      status = state.status(at: now, rhythm: rhythm, utcOffset: 0)
      silence = state.silence(at: now, rhythm: rhythm, utcOffset: 0)
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
    return try feeds.all().map { Judged($0, $0.state(), try rhythm(of: $0, feeds), at: now) }
  }

  /// What figures can rest on now; nil while the log is still being searched.
  func outlook(at now: Timestamp, _ db: any Transaction) throws -> FeedOutlook? {
    let feeds = FeedRepository(db)
    guard try feeds.unsearched() == nil else { return nil }
    return FeedOutlook(
      try self.feeds(at: now, db).map { judged in
        try Self.condition(judged, judged.feed.state(), feeds, lastSeen: judged.feed.lastSeen)
      })
  }

  /// What was known at an earlier moment: the silences that had been noticed by then, or that the rhythm shows for then, and the
  /// gaps that had been reported and not filled.
  static func outlook(knownAt moment: Timestamp, _ db: any Transaction) throws -> FeedOutlook? {
    let feeds = FeedRepository(db)
    guard try feeds.unsearched() == nil else { return nil }
    return FeedOutlook(try feeds.all().map { try condition(of: $0, knownAt: moment, feeds) })
  }

  private static func condition(
    of feed: FeedRepository.Feed, knownAt moment: Timestamp, _ feeds: FeedRepository
  ) throws -> FeedOutlook.Condition {
    var feed = feed.known(at: moment)
    var watermark = feed.lastSeen
    if let lastSeen = feed.lastSeen, lastSeen > moment {
      let hour = try feeds.lastHour(of: feed.id, at: moment)
      watermark = hour?.lowerBound
      // No event was known after a silence that was noticed by then. Else the last one may be at the end of its hour.
      let noticed = feed.silences.first { $0.endedAt == nil }?.since
      feed.lastSeen = noticed ?? hour.map { min($0.upperBound, moment) } ?? feed.firstSeen
    }
    let state = feed.state()
    let rhythm = try feed.lastSeen.flatMap { try learn(feed, state, before: firstHour(ofDayOf: $0), feeds) }
    return try condition(Judged(feed, state, rhythm, at: moment), state, feeds, lastSeen: watermark)
  }

  private static func condition(
    _ judged: Judged, _ state: FeedState, _ feeds: FeedRepository, lastSeen: Timestamp?
  ) throws -> FeedOutlook.Condition {
    let isRetired = judged.status == .retired
    var absences = state.gaps.open.map {
      FeedAbsence(
        .gap, since: $0.since, until: $0.until, isAccepted: state.isAccepted(noticedAt: $0.reportedAt))
    }
    absences += try pastSilences(of: judged, state, feeds)
    if let silence = judged.silence, !isRetired {
      absences.append(
        FeedAbsence(.silence, since: silence.since, until: nil, isAccepted: state.isAccepted(silence)))
    }
    return FeedOutlook.Condition(
      name: judged.feed.name, status: judged.status, firstSeen: judged.feed.firstSeen, lastSeen: lastSeen,
      retiredAt: isRetired ? judged.feed.ruling?.at : nil, absences: absences)
  }

  /// What late events have left of the silences after which the feed delivered again.
  private static func pastSilences(
    of judged: Judged, _ state: FeedState, _ feeds: FeedRepository
  ) throws -> [FeedAbsence] {
    guard let lastSeen = state.history.lastSeen else { return [] }
    // A late event within a silence begins another one, with which the first must not overlap.
    let nexts = state.silences.dropFirst().map(\.since) + [lastSeen]
    let spans = zip(state.silences, nexts).map { silence, next in
      (silence: silence, end: min(silence.endedAt ?? lastSeen, next, lastSeen))
    }.filter { $0.silence.since < $0.end }
    guard let first = spans.map(\.silence.since).min(), let last = spans.map(\.end).max() else { return [] }
    let hours = try feeds.hours(of: judged.feed.id, in: first..<last)
    return spans.flatMap { silence, end in
      FeedAbsence.parts(of: silence.since..<end, withEventsIn: hours, rhythm: judged.rhythm).map {
        FeedAbsence(
          .silence, since: $0.lowerBound, until: $0.upperBound,
          isAccepted: state.isAccepted(noticedAt: silence.noticedAt))
      }
    }
  }

  // MARK: Rhythms

  private func rhythm(of feed: FeedRepository.Feed, _ feeds: FeedRepository) throws -> FeedRhythm? {
    guard let lastSeen = feed.lastSeen else { return nil }
    let before = Self.firstHour(ofDayOf: lastSeen)
    if let known = learnt.withLock({ $0[feed.id] }), known.before == before, known.gaps == feed.gaps,
      known.silences == feed.silences
    {
      return known.rhythm
    }
    let rhythm = try Self.learn(feed, feed.state(), before: before, feeds)
    learnt.withLock {
      $0[feed.id] = Learnt(before: before, gaps: feed.gaps, silences: feed.silences, rhythm: rhythm)
    }
    return rhythm
  }

  private static func learn(
    _ feed: FeedRepository.Feed, _ state: FeedState, before hour: Int, _ feeds: FeedRepository
  ) throws -> FeedRhythm? {
    var state = state
    state.history = FeedHistory(
      counts: try feeds.hours(of: feed.id, before: hour), firstSeen: feed.firstSeen, lastSeen: feed.lastSeen)
    return state.rhythm(utcOffset: 0)
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
      ruling: ruling, acceptedAt: acceptedAt)
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
    if let acceptedAt, acceptedAt > moment { feed.acceptedAt = nil }
    return feed
  }
}
