import Contract
import LaunchModel
import MetricsCore
import Storage
import Synchronization

/// Says of each feed whether figures can rest on it.
///
/// A rhythm is learnt from the days before that of the feed's last event, once a day, and kept in memory: it follows from the store
/// alone, so all replicas have the same.
final class FeedJudge: Sendable {
  private struct Learnt {
    /// The hour before which events were learnt from, and the gaps that were left out.
    var before: Int
    var gaps: [FeedState.ReportedGap]
    var rhythm: FeedRhythm?
  }

  private let learnt = Mutex<[Int64: Learnt]>([:])

  /// A feed with what is known of it.
  struct Judged: Sendable {
    var feed: FeedRepository.Feed
    var status: FeedState.Status
    /// How it delivers; nil before there is a day of it.
    var rhythm: FeedRhythm?
  }

  /// The feeds at a moment, which is now.
  func feeds(at now: Timestamp, _ db: any Transaction) throws -> [Judged] {
    let feeds = FeedRepository(db)
    return try feeds.all().map { feed in
      let rhythm = try rhythm(of: feed, feeds)
      let history = FeedHistory(counts: [:], firstSeen: feed.firstSeen, lastSeen: feed.lastSeen)
      let state = FeedState(history: history, reportedGaps: feed.gaps, ruling: feed.ruling)
      return Judged(feed: feed, status: Self.status(state, rhythm, at: now), rhythm: rhythm)
    }
  }

  /// What figures can rest on now; nil while the log is still being searched.
  func outlook(at now: Timestamp, _ db: any Transaction) throws -> FeedOutlook? {
    guard try FeedRepository(db).unsearched() == nil else { return nil }
    return FeedOutlook(
      try feeds(at: now, db).map {
        FeedOutlook.Condition(name: $0.feed.name, status: $0.status, lastSeen: $0.feed.lastSeen)
      })
  }

  /// What was known at an earlier moment: the silences that had been noticed by then.
  static func outlook(knownAt moment: Timestamp, _ db: any Transaction) throws -> FeedOutlook? {
    let feeds = FeedRepository(db)
    guard try feeds.unsearched() == nil else { return nil }
    let silences = try feeds.silences(knownAt: moment)
    return FeedOutlook(
      try feeds.all().map { feed in
        let silence = silences[feed.id].map { FeedState.Silence(since: $0, probability: nil) }
        let ruling = feed.ruling.flatMap { $0.at <= moment ? $0 : nil }
        let status: FeedState.Status =
          if feed.firstStored.map({ $0 > moment }) ?? true {
            silence.map { .silent($0) } ?? .neverDelivered
          } else if let silence {
            ruling?.decision == .accepted && (ruling?.at ?? moment) >= silence.since
              ? .accepted(silence) : .silent(silence)
          } else {
            .alive
          }
        return FeedOutlook.Condition(
          name: feed.name, status: status, lastSeen: try feeds.lastSeen(feed, asOf: moment))
      })
  }

  /// A reported gap counts although the feed's rhythm is not known yet.
  private static func status(_ state: FeedState, _ rhythm: FeedRhythm?, at now: Timestamp) -> FeedState.Status {
    let status = state.status(at: now, rhythm: rhythm, utcOffset: 0)
    guard status == .neverDelivered else { return status }
    if let ruling = state.ruling, ruling.decision == .retired, state.history.lastSeen.map({ $0 <= ruling.at }) ?? true {
      return .retired
    }
    if let gap = state.reportedGaps.first(where: { $0.filledAt == nil }) {
      let silence = FeedState.Silence(since: gap.since, probability: nil)
      guard let ruling = state.ruling, ruling.decision == .accepted, ruling.at >= gap.since else {
        return .silent(silence)
      }
      return .accepted(silence)
    }
    return state.history.lastSeen == nil ? .neverDelivered : .alive
  }

  private func rhythm(of feed: FeedRepository.Feed, _ feeds: FeedRepository) throws -> FeedRhythm? {
    guard let lastSeen = feed.lastSeen else { return nil }
    let day = lastSeen.microseconds / 86_400_000_000
    let before = Int(day) * 24
    if let known = learnt.withLock({ $0[feed.id] }), known.before == before, known.gaps == feed.gaps {
      return known.rhythm
    }
    let counts = try feeds.hours(of: feed.id, before: before)
    let history = FeedHistory(counts: counts, firstSeen: feed.firstSeen, lastSeen: lastSeen)
    let rhythm = FeedState(history: history, reportedGaps: feed.gaps).rhythm(utcOffset: 0)
    learnt.withLock { $0[feed.id] = Learnt(before: before, gaps: feed.gaps, rhythm: rhythm) }
    return rhythm
  }
}
