import Contract
import LaunchModel
import Logging
import Messaging
import MetricsCore
import ServiceKit
import Storage
import Synchronization

/// Maintains feeds: reads earlier deliveries from the log, detects when a feed goes silent, and notifies once the
/// people whose figures depend on it.
final class FeedJob: Sendable {
  /// The maximum number of events in one fetch.
  private static let page = 1_024

  private let environment: ServiceEnvironment
  private let judge: FeedJudge
  /// The last offset of the log when the job first ran; nil until then.
  private let firstHead = Mutex<Int64?>(nil)

  init(environment: ServiceEnvironment, judge: FeedJudge) {
    self.environment = environment
    self.judge = judge
  }

  func run() async throws {
    // What the log held at the start is searched only after it was processed.
    guard try await hasReadFirstHead() else { return }
    while let offsets = try await environment.database.read({ try FeedRepository($0).unsearched() }) {
      try await search(offsets)
    }
    while let search = try await environment.database.read({ try FeedSearches($0).all().values.first }) {
      try await self.search(search)
    }
    let now = environment.clock.now()
    func found() async throws -> [Change] {
      try await environment.database.read { [judge] in try Self.changes(judge, now, $0) }
    }
    // Events that were published but are not processed yet are not missing, so it looks again once they are.
    guard try await !found().isEmpty, try await environment.hasCaughtUp() else { return }
    let changes = try await found()
    try await environment.change { tx in
      for change in changes { try Self.apply(change, now, tx) }
    }
  }

  private func hasReadFirstHead() async throws -> Bool {
    if let head = firstHead.withLock({ $0 }) { return environment.progress.offset >= head }
    let head = try await environment.bus.head().head
    firstHead.withLock { $0 = head }
    return environment.progress.offset >= head
  }

  /// Deletes data that is no longer needed, and logs a warning while further
  /// feeds are ignored because there are too many.
  func prune() async throws {
    try await environment.database.write { try FeedRepository($0).prune() }
    guard try await environment.database.read({ try FeedRepository($0).isFull() }) else { return }
    environment.logger.warning(
      "further feeds are not followed", metadata: ["maximum": "\(FeedRepository.maximum)"])
  }

  // MARK: Searching the log

  /// Adds the next events of the log from before feeds were recorded.
  private func search(_ offsets: ClosedRange<Int64>) async throws {
    let fetched = try await environment.bus.fetch(after: offsets.lowerBound - 1, types: [], max: Self.page)
    let searched = max(fetched.head, fetched.events.last?.offset ?? 0)
    // If the log ends before the offset, it was restored from a backup and has no more events.
    let head = searched < offsets.lowerBound ? offsets.upperBound : min(searched, offsets.upperBound)
    var batch = FeedBatch()
    for event in fetched.events where event.offset <= offsets.upperBound { batch.add(event) }
    try await environment.database.write { [batch] db in
      let feeds = FeedRepository(db)
      guard try feeds.advance(from: offsets.lowerBound, to: head) else { return }
      try feeds.add(batch)
    }
  }

  /// Adds the next events of a type that had not been followed, up to where the consumer is.
  private func search(_ search: FeedSearches.Search) async throws {
    let types = [search.type, SignalType.feedGap.rawValue, SignalType.feedFilled.rawValue]
    let fetched = try await environment.bus.fetch(after: search.next - 1, types: types, max: Self.page)
    let searched = max(fetched.head, fetched.events.last?.offset ?? 0)
    try await environment.database.write { db in
      // The consumer adds nothing meanwhile.
      try ProjectionCatalog(db).lock()
      let processed = try ConsumerOffsets.offset(MetricsService.name.rawValue, db)
      // A log that ends earlier was restored from a backup, and has no more.
      let end = searched < search.next ? processed : min(searched, processed)
      guard try FeedSearches(db).advance(search, to: end, processed: processed) else { return }
      try FeedRepository(db).add(fetched.events.filter { $0.offset <= end }, of: search)
    }
  }

  // MARK: Silences

  /// The changes of a feed since the previous check.
  private struct Change: Sendable {
    var feed: FeedRepository.Feed
    /// Whether its rhythm has been seen for long enough that figures which can do without it rest on it nevertheless.
    var isFirm: Bool
    /// When its silence began; nil if it is not silent, or if the silence is already known.
    var beginning: Timestamp?
    /// Whether its silence has ended.
    var isOver = false
    /// The reported gaps that nobody was notified of yet.
    var gaps: [FeedGaps.Gap] = []

    var isEmpty: Bool { beginning == nil && !isOver && gaps.isEmpty }

