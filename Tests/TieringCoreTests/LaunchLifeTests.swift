import Contract
import LaunchModel
import TestSupport
import Testing
import TieringCore

@Suite("Launch life cycle") struct LaunchLifeTests {
  static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

  static func status(_ progress: LaunchProgress, tier: Tier = .major, at now: String = "2027-03-02T12:00:00Z") throws
    -> LaunchStatus
  {
    LaunchLife.status(progress, tier: tier, zone: try ZoneRules("America/New_York"), now: try moment(now))
  }

  @Test("A launch goes from proposal to a closed review") func wholeLife() throws {
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

  @Test("A rolled-back launch can be launched again") func rollback() throws {
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

  @Test("A cancelled launch stays cancelled, whatever is decided") func cancelled() throws {
    var progress = LaunchProgress()
    progress.isCancelled = true
    progress.decision = .go
    #expect(try Self.status(progress) == .cancelled)
  }

  @Test("The time of the next automatic change is predicted") func nextChange() throws {
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

  @Test("A command that is not allowed is refused with the allowed ones") func commands() throws {
    let problem = #expect(throws: Problem.self) { try LaunchCommand.cancel.require(.measuring) }
    #expect(problem?.kind == .conflict)
    #expect(problem?.detail.contains("possible now: set, retier, override") == true)
    for command in LaunchCommand.allCases { #expect(throws: Problem.self) { try command.require(.cancelled) } }
    try LaunchCommand.reschedule.require(.postponed)
  }

  /// The states that allow each command, according to docs/tiering.md.
  private static let allowed: [LaunchCommand: Set<LaunchStatus>] = {
    let ahead: Set<LaunchStatus> = [.proposed, .preparing, .decided, .postponed, .rolledBack]
    let notEnded = Set(LaunchStatus.allCases).subtracting([.closed, .cancelled])
    return [
      .set: notEnded, .retier: notEnded, .override: notEnded, .reschedule: ahead, .waive: ahead, .accept: ahead,
      .cancel: ahead, .postpone: ahead.subtracting([.postponed]), .reconfirm: ahead.subtracting([.postponed]),
    ]
  }()

  @Test(
    "Each command in each state is allowed, or refused with the allowed commands", arguments: LaunchCommand.allCases)
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

  /// The possible successors of each status, according to docs/tiering.md.
  private static let following: [LaunchStatus: Set<LaunchStatus>] = [
    .proposed: [.preparing, .decided, .live, .postponed, .cancelled],
    .preparing: [.decided, .live, .postponed, .cancelled],
    // Back to the previous status when a GO goes stale, or by a NO-GO.
    .decided: [.proposed, .preparing, .rolledBack, .live, .postponed, .cancelled],
    .live: [.hypercare, .measuring, .closed, .inReview, .rolledBack],
    // Live again by a smaller percentage.
    .hypercare: [.live, .measuring, .rolledBack],
    .measuring: [.live, .inReview, .rolledBack],
    .inReview: [.closed, .live],
    // Tier 3 closes without a review; a further attempt makes it live.
    .closed: [.live, .rolledBack],
    .postponed: [.proposed, .preparing, .decided, .rolledBack, .live, .cancelled],
    .rolledBack: [.decided, .live, .postponed, .cancelled],
    // It may have shipped at the same moment, or by its flag.
    .cancelled: [.live],
  ]

  /// Applies a random announcement that is possible in the current state.
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

  @Test("Under random announcements, each status is followed by all of its possible successors and no others")
  func transitions() throws {
    var seen: [LaunchStatus: Set<LaunchStatus>] = [:]
    for tier in Tier.allCases {
      for seed in 0..<300 { try Self.live(tier, seed: seed, &seen) }
    }
    for status in LaunchStatus.allCases { #expect(seen[status] ?? [] == Self.following[status], "after \(status)") }
  }

  /// Applies forty random announcements, some days apart.
  private static func live(_ tier: Tier, seed: Int, _ seen: inout [LaunchStatus: Set<LaunchStatus>]) throws {
    let zone = try ZoneRules("America/New_York")
    var generator = SeededGenerator(seed: UInt64(seed))
    var progress = LaunchProgress()
    var now = try Self.moment("2027-03-01T10:00:00Z")
    var status = LaunchLife.status(progress, tier: tier, zone: zone, now: now)
    for _ in 0..<40 {
      now = now.adding(days: Int.random(in: 0...6, using: &generator))
      // Automatic changes come before the announcement.
      for step in 0..<2 {
        if step == 1 { happen(to: &progress, of: tier, at: now, using: &generator) }
        let next = LaunchLife.status(progress, tier: tier, zone: zone, now: now)
        if next != status { seen[status, default: []].insert(next) }
        status = next
      }
    }
  }
}
