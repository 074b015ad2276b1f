import Contract
import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("A launch's life") struct LaunchLifeTests {
  static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

  static func status(_ progress: LaunchProgress, tier: Tier = .major, at now: String = "2027-03-02T12:00:00Z") throws
    -> LaunchStatus
  {
    LaunchLife.status(progress, tier: tier, zone: try ZoneRules("America/New_York"), now: try moment(now))
  }

  @Test("from proposal to a review that is closed") func wholeLife() throws {
    var progress = LaunchProgress()
    #expect(try Self.status(progress) == .proposed)
    progress.isInstantiated = true
    #expect(try Self.status(progress) == .preparing)
    progress.decision = .go
    #expect(try Self.status(progress) == .decided)
    progress.isStale = true
    #expect(try Self.status(progress) == .preparing)
    progress.isStale = false
    progress.attempts = [ExposureAttempt(attempt: 1, startedAt: try Self.moment("2027-03-02T10:00:00Z"))]
    progress.percentage = 5
    #expect(try Self.status(progress) == .live)
    #expect(try Self.status(progress, at: "2027-03-09T10:00:00Z") == .live)
    progress.percentage = 100
    #expect(try Self.status(progress, at: "2027-03-03T04:59:59Z") == .live)
    #expect(try Self.status(progress, at: "2027-03-03T05:00:00Z") == .measuring)
    #expect(try Self.status(progress, tier: .launchEvent, at: "2027-03-10T10:00:00Z") == .hypercare)
    #expect(try Self.status(progress, tier: .launchEvent, at: "2027-03-16T10:00:00Z") == .measuring)
    #expect(try Self.status(progress, tier: .minor, at: "2027-03-03T05:00:00Z") == .closed)
    progress.reviewOpened = 1
    #expect(try Self.status(progress) == .inReview)
    progress.reviewClosed = 1
    #expect(try Self.status(progress) == .closed)
  }

  @Test("a rollback, and another attempt") func rollback() throws {
    var progress = LaunchProgress()
    progress.isInstantiated = true
    progress.attempts = [
      ExposureAttempt(
        attempt: 1, startedAt: try Self.moment("2027-03-01T10:00:00Z"),
        rolledBackAt: try Self.moment("2027-03-01T11:00:00Z"))
    ]
    #expect(try Self.status(progress) == .rolledBack)
    progress.isPostponed = true
    #expect(try Self.status(progress) == .postponed)
    progress.isPostponed = false
    progress.decision = .go
    #expect(try Self.status(progress) == .decided)
    progress.attempts.append(ExposureAttempt(attempt: 2, startedAt: try Self.moment("2027-03-02T10:00:00Z")))
    progress.percentage = 100
    #expect(try Self.status(progress) == .live)
    progress.reviewClosed = 1
    #expect(try Self.status(progress) == .live)
  }

  @Test("what was cancelled stays cancelled, whatever is decided") func cancelled() throws {
    var progress = LaunchProgress()
    progress.isCancelled = true
    progress.decision = .go
    #expect(try Self.status(progress) == .cancelled)
  }

  @Test("the next change by time alone is named") func nextChange() throws {
    var progress = LaunchProgress()
    let zone = try ZoneRules("America/New_York")
    let start = try Self.moment("2027-03-02T10:00:00Z")
    #expect(LaunchLife.nextChange(progress, tier: .launchEvent, zone: zone, now: start) == nil)
    progress.attempts = [ExposureAttempt(attempt: 1, startedAt: start)]
    let first = LaunchLife.nextChange(progress, tier: .launchEvent, zone: zone, now: start)
    #expect(first?.description == "2027-03-03T05:00:00Z")
    let second = LaunchLife.nextChange(progress, tier: .launchEvent, zone: zone, now: try #require(first))
    #expect(second?.description == "2027-03-16T10:00:00Z")
    #expect(LaunchLife.nextChange(progress, tier: .launchEvent, zone: zone, now: try #require(second)) == nil)
  }

  @Test("a command that makes no sense is refused with what is allowed") func commands() throws {
    let problem = #expect(throws: Problem.self) { try LaunchCommand.cancel.require(.measuring) }
    #expect(problem?.kind == .conflict)
    #expect(problem?.detail.contains("possible now: set, retier, override") == true)
    for command in LaunchCommand.allCases { #expect(throws: Problem.self) { try command.require(.cancelled) } }
    try LaunchCommand.reschedule.require(.postponed)
  }

  /// As docs/tiering.md tells it: which states each command takes.
  private static let allowed: [LaunchCommand: Set<LaunchStatus>] = {
    let ahead: Set<LaunchStatus> = [.proposed, .preparing, .decided, .postponed, .rolledBack]
    let notEnded = Set(LaunchStatus.allCases).subtracting([.closed, .cancelled])
    return [
      .set: notEnded, .retier: notEnded, .override: notEnded, .reschedule: ahead, .waive: ahead, .accept: ahead,
      .cancel: ahead, .postpone: ahead.subtracting([.postponed]),
    ]
  }()

  @Test("each command in each state is allowed, or refused with what is", arguments: LaunchCommand.allCases)
  func everyPair(_ command: LaunchCommand) throws {
    let allowed = try #require(Self.allowed[command])
    for status in LaunchStatus.allCases {
      do throws(Problem) {
        try command.require(status)
        #expect(allowed.contains(status), "\(command) while \(status)")
      } catch {
        #expect(!allowed.contains(status), "\(command) while \(status)")
        #expect(error.code == "not-now")
        let others = Self.allowed.filter { $0.value.contains(status) }.keys
        for other in others { #expect(error.detail.contains(other.rawValue)) }
        if others.isEmpty { #expect(error.detail.contains("it can no longer be changed")) }
      }
    }
  }

  /// Which status can follow which; docs/tiering.md draws it.
  private static let following: [LaunchStatus: Set<LaunchStatus>] = [
    .proposed: [.preparing, .decided, .live, .postponed, .cancelled],
    .preparing: [.decided, .live, .postponed, .cancelled],
    // Back where it came from by a GO that goes stale or a no-go.
    .decided: [.proposed, .preparing, .rolledBack, .live, .postponed, .cancelled],
    .live: [.hypercare, .measuring, .closed, .inReview, .rolledBack],
    // Live again by a smaller percentage.
    .hypercare: [.live, .measuring, .rolledBack],
    .measuring: [.live, .inReview, .rolledBack],
    .inReview: [.closed, .live],
    // Tier 3 is closed without a review; and a further attempt lives.
    .closed: [.live, .rolledBack],
    .postponed: [.proposed, .preparing, .decided, .rolledBack, .live, .cancelled],
    .rolledBack: [.decided, .live, .postponed, .cancelled],
    // Customers have it all the same: it was shipped at the same moment, or by its flag.
    .cancelled: [.live],
  ]

  /// What the owners can announce, one thing at a time, each where it can happen.
  private static func happen(
    to progress: inout LaunchProgress, of tier: Tier, at now: Timestamp, using generator: inout SeededGenerator
  ) {
    let live = progress.liveAttempt
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: progress.isInstantiated = true
    case 1 where live == nil: (progress.decision, progress.isStale) = (.go, false)
    case 2 where live == nil: progress.decision = .noGo
    case 3: progress.isStale = progress.decision == .go
    case 4 where live == nil:
      progress.attempts.append(ExposureAttempt(attempt: progress.attempts.count + 1, startedAt: now))
      (progress.percentage, progress.isPostponed, progress.isCancelled) = (25, false, false)
    case 5 where live != nil: progress.percentage = [25, 100, 100].randomElement(using: &generator) ?? 100
    case 6 where live != nil:
      progress.attempts[progress.attempts.count - 1].rolledBackAt = now
      (progress.percentage, progress.decision) = (0, nil)
    case 7 where tier.isMeasured && live.map({ $0.startedAt.adding(days: 30) <= now }) ?? false:
      progress.reviewOpened = live?.attempt
    case 8 where progress.reviewOpened != nil: progress.reviewClosed = progress.reviewOpened
    case 9 where live == nil && progress.reviewOpened == nil:
      if Bool.random(using: &generator) { progress.isPostponed.toggle() } else { progress.isCancelled = true }
    default: break
    }
  }

  @Test("whatever is announced, in whatever order, a status is followed by those that may follow it, each of them")
  func transitions() throws {
    var seen: [LaunchStatus: Set<LaunchStatus>] = [:]
    for tier in Tier.allCases {
      for seed in 0..<300 { try Self.live(tier, seed: seed, &seen) }
    }
    for status in LaunchStatus.allCases { #expect(seen[status] ?? [] == Self.following[status], "after \(status)") }
  }

  /// Forty announcements at random, some days apart.
  private static func live(_ tier: Tier, seed: Int, _ seen: inout [LaunchStatus: Set<LaunchStatus>]) throws {
    let zone = try ZoneRules("America/New_York")
    var generator = SeededGenerator(seed: UInt64(seed))
    var progress = LaunchProgress()
    var now = try Self.moment("2027-03-01T10:00:00Z")
    var status = LaunchLife.status(progress, tier: tier, zone: zone, now: now)
    for _ in 0..<40 {
      now = now.adding(days: Int.random(in: 0...6, using: &generator))
      // What time alone brings comes before what is announced then.
      for step in 0..<2 {
        if step == 1 { happen(to: &progress, of: tier, at: now, using: &generator) }
        let next = LaunchLife.status(progress, tier: tier, zone: zone, now: now)
        if next != status { seen[status, default: []].insert(next) }
        status = next
      }
    }
  }
}