    /// The absences that were not known before.
    var absences: [FeedAbsence] {
      let silence = beginning.map { FeedAbsence(.silence, since: $0, until: nil) }
      return [silence].compactMap(\.self) + gaps.map { FeedAbsence(.gap, since: $0.since, until: $0.until) }
    }
  }

  private static func changes(_ judge: FeedJudge, _ now: Timestamp, _ db: any Transaction) throws -> [Change] {
    let searches = try FeedSearches(db).all()
    return try judge.feeds(at: now, db).compactMap { judged in
      // The silence of a retired feed is over when it delivers again. What a search has not found yet is not missing.
      guard judged.status != .retired, searches[judged.feed.name.type] == nil else { return nil }
      var change = Change(feed: judged.feed, isFirm: judged.rhythm?.isFirm ?? false)
      change.beginning = judged.newSilence?.since
      change.isOver = judged.silence == nil && judged.feed.silences.contains { $0.endedAt == nil }
      change.gaps = judged.feed.gaps.open.filter { $0.noticedAt == nil }
      return change.isEmpty ? nil : change
    }
  }

  private static func apply(_ change: Change, _ now: Timestamp, _ tx: ServiceTransaction) throws {
    let feeds = FeedRepository(tx.db)
    if change.isOver { try feeds.end(silenceOf: change.feed.id, at: now) }
    if let since = change.beginning { try feeds.begin(silenceOf: change.feed.id, since: since, noticedAt: now) }
    if !change.gaps.isEmpty { try feeds.noticeGaps(of: change.feed.id, at: now) }
    for absence in change.absences {
      for launch in try concerned(by: change, absence, now, tx.db) {
        try announce(absence, of: change.feed.name, to: launch, tx)
      }
    }
  }

  /// The launches whose open window overlaps the absence and whose sealed figures depend on the feed.
  private static func concerned(
    by change: Change, _ absence: FeedAbsence, _ now: Timestamp, _ db: any Transaction
  ) throws -> [LaunchID] {
    let isCertain = change.isFirm || absence.kind == .gap
    let launches = LaunchRepository(db)
    return try launches.exposed().filter { launch in
      let history = try PlanRepository(db).history(of: launch)
      guard history.isSealed, let attempt = try launches.attempts(of: launch).last,
        let plan = try history.current?.plan(feature: try launches.launch(launch).feature)
      else { return false }
      return plan.metrics.contains { metric in
        let window = attempt.window(days: metric.days)
        let types = metric.feedTypes { isCertain || $0 != SignalType.accountChanged.rawValue }
        return types.contains(change.feed.name.type) && window.start <= now && now < window.effectiveEnd
          && absence.part(in: window.start..<window.effectiveEnd) != nil
      }
    }
  }

  private static func announce(
    _ absence: FeedAbsence, of feed: FeedName, to launch: LaunchID, _ tx: ServiceTransaction
  ) throws {
    let owner = try LaunchRepository(tx.db).launch(launch).owner
    try tx.announce(
      Announcements.noticeFeedSilent, launch: launch.rawValue,
      version: try PlanRepository(tx.db).history(of: launch).version,
      Notice(
        key: "feedsilent/\(launch)/\(feed.type)/\(feed.source)/\(absence.since)", people: [owner],
        functions: [.productOps],
        text:
          "\(feed.type) from \(feed.source) \(absence.summary), so figures of \(launch) are not known; "
          + "see gonogo metric feeds"))
  }
}

extension FeedBatch {
  /// Adds an event, unless a service announced it.
  mutating func add(_ stored: StoredEvent) {
    if let usage = stored.plainUsage {
      add(usage, of: stored)
      return
    }
    // An event that cannot be decoded is in quarantine and does not count as delivered.
    guard let event = MetricEvent.envelope(of: stored), !EventNamespace.isAnnouncement(event.type) else { return }
    add(FeedName(type: event.type, source: event.source), at: event.time ?? stored.storedAt, storedAt: stored.storedAt)
  }

  /// Adds a use or activity.
  mutating func add(_ usage: PlainUsage, of stored: StoredEvent) {
    stored.bytes.withUnsafeBytes { bytes in
      add(
        isUse: usage.feature != nil, source: UnsafeRawBufferPointer(rebasing: bytes[usage.source]),
        at: usage.time ?? stored.storedAt, storedAt: stored.storedAt)
    }
  }
}

extension MetricEvent {
  /// The envelope of an event; nil if the event is quarantined.
  fileprivate static func envelope(of stored: StoredEvent) -> CloudEvent? {
    guard counted(stored, readsDocument: { _ in false }) != nil else { return nil }
    do throws(EventError) {
      return try stored.event()
    } catch {
      return nil
    }
  }
}
