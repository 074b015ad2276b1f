import Contract
import LaunchModel
import MetricsCore
import ServiceKit
import Storage

/// The calls about feeds.
struct FeedHandlers {
  /// The audit chain of decisions about feeds.
  static let chain = "feeds"

  let judge: FeedJudge

  func register(on router: inout ServiceRouter) {
    router.read(MetricsRoutes.feeds, list)
    router.change(MetricsRoutes.retireFeed) { try rule(.retired, $0, $1, $2) }
    router.change(MetricsRoutes.acceptFeed) { try rule(.accepted, $0, $1, $2) }
  }

  @Sendable
  private func list(_ params: FeedsRequest, _ call: CallContext) async throws -> FeedsView {
    try Rights.require(call.actor, .read)
    let now = call.now
    return try await call.environment.database.read { [judge] db in
      let isFull = try FeedRepository(db).isFull()
      let wanted = try params.launch.map { try Self.types(of: $0, db) }
      let searched = try FeedSearches(db).all().keys.filter { wanted?.contains($0) ?? true }
      let isComplete = try searched.isEmpty && FeedRepository(db).unsearched() == nil
      let feeds = try judge.feeds(at: now, db).filter { wanted?.contains($0.feed.name.type) ?? true }
      let incomplete = try IncompleteFeeds(db).all().keys.filter { wanted?.contains($0) ?? true }.sorted()
      return FeedsView(
        asOf: now, complete: isComplete, full: isFull ? true : nil, incomplete: incomplete.isEmpty ? nil : incomplete,
        feeds: feeds.map(\.view))
    }
  }

  /// The types of the events that a launch's figures depend on.
  private static func types(of launch: LaunchID, _ db: any Transaction) throws -> Set<String> {
    let known = try LaunchRepository(db).launch(launch)
    let plans = try PlanRepository(db).history(of: launch).plans(feature: known.feature)
    return Set(plans.flatMap(\.metrics).flatMap { $0.feedTypes { _ in true } })
  }

  private func rule(
    _ decision: FeedDecision, _ params: FeedRuling, _ call: CallContext, _ tx: ServiceTransaction
  ) throws -> FeedView {
    try Rights.require(call.actor, .productOps)
    guard params.reason.contains(where: { !$0.isWhitespace }) else {
      throw Problem.invalid(
        "reason-missing", title: "a reason is missing", pointer: "/reason",
        "retiring or accepting a feed needs a reason (--reason TEXT)")
    }
    let feeds = FeedRepository(tx.db)
    guard let judged = try judge.feeds(at: tx.now, tx.db).first(where: { $0.feed.name == params.feed }) else {
      let sources = try feeds.all().filter { $0.name.type == params.feed.type }.map(\.name.source)
      let known =
        sources.isEmpty
        ? "no event of that type was ever delivered" : "its sources are: \(sources.joined(separator: ", "))"
      throw Problem.notFound(
        "feed-not-found", title: "no such feed", "there is no \(params.feed.type) from \(params.feed.source); \(known)")
    }
    if decision == .accepted {
      switch judged.status {
      case .silent, .accepted:
        // An acceptance covers only silences noticed by then, so this one is recorded first if it is new.
        if let silence = judged.newSilence {
          try feeds.begin(silenceOf: judged.feed.id, since: silence.since, noticedAt: tx.now)
        }
      case .alive where try judge.hasHoles(judged.feed, at: tx.now, tx.db): break
      case .alive, .retired, .neverDelivered:
        throw Problem.conflict(
          "not-silent", title: "the feed is not silent",
          "\(params.feed.type) from \(params.feed.source) is not silent and never was, so there is no gap to accept")
      }
    }
    try feeds.rule(judged.feed, decision, by: tx.actor.description, at: tx.now, reason: params.reason)
    try tx.record(
      launch: Self.chain, action: decision == .retired ? "feeds.retire" : "feeds.accept",
      detail: ["type": params.feed.type, "source": params.feed.source], reason: params.reason)
    guard let view = try judge.feeds(at: tx.now, tx.db).first(where: { $0.feed.id == judged.feed.id })?.view else {
      throw Problem.notFound("feed-not-found", title: "no such feed", "the feed is gone")
    }
    return view
  }
}

extension FeedJudge.Judged {
  /// The feed as returned by calls.
  fileprivate var view: FeedView {
    var view = FeedView(
      type: feed.name.type, source: feed.name.source, state: FeedView.State(status), firstSeen: feed.firstSeen,
      lastSeen: feed.lastSeen, rhythm: rhythm.map { FeedView.Rhythm($0.kind) } ?? .learning,
      gapsPerQuarter: rhythm?.gapsPerQuarter, decision: feed.ruling == nil ? nil : FeedDecision(feed.ruling?.decision),
      decidedBy: feed.ruledBy, decidedAt: feed.ruling?.at, reason: feed.reason)
    switch status {
    case .silent(let silence), .accepted(let silence):
      view.silentSince = silence.since
      view.probability = silence.probability
    case .neverDelivered, .alive, .retired: break
    }
    return view
  }
}

extension FeedView.State {
  /// Creates the state that calls return for a feed's status.
  init(_ status: FeedState.Status) {
    switch status {
    case .neverDelivered: self = .neverDelivered
    case .alive: self = .alive
    case .retired: self = .retired
    case .silent: self = .silent
    case .accepted: self = .accepted
    }
  }
}

extension FeedView.Rhythm {
  fileprivate init(_ kind: FeedRhythm.Kind) {
    switch kind {
    case .stream: self = .stream
    case .batches: self = .batches
    case .learning: self = .learning
    }
  }
}

extension FeedDecision {
  fileprivate init?(_ decision: FeedState.Ruling.Decision?) {
    switch decision {
    case .retired: self = .retired
    case .accepted: self = .accepted
    case nil: return nil
    }
  }
}
